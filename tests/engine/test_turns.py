"""Turns are fair: the race that has used the least comes next, and none starves."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Mapping

import pytest

from s2v.engine.turns import QueuePosition, Turns


def never() -> bool:
    return False


def test_one_training_at_a_time_has_the_turn_and_all_get_theirs():
    turns, order, busy = Turns(), [], threading.Lock()

    def train(race: str) -> None:
        with turns.member(race):
            for _ in range(5):
                with turns.turn(race, never) as granted:
                    assert granted
                    assert busy.acquire(blocking=False)
                    order.append(race)
                    time.sleep(0.002)
                    busy.release()

    threads = [threading.Thread(target=train, args=(race,)) for race in "abc"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Counter(order) == {"a": 5, "b": 5, "c": 5}


def test_a_race_of_many_gets_no_more_than_a_race_of_one():
    turns = Turns()
    counts: Counter[str] = Counter()
    end = threading.Event()

    def train(race: str) -> None:
        with turns.member(race):
            while not end.is_set():
                with turns.turn(race, never):
                    time.sleep(0.002)
                    counts[race] += 1
                    if sum(counts.values()) == 80:
                        end.set()

    threads = [threading.Thread(target=train, args=(race,)) for race in ("many", "many", "many", "one")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert counts["one"] > 20  # fair by trainings: a quarter; by races: half, up to the first and the last turns


def test_a_new_race_is_next_but_does_not_catch_up_for_the_past():
    turns = Turns()
    with turns.member("old"), turns.member("new"):
        with turns.turn("old", never):
            time.sleep(0.05)
            order: list[str] = []

            def line_up(race: str) -> None:
                with turns.turn(race, never):
                    order.append(race)

            threads = [threading.Thread(target=line_up, args=(race,)) for race in ("old", "new")]
            for thread in threads:
                thread.start()
                time.sleep(0.02)
        for thread in threads:
            thread.join()
        assert order == ["new", "old"]
        assert turns._used["new"] >= 0


def test_a_waiting_training_reports_its_position_and_can_be_cancelled():
    turns, positions = Turns(), []
    cancelled = threading.Event()

    def report(waiting: Mapping[str, QueuePosition]) -> None:
        positions.append(waiting["run"])
        cancelled.set()

    def wait() -> None:
        with turns.turn("b", cancelled.is_set, "run", report) as granted:
            assert not granted

    with turns.member("a"), turns.turn("a", never):
        waiter = threading.Thread(target=wait)
        waiter.start()
        waiter.join()
    assert positions
    assert positions[0].ahead == 1
    assert positions[0].seconds > 0
    with turns.turn("c", never) as granted:  # the cancelled one is in nobody's way
        assert granted


def test_one_report_has_the_positions_of_all_that_wait(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("s2v.engine.turns.REPORT_SECONDS", 0.0)
    turns, reports, cancelled = Turns(), [], threading.Event()
    waiting = [f"run {i}" for i in range(5)]

    def report(positions: Mapping[str, QueuePosition]) -> None:
        reports.append(positions)

    def wait(name: str) -> None:
        with turns.turn(name, cancelled.is_set, name, report) as granted:
            assert not granted

    with turns.turn("first", never):
        threads = []
        for name in waiting:  # one after another
            threads.append(threading.Thread(target=wait, args=(name,)))
            threads[-1].start()
            while not any(name in positions for positions in reports):
                time.sleep(0.002)
        time.sleep(0.05)
        cancelled.set()
        for thread in threads:
            thread.join()
    assert [position.ahead for position in reports[-1].values()] == [1, 2, 3, 4, 5]
    assert list(reports[-1]) == waiting
    assert len(reports) == len(waiting), "nothing has changed since the last one came"


def test_the_second_race_of_a_visitor_waits_behind_those_of_others(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("s2v.engine.turns.REPORT_SECONDS", 0.0)
    turns, reports, cancelled = Turns(), [], threading.Event()

    def wait(visitor: str, name: str) -> None:
        with turns.turn(visitor, cancelled.is_set, name, reports.append):
            pass

    with turns.turn("first", never):
        threads = []
        for visitor, name in (("many", "a"), ("many", "b"), ("many", "c"), ("one", "d")):
            threads.append(threading.Thread(target=wait, args=(visitor, name)))
            threads[-1].start()
            while not any(name in positions for positions in reports):
                time.sleep(0.002)
        cancelled.set()
        for thread in threads:
            thread.join()
    last = next(positions for positions in reports if len(positions) == 4)
    assert {name: position.ahead for name, position in last.items()} == {"a": 1, "d": 2, "b": 3, "c": 4}


def test_the_seconds_of_a_race_are_forgotten_after_its_last_training():
    turns = Turns()
    with turns.member("a"):
        with turns.member("a"), turns.turn("a", never):
            pass
        assert "a" in turns._used
    assert "a" not in turns._used
