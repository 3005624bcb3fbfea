"""One race for each owner, and no more live runs than the server takes."""

from __future__ import annotations

import pytest

from s2v.engine import QueueFullError, Race, race_registry
from s2v.engine.race_registry import RaceRegistry
from s2v.models.recipe import Recipe


def race(owner: str, contestants: int = 1) -> Race:
    return Race([Recipe()] * contestants, owner, 1, False, lambda run: run._end("stopped"), lambda run: None)


def test_a_new_race_replaces_that_of_its_owner_alone():
    races = RaceRegistry()
    first, second, other = race("a"), race("a"), race("b")
    assert races.add(first) is None
    assert races.add(other) is None
    assert races.add(second) is first
    assert races.current("a") is second
    assert races.current("b") is other
    assert races.current("c") is None


def test_a_race_is_found_by_its_id_until_it_is_removed():
    races = RaceRegistry()
    mine = race("a")
    races.add(mine)
    assert races.find(mine.id) is mine
    assert races.find("another") is None
    assert races.remove("a") is mine
    assert races.remove("a") is None
    assert races.find(mine.id) is None


def test_live_races_and_runs_are_those_that_have_not_ended():
    races = RaceRegistry()
    mine, other = race("a", 2), race("b")
    races.add(mine)
    races.add(other)
    other.stop()
    mine.all_runs[0].stop()
    assert races.count_live() == 1
    assert races.live_runs() == [mine.all_runs[1]]
    assert races.live_run(mine.all_runs[1].id) is mine.all_runs[1]
    assert races.live_run(mine.all_runs[0].id) is None


def test_runs_that_have_ended_or_are_replaced_take_no_room(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(race_registry, "MAX_RUNS", 3)
    races = RaceRegistry()
    races.add(race("a", 2))
    with pytest.raises(QueueFullError, match="2 trainings are going on or waiting here, and 2 more"):
        races.add(race("b", 2))
    assert races.current("b") is None
    races.add(race("a", 3))
    races.current("a").all_runs[0].stop()
    races.add(race("b", 1))
    with pytest.raises(QueueFullError, match="3 trainings"):
        races.add(race("c", 1))
