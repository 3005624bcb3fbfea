"""One race for each owner, and no more live runs than the server takes."""

from __future__ import annotations

import pytest

from s2v.engine import QueueFullError, Race, Run, race_registry
from s2v.engine.race_registry import RaceRegistry
from s2v.models.recipe import Recipe


def race(owner: str, contestants: int = 1, seeds: int = 1, browser: str = "") -> Race:
    def stop(run: Run) -> None:
        run._end("stopped")

    return Race([Recipe()] * contestants, owner, seeds, False, stop, lambda run: None, browser)


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


def test_many_tabs_of_one_browser_leave_room_for_a_class():
    races = RaceRegistry()
    for tab in range(2):
        races.add(race(f"tab {tab}", 4, 5, browser="greedy"))
    for tab in range(2, 5):
        with pytest.raises(QueueFullError, match=r"Your browser has 40 trainings .* and 20 more .* share of 24"):
            races.add(race(f"tab {tab}", 4, 5, browser="greedy"))
    for student in range(28):
        races.add(race(f"student {student}", 2))
    assert len(races.live_runs()) == 96
    with pytest.raises(QueueFullError, match="The queue is full: 96"):
        races.add(race("late", 1))


def test_a_browser_alone_on_its_server_may_have_more_than_its_share():
    races = RaceRegistry()
    races.add(race("a", 4, 5, browser="mine"))
    races.add(race("b", 4, 5, browser="mine"))  # 40 of 48, more than a share of 24
    assert len(races.live_runs()) == 40


def test_the_tabs_of_a_browser_share_their_turns_and_its_secret_stays_here():
    one, other, alone = race("a", 2, browser="secret"), race("b", 1, browser="secret"), race("c", 1)
    assert {run.visitor for run in (*one.all_runs, *other.all_runs)} == {one.firsts[0].visitor}
    assert alone.firsts[0].visitor != one.firsts[0].visitor
    assert "secret" not in one.firsts[0].visitor


def test_paused_races_give_their_places_back():
    races = RaceRegistry()
    for tab in range(4):
        paused = race(f"tab {tab}", 4, 5, browser="greedy")
        races.add(paused)
        paused.pause()
    for student in range(48):
        races.add(race(f"student {student}", 2))  # 96 runs, as if nothing were paused
    assert [idle.owner for idle in races.paused_too_long()] == ["tab 0", "tab 1"]  # 80 runs are paused, 48 may be
    for idle in races.paused_too_long():
        idle.finish(race_registry.PAUSED_TOO_LONG)
    assert not races.paused_too_long()
    assert races.current("tab 3").live
