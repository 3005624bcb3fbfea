"""Which columns of a user's file could be learned, from its first rows."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice

from s2v.data.catalogue import Task
from s2v.data.readers.base import Row, Table
from s2v.data.readers.cells import Cell, Problems, is_absent, shown
from s2v.data.readers.targets import Wish, check_classes, read_target

ROWS = 2000  # that are looked at
MAX_COLUMNS = 30


@dataclass(frozen=True)
class Column:
    """What a column of a file holds.

    Attributes
    ----------
    name : str
    task : "regression", "classification" or None
        What it would be learned as; None where it cannot be learned.
    about : str
        How many different values or classes it has, or why it cannot be learned.
    example : str
        A cell.
    filled : float
        Share of the rows that were looked at in which it is not blank.
    """

    name: str
    task: Task | None
    about: str
    example: str
    filled: float


def survey(table: Table, rows: int = ROWS) -> tuple[Column, ...]:
    """What the columns of a file hold, judged by its first rows; of very many columns the first.

    Parameters
    ----------
    table : Table
    rows : int, default 2000

    Returns
    -------
    tuple of Column
    """
    found = []
    names = table.columns[:MAX_COLUMNS]
    for start in range(0, len(names), 3):  # a table gives three columns at a time
        three = [start + i if start + i < len(names) else None for i in range(3)]
        read = [row for row in islice(table.rows(three[0], three[1], three[2]), rows) if not row.problem]
        parts = ([r.longitude for r in read], [r.latitude for r in read], [r.target for r in read])
        found += [_column(names[i], cells, read) for i, cells in zip(three, parts, strict=True) if i is not None]
    return tuple(found)


def _column(name: str, cells: list[Cell], rows: list[Row]) -> Column:
    known = [cell for cell in cells if not is_absent(cell)]
    example = shown(known[0]).strip("'\"") if known else ""
    filled = len(known) / max(1, len(cells))
    if not known:
        return Column(name, None, "blank", "", 0.0)
    try:
        target = read_target(name, cells, [row.number for row in rows], Wish(), False, Problems("row"))
        check_classes(name, target, Wish(), "row")
        what = "different values" if target.task == "regression" else "classes"
        return Column(name, target.task, f"{target.different:,} {what}", example, filled)
    except (ValueError, IndexError, TypeError):
        different = len(set(map(str, known)))
        few = "the same everywhere" if different == 1 else "dates"
        return Column(name, None, "a text for almost every row" if 2 * different > len(known) else few, example, filled)
