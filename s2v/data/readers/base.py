"""What a reader of a file format is, and the table of cells that it hands over."""

from __future__ import annotations

import codecs
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, NamedTuple

from s2v.data.readers.cells import Cell, shown
from s2v.data.readers.crs import Crs

MAX_ROWS = 2_000_000
MAX_BYTES = 200_000_000
BATCH_ROWS = 8192

NO_POINTS = "allowed are points"
CENTROIDS = "QGIS makes points of lines and areas (centroids)"


class Row(NamedTuple):
    """The three cells of a row that matter, and its number as a person counts; ``problem`` says why it is unusable."""

    number: int
    longitude: Cell
    latitude: Cell
    target: Cell
    problem: str = ""


class Batch(NamedTuple):
    """Some rows, column by column, and ``problems`` of further ones: their numbers, and why they are unusable."""

    numbers: Sequence[int]
    longitude: Sequence[Cell]
    latitude: Sequence[Cell]
    target: Sequence[Cell]
    problems: Sequence[tuple[int, str]] = ()


Batches = Callable[[int | None, int | None, int | None], Iterator[Batch]]


@dataclass(frozen=True)
class Options:
    """What a user says of a file, where the file does not say it or is to be overruled; "" where nothing was said.

    Attributes
    ----------
    encoding : str
        Of text.
    crs : str
        Coordinate reference system: see ``crs.understood``.
    layer : str
        The layer of a spatial file, or the file in a zip archive.
    """

    encoding: str = ""
    crs: str = ""
    layer: str = ""


@dataclass(frozen=True)
class Table:
    """An open file: the names of its columns, and a function that reads its rows.

    Attributes
    ----------
    name : str
        Name of the file; "" if it has none.
    columns : tuple of str
    rows : callable
        ``rows(longitude, latitude, target)`` takes the numbers of three columns, None for one that is not wanted, and
        yields ``Row``.
    noun : str, default "row"
        What is counted.
    has_places : bool, default False
        Whether places are part of the format, so that no columns hold longitude and latitude.
    crs : Crs, optional
        What the coordinates are in, if not in degrees of WGS 84.
    in_geometry : Table, optional
        The same file with the places that a column of geometries holds, if there is one.
    geometry : str, default ""
        Name of the column that holds the places, where one does.
    fast : callable, optional
        As ``rows``, but yields ``Batch``: quicker for many rows.
    encoding, separator : str, default ""
        Of text.
    guessed : bool, default False
        Whether the encoding is the one that is tried last, because nothing speaks against it.
    """

    name: str
    columns: tuple[str, ...]
    rows: Callable[[int | None, int | None, int | None], Iterator[Row]]
    noun: str = "row"
    has_places: bool = False
    crs: Crs | None = None
    in_geometry: Table | None = None
    geometry: str = ""
    fast: Batches | None = None
    encoding: str = ""
    separator: str = ""
    guessed: bool = False

    @classmethod
    def of_batches(cls, batches: Batches, name: str, columns: tuple[str, ...], **facts: Any) -> Table:
        """A table that is read in batches; see the attributes."""

        def rows(*wanted: int | None) -> Iterator[Row]:
            for batch in batches(*wanted):
                yield from map(Row, batch.numbers, batch.longitude, batch.latitude, batch.target)
                yield from (Row(row, None, None, None, problem) for row, problem in batch.problems)

        return cls(name, columns, rows, fast=batches, **facts)

    def batches(self, longitude: int | None, latitude: int | None, target: int | None) -> Iterator[Batch]:
        """The rows, some thousands at a time."""
        if self.fast is not None:
            yield from self.fast(longitude, latitude, target)
            return
        rows = self.rows(longitude, latitude, target)
        while some := list(islice(rows, BATCH_ROWS)):
            good = [row for row in some if not row.problem]
            columns = zip(*good, strict=True) if good else iter([()] * 4)
            numbers, longitudes, latitudes, targets, *_ = columns
            problems = [(row.number, row.problem) for row in some if row.problem]
            yield Batch(numbers, longitudes, latitudes, targets, problems)

    @property
    def allowed(self) -> str:
        """What places may be, for the error of a file without good ones."""
        if self.has_places:
            return f" Allowed are points in decimal degrees; for metres pass their crs=... (--crs). {CENTROIDS}."
        return " Allowed are decimal degrees, such as -70.25; for metres pass their crs=... (--crs)."

    @property
    def title(self) -> str:
        """The beginning of a sentence about the file."""
        return title(self.name)


@dataclass(frozen=True)
class Reader:
    """A file format that ``read_points`` reads.  A new one is a file with a ``Reader`` and a line in ``files.READERS``.

    Attributes
    ----------
    name : str
        In sentences such as "holds text, not Parquet".
    title : str
        In the list of what is allowed.
    suffixes : tuple of str
        Endings of file names, in lower case, with the dot, the usual one first.
    recognises : callable
        ``recognises(content)``: whether the bytes of a file are in this format, judged by their beginning.
    read : callable
        ``read(content, name, options)``: the ``Table`` in the bytes of a file; ``ValueError`` where they are damaged.
    max_bytes : int, default 200,000,000
        Larger files are refused.
    has_layers : bool, default False
        Whether a file may have several tables.
    """

    name: str
    title: str
    suffixes: tuple[str, ...]
    recognises: Callable[[bytes], bool]
    read: Callable[[bytes, str, Options], Table]
    max_bytes: int = MAX_BYTES
    has_layers: bool = False


def beginning(content: bytes) -> bytes:
    """The first megabyte of a text file, without a byte order mark and leading white space."""
    return content[: 2**20].removeprefix(codecs.BOM_UTF8).lstrip()


def title(name: str) -> str:
    """The beginning of a sentence about a file; ``name`` is "" for an open file without one."""
    return f"The file {shown(name)}" if name else "The file"


def too_many_rows(title: str) -> ValueError:
    """The error for a file with more than ``MAX_ROWS`` rows."""
    return ValueError(f"{title} has more than {MAX_ROWS:,} rows, the most that are read. Take a sample of them.")
