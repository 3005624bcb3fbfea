"""The races that an engine knows: one for each owner, and no more runs than the server takes."""

from __future__ import annotations

import threading

from s2v.engine.races import Race
from s2v.engine.runs import Run

MAX_RUNS = 96  # live and not paused at one time: what they hold fits in the memory of an ordinary machine
MAX_SHARE = 24  # of them for one browser, however many tabs it has, once half the places are taken
MAX_PAUSED = 48  # paused runs, which hold memory, too
QUEUE_FULL = (
    "The queue is full: {live} trainings are going on or waiting here, and {asked} more would be more than the "
    "{most} that this server takes. Try again in a minute, with fewer contestants or seeds."
)
SHARE_FULL = (
    "Your browser has {mine} trainings going on or waiting in other tabs, and {asked} more would be more than its "
    "share of {most} while this server is busy. Pause or stop one of those races first, or take fewer contestants or "
    "seeds."
)
PAUSED_TOO_LONG = (
    "This race was paused for longest when others needed its place, so it has ended at the step that it had come to."
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

        Paused races give their places to others.  ``QueueFullError`` if there is no room for its runs.
        """
        with self._lock:
            replaced = self._races.get(race.owner)
            others = [other for other in self._races.values() if other is not replaced and not other.paused]
            asked, live = _live_runs(race), sum(map(_live_runs, others))
            mine = sum(_live_runs(other) for other in others if other.browser == race.browser)
            if live + asked > MAX_RUNS:
                raise QueueFullError(QUEUE_FULL.format(live=live, asked=asked, most=MAX_RUNS))
            if mine + asked > MAX_SHARE and live + asked > MAX_RUNS // 2:
                raise QueueFullError(SHARE_FULL.format(mine=mine, asked=asked, most=MAX_SHARE))
            self._races[race.owner] = race
            return replaced

    def paused_too_long(self) -> list[Race]:
        """The races to be ended so that no more than ``MAX_PAUSED`` runs are paused, those paused for longest first."""
        paused = sorted((race for race in self._all() if race.paused and race.live), key=lambda race: race.paused_at)
        excess, found = sum(map(_live_runs, paused)) - MAX_PAUSED, []
        for race in paused:
            if excess <= 0:
                break
            excess -= _live_runs(race)
            found.append(race)
        return found

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


def _live_runs(race: Race) -> int:
    """How many places a race takes: one for each training.  Its predictors, which end within seconds, take none."""
    return max(sum(run.live and not run.recipe.predictor for run in race.all_runs), int(race.live))
