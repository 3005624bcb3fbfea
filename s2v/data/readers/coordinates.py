"""Places from the rows of a user's file, checked one by one."""

from __future__ import annotations

import re
from array import array
from itertools import chain, islice
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from s2v import sphere
from s2v.data.readers.base import MAX_ROWS, Row, Table, too_many_rows
from s2v.data.readers.cells import Cell, Problems, number, shown
from s2v.data.readers.columns import Columns
from s2v.data.readers.crs import in_degrees

MAX_COORDINATE = 1e9  # metres, or feet, of a projected coordinate
SAMPLE_ROWS = 1000  # rows that show the file's decimal sign
SWAPPED = 0.1  # share of latitudes beyond 90 degrees from which columns look swapped, not mistyped


class Places(NamedTuple):
    """Good places (n, 2), the numbers (n,) of their rows, their targets, and whether the decimal sign is a comma."""

    lonlat: NDArray[np.float64]
    rows: array[int]
    targets: list[Cell]
    comma: bool


def read_places(table: Table, columns: Columns, problems: Problems) -> Places:
    """The places of all rows; rows without a good one are added to the problems."""
    source = table.rows(*columns)
    first = list(islice(source, SAMPLE_ROWS))
    comma = _decimal_comma(first)
    lonlat, rows, targets = array("d"), array("q"), []
    words: dict[Cell, Cell] = {}  # equal texts are kept once
    numeric = beyond = 0
    widest = 0.0  # of all longitudes
    reach_x, reach_y = (360.0, 90.0) if table.crs is None else (MAX_COORDINATE, MAX_COORDINATE)
    for count, row in enumerate(chain(first, source), 1):
        if count > MAX_ROWS:
            raise too_many_rows(table.title)
        if row.problem:
            problems.add(row.number, row.problem)
            continue
        longitude, latitude = number(row.longitude, comma), number(row.latitude, comma)
        if abs(longitude) <= 360 and abs(latitude) <= 360:  # no comparison with NaN is true
            numeric, beyond, widest = numeric + 1, beyond + (abs(latitude) > 90), max(widest, abs(longitude))
        if not (abs(longitude) <= reach_x and abs(latitude) <= reach_y):
            names = ("longitude", "latitude") if table.crs is None else ("easting", "northing")
            problem = _problem(names[0], reach_x, row.longitude, longitude, comma)
            problems.add(row.number, problem or _problem(names[1], reach_y, row.latitude, latitude, comma))
            continue
        lonlat.extend((longitude, latitude))
        rows.append(row.number)
        target = " ".join(row.target.split()) or None if isinstance(row.target, str) else row.target
        targets.append(words.setdefault(target, target) if isinstance(target, str) else target)
    if table.crs is None and beyond > SWAPPED * numeric and widest <= 90:
        raise ValueError(_swapped(table, columns, beyond, numeric))
    places = np.array(lonlat, dtype=np.float64).reshape(-1, 2)
    if table.crs is not None:
        degrees, good = in_degrees(table.crs, places, table.title)
        for i in np.flatnonzero(~good).tolist():
            x, y = places[i].tolist()
            problems.add(rows[i], f"place ({x:.12g}, {y:.12g}) is outside of {table.crs.name}")
        places, rows = degrees[good], array("q", np.array(rows)[good].tolist())
        targets = [target for target, kept in zip(targets, good.tolist(), strict=True) if kept]
    places[:, 0] = sphere.wrap_longitude(places[:, 0])
    return Places(places, rows, targets, comma)


def check_enough(left: int, problems: Problems, table: Table, allowed: str = "") -> None:
    """``ValueError`` where no row is left or more than half have problems; it quotes the first of them."""
    total = left + problems.count
    if not total:
        raise ValueError(f"{table.title} has no {table.noun}s: at least one place is needed.")
    if left and problems.count <= total / 2:
        return
    some = " ".join(problems.listed()[:3])
    raise ValueError(
        f"{table.title}: {problems.count:,} of {total:,} {table.noun}s have problems, more than half. {some}{allowed} "
        "Correct the file, or choose other columns."
    )


def _swapped(table: Table, columns: Columns, beyond: int, numeric: int) -> str:
    what = f"{beyond:,} of {numeric:,} latitudes are beyond ±90, and no longitude is"
    if columns[0] is None or columns[1] is None:
        return f"{table.title}: {what}: they look swapped. Write coordinates as [longitude, latitude]."
    first, second = shown(table.columns[columns[0]]), shown(table.columns[columns[1]])
    return f"{table.title}: {what}: they look swapped. Pass lon={second}, lat={first}."


_NUMBER_WITH = {sign: re.compile(rf"\s*[+-]?\d*{re.escape(sign)}\d+\s*") for sign in ",."}


def _decimal_comma(rows: list[Row]) -> bool:
    """Whether more coordinates have a decimal comma than a decimal point."""
    cells = [cell for row in rows for cell in (row.longitude, row.latitude) if isinstance(cell, str)]
    commas, points = (sum(bool(_NUMBER_WITH[sign].fullmatch(cell)) for cell in cells) for sign in ",.")
    return commas > points


_MINUTES = re.compile(r"\d\s*[°º'′\"″:NSEWO]|[NSEW]\s*\d|\d\s+\d", re.IGNORECASE)


def _problem(what: str, limit: float, cell: Cell, value: float, comma: bool) -> str:
    """What is wrong with a coordinate; "" for a good one."""
    if abs(value) <= limit:
        return ""
    allowed = f"allowed is a number{' of degrees' if limit <= 360 else ''} from -{limit:.10g} to {limit:.10g}"
    if cell is None or (isinstance(cell, str) and not cell.strip()):
        return f"{what} is missing; {allowed}"
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
