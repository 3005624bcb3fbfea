"""Submits runs to the workers of a cluster, each to the least busy one; without a cluster they wait for one."""

from __future__ import annotations

import contextlib
import functools
import logging
import threading
from collections import Counter
from collections.abc import Callable, Collection, Sequence
from typing import Any

from s2v.data import held
from s2v.engine import tasks
from s2v.engine.cluster import Connection
from s2v.engine.runs import Run

log = logging.getLogger("s2v.engine")


class Dispatcher:
    """Runs that wait for a cluster, and the tasks of those that a cluster has.

    ``live_runs`` are all that count as work of a worker; ``task_ended`` is called with a run and its Dask future when
    that is done, in a thread of Dask's; ``no_gpu`` with a run that asks for a GPU where no worker has one.

    All methods may be called from any thread.  No lock is held while Dask is called: its event loop takes locks, too.
    """

    def __init__(
        self,
        live_runs: Callable[[], list[Run]],
        task_ended: Callable[[Run, Any], None],
        no_gpu: Callable[[Run], None] = lambda run: None,
    ) -> None:
        self._live_runs = live_runs
        self._task_ended, self._no_gpu = task_ended, no_gpu
        self._lock = threading.Lock()  # guards what follows
        self._connection: Connection | None = None
        self._waiting: list[Run] = []  # not submitted yet
        self._assigned: dict[str, str] = {}  # worker address by run id, until the run has ended
        self._futures: dict[str, Any] = {}  # of submitted runs, by run id

    @property
    def connection(self) -> Connection | None:
        """The cluster that runs are submitted to, if there is one."""
        return self._connection

    @property
    def workers(self) -> set[str]:
        """Addresses of the workers of that cluster."""
        connection = self._connection
        return set(connection.workers) if connection else set()

    def connect(self, connection: Connection) -> None:
        """Submit runs to this cluster from now on, and the waiting ones at once."""
        with self._lock:
            self._connection = connection
        self._submit_waiting()

    def disconnect(self) -> Connection | None:
        """Let runs wait from now on; returns the connection until now to the first who calls this."""
        with self._lock:
            connection, self._connection = self._connection, None
            return connection

    def submit(self, runs: Sequence[Run]) -> None:
        """Submit runs, or let them wait for a cluster."""
        with self._lock:
            self._waiting += runs
        self._submit_waiting()

    def requeue(self, run: Run) -> bool:
        """Let a run whose cluster is lost wait for the next one; False if a worker has begun it."""
        with self._lock:
            if run.status != "waiting":
                return False
            self._futures.pop(run.id, None)
            if run not in self._waiting:
                self._waiting.append(run)
            return True

    def remove(self, run: Run, cancel: bool) -> None:
        """Forget a run that has ended, and cancel its task if there is one."""
        with self._lock:
            future = self._futures.pop(run.id, None)
            self._assigned.pop(run.id, None)
            if run in self._waiting:
                self._waiting.remove(run)
            connected = self._connection is not None
        if future is not None and cancel and connected:
            tasks.cancel(future)

    def send_control(self, run: Run) -> None:
        """Send the run's control to its worker, if it has one: a worker that begins later begins with it."""
        connection = self._connection
        if connection is None or not run.worker:
            return
        with contextlib.suppress(Exception):  # the worker may be gone
            connection.client.run(
                tasks.set_control, run.id, run.control, workers=[run.worker], wait=False, on_error="ignore"
            )

    def _submit_waiting(self) -> None:
        with self._lock:
            connection = self._connection
            if connection is None:
                return
            runs, self._waiting = self._waiting, []
        for run in runs:
            self._submit(run, connection)

    def _submit(self, run: Run, connection: Connection) -> None:
        workers: Collection[str] = connection.workers
        if run.recipe.device == "cuda" and not run.recipe.predictor and not (workers := connection.gpu_workers()):
            self._no_gpu(run)
            return
        with self._lock:
            worker = self._assigned[run.id] = self._least_busy(workers)
        try:
            future = connection.client.submit(
                tasks.train_run,
                *(run.recipe, run.id, run.visitor, connection.event_queue.name, run.control, run.with_maps),
                held.find(run.recipe.data),
                key=f"s2v-{run.id}",
                workers=[worker] if worker else None,
                allow_other_workers=bool(worker),  # should that one be gone by then
            )
            connection.when_done(future, functools.partial(self._task_ended, run))
        except Exception:  # the connection is being lost
            log.exception("Run %s could not be submitted; it waits for the next connection", run.id)
            self.requeue(run)
            return
        with self._lock:
            live = run.live
            if live:
                self._futures[run.id] = future
            else:  # it has ended meanwhile, when there was no future to cancel
                self._assigned.pop(run.id, None)
        if not live:
            tasks.cancel(future)

    def _least_busy(self, workers: Collection[str]) -> str:
        """With the lock held: the address of the worker with the fewest of our runs; empty while none is known."""
        busy = Counter(run.worker or self._assigned.get(run.id, "") for run in self._live_runs())
        return min(sorted(workers), key=lambda address: busy[address], default="")
