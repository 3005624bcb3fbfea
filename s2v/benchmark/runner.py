"""Has cells computed on a cluster, and keeps each finished one.

A killed worker or a lost scheduler costs the cells that were being computed; the runner goes on with the next one.
"""

from __future__ import annotations

import contextlib
import logging
import math
import platform
import queue
import time
import uuid
from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from importlib import metadata
from typing import Any

from distributed import get_worker
from distributed.scheduler import KilledWorker

from s2v.benchmark.cell import compute, empty_row
from s2v.benchmark.results import Results, key_of
from s2v.data import OwnData, held
from s2v.engine.cluster import Connection, default_workers
from s2v.models.recipe import Recipe
from s2v.models.trials import TRIAL_SHARE
from s2v.models.tries import Try
from s2v.version import __version__

log = logging.getLogger("s2v.benchmark")

Versions = tuple[str, str, str]  # of s2v, torch and Python

MAX_ATTEMPTS = 3  # of a cell whose worker is lost
SAVE_SECONDS = 5.0  # between two writings of the file
CHECK_SECONDS = 0.2
AHEAD = 2  # cells that each worker is given at a time: the next one is there when it is done
RECONNECT_SECONDS = 300.0  # of a scheduler elsewhere that was lost
RETRY_SECONDS = 2.0

LOST = "Its worker ended {attempts} times while it was computed, perhaps for lack of memory."


class UnreachableError(ConnectionError):
    """No cluster could be reached; the message says where."""


class ForeignWorkerError(RuntimeError):
    """Workers of a cluster elsewhere have another version of s2v, torch or Python, or none."""


@dataclass(frozen=True)
class Progress:
    """How far a run of the benchmark is.

    Attributes
    ----------
    done, total : int
        Cells that are in the file, and all.
    found : int
        Cells that were in the file at the beginning.
    seconds, left : float
        Since the beginning, and about how long it still takes; NaN until that is known.
    newest : dict or None
        The row of the cell that has just been finished.
    note : str
        Why nothing goes on, in a sentence; empty while it does.
    """

    done: int
    total: int
    found: int
    seconds: float
    left: float
    newest: dict[str, Any] | None = None
    note: str = ""


def run(
    cells: Sequence[Recipe],
    results: Results,
    *,
    workers: int | None = None,
    address: str | None = None,
    should_stop: Callable[[], bool] = lambda: False,
) -> Iterator[Progress]:
    """Have the cells that are not in the results computed, and added to them.

    The generator may be closed at any time, and the process killed: finished cells are kept, but for those of the last
    five seconds before a kill.

    Parameters
    ----------
    cells : sequence of Recipe
    results : Results
    workers : int, optional
        Processes on this machine, by default one a core as far as memory allows.
    address : str, optional
        Of a Dask scheduler, in place of processes here.
    should_stop : function, optional
        Where it returns true, no further cell is begun, and those that were are given up.

    Returns
    -------
    iterator of Progress
        One at the beginning, after each cell, and where something happens to the cluster.

    Raises
    ------
    UnreachableError
        Where no cluster can be had.
    ForeignWorkerError
        Where workers elsewhere have other versions.
    OSError
        Where the file cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> from s2v.benchmark import SUITES
    >>> cells = SUITES["small"].cells(seeds=1, names=["knn"])
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     *_, last = run(cells, Results(f"{folder}/cells.parquet"), workers=1)
    >>> last.done, last.total
    (2, 2)
    """
    yield from _Run(cells, results, workers or default_workers(), address, should_stop).go()


class _Run:
    def __init__(
        self,
        cells: Sequence[Recipe],
        results: Results,
        workers: int,
        address: str | None,
        should_stop: Callable[[], bool],
    ) -> None:
        self._cells = {key_of(cell): cell for cell in cells}
        self._results, self._workers, self._address, self._should_stop = results, workers, address, should_stop
        self._waiting = deque(key for key, cell in self._cells.items() if cell not in results)
        self._found = len(self._cells) - len(self._waiting)
        self._work = {key: expected_seconds(self._cells[key]) for key in self._waiting}
        self._worked = 0.0
        self._attempts: Counter[str] = Counter()
        self._unsaved: list[dict[str, Any]] = []
        self._begun = self._saved_at = time.monotonic()
        self._was_connected, self._versions = False, versions()

    def go(self) -> Iterator[Progress]:
        yield self._progress()
        try:
            while self._waiting and not self._should_stop():
                try:
                    connection = self._connect()
                except UnreachableError as error:
                    if not self._may_retry():
                        raise
                    yield self._progress(note=f"{error} Trying again.")
                    time.sleep(RETRY_SECONDS)
                    continue
                try:
                    yield from self._on(connection)
                finally:
                    connection.close()
                self._lost_at = time.monotonic()
        finally:
            self._save()

    def _connect(self) -> Connection:
        where = f"The Dask scheduler at {self._address}" if self._address else "A cluster on this machine"
        try:
            connection = Connection.open(self._address, self._workers)
        except ValueError:
            raise  # a wrong address, or certificates that are missing: trying again does not help
        except Exception as error:
            raise UnreachableError(f"{where} cannot be reached ({type(error).__name__}).") from error
        self._was_connected = True
        return connection

    def _may_retry(self) -> bool:
        return self._was_connected and time.monotonic() - self._lost_at < RECONNECT_SECONDS

    def _on(self, connection: Connection) -> Iterator[Progress]:
        """Compute on a cluster for as long as it is there."""
        ended: queue.SimpleQueue[tuple[str, Any]] = queue.SimpleQueue()
        computing: dict[str, Any] = {}
        connection.watch(lambda address: None)
        try:
            while (self._waiting or computing) and not self._should_stop():
                room = AHEAD * max(1, len(connection.workers)) - len(computing)
                for _ in range(min(room, len(self._waiting))):
                    key = self._waiting.popleft()
                    computing[key] = self._submit(connection, key, ended)
                if time.monotonic() - self._saved_at > SAVE_SECONDS:
                    self._save()
                try:
                    key, future = ended.get(timeout=CHECK_SECONDS)
                except queue.Empty:
                    if connection.client.status != "running":
                        yield self._progress(note="The cluster was lost; what was being computed is computed again.")
                        return
                    continue
                computing.pop(key, None)
                if (row := self._row(key, future)) is None:
                    self._waiting.append(key)
                    continue
                self._worked += self._work.pop(key)
                self._unsaved.append(row)
                yield self._progress(newest=row)
        finally:
            self._waiting.extendleft(reversed(computing))
            for future in computing.values():
                with contextlib.suppress(Exception):
                    future.cancel()

    def _submit(self, connection: Connection, key: str, ended: queue.SimpleQueue[tuple[str, Any]]) -> Any:
        try:
            cell = self._cells[key]
            own = (mine,) if (mine := held.find(cell.data)) is not None else ()
            future = connection.client.submit(
                compute_alone, cell, self._versions, *own, key=f"s2v-cell-{uuid.uuid4().hex}"
            )
            connection.when_done(future, lambda done: ended.put((key, done)))
        except Exception:  # the connection is being lost
            log.debug("A cell could not be submitted", exc_info=True)
            ended.put((key, None))
            return None
        return future

    def _row(self, key: str, future: Any) -> dict[str, Any] | None:
        """What came of a cell; None where it must be computed again."""
        try:
            if future is not None and future.status == "finished":
                row: dict[str, Any] = future.result(timeout=10)
                return row
            error = future.exception(timeout=10) if future is not None and future.status == "error" else None
        except Exception:  # lost with the cluster
            log.debug("The result of a cell was lost", exc_info=True)
            return None
        if error is None:
            return None
        if isinstance(error, ForeignWorkerError):
            raise error
        if not isinstance(error, KilledWorker):
            raise ForeignWorkerError(
                f"A worker could not take a cell ({type(error).__name__}: {_first_line(error)}). All workers need the "
                f"same versions as here: {_in_words(self._versions)}."
            )
        self._attempts[key] += 1
        if self._attempts[key] < MAX_ATTEMPTS:
            return None
        return _failed(self._cells[key], LOST.format(attempts=MAX_ATTEMPTS))

    def _save(self) -> None:
        self._saved_at = time.monotonic()
        if self._unsaved:
            self._results.add(self._unsaved)
            self._unsaved = []

    def _progress(self, newest: dict[str, Any] | None = None, note: str = "") -> Progress:
        seconds = time.monotonic() - self._begun
        left = sum(self._work.values()) * seconds / self._worked if self._worked else math.nan
        total = len(self._cells)
        return Progress(
            total - len(self._work), total, self._found, seconds, 0.0 if not self._work else left, newest, note
        )


def expected_seconds(recipe: Recipe) -> float:
    """About how long a cell takes on one core."""
    return Try(recipe).seconds * (1 + recipe.trials * TRIAL_SHARE)


def _failed(recipe: Recipe, problem: str) -> dict[str, Any]:
    return {**empty_row(recipe), "problem": problem}


def compute_alone(recipe: Recipe, versions_there: Versions, own_data: OwnData | None = None) -> dict[str, Any]:
    """``compute`` on one thread: the workers share the cores, and more threads would slow each other down.

    ``own_data`` are those that the recipe names, if they are a user's own; they are gone from here with the cell.
    ``ForeignWorkerError`` where this worker has other versions than the runner.
    """
    if (here := versions()) != versions_there:
        raise ForeignWorkerError(
            f"The worker {get_worker().address} has {_in_words(here)}; the benchmark runs with "
            f"{_in_words(versions_there)}. Scores of one table must come from one version: install the same on all "
            "workers."
        )
    import torch

    torch.set_num_threads(1)  # of this thread alone
    kept = held.hold(own_data) if own_data is not None else None
    try:
        return compute(recipe)
    finally:
        del kept


def versions() -> Versions:
    """Of s2v, torch and Python, where this is called."""
    return __version__, metadata.version("torch"), ".".join(platform.python_version_tuple()[:2])


def _in_words(versions: Versions) -> str:
    return f"s2v {versions[0]}, torch {versions[1]} and Python {versions[2]}"


def _first_line(error: BaseException) -> str:
    return (str(error).splitlines() or [""])[0][:200]
