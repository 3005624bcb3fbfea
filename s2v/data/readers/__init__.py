"""Readers of users' files: CSV with any common separator and encoding, Parquet, GeoJSON.

``files`` opens a file with the reader of its format (``READERS``); ``columns`` finds the columns; ``coordinates``
checks the places row by row; ``targets`` makes values or classes of a column.  Cells are read as values only: nothing
in a file is executed, unpickled or fetched.
"""

from __future__ import annotations

from dataclasses import replace

from s2v.data.catalogue import Task, check_task
from s2v.data.dataset import DataSet
from s2v.data.own import own
from s2v.data.readers.base import Options, Reader
from s2v.data.readers.cells import Problems, shown
from s2v.data.readers.columns import choose
from s2v.data.readers.coordinates import check_enough, read_places
from s2v.data.readers.files import READERS, Source, open_table
from s2v.data.readers.targets import check_classes, read_target
from s2v.data.splits import Split, check_split

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
) -> DataSet:
    """The data set in a user's file, ready for ``s2v.train``; its ``problems`` are the rows left out, and why.

    Parameters
    ----------
    path_or_buffer : path or open file
        At most 200 MB (GeoJSON 50 MB) and 2,000,000 rows; an open file is read from its beginning.  Its content decides
        how it is read, and must be what its name says:

        * text with a header row, separated by commas, semicolons, tabs, bars or blanks, in UTF-8, in UTF-16 with its
          mark, or in Windows-1252.  Decimal commas are understood where most coordinates have them;
        * Parquet: columns of numbers, texts and booleans;
        * GeoJSON with Point or MultiPoint features; its columns are their properties, without ``lon`` and ``lat``.
    lon, lat : str, optional
        Columns of degrees; longitudes beyond ±180, up to ±360, are taken modulo 360.  Left out, they are recognised by
        name, such as longitude, lng, Lon (deg), X, decimalLongitude; exactly one column must fit each.
    target : str, optional
        The column to learn.  It is never guessed: without it the places are the presences of a single class.
    task : "regression", "classification" or "presence", optional
        What the target is.  Left out, it follows from the cells:

        * a column is of numbers where more than half of its cells are; the other cells are problems then;
        * numbers are classes if they are whole, at most 20 different ones, and each occurs twice on average; other
          numbers are a regression;
        * texts and booleans are classes.
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

    Returns
    -------
    DataSet
        Classes are in order of number where all are whole numbers, else the most frequent first, then by name; there
        may be 254.  Empty cells have no target, nor have NA, NaN, null and the like among numbers; among texts, NA is a
        class.  Rows with a problem are left out and listed in ``problems``: the row as a spreadsheet counts it (the
        header is row 1; in Parquet the first row of data is row 1; in GeoJSON it is the feature), what was found and
        what is allowed.  The first 1,000 are listed one by one, then their number.  Empty rows are skipped.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        For a file that is empty, too large or not what its name says, for columns that are missing or ambiguous, where
        latitude and longitude look swapped, and where no row is left or more than half of them have problems.

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
    if task is not None:
        check_task(task)
    if target is None and task not in (None, "presence"):
        raise ValueError(f"task={shown(task)} needs a column to learn: pass its name as target=...")
    options = Options(encoding or "", "" if crs is None else str(crs), layer or "")
    table = open_table(path_or_buffer, options)
    if lon is None and lat is None and table.in_geometry is not None:
        table = table.in_geometry
    columns = choose(table, lon, lat, target)
    problems = Problems(table.noun)
    places = read_places(table, columns, problems)
    check_enough(
        len(places.lonlat), problems, table, " Allowed are decimal degrees, such as -70.25; for metres pass their crs."
    )
    lonlat, values = places.lonlat, None
    classes: tuple[str, ...] = ()
    if target is not None:
        found = read_target(target, places.targets, places.rows, task, places.comma, problems)
        task, lonlat, values, classes = found.task, lonlat[found.kept], found.values, found.classes
        check_enough(len(lonlat), problems, table)
        check_classes(target, found)
    left_out = f"; {problems.count:,} {table.noun}s with problems are left out" if problems.count else ""
    data = own(
        lonlat,
        values,
        task,
        classes=classes,
        title=target or "",
        credit=f"Your own data: {table.name or 'a file without a name'}.",
        summary=f"{len(lonlat):,} places of your own{left_out}.",
        points=points,
        seed=seed,
        split=split,
    )
    return replace(data, problems=problems.listed())
