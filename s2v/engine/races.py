"""A race as a page sees it: the same task under several encoders at once, and with several seeds each."""

from __future__ import annotations

import hashlib
import threading
import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import replace

from s2v.data import held
from s2v.engine.runs import Run
from s2v.models.recipe import Recipe

MAX_CONTESTANTS = 4  # beside one reference predictor more
MAX_SEEDS = 5
FIRST_STRIDES = 100  # contestants in lockstep first wait for each other after steps / FIRST_STRIDES steps
FINISH_SECONDS = 60.0  # to send the last frame after `finish`, in turns with other races
STRIDE_SECONDS = 0.6  # then after as many steps as the slowest of them takes in this time


class Race:
    """Contestants that train at the same time.

    ``runs[i][j]`` is the run of contestant ``i`` under seed ``recipes[i].seed + j``; only that of the first seed has
    maps.  With ``lockstep`` no contestant goes on before all have done the same steps; otherwise each trains at full
    speed.  A reference predictor takes no steps: it waits for the first maps of the others, then answers at once.

    Workers follow ``pause``, ``play``, ``one_step``, ``watch_class``, ``finish`` and ``stop`` within about a
    tenth of a second, or when their turn comes; all methods may be called from any thread.
    """

    def __init__(
        self,
        recipes: Sequence[Recipe],
        owner: str,
        seeds: int,
        lockstep: bool,
        stop: Callable[[Run], None],
        send_control: Callable[[Run], None],
        browser: str = "",
    ) -> None:
        references = sum(bool(recipe.predictor) for recipe in recipes)
        if not 1 <= len(recipes) <= MAX_CONTESTANTS + min(1, references):
            raise ValueError(
                f"{len(recipes)} contestants; a race has 1 to {MAX_CONTESTANTS}, and one reference predictor more."
            )
        if not 1 <= seeds <= MAX_SEEDS:
            raise ValueError(f"seeds={seeds}; a race has 1 to {MAX_SEEDS} for each contestant.")
        self.id = uuid.uuid4().hex[:16]
        self.owner = owner
        self.began = time.time()
        self.own_data = held.find(recipes[0].data)  # of the user, if it is on such: held for as long as the race
        self.lockstep = lockstep
        self.browser = browser or owner  # what shares the server's places with others: all tabs of a browser together
        visitor = hashlib.sha256(self.browser.encode()).hexdigest()[:16]  # turns, too; the browser's secret stays here
        self.message = ""  # a sentence for people where the server ended it
        self.paused = False
        self.paused_at = 0.0  # when it was paused, by a clock that only goes forward
        self.finishing = False
        self.watched_class = 0
        self._send_control = send_control
        self.runs = tuple(
            tuple(
                Run(replace(recipe, seed=recipe.seed + j), self.id, stop, with_maps=j == 0, visitor=visitor)
                for j in range(seeds)
            )
            for recipe in recipes
        )
        self._meeting = 0  # the step at which contestants in lockstep wait for each other
        self._pause_at: int | None = None  # the step at which a single step ends
        self._lock = threading.Lock()
        self._update_controls()

    def __repr__(self) -> str:
        return f"<Race {self.id} of {len(self.runs)} on {self.recipe.data}>"

    @property
    def recipe(self) -> Recipe:
        """The first contestant's: data, steps and network are the same for all, and have no effect on a predictor."""
        return self.runs[0][0].recipe

    @property
    def all_runs(self) -> tuple[Run, ...]:
        """All runs, contestant by contestant."""
        return tuple(run for runs in self.runs for run in runs)

    @property
    def firsts(self) -> tuple[Run, ...]:
        """Each contestant's run under the first seed, the one with maps."""
        return tuple(runs[0] for runs in self.runs)

    @property
    def live(self) -> bool:
        """Whether more may arrive from any run."""
        return any(run.live for runs in self.runs for run in runs)

    def pause(self) -> None:
        """Hold all contestants after their current step."""
        self.paused, self.paused_at, self._pause_at = True, time.monotonic(), None
        self._update_controls()

    def play(self) -> None:
        """Go on."""
        self.paused, self._pause_at = False, None
        self._update_controls()

    def one_step(self) -> None:
        """Pause after one more step of the contestant that is ahead; the others catch up with it."""
        self.paused, self.paused_at = True, time.monotonic()
        self._pause_at = max((run.steps_done for run in self.all_runs if run.live), default=0) + 1
        self._update_controls()

    def watch_class(self, number: int) -> None:
        """Show the probability of the class with this number from now on."""
        self.watched_class = number
        self._update_controls()

    def finish(self, message: str = "") -> None:
        """Stop all runs after their current step; ``message`` says why, if it was not the owner's wish.

        Each sends the same last frame as one that has done all its steps, so that there is a result; one that no
        worker has begun stops at once.
        """
        self.message, self.finishing, self.paused = message, True, False
        for run in self.all_runs:
            if not run.worker:
                run.stop()
        self._update_controls()
        timer = threading.Timer(FINISH_SECONDS, self.stop)
        timer.daemon = True
        timer.start()

    def stop(self) -> None:
        """Stop all runs at once and keep what has arrived."""
        for run in self.all_runs:
            run.stop()

    def _update_controls(self) -> None:
        """Work out how far each run may go, and send what has changed.  The engine calls it whenever one has advanced.

        Controls are sent without the lock, since Dask may take its time; ``revision`` keeps them in order.
        """
        with self._lock:
            changed = self._changed_runs()
        for run in changed:
            self._send_control(run)

    def _changed_runs(self) -> list[Run]:
        live = [run for run in self.all_runs if run.live]
        if not live:
            return []
        limit = self.recipe.steps
        training = [run for run in live if not run.recipe.predictor]
        if self.lockstep and len(training) > 1:
            slowest = min(training, key=lambda run: run.steps_done)
            if slowest.steps_done >= self._meeting:
                self._meeting = slowest.steps_done + self._stride(slowest)
            limit = self._meeting
        if self.paused:
            limit = self._pause_at or 0
        # A predictor's work takes seconds at a stretch: nobody shall wait for it to see the first maps.
        first_maps = not any(run.with_maps and not run.history for run in training)
        changed = []
        for run in live:
            control = replace(
                run.control,
                limit=min(limit, run.recipe.steps) if first_maps or not run.recipe.predictor else 0,
                watched_class=self.watched_class,
                paused=self.paused,
                finish=self.finishing,
            )
            if control != run.control:
                run.control = replace(control, revision=control.revision + 1)
                changed.append(run)
        return changed

    def _stride(self, slowest: Run) -> int:
        history = slowest.history
        speed = history[-1].steps_per_second if history else 0.0
        return max(1, round(speed * STRIDE_SECONDS) or slowest.recipe.steps // FIRST_STRIDES)
