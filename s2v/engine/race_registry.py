"""The races that an engine knows: one for each owner, and no more runs than the server takes."""

from __future__ import annotations

import threading

from s2v.engine.races import Race
from s2v.engine.runs import Run

MAX_RUNS = 96  # live at one time: what they hold fits in the memory of an ordinary machine
QUEUE_FULL = (
    "The queue is full: {live} trainings are going on or waiting here, and {asked} more would be more than the "
    f"{MAX_RUNS} that this server takes. Try again in a minute, with fewer contestants or seeds."
)


class QueueFullError(RuntimeError):
    """The server has as many trainings as it takes; the message is a sentence for people."""


class RaceRegistry:
    """The newest race of each owner (a browser session).  All methods may be called from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._races: dict[str, Race] = {}  # by owner

    def add(self, race: Race) -> Race | None:
        """Make ``race`` its owner's newest; returns the one it replaces, whose runs do not count any more.

        ``QueueFullError`` if there is no room for its runs.
        """
        with self._lock:
            replaced = self._races.get(race.owner)
            live = sum(run.live for other in self._races.values() if other is not replaced for run in other.all_runs)
            if live + len(race.all_runs) > MAX_RUNS:
                raise QueueFullError(QUEUE_FULL.format(live=live, asked=len(race.all_runs)))
            self._races[race.owner] = race
            return replaced

    def remove(self, owner: str) -> Race | None:
        """Forget the owner's race; returns it."""
        with self._lock:
            return self._races.pop(owner, None)

    def current(self, owner: str) -> Race | None:
        """The owner's newest race, live or ended; None if there is none."""
        with self._lock:
            return self._races.get(owner)

    def find(self, race_id: str) -> Race | None:
        """The race with that id, of any owner; None if it is not known (any more)."""
        return next((race for race in self._all() if race.id == race_id), None)

    def count_live(self) -> int:
        """How many races have a live run."""
        return sum(race.live for race in self._all())

    def live_runs(self) -> list[Run]:
        """All runs that wait or train."""
        return [run for race in self._all() for run in race.all_runs if run.live]

    def live_run(self, run_id: str) -> Run | None:
        """The live run with that id; None if there is none."""
        return next((run for run in self.live_runs() if run.id == run_id), None)

    def _all(self) -> list[Race]:
        with self._lock:
            return list(self._races.values())
