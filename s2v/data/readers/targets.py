"""Values or classes from the cells of a user's column; ``s2v.data.read_points`` states the rules."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from s2v.data.catalogue import Task
from s2v.data.class_names import is_damaged
from s2v.data.readers.cells import Cell, Problems, number, shown

MAX_CLASSES = 254  # as many as a map can draw
MAX_WHOLE_CLASSES = 20  # different whole numbers that are taken for classes
MAX_CLASS_NAME = 200  # letters
_MAX_EXACT = 2.0**53  # whole numbers below it are exact

_ABSENT = frozenset(("na", "n/a", "nan", "null", "none", "nil", "-", "--", ".", "?", "#n/a", "#na"))
_WRONG = ("#ref!", "#div/0!", "#value!", "#name?", "#num!", "#null!", "#n/a")


@dataclass(frozen=True, eq=False)
class Target:
    """Values, or numbers of ``classes``, of the rows that are ``kept`` (n,), a mask."""

    task: Task
    values: NDArray[Any]
    classes: tuple[str, ...]
    kept: NDArray[np.bool_]


def read_target(
    name: str, cells: Sequence[Cell], rows: Sequence[int], task: Task | None, comma: bool, problems: Problems
) -> Target:
    """The target in the cells of a column; cells that cannot be used are added to the problems."""
    values = np.array([number(cell, comma) for cell in cells])
    absent = np.array([_is_absent(cell) for cell in cells], dtype=bool)
    readable = ~np.isnan(values)
    if task == "regression" or (2 * readable.sum() > (~absent).sum() and (task is None or readable[~absent].all())):
        kept = np.isfinite(values)
        for i in np.flatnonzero(~kept).tolist():
            problems.add(rows[i], _no_value(name, cells[i], bool(absent[i]), bool(readable[i])))
        task = task or ("classification" if _few_whole(values[kept]) else "regression")
        if task == "regression":
            return Target(task, values[kept], (), kept)
        if _whole(values[kept]):
            different, numbers = np.unique(values[kept], return_inverse=True)
            return Target(task, numbers, tuple(f"{value:.0f}" for value in different), kept)
        cells = [cell if keep else None for cell, keep in zip(cells, kept, strict=True)]
    else:
        found = [_no_class(cell) for cell in cells]
        for row, problem in zip(rows, found, strict=True):
            if problem:
                problems.add(row, f"{shown(name)} {problem}")
        kept = np.array([not problem for problem in found], dtype=bool)
    labels = [_label(cell) for cell, keep in zip(cells, kept, strict=True) if keep]
    counts = Counter(labels)
    classes = tuple(sorted(counts, key=lambda label: (-counts[label], label)))
    number_of = {label: i for i, label in enumerate(classes)}
    numbers = np.array([number_of[label] for label in labels], dtype=np.int64)
    return Target(task or "classification", numbers, classes, kept)


def check_classes(name: str, target: Target) -> None:
    """``ValueError`` for more than ``MAX_CLASSES``, and for a classification with a single class."""
    if len(target.classes) > MAX_CLASSES:
        raise ValueError(
            f"{shown(name)} has {len(target.classes):,} different classes, such as {shown(target.classes[0])}; at most "
            f"{MAX_CLASSES} can be learned. Choose another column, join the rare ones, pass task='regression' for "
            "numbers, or leave target out to learn where the places are."
        )
    if target.task == "classification" and len(target.classes) == 1:
        raise ValueError(
            f"{shown(name)} is {shown(target.classes[0])} in every row: a classification needs two classes. Leave "
            "target out to learn where the places are, or pass task='presence' or, for numbers, task='regression'."
        )


def _whole(values: NDArray[np.float64]) -> bool:
    return bool((np.rint(values) == values).all() and (abs(values) < _MAX_EXACT).all())


def _few_whole(values: NDArray[np.float64]) -> bool:
    return len(values) > 0 and _whole(values) and len(np.unique(values)) <= min(MAX_WHOLE_CLASSES, len(values) // 2)


def _is_absent(cell: Cell) -> bool:
    return cell is None or cell != cell or (isinstance(cell, str) and cell.casefold() in _ABSENT)


def _no_value(name: str, cell: Cell, absent: bool, infinite: bool) -> str:
    if absent:
        return f"{shown(name)} is missing" + ("" if cell is None or cell != cell else f" ({shown(cell)})")
    if infinite:
        return f"{shown(name)} {shown(cell)} is not finite; allowed are numbers that are"
    if isinstance(cell, str) and cell.startswith("="):
        return f"{shown(name)} {shown(cell)} is a formula; allowed are numbers, so save its result"
    return f"{shown(name)} {shown(cell)} is not a number, as most of its column are; allowed are numbers"


def _no_class(cell: Cell) -> str:
    """Why a cell is not a class; "" for one that is."""
    if cell is None or cell != cell:
        return "is missing"
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
