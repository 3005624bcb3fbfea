"""``bench table FILE`` compares on every target of a file, and says in one sentence what is wrong."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from s2v import sphere
from s2v.benchmark import Progress, Results, runner
from s2v.benchmark.cell import compute
from s2v.cli import main
from s2v.models.recipe import Recipe


@pytest.fixture
def computed(monkeypatch: pytest.MonkeyPatch) -> list[Recipe]:
    """The cells that were computed, here in place of a cluster."""
    cells: list[Recipe] = []

    def run(asked, results, **where):
        left = [cell for cell in asked if cell not in results]
        results.add([compute(cell) for cell in left])
        cells.extend(left)
        yield Progress(len(asked), len(asked), len(asked) - len(left), 1.0, 0.0)

    monkeypatch.setattr(runner, "run", run)
    return cells


@pytest.fixture
def table(tmp_path: Path) -> Path:
    """A CSV such as those of CoordBench: places, two targets, and what is none."""
    places = sphere.random_points(120, seed=1)
    rows = [
        f"{i},{lon},{lat},{np.cos(np.radians(lat)):.4f},{'north' if lat > 0 else 'south'},2020-01-{i % 28 + 1:02d},7.5"
        for i, (lon, lat) in enumerate(places)
    ]
    path = tmp_path / "stations.csv"
    path.write_text("\n".join(["id,lon,lat,warmth,half,timestamp,same", *rows]))
    return path


ASKED = ["--encoders", "idw,nearest", "--seeds", "1", "--rungs", "random,blocks:2000"]


def test_every_target_is_compared_and_nothing_twice(
    table: Path, tmp_path: Path, computed: list[Recipe], capsys: pytest.CaptureFixture[str]
):
    out = ["--out", str(tmp_path / "out")]
    assert main(["bench", "table", str(table), *ASKED, "--target", "warmth", *out]) == 0
    assert {(cell.predictor, cell.split) for cell in computed} == {
        (name, split) for name in ("idw", "nearest") for split in ("random", "blocks:2000")
    }
    told = capsys.readouterr()
    assert "### warmth: R² of values" in told.out
    assert "| Inverse distance | 0." in told.out
    assert "4 of 4 cells are in" in told.err
    computed.clear()
    assert main(["bench", "table", str(table), *ASKED, *out]) == 0
    assert {(cell.predictor, cell.task) for cell in computed} == {("nearest", "classification")}
    told = capsys.readouterr()
    assert "### half: accuracy of 2 classes" in told.out
    assert "### warmth" in told.out
    assert "no target: 'id', no target by its name" in told.err
    assert "no target: 'timestamp'" in told.err
    assert "no target: 'same' is 7.5 at all places: there is nothing to learn" in told.err
    assert len(Results(tmp_path / "out" / "table.parquet").rows) == 6
    computed.clear()
    assert main(["bench", "table", str(table), *ASKED, "--target", "half", *out]) == 0
    assert not computed

    other = tmp_path / "other.csv"
    other.write_text("\n".join(table.read_text().splitlines()[:-1]))
    assert main(["bench", "table", str(other), *ASKED, "--target", "half", *out]) == 2
    assert "holds results of another table, or of this one read in another way" in capsys.readouterr().err


def test_a_target_asked_for_later_finds_the_file_of_another_one(
    table: Path, tmp_path: Path, computed: list[Recipe], capsys: pytest.CaptureFixture[str]
):
    for target in ("warmth", "half"):
        asked = ["bench", "table", str(table), *ASKED, "--target", target, "--out", str(tmp_path / "out")]
        assert main(asked) == 0
    assert len(Results(tmp_path / "out" / "table.parquet").rows) == 6


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["table"], "bench table needs a file: python -m s2v bench table FILE"),
        (["table", "{}/missing.csv"], "There is no file"),
        (["table", "{}/plain.csv"], "no column has a name known for its longitude"),
        (["table", "{}/places.csv"], "'places.csv' has no column to learn beside the coordinates"),
        (["table", "{}/few.csv"], "'few.csv' has no column to learn"),
        (
            ["table", "{}/few.csv", "--target", "depth"],
            "'depth' is known at 20 different places; the benchmark needs 50",
        ),
        (["table", "{}/stations.csv", "--target", "same"], "'same' is 7.5 at all places: there is nothing to learn"),
        (["table", "{}/stations.csv", "--target", "cold"], "has no column 'cold' for target"),
        (["table", "{}/stations.csv", "--encoders", "sphereQ"], "'sphereQ' is no encoder and no reference predictor"),
        (
            ["table", "{}/stations.csv", "--target", "half", "--encoders", "idw"],
            "There is no cell: none of these contestants",
        ),
        (["table", "{}/stations.csv", "--rungs", "blocks"], "split='blocks' is not one of random"),
        (["table", "{}/stations.csv", "--points", "5"], "--points 5: allowed is a whole number of at least 10"),
        (["table", "{}/stations.csv", "--data", "relief"], "the suite table has no --data"),
        (["table", "{}/stations.csv", "--workers", "0"], "--workers 0: allowed is a whole number of at least 1"),
        (["small", "{}/stations.csv"], "the suite small has no file"),
        (["small", "--target", "half"], "--target: that is said of a file; give it with bench table FILE"),
        (["table", "{}/stations.csv", "--out", "{}/damaged"], "cannot be read as results of the benchmark"),
    ],
)
def test_bad_input_is_a_sentence(
    arguments: list[str], sentence: str, table: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    (tmp_path / "plain.csv").write_text("a,b\n1,2\n3,4\n")
    rows = [f"{lon},{lat}" for lon, lat in sphere.random_points(60)]
    (tmp_path / "places.csv").write_text("\n".join(["lon,lat", *rows]))
    (tmp_path / "few.csv").write_text(
        "\n".join(["lon,lat,depth", *(f"{row},{i / 3}" for i, row in enumerate(rows[:20]))])
    )
    (tmp_path / "damaged").mkdir()
    (tmp_path / "damaged" / "table.parquet").write_bytes(b"PAR1 and no more")
    filled = [argument.format(tmp_path) for argument in arguments]
    out = [] if "--out" in filled or arguments[0] != "table" else ["--out", str(tmp_path / "out")]
    assert main(["bench", *filled, *out]) == 2
    told = capsys.readouterr().err.splitlines()
    assert sentence in told[-1]
