"""Values or classes from the cells of a user's column; ``s2v.data.read_points`` states the rules."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from s2v.data.catalogue import Task
from s2v.data.class_names import is_damaged
from s2v.data.readers.cells import Cell, Problems, is_absent, is_blank, listed, number, shown
from s2v.data.readers.dress import AmbiguousError, Style, are_dates, in_style, read_style, units_differ
from s2v.data.readers.fills import find_fills

MAX_WHOLE_CLASSES = 20  # different whole numbers that are taken for classes
MAX_RARE_CLASSES = 10  # texts of which each may stand in a single row; with more they are no classes unless asked for
MAX_CLASS_NAME = 200  # letters
OTHER = "other"  # the class of all rare ones
_SAMPLE = 2000  # different cells that show the style of all
_MAX_EXACT = 2.0**53  # whole numbers below it are exact

_WRONG = ("#ref!", "#div/0!", "#value!", "#name?", "#num!", "#null!", "#n/a")
_NO_CLASS = frozenset(("n/a", "nan", "null", "<na>"))  # no class either; "NA" may be Namibia, "none" is a class
_CODE = re.compile("[A-Z]{2}")  # of a country


class Wish(NamedTuple):
    """What a user says of the target: see ``s2v.data.read_points``."""

    task: Task | None = None
    decimal: str | None = None
    thousands: str | None = None
    min_count: int = 1


@dataclass(eq=False)
class Target:
    """Values, or numbers of ``classes``, of the rows that are ``kept`` (n,), a mask; and how they were understood."""

    task: Task
    values: NDArray[Any]
    classes: tuple[str, ...]
    kept: NDArray[np.bool_]
    why: str
    different: int
    style: Style | None = None
    warnings: list[str] = field(default_factory=list)


def read_target(
    name: str, cells: Sequence[Cell], rows: Sequence[int], wish: Wish, comma: bool, problems: Problems
) -> Target:
    """The target in the cells of a column; cells that cannot be used are added to the problems.

    ``ValueError`` where it is not clear how they are meant.
    """
    different, codes = _different(cells)
    absent = np.array([is_absent(cell) for cell in different], dtype=bool)
    plain = [cell for cell, no in zip(different, absent.tolist(), strict=True) if not no]
    some = plain[:: len(plain) // _SAMPLE + 1]  # of a million different texts some show how all are written
    texts = [cell for cell in some if isinstance(cell, str)]
    if wish.task is None and texts and are_dates(texts) and 2 * len(texts) > len(some):
        raise ValueError(_dates(name, texts[0]))
    style, each = _numbers(name, different, texts, wish, comma)
    counts = np.bincount(codes, minlength=len(different))
    readable = ~np.isnan(each)
    known, read = counts[~absent].sum(), counts[readable].sum()
    labels = _are_labels(style, each, counts)
    if wish.task == "regression" or (
        2 * read > known and (wish.task is None or bool(readable[~absent].all())) and not labels
    ):
        return _of_numbers(name, different, codes, each, rows, wish, style, problems)
    found = _of_texts(name, different, codes, rows, wish, problems)
    if labels and wish.task is None and 2 * read > known:
        found.warnings.append(_whole_numbers(name))
    return found


def check_classes(name: str, target: Target, wish: Wish, noun: str) -> None:
    """``ValueError`` for a classification with a single class, or with about as many as there are rows."""
    count, total = len(target.classes), len(target.values)
    if target.task == "classification" and count == 1:
        raise ValueError(
            f"{shown(name)} is {shown(target.classes[0])} in every row: a classification needs two classes. Leave "
            "target out to learn where the places are, or pass task='presence' or, for numbers, task='regression'."
        )
    if wish.task is None and count > MAX_RARE_CLASSES and 2 * count > total:
        some = ", ".join(shown(label) for label in target.classes[:3])
        units = units_differ(target.classes)
        hint = f" Its numbers have different units, such as {shown(units[0])} and {shown(units[1])}." if units else ""
        raise ValueError(
            f"{shown(name)} has {count:,} different texts in {total:,} {noun}s, such as {some}: about a class for each "
            f"{noun}, so that there is nothing to learn.{hint} If these are numbers, write them as such, or pass "
            "decimal=, thousands= or encoding= (--decimal, --thousands, --encoding); if they are classes, pass "
            "task='classification' (--task), or min_count=2 (--min-count) to join the rare ones; or choose another "
            "column."
        )


def _different(cells: Sequence[Cell]) -> tuple[list[Cell], NDArray[np.int64]]:
    """The different cells, texts without blanks around them, and the number (n,) of each cell's."""
    number_of: dict[Any, int] = {}
    # True, 1 and 1.0 are equal, but not the same cell.
    keys = cells if all(isinstance(cell, str) for cell in cells) else [(type(cell), cell) for cell in cells]
    codes = np.fromiter((number_of.setdefault(key, len(number_of)) for key in keys), np.int64, len(cells))
    found = [key[1] if isinstance(key, tuple) else key for key in number_of]
    return [" ".join(cell.split()) if isinstance(cell, str) else cell for cell in found], codes


def _numbers(
    name: str, different: Sequence[Cell], texts: Sequence[str], wish: Wish, comma: bool
) -> tuple[Style, NDArray[np.float64]]:
    """The style of a column's numbers, and each different cell as a number, NaN for none."""
    usual = Style(wish.decimal or ("," if comma else "."), wish.thousands or "")
    found = np.array([number(cell, usual.decimal == ",") for cell in different], dtype=float)
    if wish.task in ("classification", "presence") or (
        wish.thousands is None
        and all(value == value or is_absent(cell) for cell, value in zip(different, found.tolist(), strict=True))
    ):
        return usual, found  # plain numbers, or cells that are classes as they stand
    try:
        style = read_style(texts, comma, wish.decimal, wish.thousands)
    except AmbiguousError as error:
        raise ValueError(f"{shown(name)} holds {error}.") from None
    return style, np.array(
        [in_style(cell, style) if isinstance(cell, str) else number(cell) for cell in different], dtype=float
    )


def _are_labels(style: Style, each: NDArray[np.float64], counts: NDArray[np.int64]) -> bool:
    """Whether few whole numbers with something behind them, such as 1a and 2a, are names of classes."""
    known = np.isfinite(each)
    return bool(style.units) and _few_whole(np.repeat(each[known], counts[known]))


def _of_numbers(
    name: str,
    different: Sequence[Cell],
    codes: NDArray[np.int64],
    each: NDArray[np.float64],
    rows: Sequence[int],
    wish: Wish,
    style: Style,
    problems: Problems,
) -> Target:
    values = each[codes]
    kept = np.isfinite(values)
    for i in np.flatnonzero(~kept).tolist():
        _leave_out_value(name, different[int(codes[i])], rows[i], bool(values[i] == values[i]), style, problems)
    fills = find_fills(values[kept])
    for value in fills.left_out:
        for i in np.flatnonzero(values == value).tolist():
            reason = f"{shown(name)} {value:.10g}, which stands for no value"
            problems.blank(rows[i], reason, f"{shown(name)} is {value:.10g}, which stands for no value")
        kept &= values != value
    values = values[kept]
    warnings = [_doubtful(name, value, values, np.array(rows)[kept], problems.noun) for value in fills.doubtful]
    signs, first = np.unique(values, return_inverse=True)
    count = len(signs)
    task: Task = wish.task or ("classification" if _few_whole(values) else "regression")
    if task == "regression":
        if wish.min_count > 1:
            raise ValueError(
                f"min_count={wish.min_count} joins rare classes, and {shown(name)} is read as values. Pass "
                "task='classification' (--task), or leave min_count out."
            )
        why = "as asked for" if wish.task else f"its cells are numbers, {count:,} different ones"
        return Target(task, values, (), kept, why, count, style, warnings)
    if _whole(values):
        labels = [f"{value:.0f}" for value in signs.tolist()]
    else:
        labels = [_label(different[int(np.argmax(each == value))]) for value in signs.tolist()]
        order = sorted(range(count), key=lambda i: (-int((first == i).sum()), labels[i]))
        labels, first = [labels[i] for i in order], np.argsort(order)[first]
    why = "as asked for" if wish.task else f"its cells are whole numbers, {count:,} different ones"
    if not wish.task:
        warnings.append(_whole_numbers(name))
    return _classes(name, task, labels, first, kept, wish, why, warnings, style)


def _of_texts(
    name: str,
    different: Sequence[Cell],
    codes: NDArray[np.int64],
    rows: Sequence[int],
    wish: Wish,
    problems: Problems,
) -> Target:
    absent = _no_classes(different)
    why_not = ["" if absent[i] else _no_class(cell) for i, cell in enumerate(different)]
    usable = np.array([not (absent[i] or why_not[i]) for i in range(len(different))], dtype=bool)
    kept = usable[codes] if len(different) else np.zeros(0, dtype=bool)
    for i in np.flatnonzero(~kept).tolist():
        cell, problem = different[codes[i]], why_not[codes[i]]
        if problem:
            problems.add(rows[i], f"{shown(name)} {problem}", f"a wrong {shown(name)}")
        else:
            _leave_out_blank(name, cell, rows[i], problems)
    names = ["" if not use else _label(cell) for cell, use in zip(different, usable.tolist(), strict=True)]
    counts: dict[str, int] = {}
    for label, count, use in zip(
        names, np.bincount(codes, minlength=len(names)).tolist(), usable.tolist(), strict=True
    ):
        if use:
            counts[label] = counts.get(label, 0) + count
    labels = sorted(counts, key=lambda label: (-counts[label], label))
    number_of = {label: i for i, label in enumerate(labels)}
    numbers = np.array([number_of.get(label, -1) for label in names], dtype=np.int64)[codes[kept]]
    why = "as asked for" if wish.task else "its cells are texts"
    return _classes(name, wish.task or "classification", labels, numbers, kept, wish, why, [])


def _classes(
    name: str,
    task: Task,
    labels: Sequence[str],
    numbers: NDArray[np.int64],
    kept: NDArray[np.bool_],
    wish: Wish,
    why: str,
    warnings: list[str],
    style: Style | None = None,
) -> Target:
    """Classes with the rare ones joined into the last, where that was asked for."""
    counts = np.bincount(numbers, minlength=len(labels))
    rare = counts < wish.min_count
    if rare.all() and len(labels) > 1:
        raise ValueError(
            f"min_count={wish.min_count}: no class of {shown(name)} has so many rows; the most frequent, "
            f"{shown(labels[int(np.argmax(counts))])}, has {counts.max():,}. Choose a smaller one."
        )
    if rare.any():
        other = OTHER
        while other in labels:
            other += " (rare)"
        number_of = np.where(rare, (~rare).sum(), np.cumsum(~rare) - 1)
        numbers = number_of[numbers]
        why += (
            f"; {int(rare.sum()):,} of {len(labels):,} classes have fewer than {wish.min_count:,} rows and are joined "
            f"into {shown(other)} ({int(counts[rare].sum()):,} rows)"
        )
        labels = [*(label for label, one in zip(labels, rare.tolist(), strict=True) if not one), other]
    return Target(task, numbers, tuple(labels), kept, why, len(labels), style, warnings)


def _whole(values: NDArray[np.float64]) -> bool:
    return bool((np.rint(values) == values).all() and (abs(values) < _MAX_EXACT).all())


def _few_whole(values: NDArray[np.float64]) -> bool:
    return len(values) > 0 and _whole(values) and len(np.unique(values)) <= min(MAX_WHOLE_CLASSES, len(values) // 2)


def _leave_out_value(name: str, cell: Cell, row: int, infinite: bool, style: Style, problems: Problems) -> None:
    """A cell that is no number among numbers."""
    what = shown(name)
    if is_absent(cell):
        return _leave_out_blank(name, cell, row, problems)
    if infinite:
        problem = f"{what} {shown(cell)} is not finite; allowed are numbers that are"
    elif isinstance(cell, str) and cell.startswith("="):
        problem = f"{what} {shown(cell)} is a formula; allowed are numbers, so save its result"
    else:
        in_units = f" in {shown(style.units)}" if style.units else ""
        problem = f"{what} {shown(cell)} is not a number{in_units}, as most of its column are; allowed are numbers"
    problems.add(row, problem, f"a wrong {what}")


def _leave_out_blank(name: str, cell: Cell, row: int, problems: Problems) -> None:
    what = "" if is_blank(cell) else f" ({shown(cell)})"
    problems.blank(row, f"no {shown(name)}{what}", f"{shown(name)} is missing{what}")


def _no_classes(different: Sequence[Cell]) -> list[bool]:
    """Which different cells are blank, or stand for no class; "NA" is one among two-letter codes: Namibia."""
    texts = [cell for cell in different if isinstance(cell, str) and cell]
    codes = sum(bool(_CODE.fullmatch(text)) for text in texts)
    missing = _NO_CLASS if 2 * codes > len(texts) else {*_NO_CLASS, "na"}
    return [is_blank(cell) or (isinstance(cell, str) and cell.casefold() in missing) for cell in different]


def _no_class(cell: Cell) -> str:
    """Why a cell is not a class; "" for one that is."""
    if not isinstance(cell, str):
        return "" if abs(number(cell)) < np.inf or isinstance(cell, bool) else f"{shown(cell)} is not finite"
    if cell.startswith("="):
        return f"{shown(cell)} is a formula; allowed are texts, so save its result"
    if cell.casefold() in _WRONG:
        return f"{shown(cell)} is an error of a spreadsheet; allowed are texts"
    if len(cell) > MAX_CLASS_NAME:
        return f"is a text of {len(cell):,} letters or more; allowed are {MAX_CLASS_NAME}"
    if is_damaged(cell):
        return f"{shown(cell)} is damaged text; allowed are letters and signs"
    # The joiners of Persian and Indian scripts count as control characters, but belong to the spelling.
    plain = cell.replace("\u200c", "").replace("\u200d", "")
    return "" if plain.isprintable() else f"{shown(cell)} holds control characters; allowed are letters and signs"


def _label(cell: Cell) -> str:
    if isinstance(cell, bool):
        return str(cell).lower()
    return f"{cell:.15g}" if isinstance(cell, float) else str(cell)


def _doubtful(name: str, value: float, values: NDArray[Any], rows: NDArray[np.int64], noun: str) -> str:
    """A sentence about a number that repeats far beyond the others, with the rows where it stands."""
    where = rows[values == value].tolist()
    others = values[values != value]
    return (
        f"{shown(name)} is {value:.10g} in {len(where):,} {noun}s ({listed(where)}), and from {others.min():.10g} to "
        f"{others.max():.10g} in all others: if that stands for no value, leave the cells empty."
    )


def _whole_numbers(name: str) -> str:
    return (
        f"{shown(name)} holds whole numbers and is learned as classes; if they are counts, years or other values, "
        "pass task='regression' (--task regression)."
    )


def _dates(name: str, text: str) -> str:
    return (
        f"{shown(name)} holds dates or times, such as {shown(text)}. Write them as numbers, such as decimal years or "
        "days, to learn values; or pass task='classification' (--task) to learn each as a class."
    )
