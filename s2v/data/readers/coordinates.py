"""Places from the rows of a user's file, checked one by one."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from itertools import chain
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from s2v import sphere
from s2v.data.readers.base import MAX_ROWS, Batch, Table, too_many_rows
from s2v.data.readers.cells import Cell, Problems, is_absent, is_blank, number, shown
from s2v.data.readers.columns import Columns
from s2v.data.readers.crs import in_degrees
from s2v.data.readers.fills import is_fill

MAX_COORDINATE = 1e9  # metres, or feet, of a projected coordinate
SAMPLE_ROWS = 1000  # rows that show the file's decimal sign
SWAPPED = 0.1  # share of latitudes beyond 90 degrees from which columns look swapped, not mistyped
WRONG = "wrong coordinates"  # why a row is left out


class Places(NamedTuple):
    """Good places (n, 2), the numbers (n,) of their rows, their targets, and whether the decimal sign is a comma."""

    lonlat: NDArray[np.float64]
    rows: NDArray[np.int64]
    targets: list[Cell]
    comma: bool

    def only(self, kept: NDArray[np.bool_]) -> Places:
        """Some of them."""
        if kept.all():
            return self
        targets = [target for target, keep in zip(self.targets, kept.tolist(), strict=True) if keep]
        return Places(self.lonlat[kept], self.rows[kept], targets, self.comma)


def read_places(
    table: Table,
    columns: Columns,
    problems: Problems,
    decimal: str | None = None,
    progress: Callable[[int], None] | None = None,
) -> Places:
    """The places of all rows; rows without a good one are added to the problems.  ``progress`` is called with the
    number of rows so far."""
    source = table.batches(*columns)
    first = next(source, None)
    batches = chain([first] if first else [], source)
    comma = first is not None and _decimal_comma(first, decimal)
    lonlat: list[NDArray[np.float64]] = [np.zeros((0, 2))]
    rows: list[NDArray[np.int64]] = [np.zeros(0, dtype=np.int64)]
    targets: list[Cell] = []
    words: dict[str, str] = {}  # equal texts are kept once
    limits = (360.0, 90.0) if table.crs is None else (MAX_COORDINATE, MAX_COORDINATE)
    count = numeric = beyond = 0
    widest = 0.0  # of all longitudes
    for batch in batches:
        count += len(batch.numbers) + len(batch.problems)
        if count > MAX_ROWS:
            raise too_many_rows(table.title)
        if progress is not None:
            progress(count)
        for row, problem in batch.problems:
            problems.add(row, problem, WRONG if table.has_places else "a wrong number of fields")
        places = np.column_stack([_numbers(batch.longitude, comma), _numbers(batch.latitude, comma)])
        sizes = abs(places)
        degrees = (sizes <= 360).all(axis=1)  # no comparison with NaN is true
        numeric, beyond = numeric + int(degrees.sum()), beyond + int((sizes[degrees, 1] > 90).sum())
        widest = max(widest, float(sizes[degrees, 0].max(initial=0)))
        good = (sizes <= limits).all(axis=1)
        for i in np.flatnonzero(~good).tolist():
            cells = batch.longitude[i], batch.latitude[i]
            _leave_out(batch.numbers[i], cells, places[i].tolist(), table, limits, comma, problems)
        lonlat.append(places[good])
        rows.append(np.asarray(batch.numbers, dtype=np.int64)[good])
        chosen = batch.target if good.all() else [batch.target[i] for i in np.flatnonzero(good).tolist()]
        targets.extend(words.setdefault(cell, cell) if isinstance(cell, str) else cell for cell in chosen)
    if table.crs is None and beyond > SWAPPED * numeric and widest <= 90:
        raise ValueError(_swapped(table, columns, beyond, numeric))
    found = Places(np.concatenate(lonlat), np.concatenate(rows), targets, comma)
    if table.crs is not None:
        degrees_of, inside = in_degrees(table.crs, found.lonlat, table.title)
        for i in np.flatnonzero(~inside).tolist():
            x, y = found.lonlat[i].tolist()
            problems.add(int(found.rows[i]), f"place ({x:.12g}, {y:.12g}) is outside of {table.crs.name}", WRONG)
        found = found._replace(lonlat=degrees_of).only(inside)
    found.lonlat[:, 0] = sphere.wrap_longitude(found.lonlat[:, 0])
    return found


def _numbers(cells: Sequence[Cell], comma: bool) -> NDArray[np.float64]:
    """The numbers (n,) in cells; NaN for none.  Quick where all cells are plain numbers."""
    try:
        if set(map(type, cells)) <= {float, int, type(None)}:
            return np.array(cells, dtype=np.float64)
        joined = "\n".join(cells)  # type: ignore[arg-type]  # TypeError where some are no texts
        if not comma and "_" not in joined:
            return np.array(list(map(float, cells)))  # type: ignore[arg-type]
        if comma and "_" not in joined and "." not in joined and joined.count("\n") == len(cells) - 1:
            return np.array(list(map(float, joined.replace(",", ".").split("\n"))))
    except (TypeError, ValueError, OverflowError):
        pass
    return np.array([_degrees(cell, comma) for cell in cells], dtype=np.float64)


def _degrees(cell: Cell, comma: bool) -> float:
    """The number in a cell, also with a degree sign behind it."""
    value = number(cell, comma)
    if value != value and isinstance(cell, str) and (found := _DEGREES.fullmatch(cell)):
        return number(found[1], comma)
    return value


_DEGREES = re.compile(r"\s*([+\-\N{MINUS SIGN}]?[\d.,]+)\s*(?:[°º˚]|deg(?:rees?)?)\s*", re.IGNORECASE)


def _leave_out(
    row: int,
    cells: tuple[Cell, Cell],
    values: Sequence[float],
    table: Table,
    limits: tuple[float, float],
    comma: bool,
    problems: Problems,
) -> None:
    """Adds a row without a good place: as blank where nothing is given, else with what is wrong."""
    names = ("longitude", "latitude") if table.crs is None else ("easting", "northing")
    missing = [_is_missing(cell, value, limit) for cell, value, limit in zip(cells, values, limits, strict=True)]
    if all(missing):
        fill = next((f" ({shown(cell)})" for cell in cells if not is_blank(cell)), "")
        problems.blank(row, f"no coordinates{fill}", f"coordinates are missing{fill}")
        return
    wrong = [
        not absent and not abs(value) <= limit for absent, value, limit in zip(missing, values, limits, strict=True)
    ]
    which = wrong.index(True) if any(wrong) else missing.index(True)
    problem = _problem(names[which], limits[which], cells[which], values[which], comma)
    reason = WRONG if any(wrong) else f"no {names[which]}"
    problems.add(row, problem, reason, wrong=any(wrong))


def _is_missing(cell: Cell, value: float, limit: float) -> bool:
    return is_absent(cell) or (math.isfinite(value) and abs(value) > limit and is_fill(value))


def check_enough(left: int, problems: Problems, table: Table, skip_wrong: bool, allowed: str = "") -> None:
    """``ValueError`` where no row is left, or more are wrong than are left; it quotes the first of them."""
    nouns = f"{table.noun}s"
    if not left and not problems.count:
        raise ValueError(f"{table.title} has no {nouns}: at least one place is needed.")
    if left and (skip_wrong or problems.wrong <= left):
        return
    if not problems.wrong:
        reasons = "; ".join(f"{each.rows:,} with {each.reason}" for each in problems.left_out())
        raise ValueError(
            f"{table.title} has no {table.noun} with all that is needed: of {problems.count:,} {nouns} there are "
            f"{reasons}. Fill them in, or choose other columns."
        )
    total = left + problems.wrong
    some = " ".join(problems.sentences()[:3])
    way_out = " Or leave these out, however many they are: skip_wrong=True (--skip-wrong)." if left else ""
    raise ValueError(
        f"{table.title}: {problems.wrong:,} of {total:,} {nouns} have problems, more than half. {some}{allowed} "
        f"Correct the file, or choose other columns.{way_out}"
    )


def _swapped(table: Table, columns: Columns, beyond: int, numeric: int) -> str:
    what = f"{beyond:,} of {numeric:,} latitudes are beyond ±90, and no longitude is"
    if columns[0] is None or columns[1] is None:
        return f"{table.title}: {what}: they look swapped. Write coordinates as [longitude, latitude]."
    first, second = shown(table.columns[columns[0]]), shown(table.columns[columns[1]])
    return f"{table.title}: {what}: they look swapped. Pass lon={second}, lat={first}."


_NUMBER_WITH = {sign: re.compile(rf"\s*[+-]?\d*{re.escape(sign)}\d+\s*[°º˚]?\s*") for sign in ",."}


def _decimal_comma(batch: Batch, decimal: str | None) -> bool:
    """Whether more coordinates have a decimal comma than a decimal point; where as many do, what was asked for."""
    some = (*batch.longitude[:SAMPLE_ROWS], *batch.latitude[:SAMPLE_ROWS])
    cells = [cell for cell in some if isinstance(cell, str)]
    commas, points = (sum(bool(_NUMBER_WITH[sign].fullmatch(cell)) for cell in cells) for sign in ",.")
    return commas > points or (commas == points and decimal == ",")


_MINUTES = re.compile(r"\d\s*[°º'′\"″:]\s*\d|\d\s*['′\"″:NSEWO]|\d\s*[°º]\s*[NSEWO]|[NSEW]\s*\d|\d\s+\d", re.IGNORECASE)


def _problem(what: str, limit: float, cell: Cell, value: float, comma: bool) -> str:
    """What is wrong with a coordinate."""
    allowed = f"allowed is a number{' of degrees' if limit <= 360 else ''} from -{limit:.10g} to {limit:.10g}"
    if is_absent(cell):
        return f"{what} is missing{'' if is_blank(cell) else f' ({shown(cell)})'}; {allowed}"
    found = f"{what} {shown(cell)}"
    if value == value:
        return f"{found} is {'outside' if abs(value) < np.inf else 'not finite'}; {allowed}"
    if isinstance(cell, str):
        if _NUMBER_WITH["." if comma else ","].fullmatch(cell):
            signs = ("point", "comma") if comma else ("comma", "point")
            return f"{found} has a decimal {signs[0]}, most others a {signs[1]}; {allowed}"
        if _MINUTES.search(cell):
            return f"{found} has minutes or a compass letter; {allowed}, negative in south and west"
    return f"{found} is not a number; {allowed}"
