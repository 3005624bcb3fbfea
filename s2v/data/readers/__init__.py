"""Readers of users' files: CSV with any common separator and encoding, Parquet, GeoJSON, and formats of GDAL.

``files`` opens a file with the reader of its format (``READERS``), binary ones in a process of its own (``apart``);
``columns`` finds the columns, ``geometry`` one of points; ``coordinates`` checks the places; ``crs`` brings them to
degrees; ``targets`` makes values or classes of a column, with ``dress`` for numbers in another dress and ``fills`` for
numbers that stand for none; ``doubts`` finds absences and doubtful places.  What was understood is said in
``DataSet.understood``.  Cells are read as values only: nothing in a file is executed, unpickled or fetched.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from s2v.data.catalogue import Task, check_task
from s2v.data.dataset import DataSet
from s2v.data.own import own
from s2v.data.readers.base import Options, Reader, Table
from s2v.data.readers.cells import Problems, shown
from s2v.data.readers.columns import Columns, choose
from s2v.data.readers.coordinates import Places, check_enough, read_places
from s2v.data.readers.doubts import absent_rows, status_column, suspicious
from s2v.data.readers.dress import SIGNS, THOUSANDS
from s2v.data.readers.encodings import looks_wrong
from s2v.data.readers.files import READERS, Source, open_table
from s2v.data.readers.geometry import in_geometry
from s2v.data.readers.targets import Target, Wish, check_classes, read_target
from s2v.data.splits import Split, check_split
from s2v.data.understood import Understood

__all__ = ["READERS", "Reader", "read_points"]


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
    crs: str | int | None = None,
    layer: str | None = None,
    decimal: str | None = None,
    thousands: str | None = None,
    min_count: int = 1,
    skip_wrong: bool = False,
    progress: Callable[[int], None] | None = None,
) -> DataSet:
    """The data set in a user's file, ready for ``s2v.train``.

    Its ``understood`` says how the file was read; its ``problems`` are the rows left out, and why.

    Parameters
    ----------
    path_or_buffer : path or open file
        At most 200 MB (GeoJSON 50 MB) and 2,000,000 rows; an open file is read from its beginning.  Its content decides
        how it is read, and must be what its name says:

        * text with a header row, separated by commas, semicolons, tabs, bars or blanks, in UTF-8, in UTF-16 with its
          mark, or in Windows-1252.  Before the header may stand a line ``sep=;``, a block ``/* */``, lines of comment
          (``#``, ``%``, ``//``, ``!``) and titles.  Decimal commas are understood where most coordinates have them;
          a header one field short of the rows is R's, with row names;
          points may also be in a column of WKT, EWKT, WKB in hexadecimal digits, or GeoJSON;
        * Parquet: columns of numbers, texts and booleans; GeoParquet of points;
        * GeoJSON: features or geometries, as one text or one a line; its columns are their properties;
        * GeoPackage, zipped shapefile, FlatGeobuf and KML, with the optional package pyogrio;
        * a zip archive that holds one of these.

        Points may be in any coordinate system that the file names, and are converted to degrees of WGS 84; lines and
        areas are not read.
    lon, lat : str, optional
        Columns of degrees; longitudes beyond ±180, up to ±360, are taken modulo 360.  Left out, they are recognised by
        name, such as longitude, lng, Lon (deg), X, decimalLongitude; exactly one column must fit each.
    target : str, optional
        The column to learn.  It is never guessed: without it the places are the presences of a single class.
    task : "regression", "classification" or "presence", optional
        What the target is.  Left out, it follows from the cells:

        * a column is of numbers where more than half of its cells are; the other cells are problems then.  Decimal
          commas, thousands signs and one unit (12 m, 5 %) are understood; dates are refused;
        * numbers are classes if they are whole, at most 20 different ones, and each occurs twice on average; other
          numbers are a regression;
        * texts and booleans are classes, unless there are about as many as rows.
    points : int, optional
        Train on at most as many places.
    seed : int, default 0
        Of the choice of training places.
    split : str, default "random"
        How places are held out: see ``s2v.data.own``.  Rows of the same place are all kept, in one part.
    encoding : str, optional
        Encoding of a text file, where it is not one of the above.
    crs : str or int, optional
        What the coordinates are in, where the file does not say it or says it wrongly: a code such as "EPSG:25832",
        the text of a .prj file, or anything else that pyproj understands.  ``lon`` is then the easting, ``lat`` the
        northing.  Places are converted to degrees of WGS 84.
    layer : str, optional
        Which layer of a spatial file, or which file of a zip archive, where there are several.
    decimal : "." or ",", optional
        Decimal sign of the target, where it is not recognised; coordinates may have another.
    thousands : ",", ".", " " or "'", optional
        Thousands sign of the target, where it is not recognised.
    min_count : int, default 1
        Join classes with fewer rows into one, "other", which comes last.
    skip_wrong : bool, default False
        Read the file even if more rows have wrong cells than not.
    progress : callable, optional
        Called with the number of rows that have been read, every some thousands.

    Returns
    -------
    DataSet
        Classes are in order of number where all are whole numbers, else the most frequent first, then by name.  Rows
        are left out, and counted in ``problems`` by reason, where coordinates or target are blank (empty; NA, NaN, null
        and the like, but NA is a class among codes of two letters), where a number repeats that stands for none (-9999)
        far beyond all others, and where Darwin Core's ``occurrenceStatus`` is ABSENT, unless values are learned.  Rows
        with a wrong cell are left out and listed: the row as a spreadsheet counts it (the header is row 1; in Parquet
        the first row of data is row 1; in GeoJSON it is the feature), what was found and what is allowed.  The first
        1,000 are listed one by one, then their number.  Empty rows are skipped.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        For a file that is empty, too large or not what its name says, for columns that are missing or ambiguous, for
        numbers that can be read in two ways, where latitude and longitude look swapped, and where no row is left or
        more than half of those that are not blank are wrong.

    Examples
    --------
    >>> import io
    >>> text = "lon;lat;soil\\n-70,5;-12;clay\\n-71;-13,25;sand\\n-72;;clay\\n-73;-14;clay\\n"
    >>> d = read_points(io.StringIO(text), target="soil")
    >>> d.lonlat.tolist(), d.target.tolist(), d.classes
    ([[-70.5, -12.0], [-71.0, -13.25], [-73.0, -14.0]], [0, 1, 0], ('clay', 'sand'))
    >>> d.problems
    ('row 4: latitude is missing; allowed is a number of degrees from -90 to 90.',)
    """
    check_split(split)
    wish = _check_wish(task, target, decimal, thousands, min_count)
    options = Options(encoding or "", "" if crs is None else str(crs), layer or "")
    table = open_table(path_or_buffer, options)
    if lon is None and lat is None:
        table = in_geometry(table)
    columns = choose(table, lon, lat, target)
    problems = Problems(table.noun)
    places = read_places(table, columns, problems, decimal, progress)
    check_enough(len(places.lonlat), problems, table, skip_wrong, table.allowed)
    places, warnings = _without_absences(table, columns, places, target, wish, problems)
    check_enough(len(places.lonlat), problems, table, skip_wrong)
    found: Target | None = None
    if target is not None:
        found = read_target(target, places.targets, places.rows.tolist(), wish, places.comma, problems)
        places = places.only(found.kept)
        check_enough(len(places.lonlat), problems, table, skip_wrong)
        check_classes(target, found, wish, table.noun)
        warnings = [*found.warnings, *warnings]
    understood = _understood(table, columns, places, target, found, problems, warnings)
    left_out = f"; {problems.wrong:,} {table.noun}s with problems are left out" if problems.wrong else ""
    blank = problems.count - problems.wrong
    left_out += f"; {blank:,} {table.noun}s without a place or target are left out" if blank else ""
    data = own(
        places.lonlat,
        None if found is None else found.values,
        None if found is None else found.task,
        classes=() if found is None else found.classes,
        title=target or "",
        credit=f"Your own data: {table.name or 'a file without a name'}.",
        summary=f"{len(places.lonlat):,} places of your own{left_out}.",
        units="" if found is None or found.style is None or found.task != "regression" else found.style.units,
        points=points,
        seed=seed,
        split=split,
    )
    return replace(data, problems=problems.listed(), understood=understood)


def _check_wish(
    task: Task | None, target: str | None, decimal: str | None, thousands: str | None, min_count: int
) -> Wish:
    """What is asked of the target; ``ValueError`` where it cannot be."""
    if task is not None:
        check_task(task)
    if target is None and task not in (None, "presence"):
        raise ValueError(f"task={shown(task)} needs a column to learn: pass its name as target=...")
    if decimal not in (None, *SIGNS):
        raise ValueError(f"decimal={shown(decimal)} is not one of {', '.join(map(repr, SIGNS))}.")
    if thousands not in (None, *THOUSANDS):
        raise ValueError(f"thousands={shown(thousands)} is not one of {', '.join(map(repr, THOUSANDS))}.")
    if decimal is not None and decimal == thousands:
        raise ValueError(f"decimal={decimal!r} and thousands={thousands!r} must differ.")
    if isinstance(min_count, bool) or not isinstance(min_count, int) or min_count < 1:
        raise ValueError(f"min_count={shown(min_count)} must be a whole number of rows, at least 1.")
    if min_count > 1 and target is None:
        raise ValueError(
            f"min_count={min_count} joins rare classes, and there is no target: pass its name as target=..."
        )
    return Wish(task, decimal, thousands, min_count)


def _without_absences(
    table: Table, columns: Columns, places: Places, target: str | None, wish: Wish, problems: Problems
) -> tuple[Places, list[str]]:
    """The places without those where nothing was found, unless values are learned, and warnings about doubtful ones."""
    status = status_column(table, columns[2])
    absent = set() if status is None else absent_rows(table, status)
    kept = np.array([row not in absent for row in places.rows.tolist()], dtype=bool)
    if status is None or kept.all():
        return places, suspicious(places, table.noun)
    task = wish.task
    if target is not None and task is None:
        trial = Problems(table.noun)
        task = read_target(target, places.targets, places.rows.tolist(), wish, places.comma, trial).task
    name, count = shown(table.columns[status]), int((~kept).sum())
    if task == "regression":
        kept_anyway = (
            f"{count:,} {table.noun}s are absences ({name} is ABSENT); they are kept, since values are learned."
        )
        return places, [kept_anyway, *suspicious(places, table.noun)]
    for row in places.rows[~kept].tolist():
        problems.blank(row, f"{name} ABSENT", f"{name} is ABSENT")
    places = places.only(kept)
    return places, suspicious(places, table.noun)


def _understood(
    table: Table,
    columns: Columns,
    places: Places,
    target: str | None,
    found: Target | None,
    problems: Problems,
    warnings: list[str],
) -> Understood:
    """What was understood of the file; ``ValueError`` where its encoding is not."""
    if table.guessed:
        names = (target or "", *(() if found is None else found.classes))
        if wrong := next((name for name in names if looks_wrong(name)), None):
            raise ValueError(
                f"{table.title} is not UTF-8, and read as {table.encoding} {shown(wrong)} is no word. Pass its "
                "encoding=... (--encoding), such as cp1251 (Cyrillic), cp1253 (Greek) or gb18030 (Chinese); if it is "
                f"{table.encoding}, pass encoding='cp1252'."
            )
        warnings = [
            *warnings,
            f"the file is not UTF-8; it was read as {table.encoding}. If letters are wrong, pass "
            "its encoding=... (--encoding).",
        ]
    first, second = (None if column is None else table.columns[column] for column in columns[:2])
    style = None if found is None else found.style
    return Understood(
        file=table.name,
        encoding=table.encoding,
        separator=table.separator,
        crs="" if table.crs is None else table.crs.name,
        geometry=table.geometry,
        longitude=first,
        latitude=second,
        target=target,
        task="presence" if found is None else found.task,
        why="" if found is None else found.why,
        different=1 if found is None else found.different,
        decimal="," if places.comma else ".",
        target_decimal="" if style is None else style.decimal,
        target_thousands="" if style is None else style.thousands,
        units="" if style is None else style.units,
        noun=table.noun,
        rows=len(places.lonlat) + problems.count,
        used=len(places.lonlat),
        left_out=problems.left_out(),
        warnings=tuple(warnings),
    )
