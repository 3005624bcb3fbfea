"""The engine: takes recipes from pages, has them trained on a cluster, hands back what arrives."""

from __future__ import annotations

import atexit
import contextlib
import functools
import logging
import os
import threading
from collections import Counter
from collections.abc import Sequence
from typing import Any

from distributed.scheduler import KilledWorker

from s2v.engine import tasks
from s2v.engine.cluster import Link, default_workers
from s2v.engine.frames import unpack
from s2v.engine.races import Race
from s2v.engine.runs import Run, Status
from s2v.engine.turns import Place
from s2v.models.recipe import Recipe

log = logging.getLogger("s2v.engine")

LOST_WORKER = (
    "The worker process that trained this run ended before the run did. What had arrived until then is kept; "
    "a new worker is being started: press the button to train again."
)
LOST_CLUSTER = (
    "The connection to the cluster that trained this run was lost. What had arrived until then is kept; "
    "the server is reconnecting: press the button to train again."
)
CLOSED = "The server is closing; what had arrived until then is kept."
MAX_RUNS = 96  # going on or waiting at one time: what they hold fits in the memory of an ordinary machine
QUEUE_FULL = (
    "The queue is full: {live} trainings are going on or waiting here, and {asked} more would be more than the "
    f"{MAX_RUNS} that this server takes. Try again in a minute, with fewer contestants or seeds."
)


class QueueFullError(RuntimeError):
    """The server has as many trainings as it takes; the message is a sentence for people."""


class Engine:
    """Trains recipes on a Dask cluster and keeps one race for each owner (a browser session).

    All runs are handed to the cluster at once; the trainings of one worker go in turns of about a second, so
    that a long race yields to all others (``s2v.engine.turns``).

    ``address`` of a scheduler, such as ``tcp://host:8786``, or of none: then the environment variable
    ``S2V_SCHEDULER``, and without that an embedded cluster of ``workers`` processes on this machine (default: one
    for each core, as far as there is memory).  The workers of a cluster elsewhere must be able to ``import s2v``.

    The constructor returns at once; the cluster comes up behind it, and runs that start before wait for it.  A
    cluster that is lost is started or connected again.  All methods may be called from any thread.
    """

    def __init__(self, address: str | None = None, workers: int | None = None) -> None:
        self.address = address or os.environ.get("S2V_SCHEDULER") or None
        self.workers = default_workers() if workers is None else workers
        if self.workers < 1:
            raise ValueError(f"workers={workers!r}: an engine needs at least one.")
        self._lock = threading.RLock()
        self._link: Link | None = None
        self._ready = threading.Event()
        self._wanted = threading.Event()  # somebody waits for a cluster that could not be had
        self._closed = False
        self._warm = False
        self._owners: dict[str, Race] = {}
        self._futures: dict[str, Any] = {}  # of live runs, by run id
        self._assigned: dict[str, str] = {}  # worker address, by run id, until the run has begun
        self._waiting: list[Run] = []  # live, not submitted yet
        self._workers: set[str] = set()  # addresses; nobody who presses Start waits for the scheduler to tell them
        self._thread = threading.Thread(target=self._serve, name="s2v-engine", daemon=True)
        self._thread.start()
        atexit.register(self.close)

    def __enter__(self) -> Engine:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def start(self, recipe: Recipe, owner: str) -> Run:
        """The run of a race of one: see ``race``."""
        return self.race([recipe], owner).runs[0][0]

    def race(self, recipes: Sequence[Recipe], owner: str, seeds: int = 1, lockstep: bool = False) -> Race:
        """Train ``recipes`` for ``owner``, whose race before this one is stopped.  Returns at once.

        ``ValueError`` for more contestants or seeds than a race has, ``QueueFullError`` for more than there is room
        for.
        """
        race = Race(recipes, owner, seeds, lockstep, self._stop, self._ask)
        with self._lock:
            if self._closed:
                raise RuntimeError("This engine is closed; make a new one.")
            before = self._owners.get(owner)
            live = sum(run.live for other in self._owners.values() if other is not before for run in other.all_runs)
            if live + len(race.all_runs) > MAX_RUNS:
                raise QueueFullError(QUEUE_FULL.format(live=live, asked=len(race.all_runs)))
            self._owners[owner] = race
            self._waiting += race.all_runs
            self._submit_waiting()
        self._wanted.set()
        if before is not None:
            before.stop()
        return race

    def current(self, owner: str) -> Race | None:
        """The owner's newest race, live or ended; None if there is none."""
        return self._owners.get(owner)

    def find(self, race: str) -> Race | None:
        """The race of that id, whoever owns it; None if it is not known (any more)."""
        with self._lock:
            return next((known for known in self._owners.values() if known.id == race), None)

    @property
    def live_races(self) -> int:
        """How many races go on or wait."""
        with self._lock:
            return sum(race.live for race in self._owners.values())

    def release(self, owner: str) -> None:
        """The owner has gone: stop its race and forget it."""
        with self._lock:
            race = self._owners.pop(owner, None)
        if race is not None:
            race.stop()

    def warm(self) -> None:
        """Have every worker, those to come included, load torch and try a step, so that the first run begins at once.

        Returns at once.
        """
        with self._lock:
            first, self._warm = not self._warm, True
            if first and self._link is not None:
                threading.Thread(target=_register_warm_up, args=(self._link,), daemon=True).start()

    def wait_ready(self, timeout: float | None = None) -> bool:
        """Wait until the cluster is connected; False if ``timeout`` seconds were not enough."""
        return self._ready.wait(timeout)

    def close(self) -> None:
        """Stop all runs and end the embedded cluster's processes.  An engine may be closed twice."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
            link, self._link = self._link, None
            self._ready.clear()
        atexit.unregister(self.close)
        self._wanted.set()
        self._end_all("stopped", CLOSED)
        if link is not None:
            link.close()
        self._thread.join(timeout=10)

    # What follows runs in the engine's own thread, or in Dask's.

    def _serve(self) -> None:
        while not self._closed:
            self._wanted.clear()
            try:
                link = Link.open(self.address, self.workers)
            except Exception as error:
                log.exception("No cluster")
                self._end_all("failed", self._no_cluster(error))
                self._wanted.wait()
                continue
            self._workers.clear()
            with contextlib.suppress(Exception):
                link.client.subscribe_topic("all", self._cluster_event)
            self._workers.update(_workers(link))
            with self._lock:
                if self._closed:
                    link.close()
                    return
                self._link = link
                self._submit_waiting()
            self._ready.set()
            if self._warm:
                _register_warm_up(link)
            self._listen(link)
            with self._lock:
                if self._closed:
                    return  # close() ends the cluster
                self._link = None
                self._ready.clear()
            log.warning("Lost the cluster; connecting again")
            for run in self._live_runs():
                self._lose(run)
            link.close()

    def _no_cluster(self, error: Exception) -> str:
        if self.address:
            return (
                f"The Dask scheduler at {self.address} cannot be reached ({type(error).__name__}). Start it, or set "
                "S2V_SCHEDULER to the address of one that runs, then press the button again."
            )
        return (
            f"The worker processes could not be started ({type(error).__name__}). The server's log says why; "
            "press the button to try again."
        )

    def _submit_waiting(self) -> None:
        """With the lock held: hand the waiting runs to the cluster, if there is one."""
        link = self._link
        if link is None:
            return
        while self._waiting:
            run = self._waiting.pop(0)
            worker = self._least_busy()
            self._assigned[run.id] = worker
            future = link.client.submit(
                tasks.train_run,
                *(run.recipe, run.id, run.race, link.queue.name, run.wish, run.with_maps),
                key=f"s2v-{run.id}",
                workers=[worker] if worker else None,
                allow_other_workers=bool(worker),  # if it is gone by then
            )
            self._futures[run.id] = future
            future.add_done_callback(functools.partial(self._task_ended, run))

    def _least_busy(self) -> str:
        """The address of the worker with the fewest of our runs; empty while none is known."""
        workers = sorted(self._workers)
        busy = Counter(run.worker or self._assigned.get(run.id, "") for run in self._live_runs())
        return min(workers, key=lambda address: busy[address], default="")

    def _ask(self, run: Run) -> None:
        """Tell the worker of a run what the page wishes."""
        link = self._link
        if link is None or not run.worker:
            return  # it is told when it starts
        with contextlib.suppress(Exception):  # a worker that is gone has no wishes to fulfil
            link.client.run(tasks.change_wish, run.id, run.wish, workers=[run.worker], wait=False, on_error="ignore")

    def _listen(self, link: Link) -> None:
        """Take messages until the connection ends."""
        while not self._closed:
            try:
                message = link.queue.get()
            except Exception as error:  # whatever it is, this connection is of no more use
                if not self._closed:
                    log.warning("The queue of messages ended: %r", error)
                return
            try:
                self._deliver(message)
            except Exception:
                log.exception("A message that could not be read")

    def _deliver(self, message: dict[str, Any]) -> None:
        run = self._live_run(message["run"])
        if run is None:
            return
        kind = message["kind"]
        if kind == "started":
            if not run._begin(message["worker"]):
                self._end(run, "interrupted", LOST_WORKER)
            self._ask(run)  # what was wished meanwhile
        elif kind == "step":
            run._reach(message["step"])
            self._pace(run)
        elif kind == "frame":
            run._add(unpack(message["frame"]))
        elif kind == "waits":
            run._wait_at(Place(message["ahead"], message["seconds"]))
        elif kind == "ended":
            self._end(run, "stopped", message["message"])
        elif kind == "finished":
            self._end(run, "finished")
        elif kind == "failed":
            log.error("Run %s failed:\n%s", run.id, message["details"])
            self._end(run, "failed", message["message"])

    def _cluster_event(self, event: tuple[float, dict[str, Any]]) -> None:
        """News of the cluster itself, on its client's thread."""
        news = event[1]
        if news.get("action") == "add-worker":
            self._workers.add(news["worker"])
        elif news.get("action") == "remove-worker":
            self._workers.discard(news.get("worker", ""))
            for run in self._live_runs():
                if run.worker == news.get("worker"):
                    # Not here: to cancel its task waits for the thread that we are on.
                    threading.Thread(target=self._end, args=(run, "interrupted", LOST_WORKER), daemon=True).start()

    def _task_ended(self, run: Run, future: Any) -> None:
        """Dask is done with the run's task.  A task that ends well has said so itself, in a message."""
        if future.status == "finished":
            return
        error = future.exception() if future.status == "error" else None
        if isinstance(error, KilledWorker):
            self._end(run, "interrupted", LOST_WORKER)
        elif error is not None:
            log.error("Run %s failed outside the training", run.id, exc_info=error)
            self._end(
                run,
                "failed",
                f"The worker could not take the run ({type(error).__name__}). Workers need the same version of this "
                "project as the server; the server's log has the details.",
            )
        else:
            self._lose(run)

    def _lose(self, run: Run) -> None:
        """The cluster that had this run is lost.  A run that no worker had begun waits for the next cluster."""
        with self._lock:
            if run.status == "waiting" and not self._closed:
                self._futures.pop(run.id, None)
                if run not in self._waiting:
                    self._waiting.append(run)
                return
        self._end(run, "interrupted", LOST_CLUSTER)

    def _pace(self, run: Run) -> None:
        """The run has come further or has ended: in lock-step others may go on now."""
        with self._lock:
            race = next((race for race in self._owners.values() if race.id == run.race), None)
        if race is not None:
            race._pace()

    def _stop(self, run: Run) -> None:
        self._end(run, "stopped")

    def _end_all(self, status: Status, message: str) -> None:
        for run in self._live_runs():
            self._end(run, status, message)

    def _end(self, run: Run, status: Status, message: str = "") -> None:
        if run._end(status, message):
            log.info("Run %s: %s %s", run.id, status, message)
        with self._lock:
            future = self._futures.pop(run.id, None)
            self._assigned.pop(run.id, None)
            if run in self._waiting:
                self._waiting.remove(run)
        if future is not None and status != "finished" and self._link is not None:
            with contextlib.suppress(Exception):  # the cluster may be gone
                future.cancel()  # the task sees it between two steps: tasks._cancelled
        self._pace(run)

    def _live_runs(self) -> list[Run]:
        with self._lock:
            owned = (run for race in self._owners.values() for run in race.all_runs)
            known = {run.id: run for run in (*owned, *self._waiting)}
        return [run for run in known.values() if run.live]

    def _live_run(self, run_id: str) -> Run | None:
        return next((run for run in self._live_runs() if run.id == run_id), None)


def _workers(link: Link | None) -> list[str]:
    """The addresses of a cluster's workers; none where they cannot be had, and Dask chooses one."""
    if link is None:
        return []
    try:
        return list(link.client.scheduler_info(n_workers=-1)["workers"])
    except Exception:  # the connection is being lost: runs wait for the next one
        log.exception("The scheduler does not say which workers it has")
        return []


def _register_warm_up(link: Link) -> None:
    try:
        link.client.register_plugin(tasks.WarmUp())
    except Exception:  # a cold worker is slow once, not wrong
        log.exception("The workers could not be warmed")
