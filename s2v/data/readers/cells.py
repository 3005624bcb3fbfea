"""Cells of users' files: numbers in them, how messages show them, and the list of rows that are left out."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

from s2v.data.understood import LeftOut

Cell = str | float | bool | None

MAX_LISTED = 1000  # problems that are listed row by row
_MAX_SHOWN = 40  # characters of a cell that a message repeats

# What programs write where nothing is known.  "-999" and the like are in ``fills``.
_ABSENT = frozenset(("na", "n/a", "<na>", "nan", "null", "none", "nil", "-", "--", ".", "?", "#n/a", "#na"))


@dataclass
class Problems:
    """Rows that are left out, and why; the first ``MAX_LISTED`` that are wrong are listed.

    ``wrong`` counts rows with a mistake: a blank is none.
    """

    noun: str
    wrong: int = 0
    _listed: list[tuple[int, str]] = field(default_factory=list)
    _first: dict[str, int] = field(default_factory=dict)  # row of each reason
    _rows: dict[str, int] = field(default_factory=dict)
    _counted: dict[str, str] = field(default_factory=dict)  # what is said of a row, for reasons that are only counted
    _unlisted: int = 0

    @property
    def count(self) -> int:
        """How many rows are left out."""
        return sum(self._rows.values())

    def add(self, row: int, problem: str, reason: str = "cells that are wrong", wrong: bool = True) -> None:
        """Leaves out one more row and lists it; ``reason`` follows "rows with"."""
        self._count(row, reason)
        self.wrong += wrong
        if len(self._listed) < MAX_LISTED:
            self._listed.append((row, problem))
        else:
            self._unlisted += 1

    def blank(self, row: int, reason: str, sentence: str) -> None:
        """Leaves out one more row where something is not known: these are counted; ``sentence`` is for a single one."""
        self._count(row, reason)
        self._counted[reason] = sentence

    def _count(self, row: int, reason: str) -> None:
        self._rows[reason] = self._rows.get(reason, 0) + 1
        self._first[reason] = min(row, self._first.get(reason, row))

    def left_out(self) -> tuple[LeftOut, ...]:
        """How many rows for each reason, the most frequent first."""
        reasons = sorted(self._rows, key=lambda reason: (-self._rows[reason], self._first[reason]))
        return tuple(LeftOut(reason, self._rows[reason], self._first[reason]) for reason in reasons)

    def listed(self) -> tuple[str, ...]:
        """A sentence for each reason that is only counted, then sentences in the order of the rows.

        The last one counts those that are not listed.
        """
        blanks = [self._in_words(each) for each in self.left_out() if each.reason in self._counted]
        rest = [f"... and {self._unlisted:,} more {self.noun}s with problems."] if self._unlisted else []
        return (*blanks, *self.sentences(), *rest)

    def sentences(self) -> tuple[str, ...]:
        """Those of the rows that are listed."""
        return tuple(f"{self.noun} {row}: {problem}." for row, problem in sorted(self._listed))

    def _in_words(self, each: LeftOut) -> str:
        if each.rows == 1:
            return f"{self.noun} {each.first}: {self._counted[each.reason]}."
        return f"{each.rows:,} {self.noun}s with {each.reason}; the first is {self.noun} {each.first:,}."


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


def is_blank(cell: Cell) -> bool:
    """Whether a cell holds nothing: empty, or a NaN that is no text."""
    return cell is None or cell != cell or (isinstance(cell, str) and not cell.strip())


def is_absent(cell: Cell) -> bool:
    """Whether a cell says that no number is known: blank, or NA, NaN, null and the like."""
    return is_blank(cell) or (isinstance(cell, str) and cell.strip().casefold() in _ABSENT)


def listed(rows: Sequence[int], most: int = 5) -> str:
    """Numbers of rows, the first few of many."""
    more = f" and {len(rows) - most:,} more" if len(rows) > most else ""
    return ", ".join(f"{row:,}" for row in rows[:most]) + more
