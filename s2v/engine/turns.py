"""Fair turns: of all trainings in a process one runs at a time, each for the length of a turn."""

from __future__ import annotations

import contextlib
import itertools
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

CHECK_SECONDS = 0.1  # between two checks of whether the next training has been cancelled
MAX_CHECK_SECONDS = (
    1.0  # the same of those far back: thirty that wake up ten times a second disturb the one that trains
)
REPORT_SECONDS = 0.5  # between two reports of the positions in the queue
SMOOTHING = 0.2  # weight of the newest turn in the mean length of turns


class QueuePosition(NamedTuple):
    """Where a training stands in the queue: the turns ``ahead`` of it, and about how many ``seconds`` they take."""

    ahead: int
    seconds: float


Report = Callable[[Mapping[str, QueuePosition]], None]


@dataclass(eq=False)
class _Ticket:
    visitor: str
    number: int
    name: str  # of the training in reports; empty if it is in none
    entered: float = field(default_factory=time.monotonic)
    reported: int = -1  # how many were ahead in the last report


class Turns:
    """A queue of trainings that take turns, one at a time, even on a worker with many threads: torch has one global
    random generator, and trainings that compete for a core slow each other down.

    The next turn goes to the visitor whose trainings have used the fewest seconds so far; ties go to the first to ask.
    A visitor who is new, or returns from a pause, starts level with the one that has used the least, so nobody starves
    and nobody catches up for hours.  All methods may be called from any thread.
    """

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._numbers = itertools.count()
        self._waiting: list[_Ticket] = []
        self._running: _Ticket | None = None
        self._used: dict[str, float] = {}  # seconds by visitor
        self._members: Counter[str] = Counter()  # trainings of each in this process
        self._mean_seconds = 0.5  # of a turn
        self._reported_at = 0.0

    @property
    def crowded(self) -> bool:
        """Whether a training waits for its turn."""
        return bool(self._waiting)

    @contextlib.contextmanager
    def member(self, visitor: str) -> Iterator[None]:
        """Inside, a training of the visitor may ask for turns; the seconds used are forgotten after the last one."""
        with self._changed:
            self._members[visitor] += 1
        try:
            yield
        finally:
            with self._changed:
                self._members[visitor] -= 1
                if not self._members[visitor]:
                    del self._members[visitor]
                    self._used.pop(visitor, None)

    @contextlib.contextmanager
    def turn(
        self,
        visitor: str,
        cancelled: Callable[[], bool],
        name: str = "",
        report: Report = lambda positions: None,
    ) -> Iterator[bool]:
        """Wait for a turn and hold it; yields False if ``cancelled`` became true first.

        During a long wait ``report`` is called with the positions of all that wait and have a ``name``, by their names,
        once these have changed: of all together, since each report takes time from the training.
        """
        ticket = self._enter(visitor, name)
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
                    self._used[visitor] = self._used.get(visitor, 0.0) + seconds
                    self._mean_seconds += SMOOTHING * (seconds - self._mean_seconds)
                else:
                    self._waiting.remove(ticket)
                self._changed.notify_all()

    def _enter(self, visitor: str, name: str) -> _Ticket:
        with self._changed:
            others = {t.visitor for t in (*self._waiting, self._running) if t} - {visitor}
            least = min((self._used.get(other, 0.0) for other in others), default=0.0)
            self._used[visitor] = max(self._used.get(visitor, 0.0), least)
            ticket = _Ticket(visitor, next(self._numbers), name)
            self._waiting.append(ticket)
            return ticket

    def _wait(self, ticket: _Ticket, cancelled: Callable[[], bool], report: Report) -> bool:
        while not cancelled():
            with self._changed:
                mine = self._order(ticket, self._used)
                ahead = sum(self._order(other, self._used) < mine for other in self._waiting)
                ahead += self._running is not None
                if not ahead:
                    self._waiting.remove(ticket)
                    self._running = ticket
                    return True
                positions = self._to_report(ticket, ahead)
                if not positions:
                    self._changed.wait(min(CHECK_SECONDS * ahead, MAX_CHECK_SECONDS))
            if positions:
                report(positions)
        return False

    def _order(self, ticket: _Ticket, used: Mapping[str, float]) -> tuple[float, int]:
        return used.get(ticket.visitor, 0.0), ticket.number

    def _to_report(self, ticket: _Ticket, ahead: int) -> dict[str, QueuePosition]:
        """With the lock held: the positions of all that wait, if that of this ticket is news; else nothing."""
        now = time.monotonic()
        if not ticket.name or ahead == ticket.reported or now - max(self._reported_at, ticket.entered) < REPORT_SECONDS:
            return {}
        self._reported_at, first = now, int(self._running is not None)
        for i, each in enumerate(sorted(self._waiting, key=lambda each: self._order(each, self._used)), first):
            each.reported = i
        expected = enumerate(self._expected(), first)
        return {each.name: QueuePosition(i, i * self._mean_seconds) for i, each in expected if each.name}

    def _expected(self) -> Iterator[_Ticket]:
        """With the lock held: those that wait, in the order in which they will have their turns if nobody else comes.

        Of a visitor with several, one has a turn; the others then wait behind those who have used less.
        """
        used, waiting = dict(self._used), list(self._waiting)
        while waiting:
            ticket = min(waiting, key=lambda each: self._order(each, used))
            waiting.remove(ticket)
            used[ticket.visitor] = used.get(ticket.visitor, 0.0) + self._mean_seconds
            yield ticket
