"""The benchmarks measure what they say, on tiny sizes.  Nothing here depends on the speed of the machine."""

from __future__ import annotations

import inspect
import json
import math
from pathlib import Path

import numpy as np
import pytest
import torch

from s2v import assets, data, encoders, sphere
from s2v.bench import (
    SUITES,
    device,
    first_race,
    learning,
    measure,
    precision,
    predictors,
    published,
    step,
    tuning,
    variogram,
)
from s2v.bench import encoders as suite
from s2v.bench.report import Report
from s2v.cli import main
from s2v.encoders import base, blocks
from s2v.evaluation import MAIN_SCORES
from s2v.fields import Grid
from s2v.models.recipe import Recipe
from s2v.models.trials import TRIAL_SHARE
from s2v.ui.race import settings

needs_published = pytest.mark.skipif(not published.is_installed(), reason="torchspatial: make bench-tools")


def numbers(row: dict) -> list[float]:
    return [cell for cell in row.values() if not isinstance(cell, str)]


def test_every_encoder_has_a_row_of_finite_positive_numbers() -> None:
    report = suite.run(points=40, repeat=1)
    assert [row["encoder"] for row in report.rows] == [case.title for case in suite.cases()]
    assert {case.name for case in suite.cases()} == set(encoders.ENCODERS)
    for row in report.rows:
        assert len(numbers(row)) >= 5
        assert all(math.isfinite(number) and number > 0 for number in numbers(row))
    table = report.markdown()
    assert all(f"| {case.title} |" in table for case in suite.cases())


def test_the_floor_has_the_phases_of_the_encoder_where_they_are_known() -> None:
    built = encoders.encoder("nerf", scales=16)
    assert suite._phases(suite.Case("nerf"), built) == 48  # three axes, sixteen octaves
    assert suite._phases(suite.Case("xyz", phases=2), encoders.encoder("xyz")) == 2
    (row,) = suite.run(points=40, repeat=1, names=["theory"]).rows
    assert row["float32: time/floor"] > 0
    unknown = suite.measure(suite.Case("xyz"), 40, 1)
    assert unknown["float32: time/floor"] == "-"


@pytest.mark.parametrize("case", suite.cases(), ids=lambda case: case.title)
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_memory_stays_below_2_2_times_the_output(case: suite.Case, dtype: torch.dtype) -> None:
    encoder = encoders.encoder(case.name, **case.params).requires_grad_(False)
    lonlat = torch.from_numpy(sphere.random_points(10_000)).to(dtype)
    assert 1 <= measure.peak_over_output(lambda: encoder(lonlat)) <= 2.2


@pytest.mark.parametrize("case", suite.cases(), ids=lambda case: case.title)
@pytest.mark.parametrize("dtype", [torch.float32, pytest.param(torch.float64, marks=pytest.mark.long)])
def test_memory_of_the_way_of_a_gpu_stays_below_2_1_times_the_output(
    case: suite.Case, dtype: torch.dtype, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Taken on the CPU; where the output is larger than the least that a block may take."""
    monkeypatch.setattr(base, "_is_on_cpu", lambda lonlat: False)
    monkeypatch.setattr(blocks, "_MIN_WORK", 1)
    encoder = encoders.encoder(case.name, **case.params).requires_grad_(False)
    lonlat = torch.from_numpy(sphere.random_points(10_000)).to(dtype)
    assert 1 <= measure.peak_over_output(lambda: encoder(lonlat)) <= 2.1


@pytest.mark.parametrize(
    ("name", "params", "points"),
    [
        ("sphereC", {"scales": 1}, 200_000),
        ("sphereM", {"scales": 2}, 100_000),
        ("grid", {"scales": 1}, 200_000),
        ("theory", {"scales": 1}, 200_000),
        ("nerf", {"scales": 1}, 200_000),
        ("geoclip_rff", {"features": 1}, 200_000),
        ("tile", {"features": 1}, 200_000),
        ("rbf", {"anchors": 10_000}, 500),
        ("rff", {"features": 16_384}, 500),
    ],
)
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_memory_of_narrow_codes_and_of_wide_ones(
    name: str, params: dict[str, int], points: int, dtype: torch.dtype
) -> None:
    encoder = encoders.encoder(name, **params).requires_grad_(False)
    lonlat = torch.from_numpy(sphere.random_points(points)).to(dtype)
    assert 1 <= measure.peak_over_output(lambda: encoder(lonlat)) <= 2.2


def test_memory_of_numpy_counts() -> None:
    def call() -> torch.Tensor:
        large = np.ones(3_000_000, np.float32)
        return torch.from_numpy(large[:1_000_000].copy())

    assert measure.peak_over_output(call) == pytest.approx(4, abs=0.1)


def test_memory_is_the_peak() -> None:
    def call() -> torch.Tensor:
        large = torch.ones(3000)
        small = large[:1000].clone()
        del large
        return small

    assert measure.peak_over_output(call) == pytest.approx(4, abs=0.1)  # the allocator rounds up to 64 bytes


def test_a_device_is_compared_with_the_cpu(monkeypatch: pytest.MonkeyPatch) -> None:
    """With the CPU itself where there is no GPU: nothing differs."""
    monkeypatch.setattr(device, "TASKS", device.TASKS[1:2])
    monkeypatch.setattr(device, "BATCHES", (64,))
    report = device.run(points=3000, repeat=1, names=["xyz"], steps=20, device="cpu")
    kinds = [str(row["what"]).partition(":")[0] for row in report.rows]
    assert kinds == ["xyz, float32", "xyz, float64", "training", "prediction", "step of 64 places"]
    assert [row["difference"] for row in report.rows] == ["0.0e+00"] * 4 + ["-"]
    assert not report.failed
    assert "CPU beside the CPU" in report.about
    wrong = dict.fromkeys(device.TOLERANCES, -1.0)
    monkeypatch.setattr(device, "TOLERANCES", wrong)
    monkeypatch.setattr(device, "TASKS", ())
    assert device.run(points=10, repeat=1, names=["xyz"], device="cpu").failed == ("xyz, float32", "xyz, float64")


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU")
@pytest.mark.parametrize("name", ["device", "encoders --device cuda", "step --device cuda"])
def test_a_measurement_of_a_gpu_says_that_there_is_none(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bench", *name.split()]) == 2
    assert "device='cuda', but torch" in capsys.readouterr().err


def test_calls_take_turns_and_the_first_round_is_not_counted() -> None:
    order: list[str] = []
    ticks = iter(float(tick * tick) for tick in range(100))
    clock = measure.Clock("ticks", lambda: next(ticks))
    took = measure.seconds({"a": lambda: order.append("a"), "b": lambda: order.append("b")}, 3, clock)
    assert order == ["a", "b", "b", "a"] * 2
    # The k-th reading is k^2, so call k (from 0) takes 4k + 1: a is called as 0, 3, 4, 7, and 0 is not counted.
    assert took == {"a": 17, "b": 21}


def test_scipy_does_the_same_work() -> None:
    lonlat = sphere.random_points(50)
    ours = encoders.encoder("spherical_harmonics", degree=12)(torch.from_numpy(lonlat)).numpy()
    theirs = suite.scipy_harmonics(lonlat, 12)
    signs = np.concatenate([(-1.0) ** np.abs(np.arange(-n, n + 1)) for n in range(12)])
    np.testing.assert_allclose(theirs * signs, ours, rtol=0, atol=1e-12)


def test_the_floor_writes_a_whole_result() -> None:
    out = suite.floor(30, 8, 5, torch.float32)()
    assert out.shape == (30, 5)
    assert out.dtype == torch.float32


@needs_published
@pytest.mark.parametrize("name", ["grid", "theory", "sphereC", "sphereC+", "sphereM"])
def test_the_published_code_does_the_same_work(name: str) -> None:
    ours = encoders.encoder(name, scales=8)
    lonlat = torch.from_numpy(sphere.random_points(20))
    encode = published.encode(name, ours.params, lonlat)
    assert encode is not None
    # Phases of up to 180 / 0.5 turn by rounding 1e-13 each way.
    np.testing.assert_allclose(encode()[:, 0], ours(lonlat).numpy(), rtol=0, atol=1e-12)


@needs_published
def test_the_published_modules_leave_no_trace() -> None:
    import sys

    published.load("SpatialRelationEncoder")
    assert not {"utils", "module", "losses", "spherical_harmonics_ylm_numpy"} & set(sys.modules)
    assert not any("torchspatial" in folder for folder in sys.path)


def test_a_step_is_timed() -> None:
    report = step.run(points=48, repeat=1, batch=16)
    loops = ["ours", "ours, bfloat16", *(["published"] if published.is_installed() else []), step.FLOOR]
    assert [row["loop"] for row in report.rows] == loops
    assert all(number > 0 for row in report.rows for number in numbers(row))


def test_a_step_learns() -> None:
    torch.manual_seed(0)
    lonlat = torch.from_numpy(sphere.random_points(512)).float()
    epoch = step.our_epoch(lonlat, (lonlat[:, 0] > 0).long(), 128)
    first = epoch()
    for _ in range(15):
        last = epoch()
    assert last < 0.9 * first


def test_rows_that_two_columns_name_merge_one_by_one(tmp_path: Path) -> None:
    def report(scores: dict[str, float]) -> Report:
        rows = tuple({"rung": "random", "contestant": name, "score": score} for name, score in scores.items())
        return Report("ladder", "about", ("rung", "contestant", "score"), rows, (), machine="here", name_columns=2)

    report({"idw": 0.1, "xyz": 0.2}).write(tmp_path, merge=True)
    report({"xyz": 0.3, "grid": 0.4}).write(tmp_path, merge=True)
    rows = json.loads((tmp_path / "ladder.json").read_text())["rows"]
    assert [(row["contestant"], row["score"]) for row in rows] == [("idw", 0.1), ("xyz", 0.3), ("grid", 0.4)]
    assert "- random, grid: here." in (tmp_path / "ladder.md").read_text()


def test_rows_of_chosen_encoders_merge_into_the_table(
    tmp_path: Path, one_thread: None, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["bench", "learning", "--points", "500", "--repeat", "1", "--steps", "5", "--out", str(tmp_path)]
    assert main([*command, "--names", "xyz,grid"]) == 0
    before = json.loads((tmp_path / "learning.json").read_text())
    assert [row["encoder"] for row in before["rows"]] == ["xyz", "grid"]
    assert "by processor time" in before["about"]  # the default of this suite, as of the table that ships
    assert main([*command, "--names", "grid,wrap"]) == 0
    after = json.loads((tmp_path / "learning.json").read_text())
    assert [row["encoder"] for row in after["rows"]] == ["xyz", "grid", "wrap"]
    assert after["rows"][0] == before["rows"][0]
    assert after["machine"] == before["machine"]
    assert all("1 threads" in row["machine"] for row in after["rows"][1:])
    table = (tmp_path / "learning.md").read_text()
    assert all(f"| {name} |" in table for name in ("xyz", "grid", "wrap"))
    assert "- wrap: " in table
    capsys.readouterr()
    for other in (["--clock", "wall"], ["--steps", "6"]):
        assert main([*command, *other, "--names", "wrap"]) == 2
        assert "must be measured alike" in capsys.readouterr().err
    assert json.loads((tmp_path / "learning.json").read_text()) == after
    (tmp_path / "learning.json").write_text("{}")
    assert main([*command, "--names", "wrap"]) == 2
    assert "is no result of this suite" in capsys.readouterr().err


def test_the_shipped_table_accepts_rows_of_the_default_command() -> None:
    options = inspect.signature(learning.run).parameters
    clock = measure.CLOCKS[SUITES["learning"].clock]
    shipped = json.loads(assets.asset_path("learning", "learning.json").read_text())
    points = data.entry(learning.DATA).points
    assert shipped["about"] == learning.about(points, options["steps"].default, options["repeat"].default, clock)
    assert all(set(learning.COLUMNS) <= set(row) for row in shipped["rows"])


def test_the_shipped_table_matches_its_json() -> None:
    path = assets.asset_path("learning", "learning.json")
    shipped = json.loads(path.read_text())
    rows = tuple(shipped["rows"])
    report = Report("learning", shipped["about"], learning.COLUMNS, rows, learning.NOTES, shipped["machine"])
    assert path.with_suffix(".md").read_text() == report.markdown()


def test_table_and_data_are_written(tmp_path, capsys: pytest.CaptureFixture[str]) -> None:
    threads = torch.get_num_threads()
    assert main(["bench", "step", "--points", "1024", "--repeat", "1", "--threads", "1", "--out", str(tmp_path)]) == 0
    torch.set_num_threads(threads)
    assert "| ours |" in capsys.readouterr().out
    data = json.loads((tmp_path / "step.json").read_text())
    assert data["rows"][0]["loop"] == "ours"
    assert "1 threads" in data["machine"]
    assert "| ours |" in (tmp_path / "step.md").read_text()


def test_both_precisions_learn_from_the_same_data_and_seeds(one_thread: None) -> None:
    lines: list[str] = []
    cases = tuple(precision.CASES)[:1]
    report = precision.run(points=1000, repeat=3, steps=30, cases=cases, on_progress=lines.append)
    (row,) = report.rows
    assert row["recipe"] == cases[0]
    assert len(lines) == 3
    single, half = (float(str(row[p])) for p in ("float32", "bfloat16"))
    assert single > 0.3
    assert float(str(row["bfloat16 minus float32"])) == pytest.approx(half - single, abs=2e-4)
    low, high = (float(end) for end in str(row["90 % interval"]).split(" to "))
    assert low <= float(str(row["bfloat16 minus float32"])) <= high
    assert numbers(row)[-1] > 0
    assert precision.run(points=100, repeat=1, steps=2, cases=cases).rows[0]["90 % interval"] == "-"


def test_every_case_of_both_precisions_is_a_recipe() -> None:
    tasks = {Recipe(**case).task for case in precision.CASES.values()}
    assert tasks == set(MAIN_SCORES)


def test_learning_is_measured_against_the_ceiling(one_thread: None) -> None:
    report = learning.run(points=20000, repeat=1, steps=300, names=("sphereM", "xyz"))
    fine, smooth = report.rows
    assert (fine["encoder"], fine["features"], smooth["features"]) == ("sphereM", 40, 3)
    assert 0 < fine["steps"] <= 300
    assert 0 < fine["seconds"] <= fine["whole run (s)"]
    for row in report.rows:
        # What can be expected of a model cannot be above the ceiling.
        assert 50 < row["end %"] <= row["best %"] <= 100
    # Where labels are random, only 54.7 % can be right elsewhere: the others were memorised.
    assert fine["training places %"] > fine["end %"]
    hopeless = learning.run(points=50, repeat=1, steps=5, names=("xyz",)).rows[0]
    assert (hopeless["steps"], hopeless["seconds"]) == ("-", "-")


def test_a_model_as_good_as_the_mixture_has_the_whole_share() -> None:
    dataset = data.load(learning.DATA, 10)

    class Perfect:
        predict = staticmethod(dataset.bayes_predict)

    assert learning._shares(dataset)(Perfect()) == pytest.approx(1)


def test_learning_begins_as_the_train_page_does() -> None:
    from s2v.ui.race.settings import race_encoder

    for name in encoders.ENCODERS:
        assert learning.recipe(name).encoder_params == dict(race_encoder(name).params)


def test_the_command_line_lists_the_encoders(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["encoders"]) == 0
    everything = capsys.readouterr().out
    for spec in encoders.ENCODERS.values():
        assert f"{spec.name}: {spec.title}" in everything
        assert all(f"{parameter.name}={parameter.default}" in everything for parameter in spec.parameters)
    assert main(["encoders", "nerf"]) == 0
    assert capsys.readouterr().out.count("\n") < everything.count("\n") / 4


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "COMMAND"),
        (["paint"], "paint"),
        (["encoders", "sphere"], "sphereC"),
        (["bench"], "SUITE"),
        (["bench", "maps"], "maps"),
        (["bench", "learning", "--names", "xyz,moon"], "encoder='moon' is unknown"),
        (["bench", "encoders", "--names", "moon"], "encoder='moon' is unknown"),
        (["bench", "step", "--names", "xyz"], "step has no --names"),
        (["bench", "encoders", "--points", "0"], "points=0"),
        (["bench", "encoders", "--points", "many"], "many"),
        (["bench", "encoders", "--repeat", "0"], "repeat=0"),
        (["bench", "learning", "--repeat", "0"], "repeat=0"),
        (["bench", "precision", "--repeat", "0"], "repeat=0"),
        (["bench", "tuning", "--repeat", "1"], "at least 2"),
        (["bench", "encoders", "--threads", "0"], "threads=0"),
        (["bench", "step", "--points", "100"], "less than one batch"),
    ],
)
def test_a_mistake_on_the_command_line_is_one_sentence(
    arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 2
    printed = capsys.readouterr().err.strip().splitlines()
    assert words in printed[-1]
    assert printed[-1].startswith("s2v: ")


def test_reference_predictors_are_measured_at_random_places_and_in_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(predictors, "FINE", Grid.equirectangular(30.0))
    assert {case.split for case in predictors.CASES} == {"random", "blocked"}
    report = predictors.run(repeat=1, cases=[predictors.Case("geoid", 300)])
    scores = {row["places"]: row["R2"] for row in report.rows}
    names = ("mean", "nearest", "idw", "kriging")
    assert list(scores) == [f"geoid, 300: {name}" for name in names]
    assert (
        float(scores["geoid, 300: kriging"])
        > float(scores["geoid, 300: idw"])
        > 0.8
        > float(scores["geoid, 300: mean"])
    )
    with pytest.raises(ValueError, match="points=7"):
        predictors.run(points=7)


def test_what_trials_lose_is_measured_against_the_best_scale(one_thread: None) -> None:
    lines: list[str] = []
    report = tuning.run(points=100, repeat=2, steps=8, names=["grid"], on_progress=lines.append)
    assert [row["data, encoder"] for row in report.rows] == ["relief, grid", "geoid, grid", "mean"]
    assert len(lines) == 4
    for row in report.rows:
        assert all(float(row[f"lost, {share}"]) >= 0 for share in tuning.SHARES)
    assert TRIAL_SHARE in tuning.SHARES.values()


def test_the_first_race_is_chosen_by_what_is_wrong_at_the_pole(one_thread: None) -> None:
    report = first_race.run(points=200, repeat=3, steps=5, names=["geoid", "land_ocean"])
    assert sorted(row["data"] for row in report.rows) == ["geoid", "land_ocean"]
    for row in report.rows:
        gap = float(row["grid"]) - float(row["sphereM"])
        assert float(row["difference"]) == pytest.approx(gap, abs=0.0015)  # three rounded numbers
    differences = [float(row["difference"]) for row in report.rows]
    assert differences == sorted(differences, reverse=True)


def test_the_train_page_starts_with_the_data_that_show_the_most() -> None:
    """Of real data whose map is mostly right under the spherical encoder."""
    table = (Path(__file__).parents[2] / "docs" / "first-race.md").read_text(encoding="utf-8")
    rows = [line.strip("| ").split(" | ") for line in table.splitlines() if line.startswith("| ") and "---" not in line]
    mostly_right = [(row[0], int(row[1])) for row in rows[1:] if row[0] != "checkerboard" and float(row[3]) < 0.25]
    assert mostly_right[0] == (settings.FIRST_DATA, settings.FIRST_POINTS)


def test_the_suggested_scale_is_set_against_the_usual_one(one_thread: None) -> None:
    report = variogram.run(points=200, repeat=3, steps=5, names=["grid"], dataset="geoid")
    (row,) = report.rows
    assert row["data, encoder"] == "geoid, grid"
    assert str(row["suggested scale"]).startswith("smallest radius ")
    low, _, high = str(row["90 % interval"]).partition(" to ")
    assert float(low) <= float(row["difference"]) <= float(high)
    assert "200 places" in report.markdown()
    with pytest.raises(ValueError, match="at least 3"):
        variogram.run(repeat=2)
    with pytest.raises(ValueError, match="'xyz' has no scale"):
        variogram.run(points=200, names=["xyz"], dataset="geoid", repeat=3, steps=1)
