"""A small run of the benchmark for a page: its cells are computed on an engine's workers, in turns with others."""

from __future__ import annotations

import logging
import math
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Literal

from s2v.benchmark.runner import Progress, compute_alone, expected_seconds, versions
from s2v.engine.spread import LostError
from s2v.models.recipe import Recipe

log = logging.getLogger("s2v.benchmark")

LOST = (
    "The worker processes of this server ended again and again during this run, or have another version than it. What "
    "was computed is kept."
)

Call = Callable[[Callable[..., Any], Sequence[tuple[Any, ...]], str, Callable[[], bool]], Iterator[tuple[int, Any]]]


class LiveRun:
    """A run of the benchmark that goes on, or has ended, as a page sees it: read from any thread.

    Parameters
    ----------
    cells : sequence of Recipe
        Each of some seconds: it is one turn of the workers.
    call : function
        ``s2v.engine.Engine.call``, which computes them.

    Attributes
    ----------
    rows : list of dict
        The finished cells.
    status : "running", "finished", "stopped" or "failed"
    message : str
        Why it failed, in a sentence.

    Examples
    --------
    >>> from s2v.benchmark.cell import compute
    >>> def call(function, calls, run_id, should_stop):
    ...     yield from ((number, compute(arguments[0])) for number, arguments in enumerate(calls))
    >>> run = LiveRun([Recipe(data="vmf:U3", predictor="knn", points=500)], call)
    >>> run.start()
    >>> run.wait(), run.status, run.rows[0]["contestant"]
    (True, 'finished', 'knn')
    """

    def __init__(self, cells: Sequence[Recipe], call: Call) -> None:
        self.id = uuid.uuid4().hex[:16]
        self.cells = tuple(cells)
        self.rows: list[dict[str, Any]] = []
        self.status: Literal["running", "finished", "stopped", "failed"] = "running"
        self.message = ""
        self._call, self._stop = call, threading.Event()
        self._left = sum(map(expected_seconds, cells))
        self._worked, self._begun = 0.0, time.monotonic()
        self._thread = threading.Thread(target=self._run, name="s2v-benchmark", daemon=True)

    @property
    def live(self) -> bool:
        """Whether it goes on."""
        return self.status == "running"

    @property
    def progress(self) -> Progress:
        """How far it is."""
        seconds = time.monotonic() - self._begun
        left = self._left * seconds / self._worked if self._worked else math.nan
        return Progress(len(self.rows), len(self.cells), 0, seconds, left if self.live else 0.0)

    def start(self) -> None:
        """Begin; returns at once."""
        self._thread.start()

    def stop(self) -> None:
        """End it soon, and keep what is computed."""
        self._stop.set()

    def wait(self, timeout: float | None = None) -> bool:
        """Wait for the end; False if ``timeout`` seconds were not enough."""
        self._thread.join(timeout)
        return not self._thread.is_alive()

    def _run(self) -> None:
        here = versions()
        try:
            for number, row in self._call(
                compute_alone, [(cell, here) for cell in self.cells], self.id, self._stop.is_set
            ):
                seconds = expected_seconds(self.cells[number])
                self._left, self._worked = self._left - seconds, self._worked + seconds
                self.rows.append(row)
            self.status = "finished" if len(self.rows) == len(self.cells) else "stopped"
        except LostError:
            self.message, self.status = LOST, "failed"
        except Exception as error:
            log.exception("A live run of the benchmark failed")
            self.message = f"The run ended with an unexpected error ({type(error).__name__}). The log has the details."
            self.status = "failed"
