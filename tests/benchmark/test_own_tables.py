"""The benchmark on a user's own table."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from s2v import data, sphere
from s2v.benchmark import Results, run
from s2v.benchmark.cell import compute, empty_row
from s2v.benchmark.own_tables import CONTESTANTS, OwnTarget, check_same_table
from s2v.benchmark.results import ResultsError
from s2v.benchmark.setting import Setting
from s2v.benchmark.table import Table, mean_interval
from s2v.data import held

PLACES = sphere.random_points(400, seed=3)
WARMTH = np.cos(np.radians(PLACES[:, 1])) + 0.1 * np.sin(np.radians(3 * PLACES[:, 0]))
REGION = np.random.default_rng(0).uniform((6, 46), (10, 48), (400, 2))  # 300 km by 220 km


def test_the_rungs_are_those_that_the_extent_allows():
    """Blocks that are finer than the places are no rung of their own, and a region has no large ones."""
    world = OwnTarget.of(data.own(PLACES, WARMTH))
    assert world.splits == ("random", "blocks:1000", "blocks:2000", "blocks:5000")
    region = OwnTarget.of(data.own(REGION, REGION[:, 1]))
    assert region.splits == ("random", "blocks:50")
    assert "split='blocks:200'" in region.left_out[0]
    asked = OwnTarget.of(data.own(REGION, REGION[:, 1]), rungs=["buffer:50", "random", "random"])
    assert asked.splits == ("buffer:50", "random")


def test_its_cells_are_of_the_usual_contestants():
    target = OwnTarget.of(data.own(PLACES, WARMTH), points=200, rungs=["random"])
    cells = target.suite.cells(seeds=1)
    assert [cell.predictor or cell.encoder for cell in cells] == [name for name in CONTESTANTS if name != "knn"]
    assert {(cell.data, cell.points) for cell in cells} == {(target.own.name, 200)}
    half = OwnTarget.of(data.own(PLACES, PLACES[:, 1] > 0), rungs=["random"])
    assert [cell.predictor for cell in half.suite.cells(seeds=1) if cell.predictor] == ["knn"]


@pytest.mark.parametrize(
    ("places", "target", "options", "message"),
    [
        (PLACES[:49], WARMTH[:49], {}, r"'warmth' is known at 49 different places; the benchmark needs 50"),
        (np.tile(PLACES[:40], (5, 1)), np.tile(WARMTH[:40], 5), {}, r"known at 40 different places"),
        (PLACES, np.full(400, 2.5), {}, r"'warmth' is 2\.5 at all places: there is nothing to learn"),
        (PLACES, WARMTH, {"rungs": ["blocks"]}, r"split='blocks' is not one of random"),
        (REGION, WARMTH, {"rungs": ["blocks:5000"]}, r"'warmth': split='blocks:5000' leaves"),
    ],
)
def test_what_cannot_be_compared_is_told(places, target, options, message):
    with pytest.raises(ValueError, match=message):
        OwnTarget.of(data.own(places, target, title="warmth"), **options)


def test_workers_get_the_data_and_a_later_process_goes_on(tmp_path: Path):
    """The name of the data is a digest of what they are, so that the cells of a table are found again."""
    target = OwnTarget.of(data.own(PLACES, WARMTH, title="warmth"), rungs=["random", "blocks:2000"])
    cells = target.suite.cells(seeds=1, names=["nearest", "idw"])
    *_, last = run(cells, Results(tmp_path / "table.parquet"), workers=1)
    assert last.done == 4
    again = OwnTarget.of(data.own(PLACES.copy(), WARMTH.copy(), title="warmth"), rungs=["random", "blocks:2000"])
    results = Results(tmp_path / "table.parquet")
    assert all(cell in results for cell in again.suite.cells(seeds=1, names=["nearest", "idw"]))
    assert all(row["score"] > 0.5 and not row["problem"] for row in results.rows)

    name = target.own.name
    check_same_table(results, [name], list)
    check_same_table(results, ["own:regression,id=0123456789abcdef"], lambda: [name])
    with pytest.raises(ResultsError, match=r"table\.parquet holds results of another table, or of this one read"):
        check_same_table(results, ["own:regression,id=0123456789abcdef"], list)
    del target, again
    assert held.find(name) is None


def test_scores_stand_beside_each_other_with_intervals():
    target = OwnTarget.of(data.own(PLACES, WARMTH, title="warmth"), rungs=["random", "blocks:2000"])
    rows = [compute(cell) for cell in target.suite.cells(seeds=3, names=["idw", "mean"])]
    text = target.markdown(rows)
    assert text.startswith("### warmth: R² of values\n\n|  | random | blocks:2000 |\n")
    assert "| *training / test places* | 280 / 80 |" in text
    best, mean = text.splitlines()[-2:]
    assert best.count("**") == 4  # best on both rungs
    assert best.startswith("| Inverse distance | **0.")
    assert "**" not in mean
    assert "**" not in target.markdown([row for row in rows if row["seed"] == 0])
    assert Setting(target.own.name, 280, "random").title == "warmth, 280 places"


def test_few_blocks_are_no_ground_for_a_difference():
    """A bootstrap of one block of 500 km would have no width at all, and every difference would be told."""
    target = OwnTarget.of(data.own(REGION, REGION[:, 1], title="north"), rungs=["blocks:50"])
    setting = Setting(target.own.name, 400, "blocks:50")
    places = len(target.own.dataset(400, 0, "blocks:50").test)

    gains = {"idw": 0.75, "nearest": 0.25}
    rows = [
        {
            **empty_row(cell),
            "score": gains[cell.predictor],
            "gains": np.full(places, gains[cell.predictor], np.float16).tobytes(),
        }
        for cell in target.suite.cells(seeds=3, names=list(gains))
    ]
    table = Table(rows)
    assert table.not_behind(setting) == ["idw", "nearest"]
    assert math.isnan(mean_interval(rows[:3], setting)[0])
    del target  # as where a file of results is opened elsewhere
    assert Table(rows).not_behind(setting) == ["idw", "nearest"]
