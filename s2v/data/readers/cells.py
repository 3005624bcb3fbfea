"""Cells of users' files: numbers in them, how messages show them, and the list of problems."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

Cell = str | float | bool | None

MAX_LISTED = 1000  # problems that are listed row by row
_MAX_SHOWN = 40  # characters of a cell that a message repeats


@dataclass
class Problems:
    """Rows that are left out, and why; the first ``MAX_LISTED`` are listed."""

    noun: str
    count: int = 0
    _listed: list[tuple[int, str]] = field(default_factory=list)

    def add(self, row: int, problem: str) -> None:
        """Leaves out one more row."""
        self.count += 1
        if len(self._listed) < MAX_LISTED:
            self._listed.append((row, problem))

    def listed(self) -> tuple[str, ...]:
        """Sentences in the order of the rows; the last one counts those that are not listed."""
        lines = [f"{self.noun} {row}: {problem}." for row, problem in sorted(self._listed)]
        rest = self.count - len(self._listed)
        return (*lines, *([f"... and {rest:,} more {self.noun}s with problems."] if rest else []))


def shown(value: object) -> str:
    """A value from a file as messages repeat it: printable, and not too long."""
    text = repr(value[: 2 * _MAX_SHOWN] if isinstance(value, str) else value)
    return text if len(text) <= _MAX_SHOWN else text[: _MAX_SHOWN - 1] + "…"


def number(cell: Cell, comma: bool = False) -> float:
    """The number in a cell, with a decimal ``comma`` or point; NaN for no number, infinity for one that is too large.

    Booleans are not numbers, nor are texts that only Python reads as one ("1_000").
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
