"""The suite ``lessons``: every number that the lessons name, see ``s2v.lessons.numbers``.

The trainings behind some of them are cells of the benchmark.  They are kept in ``assets/lessons/cells.parquet``; those
that lack there are computed first, which takes some minutes.
"""

from __future__ import annotations

from collections.abc import Callable

from s2v import assets
from s2v.bench.measure import WALL, Clock
from s2v.bench.report import Cell, Report
from s2v.benchmark.cell import compute as compute_cell
from s2v.benchmark.results import Results
from s2v.benchmark.suites import SUITES
from s2v.lessons import NAMES, load
from s2v.lessons.numbers import CELLS, compute
from s2v.lessons.stored import COLUMNS, row_of
from s2v.models.recipe import Recipe

# Suite of the benchmark, data set, and who takes part in its cells of the lessons.
SETTINGS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("fields", "relief", ("kriging", "idw", "plane_waves", "sphereM", "grid")),
    ("presence", "cities:presence", ("kde", "knn", "sphereM", "grid")),
    ("vmf", "vmf:U1", ("direct", "grid", "sphereM", "xyz", "plane_waves", "knn")),
)
NOTES = (
    "Numbers that are computed have no interval; those of trainings have one of 90 % over places and one over seeds.",
)


def cells() -> tuple[Recipe, ...]:
    """The cells that the lessons speak of."""
    return tuple(
        recipe for suite, name, who in SETTINGS for recipe in SUITES[suite].cells(names=who) if recipe.data == name
    )


def run(clock: Clock = WALL, on_progress: Callable[[str], None] = lambda line: None) -> Report:
    """Computes the numbers of all lessons."""
    kept = Results(assets.ASSETS / "lessons" / CELLS)
    for recipe in cells():
        if recipe not in kept:
            row = compute_cell(recipe)
            if row["problem"]:
                raise ValueError(f"{row['contestant']} on {row['data']}: {row['problem']}")
            kept.add([row])
            on_progress(f"{row['contestant']} on {row['data']}, {row['split']}, seed {row['seed']}: {row['score']:.4f}")
    rows: list[dict[str, Cell]] = []
    for name in dict.fromkeys(number for lesson in NAMES for number in load(lesson).numbers):
        if all(row["number"] != name.key for row in rows):
            rows.append(dict(row_of(name.key, compute(name))))
            on_progress(f"{name.key}: {rows[-1]['value']}")
    return Report("lessons", "all numbers of the lessons", ("number", *COLUMNS), tuple(rows), NOTES)
