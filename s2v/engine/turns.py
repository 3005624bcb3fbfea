"""Fair turns: of all trainings in a process one goes on at a time, each for as long as a turn lasts."""

from __future__ import annotations

import contextlib
import itertools
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

WAKE = 0.1  # seconds between two looks at whether a waiting training is still wanted
TELL = 0.5  # seconds between two reports of who is how far from his turn
SMOOTHING = 0.2  # weight of the newest turn in the mean length of turns


class Place(NamedTuple):
    """A place in the line: how many turns come before it, and about how many seconds these take."""

    ahead: int
    seconds: float


@dataclass(eq=False)
class _Ticket:
    race: str
    number: int


class Turns:
    """Whose turn it is.  One at a time, though a worker may have many threads: torch has one generator of random
    numbers for all, and trainings that compete for a core only get in each other's way.

    Next is the race that has had the fewest seconds so far, among equals who came first.  Who is new, or comes back
    from a pause, starts level with the one that has had the least, so nobody starves and nobody catches up for hours.
    All methods may be called from any thread.
    """

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._numbers = itertools.count()
        self._waiting: list[_Ticket] = []
        self._running: _Ticket | None = None
        self._had: dict[str, float] = {}  # seconds by race
        self._members: Counter[str] = Counter()  # trainings of each race in this process
        self._length = 0.5  # seconds of a turn, in the mean

    @property
    def crowded(self) -> bool:
        """Whether anybody waits."""
        return bool(self._waiting)

    @contextlib.contextmanager
    def member(self, race: str) -> Iterator[None]:
        """Inside, a training of ``race`` may ask for turns; after the last one its seconds are forgotten."""
        with self._changed:
            self._members[race] += 1
        try:
            yield
        finally:
            with self._changed:
                self._members[race] -= 1
                if not self._members[race]:
                    del self._members[race]
                    self._had.pop(race, None)

    @contextlib.contextmanager
    def turn(
        self, race: str, cancelled: Callable[[], bool], tell: Callable[[Place], None] = lambda place: None
    ) -> Iterator[bool]:
        """Waits for a turn and holds it; gives False if ``cancelled`` came first.

        ``tell`` is called with the place in the line while the wait is a long one, when the place has changed.
        """
        ticket = self._enter(race)
        mine = False
        try:
            mine = self._wait(ticket, cancelled, tell)
            begin = time.perf_counter()
            yield mine
        finally:
            with self._changed:
                if mine:
                    took = time.perf_counter() - begin
                    self._running = None
                    self._had[race] = self._had.get(race, 0.0) + took
                    self._length += SMOOTHING * (took - self._length)
                else:
                    self._waiting.remove(ticket)
                self._changed.notify_all()

    def _enter(self, race: str) -> _Ticket:
        with self._changed:
            present = {t.race for t in (*self._waiting, self._running) if t} - {race}
            least = min((self._had.get(other, 0.0) for other in present), default=0.0)
            self._had[race] = max(self._had.get(race, 0.0), least)
            ticket = _Ticket(race, next(self._numbers))
            self._waiting.append(ticket)
            return ticket

    def _wait(self, ticket: _Ticket, cancelled: Callable[[], bool], tell: Callable[[Place], None]) -> bool:
        told, told_at = -1, time.monotonic()
        while not cancelled():
            with self._changed:
                line = sorted(self._waiting, key=lambda t: (self._had.get(t.race, 0.0), t.number))
                ahead = line.index(ticket) + (self._running is not None)
                if not ahead:
                    self._waiting.remove(ticket)
                    self._running = ticket
                    return True
                place = Place(ahead, ahead * self._length)
                report = ahead != told and time.monotonic() - told_at >= TELL
                if not report:
                    self._changed.wait(WAKE)
            if report:
                told, told_at = ahead, time.monotonic()
                tell(place)
        return False
