"""Races: contestants in lockstep, paused, step by step, and beside one that fails."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable

import numpy as np
import pytest

from s2v import data
from s2v.engine import LAYER_GRID, Engine, Race
from s2v.models.checkpoints import loads
from s2v.models.recipe import Recipe
from tests.engine.conftest import ENDLESS, PATIENCE, SHORT, connection_of

GEOID = data.load("geoid", 1, 0)
GRID = dataclasses.replace(ENDLESS, encoder="grid", encoder_params={})
CLASSES = dataclasses.replace(ENDLESS, data="land_cover")


def until(condition, what: str) -> None:
    """Wait for a condition, or fail saying what never happened."""
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, f"this never happened: {what}"
        time.sleep(0.05)


def moving(race: Race) -> bool:
    return all(run.step > 0 for run in race.all_runs)


def test_contestants_in_lockstep_meet_at_the_same_steps(engine: Engine, owner: str):
    steps = 400
    recipes = [dataclasses.replace(r, steps=steps) for r in (ENDLESS, GRID)]
    slow = dataclasses.replace(recipes[0], hidden=256, layers=3)
    race = engine.race([slow, *recipes], owner, lockstep=True)
    until(lambda: not race.live, "the end")
    assert [run.status for run in race.all_runs] == ["finished"] * 3
    seen = [{frame.step for frame in run.history} for run in race.all_runs]
    common = set.intersection(*seen)
    assert {0, steps} < common  # and at least one meeting on the way
    # the fast ones have no frame between meetings that the slow one has not reached
    assert race.all_runs[1].history[-1].steps == steps


def test_without_lockstep_no_contestant_waits(engine: Engine, owner: str):
    fast = dataclasses.replace(ENDLESS, steps=30)
    race = engine.race([ENDLESS, fast], owner)
    assert race.firsts[1].wait(timeout=PATIENCE)
    assert race.firsts[1].status == "finished"
    assert race.firsts[0].live


@pytest.mark.parametrize("lockstep", [False, True])
def test_pause_one_step_play(engine: Engine, owner: str, lockstep: bool):
    race = engine.race([ENDLESS, GRID], owner, lockstep=lockstep)
    until(lambda: moving(race), "the first steps")
    race.pause()
    until(lambda: held(race), "the pause")
    before = max(run.step for run in race.all_runs)
    race.one_step()
    until(lambda: {run.step for run in race.all_runs} == {before + 1}, "one step")
    assert held(race)
    race.one_step()
    until(lambda: {run.step for run in race.all_runs} == {before + 2}, "another one")
    race.play()
    until(lambda: min(run.step for run in race.all_runs) > before + 2, "going on")
    assert race.live


def held(race: Race) -> bool:
    """Whether no step is taken for a while, and all frames have arrived."""
    steps = [run.steps_done for run in race.all_runs]
    time.sleep(1.5)  # more than twice as long as from one frame to the next
    return steps == [run.steps_done for run in race.all_runs] == [run.step for run in race.all_runs]


def test_a_paused_race_takes_no_turns(engine: Engine, new_owner: Callable[[], str]):
    races = [engine.race([ENDLESS, GRID], new_owner()) for _ in range(2)]
    for race in races:
        until(lambda: moving(race), "the first steps")  # noqa: B023
        race.pause()
    assert engine.start(SHORT, new_owner()).wait(timeout=PATIENCE)


def test_each_seed_is_a_run_and_the_first_has_the_maps(engine: Engine, owner: str):
    race = engine.race([SHORT, dataclasses.replace(SHORT, encoder="xyz", encoder_params={})], owner, seeds=3)
    until(lambda: not race.live, "the end")
    assert [[run.recipe.seed for run in runs] for runs in race.runs] == [[0, 1, 2]] * 2
    for runs in race.runs:
        assert [bool(run.latest and run.latest.maps) for run in runs] == [True, False, False]
        assert all(run.latest is not None and run.latest.test is not None for run in runs)
        assert len({run.history[-1].metrics["test_r2"] for run in runs}) == 3


def test_a_failed_contestant_does_not_stop_the_others(engine: Engine, owner: str):
    short = dataclasses.replace(SHORT, steps=300)
    wild = dataclasses.replace(short, learning_rate=1.0, network="linear", encoder="direct", encoder_params={})
    race = engine.race([short, without_data(), wild], owner, lockstep=True)
    until(lambda: not race.live, "the end")
    assert race.firsts[0].status == "finished"
    assert race.firsts[1].status == "failed"
    assert "places of your own" in race.firsts[1].message
    assert race.firsts[2].status in ("finished", "failed")


def without_data() -> Recipe:
    """A recipe of places that no worker has."""
    return dataclasses.replace(SHORT, data="own:regression")


def test_a_race_that_is_too_large_is_refused_before_it_begins(engine: Engine, owner: str):
    tile = dataclasses.replace(SHORT, encoder="tile", encoder_params={"cell": 0.5, "features": 4096})
    with pytest.raises(ValueError, match=r"1,061,749,072 parameters; the lab trains at most 5,000,000"):
        engine.race([tile] * 4, owner)
    assert engine.current(owner) is None


def test_the_probability_of_another_class_can_be_watched(engine: Engine, owner: str):
    race = engine.race([CLASSES], owner)
    run = race.firsts[0]
    assert run.wait(lambda run: run.latest is not None, PATIENCE)
    assert run.latest.probability(0).shape == LAYER_GRID.shape
    assert run.latest.layers["entropy"].min() >= 0
    race.watch_class(3)
    assert run.wait(lambda run: run.latest.watched_class == 3, PATIENCE)
    assert run.latest.probability(3).shape == LAYER_GRID.shape
    assert run.latest.probability(0) is None


def test_the_end_of_a_race_of_classes_has_all_probabilities(engine: Engine, owner: str):
    run = engine.race([dataclasses.replace(SHORT, data="land_cover")], owner).firsts[0]
    assert run.wait(timeout=PATIENCE)
    latest = run.latest
    assert latest.fine
    total = sum(latest.probability(i) for i in range(len(latest.layers["probabilities"])))
    assert abs(total - 1).max() < 0.05  # each rounded to 1/255
    assert latest.test.sum(1) == pytest.approx(1, abs=1e-4)


def test_a_race_has_its_limits(engine: Engine, owner: str):
    with pytest.raises(ValueError, match="5 contestants"):
        engine.race([SHORT] * 5, owner)
    with pytest.raises(ValueError, match="seeds=6"):
        engine.race([SHORT], owner, seeds=6)
    assert engine.current(owner) is None


def test_a_run_that_takes_too_long_ends_and_keeps_its_frames(engine: Engine, owner: str):
    client = connection_of(engine).client
    client.run(shorten, 0.2)
    try:
        run = engine.start(ENDLESS, owner)
        assert run.wait(timeout=PATIENCE)
    finally:
        client.run(shorten, 900.0)
    assert run.status == "stopped"
    assert "minutes" in run.message
    assert run.latest is not None
    assert run.latest.fine


def shorten(seconds: float) -> None:
    """On a worker: training may take this long."""
    from s2v.engine import tasks

    tasks.MAX_SECONDS = seconds


@pytest.mark.parametrize("paused", [False, True])
def test_a_stopped_race_has_the_result_of_what_it_has_learned(engine: Engine, owner: str, paused: bool):
    race = engine.race([ENDLESS, GRID], owner, seeds=2, lockstep=True)
    until(lambda: moving(race), "the first steps")
    if paused:
        race.pause()
        until(lambda: held(race), "the pause")
    race.finish()
    until(lambda: not race.live, "the end")
    for run in race.all_runs:
        assert (run.status, run.message) == ("stopped", "")
        frame = run.latest
        assert frame is not None
        assert frame.fine
        assert 0 < frame.step < frame.steps
        assert frame.test is not None
        assert "test_r2" in run.history[-1].metrics
        model = loads(frame.weights)
        assert np.abs(model.predict(GEOID.lonlat[GEOID.test]) - frame.test).max() < 1e-2
    assert set(race.firsts[0].latest.maps) == {"world", "north", "south"}  # type: ignore[union-attr]


def test_a_race_that_is_stopped_before_it_begins_ends_at_once(engine: Engine, owner: str):
    race = Race([ENDLESS], owner, 1, False, lambda run: run._end("stopped"), lambda run: None)
    race.finish()
    assert race.firsts[0].status == "stopped"


def test_a_race_is_kept_when_it_begins_and_once_when_it_has_ended(
    engine: Engine, owner: str, monkeypatch: pytest.MonkeyPatch
):
    kept: list[tuple[str, bool]] = []
    monkeypatch.setattr(engine, "_keep", lambda race: kept.append((race.id, race.live)))
    first = engine.race([SHORT, GRID], owner, seeds=2)
    second = engine.race([ENDLESS], owner)  # in place of the first
    until(lambda: moving(second), "the first steps")
    engine.release(owner)
    assert kept[0] == (first.id, True)
    assert sorted(kept[1:]) == sorted([(first.id, False), (second.id, True), (second.id, False)])
