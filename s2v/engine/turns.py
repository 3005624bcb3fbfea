"""Fair turns: of all trainings in a process one runs at a time, each for the length of a turn."""

from __future__ import annotations

import contextlib
import itertools
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

CHECK_SECONDS = 0.1  # between two checks of whether a waiting training has been cancelled
REPORT_SECONDS = 0.5  # between two reports of a training's position in the queue
SMOOTHING = 0.2  # weight of the newest turn in the mean length of turns


class QueuePosition(NamedTuple):
    """Where a training stands in the queue: the turns ``ahead`` of it, and about how many ``seconds`` they take."""

    ahead: int
    seconds: float


@dataclass(eq=False)
class _Ticket:
    race_id: str
    number: int


class Turns:
    """A queue of trainings that take turns, one at a time, even on a worker with many threads: torch has one global
    random generator, and trainings that compete for a core slow each other down.

    The next turn goes to the race that has used the fewest seconds so far; ties go to the first to ask.  A race that
    is new, or returns from a pause, starts level with the one that has used the least, so no race starves and none
    catches up for hours.  All methods may be called from any thread.
    """

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._numbers = itertools.count()
        self._waiting: list[_Ticket] = []
        self._running: _Ticket | None = None
        self._used: dict[str, float] = {}  # seconds by race
        self._members: Counter[str] = Counter()  # trainings of each race in this process
        self._mean_seconds = 0.5  # of a turn

    @property
    def crowded(self) -> bool:
        """Whether a training waits for its turn."""
        return bool(self._waiting)

    @contextlib.contextmanager
    def member(self, race_id: str) -> Iterator[None]:
        """Inside, a training of the race may ask for turns.  The race's seconds are forgotten after its last one."""
        with self._changed:
            self._members[race_id] += 1
        try:
            yield
        finally:
            with self._changed:
                self._members[race_id] -= 1
                if not self._members[race_id]:
                    del self._members[race_id]
                    self._used.pop(race_id, None)

    @contextlib.contextmanager
    def turn(
        self,
        race_id: str,
        cancelled: Callable[[], bool],
        report: Callable[[QueuePosition], None] = lambda position: None,
    ) -> Iterator[bool]:
        """Wait for a turn and hold it; yields False if ``cancelled`` became true first.

        During a long wait ``report`` is called with each new position in the queue.
        """
        ticket = self._enter(race_id)
        granted = False
        try:
            granted = self._wait(ticket, cancelled, report)
            begin = time.perf_counter()
            yield granted
        finally:
            with self._changed:
                if granted:
                    seconds = time.perf_counter() - begin
                    self._running = None
                    self._used[race_id] = self._used.get(race_id, 0.0) + seconds
                    self._mean_seconds += SMOOTHING * (seconds - self._mean_seconds)
                else:
                    self._waiting.remove(ticket)
                self._changed.notify_all()

    def _enter(self, race_id: str) -> _Ticket:
        with self._changed:
            others = {t.race_id for t in (*self._waiting, self._running) if t} - {race_id}
            least = min((self._used.get(other, 0.0) for other in others), default=0.0)
            self._used[race_id] = max(self._used.get(race_id, 0.0), least)
            ticket = _Ticket(race_id, next(self._numbers))
            self._waiting.append(ticket)
            return ticket

    def _wait(self, ticket: _Ticket, cancelled: Callable[[], bool], report: Callable[[QueuePosition], None]) -> bool:
        reported, reported_at = -1, time.monotonic()
        while not cancelled():
            with self._changed:
                queue = sorted(self._waiting, key=lambda t: (self._used.get(t.race_id, 0.0), t.number))
                ahead = queue.index(ticket) + (self._running is not None)
                if not ahead:
                    self._waiting.remove(ticket)
                    self._running = ticket
                    return True
                position = QueuePosition(ahead, ahead * self._mean_seconds)
                due = ahead != reported and time.monotonic() - reported_at >= REPORT_SECONDS
                if not due:
                    self._changed.wait(CHECK_SECONDS)
            if due:
                reported, reported_at = ahead, time.monotonic()
                report(position)
        return False
