"""Readers for users' files: CSV with any common separator and encoding, Parquet, GeoJSON.

``files`` opens a file, with a reader for each format; ``columns`` knows which column is which;
``targets`` makes values or classes of a column.  Here places are checked row by row.  Cells are read as values
and nothing else: nothing in a file is executed, unpickled or fetched.
"""

from __future__ import annotations

import re
from array import array
from dataclasses import replace
from itertools import chain, islice
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from s2v import sphere
from s2v.data.blocks import Split, check_split
from s2v.data.catalogue import OWN, Task
from s2v.data.dataset import DataSet
from s2v.data.own import own
from s2v.data.readers.cells import MAX_ROWS, Cell, Problems, Row, Sheet, number, shown, too_many_rows
from s2v.data.readers.columns import choose
from s2v.data.readers.files import Source, open_sheet
from s2v.data.readers.targets import check_classes, read_target

LOOKED_AT = 1000  # rows that are asked for the file's decimal sign
SWAPPED = 0.1  # share of latitudes beyond 90 degrees from which columns look swapped, not mistyped


def read_points(
    path_or_buffer: Source,
    lon: str | None = None,
    lat: str | None = None,
    target: str | None = None,
    *,
    task: Task | None = None,
    points: int | None = None,
    seed: int = 0,
    split: Split = "random",
    encoding: str | None = None,
) -> DataSet:
    """The data set of a user's file, ready for ``s2v.train``; ``problems`` are the rows left out, and why.

    ``path_or_buffer`` is a path or an open file (read from its beginning) of at most 200 MB (GeoJSON 50 MB) and
    2,000,000 rows.  What is in it decides how it is read, and must be what its name says:

    * text with a header row, separated by commas, semicolons, tabs, bars or blanks, in UTF-8, in UTF-16 with its mark,
      or in Windows-1252, unless ``encoding`` names another.  Decimal commas are understood where most coordinates
      have them;
    * Parquet, of whose columns those of numbers, texts and booleans can be used;
    * GeoJSON with Point or MultiPoint features: the columns are their properties, and there are no ``lon``, ``lat``.

    ``lon`` and ``lat`` are columns of degrees; longitudes beyond ±180, up to ±360, are taken modulo 360.  Left out,
    they are known by name, as in longitude, lng, Lon (deg), X, decimalLongitude; exactly one column must fit each.

    ``target`` is the column to learn.  It is never guessed: without it the places are the presences of a single class.
    Unless ``task`` says otherwise,

    * a column is of numbers where more than half of its cells are; cells that are not are problems then;
    * numbers are classes if they are whole, at most 20 different ones, and each comes twice on average; other numbers
      are a regression;
    * texts and booleans are classes.

    Classes are in order of number where all are whole numbers, else the most frequent first, then by name; there may
    be 254.  Empty cells have no target, nor among numbers have NA, NaN, null and the like; among texts, NA is a class.

    Rows with a problem are left out and listed in ``problems``: the row as a spreadsheet counts it (the header is row
    1; in Parquet the first row of data is row 1; in GeoJSON it is the feature), what was found and what is allowed.
    The first 1,000 are told row by row, then how many more there are.  Empty rows are passed over.  ``points``,
    ``seed`` and ``split`` are those of ``s2v.data.own``; rows of the same place are all kept, in one part.

    ``FileNotFoundError`` where there is no such file; ``ValueError`` for a file that is empty, too large or not what
    its name says, columns that are not there or not clear, latitude and longitude that look swapped, and where no row
    is left or more than half of them have problems.
    """
    check_split(split)
    if task is not None and f"own:{task}" not in OWN:
        raise ValueError(f"task={task!r} is not one of regression, classification, presence.")
    if target is None and task not in (None, "presence"):
        raise ValueError(f"task={task!r} needs a column to learn: pass its name as target=...")
    sheet = open_sheet(path_or_buffer, encoding)
    columns = choose(sheet, lon, lat, target)
    problems = Problems(sheet.noun)
    places = _places(sheet, columns, problems)
    _check_enough(len(places.lonlat), problems, sheet, " Allowed are decimal degrees, such as -70.25, no metres.")
    lonlat, values = places.lonlat, None
    classes: tuple[str, ...] = ()
    if target is not None:
        found = read_target(target, places.targets, places.rows, task, places.comma, problems)
        task, lonlat, values, classes = found.task, lonlat[found.kept], found.values, found.classes
        _check_enough(len(lonlat), problems, sheet)
        check_classes(target, found)
    left_out = f"; {problems.count:,} {sheet.noun}s with problems are left out" if problems.count else ""
    data = own(
        lonlat,
        values,
        task,
        classes=classes,
        title=target or "",
        credit=f"Your own data: {sheet.name or 'a file without a name'}.",
        summary=f"{len(lonlat):,} places of your own{left_out}.",
        points=points,
        seed=seed,
        split=split,
    )
    return replace(data, problems=problems.listed())


class _Places(NamedTuple):
    """Places (n, 2) that are good, the numbers (n,) of their rows, their targets, and whether commas are decimal."""

    lonlat: NDArray[np.float64]
    rows: array[int]
    targets: list[Cell]
    comma: bool


def _places(sheet: Sheet, columns: tuple[int | None, int | None, int | None], problems: Problems) -> _Places:
    source = sheet.rows(*columns)
    first = list(islice(source, LOOKED_AT))
    comma = _decimal_comma(first)
    lonlat, rows, targets = array("d"), array("q"), []
    words: dict[Cell, Cell] = {}  # equal texts are kept once
    numeric = beyond = 0
    widest = 0.0  # of all longitudes
    for count, row in enumerate(chain(first, source), 1):
        if count > MAX_ROWS:
            raise too_many_rows(sheet.title)
        if row.trouble:
            problems.add(row.number, row.trouble)
            continue
        longitude, latitude = number(row.longitude, comma), number(row.latitude, comma)
        if abs(longitude) <= 360 and abs(latitude) <= 360:  # no comparison with NaN is true
            numeric, beyond, widest = numeric + 1, beyond + (abs(latitude) > 90), max(widest, abs(longitude))
        if not (abs(longitude) <= 360 and abs(latitude) <= 90):
            trouble = _trouble("longitude", 360, row.longitude, longitude, comma)
            problems.add(row.number, trouble or _trouble("latitude", 90, row.latitude, latitude, comma))
            continue
        lonlat.extend((longitude, latitude))
        rows.append(row.number)
        target = " ".join(row.target.split()) or None if isinstance(row.target, str) else row.target
        targets.append(words.setdefault(target, target) if isinstance(target, str) else target)
    if beyond > SWAPPED * numeric and widest <= 90:
        raise ValueError(_swapped(sheet, columns, beyond, numeric))
    places = np.array(lonlat, dtype=np.float64).reshape(-1, 2)
    places[:, 0] = sphere.wrap_longitude(places[:, 0])
    return _Places(places, rows, targets, comma)


def _swapped(sheet: Sheet, columns: tuple[int | None, int | None, int | None], beyond: int, numeric: int) -> str:
    what = f"{beyond:,} of {numeric:,} latitudes are beyond ±90, and no longitude is"
    if columns[0] is None or columns[1] is None:
        return f"{sheet.title}: {what}: they look swapped. Write coordinates as [longitude, latitude]."
    first, second = shown(sheet.columns[columns[0]]), shown(sheet.columns[columns[1]])
    return f"{sheet.title}: {what}: they look swapped. Pass lon={second}, lat={first}."


_NUMBER_WITH = {sign: re.compile(rf"\s*[+-]?\d*{re.escape(sign)}\d+\s*") for sign in ",."}


def _decimal_comma(rows: list[Row]) -> bool:
    """Whether more coordinates have a decimal comma than a decimal point."""
    cells = [cell for row in rows for cell in (row.longitude, row.latitude) if isinstance(cell, str)]
    commas, points = (sum(bool(_NUMBER_WITH[sign].fullmatch(cell)) for cell in cells) for sign in ",.")
    return commas > points


_MINUTES = re.compile(r"\d\s*[°º'′\"″:NSEWO]|[NSEW]\s*\d|\d\s+\d", re.IGNORECASE)


def _trouble(what: str, limit: int, cell: Cell, value: float, comma: bool) -> str:
    """What is wrong with a coordinate; "" for a good one."""
    if abs(value) <= limit:
        return ""
    allowed = f"allowed is a number of degrees from -{limit} to {limit}"
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


def _check_enough(left: int, problems: Problems, sheet: Sheet, allowed: str = "") -> None:
    """``ValueError`` where no row is left or more than half have problems, with the first of them."""
    total = left + problems.count
    if not total:
        raise ValueError(f"{sheet.title} has no {sheet.noun}s: at least one place is needed.")
    if left and problems.count <= total / 2:
        return
    some = " ".join(problems.listed()[:3])
    raise ValueError(
        f"{sheet.title}: {problems.count:,} of {total:,} {sheet.noun}s have problems, more than half. {some}{allowed} "
        "Correct the file, or choose other columns."
    )
