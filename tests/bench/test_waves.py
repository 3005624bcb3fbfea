"""``bench waves`` and ``waves_test``: variants on validation places, the chosen on test places, kept and taken up."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from s2v import predictors
from s2v.bench import waves, waves_test
from s2v.bench.waves_variants import CHOSEN, KRIGING, TRIED, Variant
from s2v.encoders import encoder

SMALL = Variant("small", "matern_waves", {"frames": 2}, {"steps": 2}, members=2)


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two variants of 60 places, and a predictor that takes no time in place of kriging."""
    monkeypatch.setattr(waves, "fit", lambda name, dataset: predictors.fit("mean", dataset))
    for module in (waves, waves_test):
        monkeypatch.setattr(module, "load", lambda case, seed: waves.data.load("relief", 60, seed, case.split))
    monkeypatch.setitem(TRIED, 500, (SMALL,))
    monkeypatch.setitem(CHOSEN, 500, (Variant("present", "plane_waves", {"scales": 2}, {"steps": 2}), SMALL))
    monkeypatch.setitem(waves.FACTORS, 500, (0.5, 1.0))


@pytest.mark.usefixtures("few")
def test_a_row_for_each_variant_and_none_is_trained_twice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    given: dict[str, Any] = {"points": 500, "repeat": 3, "rungs": ("random",), "keep": tmp_path / "kept.jsonl"}
    report = waves.run(**given)
    assert [row["variant"] for row in report.rows] == ["kriging", "small"]
    small = report.rows[1]
    assert (small["0.25"], small["2"]) == ("-", "-")
    assert " ±" in str(small["1"])
    best = max(small["0.5"], small["1"], key=lambda text: float(str(text).split()[0]))
    known = float(str(best).split()[0]) - float(str(report.rows[0]["1"]).split()[0])
    assert float(str(small["less kriging"]).split()[0]) == pytest.approx(known, abs=0.0015)  # three decimals each
    monkeypatch.setattr(waves, "_validated", lambda one: pytest.fail("trained again"))
    assert waves.run(**given).rows == report.rows
    assert "2 of 2 rows not whole" in waves.run(**{**given, "repeat": 4, "minutes": 0}).about


@pytest.mark.usefixtures("few")
def test_the_chosen_are_compared_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    given: dict[str, Any] = {"points": 500, "repeat": 3, "rungs": ("random",), "keep": tmp_path / "kept.jsonl"}
    report = waves_test.run(**given)
    assert [row["contestant"] for row in report.rows] == ["kriging", "plane_waves", "matern_waves"]
    assert report.rows[1]["against kriging"] in ("ahead", "level", "behind")
    assert "over seeds" in str(report.rows[2]["less plane_waves"])
    monkeypatch.setattr(waves.Fit, "predict", lambda *given: pytest.fail("trained again"))
    assert waves_test.run(**given).rows == report.rows
    late = waves_test.run(**{**given, "repeat": 4, "minutes": 0})
    assert (late.rows, "1 of 1 settings left out" in late.about) == ((), True)


def test_members_of_a_mean_differ_in_their_seeds_alone() -> None:
    known = waves.data.load("relief", 60)
    one, other = waves.Fit(SMALL, waves.Case("relief", 60, "random"), 7, 1.0)._recipes(known)
    assert (one.seed, one.encoder_params["seed"], other.seed, other.encoder_params["seed"]) == (7, 7, 107, 107)
    assert {**one.encoder_params, "seed": 0} == {**other.encoder_params, "seed": 0}


def test_contestants_are_as_wide_as_each_other_and_trained_alike() -> None:
    for present, chosen in CHOSEN.values():
        assert (present.settings, present.members) == (chosen.settings, chosen.members)
        widths = [encoder(variant.encoder, **variant.params).dim for variant in (present, chosen)]
        assert abs(np.subtract(*widths)) <= 3  # plane_waves holds the place itself, too


def test_other_sizes_are_refused() -> None:
    with pytest.raises(ValueError, match="there are variants for 500, 2000, 20000 places"):
        waves.run(points=300)
    assert waves.factors(KRIGING, 500) == (1.0,)
