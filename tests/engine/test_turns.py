"""Turns are fair: whoever has had the least comes next, and nobody is forgotten."""

from __future__ import annotations

import threading
import time
from collections import Counter

from s2v.engine.turns import QueuePosition, Turns


def never() -> bool:
    return False


def test_only_one_has_the_turn_and_all_get_theirs():
    turns, order, busy = Turns(), [], threading.Lock()

    def train(race: str) -> None:
        with turns.member(race):
            for _ in range(5):
                with turns.turn(race, never) as mine:
                    assert mine
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
    had: Counter[str] = Counter()
    end = threading.Event()

    def train(race: str) -> None:
        with turns.member(race):
            while not end.is_set():
                with turns.turn(race, never):
                    time.sleep(0.002)
                    had[race] += 1
                    if sum(had.values()) == 80:
                        end.set()

    threads = [threading.Thread(target=train, args=(race,)) for race in ("many", "many", "many", "one")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert had["one"] > 20  # a quarter if trainings were counted; half, up to the first and the last turns, for races


def test_a_newcomer_is_next_but_does_not_make_up_for_the_past():
    turns = Turns()
    with turns.member("old"), turns.member("new"):
        with turns.turn("old", never):
            time.sleep(0.05)
            waiting: list[str] = []

            def line_up(race: str) -> None:
                with turns.turn(race, never):
                    waiting.append(race)

            threads = [threading.Thread(target=line_up, args=(race,)) for race in ("old", "new")]
            for thread in threads:
                thread.start()
                time.sleep(0.02)
        for thread in threads:
            thread.join()
        assert waiting == ["new", "old"]
        assert turns._used["new"] >= 0


def test_who_waits_is_told_how_many_are_before_him_and_may_give_up():
    turns, told = Turns(), []
    gone = threading.Event()

    def tell(place: QueuePosition) -> None:
        told.append(place)
        gone.set()

    def wait() -> None:
        with turns.turn("b", gone.is_set, tell) as mine:
            assert not mine

    with turns.member("a"), turns.turn("a", never):
        waiter = threading.Thread(target=wait)
        waiter.start()
        waiter.join()
    assert told
    assert told[0].ahead == 1
    assert told[0].seconds > 0
    with turns.turn("c", never) as mine:  # the one who gave up is in nobody's way
        assert mine


def test_the_seconds_of_a_race_are_forgotten_with_its_last_training():
    turns = Turns()
    with turns.member("a"):
        with turns.member("a"), turns.turn("a", never):
            pass
        assert "a" in turns._used
    assert "a" not in turns._used
