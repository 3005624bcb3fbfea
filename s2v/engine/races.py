"""A race as the page sees it: the same task under several encoders at once, and with several seeds each."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable, Sequence
from dataclasses import replace

from s2v.engine.runs import Run
from s2v.engine.tasks import Wish
from s2v.models.recipe import Recipe

MAX_CONTESTANTS = 4
MAX_SEEDS = 5
FIRST_STRIDE = 100  # a race in lock-step begins with this part of its steps
STRIDE_SECONDS = 0.6  # and goes on with as many steps as the slowest contestant takes in this time


class Race:
    """Contestants that train at the same time.

    ``runs[i][j]`` is the run of contestant ``i`` under seed ``recipes[i].seed + j``; only the first seed's has maps.
    ``lockstep``: nobody goes on before all have done the same steps; otherwise each goes at full speed.
    What is asked of it (``pause``, ``play``, ``one_step``, ``watch``, ``stop``) is done by the workers within about a
    tenth of a second, or when their turn comes; all methods may be called from any thread.
    """

    def __init__(
        self,
        recipes: Sequence[Recipe],
        owner: str,
        seeds: int,
        lockstep: bool,
        stop: Callable[[Run], None],
        ask: Callable[[Run], None],
    ) -> None:
        if not 1 <= len(recipes) <= MAX_CONTESTANTS:
            raise ValueError(f"{len(recipes)} contestants; a race has 1 to {MAX_CONTESTANTS}.")
        if not 1 <= seeds <= MAX_SEEDS:
            raise ValueError(f"seeds={seeds}; a race has 1 to {MAX_SEEDS} for each contestant.")
        self.id = uuid.uuid4().hex[:16]
        self.owner = owner
        self.lockstep = lockstep
        self.paused = False
        self.watched = 0
        self._ask = ask
        self.runs = tuple(
            tuple(Run(replace(recipe, seed=recipe.seed + j), self.id, stop, with_maps=j == 0) for j in range(seeds))
            for recipe in recipes
        )
        self._meeting = 0  # the step at which those in lock-step wait for each other
        self._pause_at: int | None = None  # one step: pause there
        self._lock = threading.RLock()
        self._pace()

    def __repr__(self) -> str:
        return f"<Race {self.id} of {len(self.runs)} on {self.recipe.data}>"

    @property
    def recipe(self) -> Recipe:
        """The first contestant's: what it says of data, steps and network goes for all."""
        return self.runs[0][0].recipe

    @property
    def all_runs(self) -> tuple[Run, ...]:
        """All runs, contestant by contestant."""
        return tuple(run for runs in self.runs for run in runs)

    @property
    def firsts(self) -> tuple[Run, ...]:
        """The run of each contestant that has maps."""
        return tuple(runs[0] for runs in self.runs)

    @property
    def live(self) -> bool:
        """Whether more may come of any run."""
        return any(run.live for run in self.all_runs)

    def pause(self) -> None:
        """Hold all contestants after the step that they are at."""
        self.paused, self._pause_at = True, None
        self._pace()

    def play(self) -> None:
        """Go on."""
        self.paused, self._pause_at = False, None
        self._pace()

    def one_step(self) -> None:
        """Pause after one step more of the contestant that is ahead; the others catch up with it."""
        self.paused = True
        self._pause_at = max((run.reached for run in self.all_runs if run.live), default=0) + 1
        self._pace()

    def watch(self, number: int) -> None:
        """Show the probability of another class from now on."""
        self.watched = number
        self._pace()

    def stop(self) -> None:
        """End all runs at once; what they had stays."""
        for run in self.all_runs:
            run.stop()

    def _pace(self) -> None:
        """How far each run may go, told to those for whom it changes; called anew whenever one has come further."""
        with self._lock:
            live = [run for run in self.all_runs if run.live]
            if not live:
                return
            limit = self.recipe.steps
            if self.lockstep and len(live) > 1:
                slowest = min(live, key=lambda run: run.reached)
                if slowest.reached >= self._meeting:
                    self._meeting = slowest.reached + self._stride(slowest)
                limit = self._meeting
            if self.paused:
                limit = self._pause_at or 0
            for run in live:
                wish = Wish(min(limit, run.recipe.steps), self.watched, self.paused)
                if wish != run.wish:
                    run.wish = wish
                    self._ask(run)

    def _stride(self, slowest: Run) -> int:
        history = slowest.history
        speed = history[-1].steps_per_second if history else 0.0
        return max(1, round(speed * STRIDE_SECONDS) or slowest.recipe.steps // FIRST_STRIDE)
