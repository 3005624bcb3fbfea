"""Reference predictors in a race: they wait for the first maps, answer at once, and leave the others alone."""

from __future__ import annotations

import dataclasses
import os
import signal

import numpy as np
import pytest
from scipy.stats import pearsonr

from s2v import data
from s2v.engine import FINE_GRIDS, STDERR_GRIDS, Engine, Frame, Race, race_file, race_registry, references
from s2v.engine.references import CancelledError, run_reference
from s2v.fields import Grid
from s2v.models.checkpoints import loads
from s2v.models.recipe import Recipe
from s2v.models.reference import fit_reference
from tests.engine.conftest import ENDLESS, PATIENCE, SHORT
from tests.engine.test_engine import process_of

KRIGING = Recipe(predictor="kriging", points=500)
IDW = dataclasses.replace(KRIGING, predictor="idw")
MEAN = dataclasses.replace(KRIGING, predictor="mean")


def race_of(*recipes: Recipe, seeds: int = 1, lockstep: bool = True) -> Race:
    return Race(recipes, "owner", seeds, lockstep, lambda run: None, lambda run: None)


def test_a_predictor_answers_beside_encoders_that_go_on(engine: Engine, owner: str):
    race = engine.race([ENDLESS, IDW], owner, seeds=2, lockstep=True)
    for run in race.runs[1]:
        assert run.wait(timeout=PATIENCE)
        assert (run.status, run.message) == ("finished", "")
    assert race.firsts[0].live
    assert race.firsts[0].history  # it had its first maps before
    first, second = (run.latest for run in race.runs[1])
    assert first is not None
    assert second is not None
    assert (first.step, first.steps, first.fine, first.tried > 1) == (0, 0, True, True)
    assert set(first.maps) == set(FINE_GRIDS)
    assert not second.maps
    dataset = data.load("geoid", 500, 0)
    assert pearsonr(second.test, dataset.target[dataset.test]).statistic > 0.97
    assert first.metrics["test_r2"] != second.metrics["test_r2"]  # each seed has places of its own
    model = loads(first.weights)
    np.testing.assert_allclose(model.predict(dataset.lonlat[dataset.test][:50]), first.test[:50], rtol=1e-4)
    race.stop()
    stored = race_file.loads(race_file.dumps(race)).firsts[1]
    assert stored.recipe == IDW
    assert (stored.latest.tried, stored.latest.chosen) == (first.tried, first.chosen)


def test_a_predictor_whose_worker_is_killed_is_interrupted_and_answers_the_next_time(engine: Engine, owner: str):
    slow = dataclasses.replace(KRIGING, data="relief", points=20_000)
    run = engine.start(slow, owner)
    assert run.wait(lambda run: not run.live or bool(run.worker), PATIENCE)
    os.kill(process_of(engine, run.worker), signal.SIGKILL)
    assert run.wait(timeout=PATIENCE)
    assert run.status == "interrupted"
    assert "worker" in run.message
    again = engine.start(IDW, owner)
    assert again.wait(timeout=PATIENCE)
    assert again.status == "finished"


def test_a_predictor_waits_for_the_first_maps_of_the_others():
    race = race_of(SHORT, SHORT, KRIGING)
    predictor = race.firsts[2]
    assert predictor.control.limit == 0
    for run in race.firsts[:2]:
        run._end("failed")
        race._update_controls()
    assert predictor.control.limit > 0


def test_a_predictor_holds_up_no_lockstep():
    race = race_of(SHORT, ENDLESS, KRIGING)
    for run in race.firsts[:2]:
        run._set_steps_done(1)
    race._update_controls()
    assert all(run.control.limit > 1 for run in race.firsts[:2])


def test_a_paused_race_begins_no_predictor_until_it_goes_on():
    race = race_of(KRIGING, MEAN)
    race.pause()
    assert [run.control.limit for run in race.firsts] == [0, 0]
    race.play()
    assert all(run.control.limit > 0 for run in race.firsts)


def test_a_race_of_four_encoders_has_room_for_a_reference_and_it_takes_no_place():
    full = race_of(*[SHORT] * 4, KRIGING)
    with pytest.raises(ValueError, match="5 contestants; a race has 1 to 4, and one reference predictor more"):
        race_of(*[SHORT] * 5)
    assert race_registry._live_runs(full) == 4
    assert race_registry._live_runs(race_of(MEAN)) == 1


def test_what_a_predictor_cannot_do_is_a_sentence():
    with pytest.raises(ValueError, match=r"predictor='kriging' does not go with data='land_ocean', a classification"):
        Recipe(data="land_ocean", predictor="kriging")
    with pytest.raises(ValueError, match=r"predictor='cubic' is not one of mean, nearest"):
        Recipe(predictor="cubic")


def test_a_cancelled_predictor_ends_between_two_pieces():
    shown = []
    with pytest.raises(CancelledError):
        run_reference(MEAN, shown.append, lambda: False)
    assert not shown


def test_kriging_sends_its_standard_error(monkeypatch: pytest.MonkeyPatch):
    small = {"world": Grid.equirectangular(10), "north": Grid.polar("north", 11, 50)}
    monkeypatch.setattr(references, "LIVE_GRIDS", small)
    monkeypatch.setattr(references, "FINE_GRIDS", small)
    finer = {**small, "world": Grid.equirectangular(5)}
    monkeypatch.setattr(references, "STDERR_GRIDS", finer)
    frames: list[Frame] = []
    run_reference(KRIGING, frames.append)
    assert [frame.fine for frame in frames] == [False, True]
    for frame, grids in zip(frames, (small, finer), strict=True):
        assert {name: values.shape for name, values in frame.stderr.items()} == {n: g.shape for n, g in grids.items()}
        assert np.nanmin(frame.stderr["world"]) > 0
    assert frames[1].without_maps().stderr == {}
    assert STDERR_GRIDS["world"] == FINE_GRIDS["world"]  # finer than the spacing of places
    dataset = data.load(KRIGING.data, KRIGING.points, KRIGING.seed)
    model = fit_reference(KRIGING, dataset)
    off = abs(dataset.target - model.predict(dataset.lonlat))[dataset.test]
    errors = model.stderr(dataset.lonlat[dataset.test])
    assert frames[1].metrics["test_within_stderr"] == pytest.approx((off <= errors).mean(), abs=1e-3)
    assert frames[1].metrics["test_within_90"] == pytest.approx((off <= 1.6449 * errors).mean(), abs=1e-3)
