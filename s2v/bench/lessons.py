"""The suite ``lessons``: every number that the lessons name, see ``s2v.lessons.numbers``."""

from __future__ import annotations

from collections.abc import Callable

from s2v.bench.measure import WALL, Clock
from s2v.bench.report import Cell, Report
from s2v.lessons import NAMES, load
from s2v.lessons.numbers import compute
from s2v.lessons.stored import COLUMNS, row_of

NOTES = (
    "Numbers that are computed have no interval; those of trainings have one of 90 % over places and one over seeds.",
)


def run(clock: Clock = WALL, on_progress: Callable[[str], None] = lambda line: None) -> Report:
    """Computes the numbers of all lessons."""
    rows: list[dict[str, Cell]] = []
    for name in dict.fromkeys(number for lesson in NAMES for number in load(lesson).numbers):
        if all(row["number"] != name.key for row in rows):
            rows.append(dict(row_of(name.key, compute(name))))
            on_progress(f"{name.key}: {rows[-1]['value']}")
    return Report("lessons", "all numbers of the lessons", ("number", *COLUMNS), tuple(rows), NOTES)
