"""Trials of the scale on a real cluster: they are seen, paused, stopped and cancelled, and kept with the race."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

import s2v
from s2v import data
from s2v.engine import Engine, Race, Run, race_file
from s2v.models.checkpoints import loads
from s2v.models.recipe import Recipe
from s2v.models.scales import FromData
from s2v.models.trials import Trial, Tuning
from tests.engine.conftest import ENDLESS, PATIENCE, SHORT
from tests.engine.test_races import held, until

TUNED = dataclasses.replace(SHORT, encoder="grid", encoder_params={}, trials=3)
LONG = dataclasses.replace(ENDLESS, encoder="grid", encoder_params={}, trials=3)  # trials of minutes


def tuning(run: Run) -> bool:
    return not run.live or run.tuning is not None


def test_a_run_tries_its_scales_and_trains_the_best(engine: Engine, owner: str):
    race = engine.race([TUNED, dataclasses.replace(TUNED, encoder="xyz", encoder_params={})], owner, lockstep=True)
    first, second = race.firsts
    assert first.wait(timeout=PATIENCE)
    assert second.wait(timeout=PATIENCE)
    assert [run.status for run in race.firsts] == ["finished"] * 2
    *_, last = s2v.train(TUNED)
    assert [trial.params for trial in first.trials] == [trial.params for trial in last.trials]
    assert first.recipe == last.model.recipe
    assert first.asked == TUNED
    assert first.tuning is None
    assert first.latest is not None
    assert loads(first.latest.weights).recipe == first.recipe
    assert second.trials == ()  # without a scale it races along
    assert second.recipe == second.asked


def test_trials_can_be_seen_paused_and_played_on(engine: Engine, owner: str):
    race = engine.race([LONG], owner)
    (run,) = race.firsts
    assert run.wait(lambda run: bool(run.tuning and run.tuning.step), PATIENCE)
    race.pause()
    until(lambda: held_at(race), "the pause")
    before = run.tuning
    assert before is not None
    assert (before.trial, before.count) == (1, 3)
    assert not run.history
    race.play()
    assert run.wait(lambda run: run.tuning is not before, PATIENCE)
    race.stop()
    assert run.status == "stopped"


def held_at(race: Race) -> bool:
    """Whether the trials stand still for a while."""
    before = [run.tuning for run in race.firsts]
    return held(race) and before == [run.tuning for run in race.firsts]


def test_a_race_stopped_in_its_trials_has_the_best_scale_so_far_and_a_result(engine: Engine, owner: str):
    race = engine.race([dataclasses.replace(LONG, steps=1000)], owner)
    (run,) = race.firsts
    assert run.wait(lambda run: bool(run.trials), PATIENCE)
    race.finish()
    assert run.wait(timeout=PATIENCE)
    assert (run.status, run.message) == ("stopped", "")
    assert run.latest is not None
    assert run.latest.fine
    assert run.recipe.encoder_params in [trial.params for trial in run.trials]
    model = loads(run.latest.weights)
    geoid = data.load("geoid", 1)
    assert np.isfinite(model.predict(geoid.lonlat[geoid.test])).all()


def test_a_cancelled_run_leaves_its_trials_at_once(engine: Engine, owner: str, other: str):
    run = engine.start(LONG, owner)
    assert run.wait(tuning, PATIENCE)
    run.stop()
    assert run.status == "stopped"
    assert engine.start(SHORT, other).wait(timeout=PATIENCE)


def test_a_stored_race_has_its_trials():
    race = Race([TUNED], "owner", 1, True, lambda run: None, lambda run: None)
    (run,) = race.firsts
    tried = tuple(Trial({**TUNED.encoder_params, "min_radius": r}, s, 10, 0.5) for r, s in ((9.0, 0.5), (4.5, 0.7)))
    run._set_tuning(Tuning(2, 2, 10, 10, 1.0, tried, TUNED, done=True))
    run._end("stopped")
    (found,) = race_file.loads(race_file.dumps(race)).firsts
    assert (found.trials, found.asked, found.recipe) == (tried, TUNED, run.recipe)
    assert found.recipe.encoder_params["min_radius"] == 4.5


def test_a_race_stored_before_there_were_trials_is_read():
    race = Race([Recipe()], "owner", 1, True, lambda run: None, lambda run: None)
    content = race_file.dumps(race).replace(b', \\"trials\\": 0', b"").replace(b', \\"trials\\": []', b"")
    header = int.from_bytes(content[:8], "little")
    body = race_file.dumps(race)[8 + header :]
    start = content[8 : len(content) - len(body)]
    (run,) = race_file.loads(len(start).to_bytes(8, "little") + start + body).firsts
    assert b"trials" not in start
    assert (run.recipe, run.trials) == (Recipe(), ())


FROM_DATA = dataclasses.replace(SHORT, encoder="grid", encoder_params={"min_radius": "auto"})


def test_a_worker_takes_the_scale_from_the_data_as_this_process_does(engine: Engine, owner: str):
    race = engine.race([FROM_DATA, dataclasses.replace(FROM_DATA, encoder="xyz", encoder_params={})], owner)
    first, second = race.firsts
    assert first.wait(timeout=PATIENCE)
    assert second.wait(timeout=PATIENCE)
    *_, last = s2v.train(FROM_DATA)
    assert (first.status, first.asked, first.recipe) == ("finished", FROM_DATA, last.model.recipe)
    assert not first.recipe.is_auto
    assert first.from_data is not None
    assert first.from_data.spacing_km > 0
    assert first.latest is not None
    assert loads(first.latest.weights).recipe == first.recipe
    assert second.from_data is None
    (found, _) = race_file.loads(race_file.dumps(race)).firsts
    assert (found.asked, found.recipe, found.from_data) == (FROM_DATA, first.recipe, first.from_data)


def test_a_stored_race_says_nothing_impossible_of_the_spacing():
    race = Race([FROM_DATA], "owner", 1, True, lambda run: None, lambda run: None)
    (run,) = race.firsts
    resolved = dataclasses.replace(FROM_DATA, encoder_params={**FROM_DATA.encoder_params, "min_radius": 4.5})
    impossible = FromData(-7.0, 0.0, 9), FromData(500.0, 1.5, 9), FromData(float("nan"), 0.0, 9), FromData(7.0, 0.0, -9)
    for from_data in impossible:
        run._set_tuning(Tuning(0, 0, 1, 1, 0.0, (), resolved, done=True, from_data=from_data))
        with pytest.raises(ValueError, match="its scale follows from this: training places lie"):
            race_file.loads(race_file.dumps(race))
