"""A run as a page sees it: read from any thread, written by the engine alone."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable
from typing import Literal

from s2v.engine.control import RunControl
from s2v.engine.frames import Frame
from s2v.engine.turns import QueuePosition
from s2v.models.recipe import Recipe
from s2v.models.scales import FromData
from s2v.models.trials import Trial, Tuning, in_force

Status = Literal["waiting", "running", "finished", "stopped", "failed", "interrupted"]


class Run:
    """The training of one recipe: its ``status``, and what has arrived from the worker so far.

    ``waiting``: no worker has begun yet.  ``running``.  ``finished``: all steps are done, ``latest`` holds fine maps.
    ``stopped``: by ``Race.finish()``, with the fine maps, too; by ``stop()``, the owner's next race, or because the
    owner left.  ``failed``: the training itself
    could not go on (it diverged, a file is damaged).  ``interrupted``: the worker or the cluster was lost.
    ``message`` is a sentence for people where the run did not end well, else empty.
    Whatever its end, a run keeps all that has arrived.

    ``recipe`` has the numbers in force: those of ``asked``, with the encoder's scale that its trials have chosen, or
    that follows from the data where it was "auto".

    ``race_id`` names the race that the run belongs to, ``visitor`` whom its turns are counted for.  A run ``with_maps``
    sends maps; one without sends numbers only.
    """

    def __init__(
        self, recipe: Recipe, race_id: str, stop: Callable[[Run], None], with_maps: bool = True, visitor: str = ""
    ) -> None:
        self.id = uuid.uuid4().hex
        self.asked = self.recipe = recipe
        self.race_id, self.visitor = race_id, visitor or race_id
        self.with_maps = with_maps
        self.control = RunControl(recipe.steps)
        self._stop = stop
        self._changed = threading.Condition()  # guards what follows; reentrant, since `wait` may read any property
        self._status: Status = "waiting"
        self._message = ""
        self._history: list[Frame] = []
        self._latest: Frame | None = None
        self._tuning: Tuning | None = None
        self._trials: tuple[Trial, ...] = ()
        self._from_data: FromData | None = None
        self._steps_done = 0
        self._worker = ""
        self._queue_position: QueuePosition | None = None

    def __repr__(self) -> str:
        return f"<Run {self.id[:8]} of {self.recipe.contestant.title} on {self.recipe.data}: {self.status}>"

    @property
    def status(self) -> Status:
        return self._status

    @property
    def message(self) -> str:
        return self._message

    @property
    def worker(self) -> str:
        """Address of the worker that trains it, empty while waiting."""
        return self._worker

    @property
    def queue_position(self) -> QueuePosition | None:
        """Its position among the runs that take turns on its worker; None while it trains."""
        return self._queue_position if self.live else None

    @property
    def tuning(self) -> Tuning | None:
        """The trials of the encoder's scale while they go on; None before and afterwards."""
        return self._tuning if self.live else None

    @property
    def trials(self) -> tuple[Trial, ...]:
        """The trials from which the encoder's scale was chosen; empty where it is as asked."""
        return self._trials

    @property
    def from_data(self) -> FromData | None:
        """What the encoder's scale follows from where it was left to the data; else None."""
        return self._from_data

    @property
    def step(self) -> int:
        """The step of the newest frame."""
        return self._history[-1].step if self._history else 0

    @property
    def steps_done(self) -> int:
        """Steps done so far as known here; the frame of the last one may not have arrived yet."""
        return self._steps_done

    @property
    def live(self) -> bool:
        """Whether it waits or runs, so that more may arrive."""
        return self._status in ("waiting", "running")

    @property
    def latest(self) -> Frame | None:
        """The newest frame that has maps (of a run without maps: the last frame), or None before the first."""
        return self._latest

    @property
    def history(self) -> list[Frame]:
        """The numbers of all frames, without maps, oldest first."""
        with self._changed:
            return list(self._history)

    def stop(self) -> None:
        """Stop it at once and keep what has arrived.  Does nothing if it has ended already."""
        self._stop(self)

    def wait(self, until: Callable[[Run], bool] | None = None, timeout: float | None = None) -> bool:
        """Wait for ``until(run)``, by default for its end; False if ``timeout`` seconds were not enough.

        For scripts and tests: a page polls instead.
        """
        done = until or (lambda run: not run.live)
        with self._changed:
            return self._changed.wait_for(lambda: done(self), timeout)

    def _begin(self, worker: str) -> bool:
        """A worker has begun.  False if another one had begun before, which must then be lost."""
        with self._changed:
            if self._worker and self._worker != worker:
                return False
            self._worker = worker
            if self._status == "waiting":
                self._status = "running"
            self._changed.notify_all()
            return True

    def _set_tuning(self, tuning: Tuning) -> None:
        with self._changed:
            if self.live:
                self._tuning, self._queue_position = None if tuning.done else tuning, None
                self._take(tuning.recipe, tuning.trials, tuning.from_data)
                self._changed.notify_all()

    def _take(self, recipe: Recipe, trials: tuple[Trial, ...], from_data: FromData | None) -> None:
        self.recipe, self._trials, self._from_data = in_force(recipe, trials), trials, from_data

    def _set_steps_done(self, steps: int) -> None:
        with self._changed:
            if self.live:
                self._steps_done, self._queue_position = steps, None
                self._changed.notify_all()

    def _add_frame(self, frame: Frame) -> None:
        with self._changed:
            if not self.live:
                return  # it was stopped while this frame was on its way
            repeated = self._history and self._history[-1].step == frame.step
            if repeated:  # the fine maps at the end come with the numbers of the last live frame
                self._history[-1] = frame.without_maps()
            else:
                self._history.append(frame.without_maps())
            if frame.maps or frame.fine:
                self._latest = frame
            self._changed.notify_all()

    def _set_queue_position(self, position: QueuePosition) -> None:
        with self._changed:
            self._queue_position = position
            self._changed.notify_all()

    def _restore(
        self,
        status: Status,
        message: str,
        history: list[Frame],
        latest: Frame | None,
        trials: tuple[Trial, ...] = (),
        recipe: Recipe | None = None,
        from_data: FromData | None = None,
    ) -> None:
        """Take the state of a run that was stored."""
        with self._changed:
            self._take(recipe or self.asked, trials, from_data)
            self._status, self._message, self._history, self._latest = status, message, history, latest
            self._steps_done = self.step

    def _end(self, status: Status, message: str = "") -> bool:
        """Whether this ended the run: the first end counts, later ones are ignored."""
        with self._changed:
            if not self.live:
                return False
            self._status, self._message = status, message
            self._changed.notify_all()
            return True
