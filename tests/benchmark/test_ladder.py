"""The ladder of finished cells."""

from __future__ import annotations

import pytest

from s2v.benchmark.cell import compute
from s2v.benchmark.ladder import climbs, ladder, markdown
from s2v.benchmark.table import Table
from s2v.models.recipe import Recipe

RUNGS = ("control:500", "buffer:500", "random", "buffer:5000")


@pytest.fixture(scope="module")
def rows() -> list[dict[str, object]]:
    asked = [("relief", "idw"), ("relief", "mean"), ("land_ocean", "knn"), ("land_ocean", "nearest")]
    return [
        compute(Recipe(data=data, predictor=name, points=25, split=split, seed=seed))
        for data, name in asked
        for split in RUNGS
        for seed in range(3)
    ]


def test_scores_are_those_of_the_cells(rows):
    """The predictions are not stored: their errors are, in half precision."""
    table = Table(rows)
    assert climbs(table) == [("relief", 25), ("land_ocean", 25)]
    for data, points in climbs(table):
        found = ladder(table, data, points)
        assert [rung.split for rung in found.rungs] == ["random", "buffer:500", "buffer:5000", "control:500"]
        for rung in found.rungs[:2]:
            for name in table.contestants:
                for setting in [s for s in table.settings if (s.data, s.split) == (data, rung.split)]:
                    if cells := table.cells(name, setting):
                        point = found.point(found.contestants[_place(table, data, name)], rung)
                        assert point.score.value == pytest.approx(table.score(name, setting).mean, abs=5e-4)
                        assert point.score.interval[0] < point.score.value < point.score.interval[1]
                        assert point.seeds == pytest.approx(table.score(name, setting).interval, abs=2e-3)
                        assert len(cells) == 3


def _place(table, data, name):
    mine = [n for n in table.contestants if any(table.cells(n, s) for s in table.settings if s.data == data)]
    return mine.index(name)


def test_it_is_said_in_words_who_is_ahead_and_what_could_not_be_done(rows):
    text = markdown(rows)
    assert "### Relief (bedrock), 25 training places" in text
    assert "Held out at least 500 km" in text
    assert "leaves" in text  # 5,000 km from these 25 places none is left
    assert text.index("| random |") < text.index("| buffer:500 |") < text.index("| control:500 |")
