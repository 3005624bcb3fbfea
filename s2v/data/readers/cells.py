"""What the readers of all formats share: rows of cells, numbers in them, and the list of problems."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

Cell = str | float | bool | None

MAX_ROWS = 2_000_000
LISTED = 1000  # problems that are told row by row
_MAX_CELL = 40  # characters of what was found that are repeated in a message


class Row(NamedTuple):
    """The three cells of a row that matter, and its number as a person counts; ``trouble`` where it has none."""

    number: int
    longitude: Cell
    latitude: Cell
    target: Cell
    trouble: str = ""


@dataclass(frozen=True)
class Sheet:
    """A file that was opened: the names of its columns, and a function that reads the rows.

    ``rows(longitude, latitude, target)`` takes three numbers of columns, None for those that are not wanted.
    ``title`` begins a sentence about the file.  ``noun`` is what is counted; ``located`` files have places of their
    own, and no columns of longitude and latitude.
    """

    name: str
    columns: tuple[str, ...]
    rows: Callable[[int | None, int | None, int | None], Iterator[Row]]
    noun: str = "row"
    located: bool = False

    @property
    def title(self) -> str:
        return title(self.name)


@dataclass
class Problems:
    """Rows that are left out, and why; the first ``LISTED`` are kept word by word."""

    noun: str
    count: int = 0
    _kept: list[tuple[int, str]] = field(default_factory=list)

    def add(self, row: int, trouble: str) -> None:
        """One more row that is left out."""
        self.count += 1
        if len(self._kept) < LISTED:
            self._kept.append((row, trouble))

    def listed(self) -> tuple[str, ...]:
        """Sentences in the order of the rows; the last one counts those that are not told."""
        lines = [f"{self.noun} {row}: {trouble}." for row, trouble in sorted(self._kept)]
        rest = self.count - len(self._kept)
        return (*lines, *([f"... and {rest:,} more {self.noun}s with problems."] if rest else []))


def title(name: str) -> str:
    """The beginning of a sentence about the file of that name; of an open file without one where it is empty."""
    return f"The file {shown(name)}" if name else "The file"


def too_many_rows(title: str) -> ValueError:
    """The error for a file with more than ``MAX_ROWS`` rows."""
    return ValueError(f"{title} has more than {MAX_ROWS:,} rows, the most that are read. Take a sample of them.")


def shown(value: object) -> str:
    """A value from a file as messages repeat it: printable, and not too long."""
    text = repr(value[: 2 * _MAX_CELL] if isinstance(value, str) else value)
    return text if len(text) <= _MAX_CELL else text[: _MAX_CELL - 1] + "…"


def number(cell: Cell, comma: bool = False) -> float:
    """The number in a cell, with a decimal ``comma`` or point; NaN where there is none, infinity where it is too large.

    Booleans are no numbers, nor is what only Python takes for one ("1_000").
    """
    if isinstance(cell, str):
        cell = cell.strip().replace("\N{MINUS SIGN}", "-")
        if "_" in cell or (comma and "." in cell):
            return math.nan
        if comma:
            cell = cell.replace(",", ".")
    elif cell is None or isinstance(cell, bool):
        return math.nan
    try:
        return float(cell)
    except ValueError:
        return math.nan
    except OverflowError:  # a whole number of hundreds of digits
        return math.inf
