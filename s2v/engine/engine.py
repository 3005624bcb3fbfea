"""The engine: has recipes trained on a cluster, and keeps what arrives for the pages."""

from __future__ import annotations

import atexit
import logging
import os
import threading
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from distributed.scheduler import KilledWorker

from s2v.data import is_own
from s2v.engine import tasks
from s2v.engine.cluster import Connection, default_workers
from s2v.engine.dispatcher import Dispatcher
from s2v.engine.events import Ended, QueuePositions, Started, StepsDone, decode
from s2v.engine.frames import Frame
from s2v.engine.messages import CLOSED, LOST_CLUSTER, LOST_WORKER, NO_GPU, NO_PROCESS, NO_WORKERS, NOT_HELD, no_cluster
from s2v.engine.race_registry import PAUSED_TOO_LONG, QueueFullError, RaceRegistry
from s2v.engine.races import Race
from s2v.engine.runs import Run, Status
from s2v.engine.searches import MAX_SEARCHES, SEARCHES_FULL, Search
from s2v.engine.spread import spread
from s2v.models import cost
from s2v.models.recipe import Recipe
from s2v.models.trials import Tuning

log = logging.getLogger("s2v.engine")


class Engine:
    """Trains recipes on a Dask cluster and keeps the newest race of each owner (a browser session).

    All runs go to the cluster at once.  The trainings of one worker take turns of about a second, so that a long race
    yields to all others (``s2v.engine.turns``).

    The constructor returns at once, while the cluster is still starting; runs started before then wait for it.  A
    cluster that is lost is started, or connected to, again.  All methods may be called from any thread.

    Parameters
    ----------
    address : str, optional
        Address of a scheduler, such as ``tcp://host:8786``; by default the environment variable ``S2V_SCHEDULER``,
        and without that an embedded cluster on this machine.  It and its workers must be able to ``import s2v``.
    workers : int, optional
        Number of processes of the embedded cluster; by default one for each core, as far as memory allows.
    keep : function of a Race, optional
        Called when a race begins, and once more when all its runs have ended; must be quick.

    Raises
    ------
    ValueError
        If ``workers`` is less than 1.
    """

    def __init__(
        self,
        address: str | None = None,
        workers: int | None = None,
        keep: Callable[[Race], None] = lambda race: None,
    ) -> None:
        self.address = address or os.environ.get("S2V_SCHEDULER") or None
        self.workers = default_workers() if workers is None else workers
        if self.workers < 1:
            raise ValueError(f"workers={workers!r}: an engine needs at least one.")
        self._keep = keep
        self._live: dict[str, Race] = {}  # by id, until they have ended: also those that were released or replaced
        self._searches: dict[str, Search] = {}  # the newest by owner
        self._races = RaceRegistry()
        self._dispatcher = Dispatcher(self._races.live_runs, self._task_ended, self._no_gpu)
        self._lock = threading.Lock()  # makes "not closed" and what depends on it one step; never held for Dask
        self._closed = False
        self._warm = False
        self._ready = threading.Event()
        self._wanted = threading.Event()  # a run waits for a cluster that could not be reached
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

    def race(
        self, recipes: Sequence[Recipe], owner: str, seeds: int = 1, lockstep: bool = False, browser: str = ""
    ) -> Race:
        """Train ``recipes`` for ``owner``, in place of the owner's race before, which is stopped.  Returns at once.

        Parameters
        ----------
        recipes : sequence of Recipe
            One for each contestant, at most ``MAX_CONTESTANTS``.
        owner : str
            The session that the race belongs to.
        seeds : int, default 1
            Runs of each contestant, with seeds that follow that of its recipe; at most ``MAX_SEEDS``.
        lockstep : bool, default False
            Whether contestants wait for each other, so that all have done the same steps.
        browser : str, optional
            What the places of the server are shared by: owners of the same browser share theirs.

        Raises
        ------
        ValueError
            For more contestants or seeds than a race may have, for one that is too large (``s2v.models.cost``), and for
            data of a user's own that this process does not hold (``s2v.data.held``).
        QueueFullError
            If the server has no room for so many runs, or the browser has had its share.
        """
        cost.check(recipes, seeds=seeds)
        race = Race(recipes, owner, seeds, lockstep, self._stop, self._dispatcher.send_control, browser)
        if is_own(race.recipe.data) and race.own_data is None:
            raise ValueError(NOT_HELD)
        with self._lock:
            if self._closed:
                raise RuntimeError("This engine is closed; make a new one.")
            replaced = self._races.add(race)
            self._live[race.id] = race
        self._keep(race)
        self._dispatcher.submit(race.all_runs)
        self._wanted.set()
        if replaced is not None:
            replaced.stop()
        for idle in self._races.paused_too_long():
            log.info("Race %s was paused for longest: it ends", idle.id)
            idle.finish(PAUSED_TOO_LONG)
        return race

    def search(
        self,
        name: str,
        owner: str,
        *,
        points: int | None = None,
        seed: int = 0,
        steps: int | None = None,
        recipes: Sequence[Recipe] | None = None,
    ) -> Search:
        """Find the best encoder of a data set (``s2v.models.halving.search``) for ``owner``, in place of the owner's
        search before, which is stopped.  Returns at once.

        Parameters
        ----------
        name : str
            Of the data.
        owner : str
            The session that the search belongs to.
        points, seed, steps, recipes
            As for ``s2v.models.halving.search``.

        Raises
        ------
        ValueError
            For data of a user's own that this process does not hold.
        QueueFullError
            If ``MAX_SEARCHES`` of other owners go on.
        """
        found = Search(
            name,
            owner,
            lambda: self._dispatcher.connection,
            lambda: list(self._dispatcher.workers),
            {"points": points, "seed": seed, "steps": steps, "recipes": recipes},
        )
        if is_own(name) and found.own_data is None:
            raise ValueError(NOT_HELD)
        with self._lock:
            if self._closed:
                raise RuntimeError("This engine is closed; make a new one.")
            live = sum(other.live and other.owner != owner for other in self._searches.values())
            if live >= MAX_SEARCHES:
                raise QueueFullError(SEARCHES_FULL.format(live=live))
            replaced = self._searches.get(owner)
            self._searches[owner] = found
        if replaced is not None:
            replaced.stop()
        self._wanted.set()
        found.start()
        return found

    def call(
        self,
        function: Callable[..., Any],
        calls: Sequence[tuple[Any, ...]],
        run_id: str,
        should_stop: Callable[[], bool],
    ) -> Iterator[tuple[int, Any]]:
        """Call a function on the workers with the arguments of each of ``calls``, in turns with others' trainings.

        A call is one turn, so it must be short: some seconds.  ``run_id`` is what the turns are shared by.  Yields the
        number of a call with its result, in the order in which they end; see ``s2v.engine.spread.spread``.
        """
        self._wanted.set()
        yield from spread(
            tasks.call_in_turn,
            [(run_id, function, *arguments) for arguments in calls],
            lambda: self._dispatcher.connection,
            lambda: list(self._dispatcher.workers),
            lambda: self._closed or should_stop(),
        )

    def current_search(self, owner: str) -> Search | None:
        """The owner's newest search, live or ended; None if there is none."""
        with self._lock:
            return self._searches.get(owner)

    def forget_search(self, owner: str) -> None:
        """Stop the owner's search and forget it, with the data that it holds."""
        with self._lock:
            found = self._searches.pop(owner, None)
        if found is not None:
            found.stop()

    def current(self, owner: str) -> Race | None:
        """The owner's newest race, live or ended; None if there is none."""
        return self._races.current(owner)

    def find(self, race_id: str) -> Race | None:
        """The race with that id, of any owner; None if it is not known (any more)."""
        return self._races.find(race_id)

    @property
    def live_races(self) -> int:
        """How many races wait or train."""
        return self._races.count_live()

    @property
    def worker_count(self) -> int:
        """The processes of the cluster that are there to train."""
        return len(self._dispatcher.workers)

    @property
    def waits(self) -> list[float]:
        """About how many seconds each training that waits for its turn will wait."""
        positions = (run.queue_position for run in self._races.live_runs())
        return [position.seconds for position in positions if position is not None]

    @property
    def problem(self) -> str:
        """Why no run goes on, in a sentence for people, where the cluster lacks workers; else empty."""
        connection = self._dispatcher.connection
        if connection is None or not connection.lacks_workers:
            return ""
        return NO_WORKERS.format(address=self.address) if self.address else NO_PROCESS

    @property
    def has_gpu(self) -> bool:
        """Whether a worker announces a GPU, so that a recipe may ask for one."""
        connection = self._dispatcher.connection
        return connection is not None and connection.has_gpu

    def release(self, owner: str) -> None:
        """Stop the owner's race and search and forget them."""
        self.forget_search(owner)
        race = self._races.remove(owner)
        if race is not None:
            race.stop()

    def warm(self) -> None:
        """Have every worker, later ones included, load torch and try a step, so that the first run begins at once.

        Returns at once.
        """
        with self._lock:
            first, self._warm = not self._warm, True
        connection = self._dispatcher.connection
        if first and connection is not None:
            threading.Thread(target=_register_warm_up, args=(connection,), daemon=True).start()

    def wait_ready(self, timeout: float | None = None) -> bool:
        """Wait until the cluster is connected; False if ``timeout`` seconds were not enough."""
        return self._ready.wait(timeout)

    def close(self) -> None:
        """Stop all runs and end the embedded cluster's processes.  An engine may be closed twice."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
        for found in self._live_searches():
            found.stop()
        connection = self._dispatcher.disconnect()
        self._ready.clear()
        atexit.unregister(self.close)
        self._wanted.set()
        self._end_all("stopped", CLOSED)
        if connection is not None:
            connection.close()
        self._thread.join(timeout=10)

    # What follows runs in the engine's own thread, in Dask's, or in a page's.

    def _serve(self) -> None:
        while not self._closed:
            self._wanted.clear()
            try:
                connection = Connection.open(self.address, self.workers)
            except Exception as error:
                log.exception("No cluster")
                self._end_all("failed", no_cluster(self.address, error))
                for found in self._live_searches():
                    found.fail(no_cluster(self.address, error))
                self._wanted.wait()
                continue
            connection.watch(self._worker_lost)
            self._dispatcher.connect(connection)
            if self._closed:  # perhaps too early for close() to see this connection
                if self._dispatcher.disconnect() is not None:
                    connection.close()
                return
            self._ready.set()
            if self._warm:
                _register_warm_up(connection)
            self._listen(connection)
            if self._dispatcher.disconnect() is None:
                return  # close() has it
            self._ready.clear()
            log.warning("Lost the cluster; connecting again")
            for run in self._races.live_runs():
                self._lose(run)
            connection.close()

    def _listen(self, connection: Connection) -> None:
        """Deliver events until the connection ends."""
        while not self._closed:
            try:
                run_id, event = connection.event_queue.get()
            except Exception as error:  # whatever it is, this connection is of no more use
                if not self._closed:
                    log.warning("The queue of events ended: %r", error)
                return
            try:
                self._deliver(run_id, event)
            except Exception:
                log.exception("An event that could not be read")

    def _deliver(self, run_id: str, encoded: bytes) -> None:
        run = self._races.live_run(run_id)
        if run is None:
            return
        event = decode(encoded)
        match event:
            case Started(worker):
                if not run._begin(worker):
                    self._end(run, "interrupted", LOST_WORKER)
                self._dispatcher.send_control(run)  # it may have changed meanwhile
            case Tuning():
                run._set_tuning(event)
            case StepsDone(steps):
                run._set_steps_done(steps)
                self._update_controls(run)
            case Frame():
                run._add_frame(event)
            case QueuePositions(positions):
                for other in self._races.live_runs():
                    if other.id in positions:
                        other._set_queue_position(positions[other.id])
            case Ended(status, message, details):
                if details:
                    log.error("Run %s %s:\n%s", run.id, status, details)
                self._end(run, status, message)

    def _worker_lost(self, address: str) -> None:
        for run in self._races.live_runs():
            if run.worker == address:
                self._end(run, "interrupted", LOST_WORKER)

    def _task_ended(self, run: Run, future: Any) -> None:
        """Dask is done with the run's task.  A task that ended well has sent an event itself."""
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
                f"The worker could not take the run ({type(error).__name__}). Scheduler and workers need the same "
                "version of this project as the server; the server's log has the details.",
            )
        else:
            self._lose(run)

    def _no_gpu(self, run: Run) -> None:
        self._end(run, "failed", NO_GPU)

    def _lose(self, run: Run) -> None:
        """The cluster that had this run is lost.  A run that no worker has begun waits for the next cluster."""
        if self._closed or not self._dispatcher.requeue(run):
            self._end(run, "interrupted", LOST_CLUSTER)

    def _update_controls(self, run: Run) -> None:
        """The run has advanced or ended: in lockstep others may go on now."""
        race = self._races.find(run.race_id)
        if race is not None:
            race._update_controls()

    def _stop(self, run: Run) -> None:
        self._end(run, "stopped")

    def _live_searches(self) -> list[Search]:
        with self._lock:
            return [found for found in self._searches.values() if found.live]

    def _end_all(self, status: Status, message: str) -> None:
        for run in self._races.live_runs():
            self._end(run, status, message)

    def _end(self, run: Run, status: Status, message: str = "") -> None:
        race = self._live.get(run.race_id)
        if race is not None and status == "stopped":
            message = message or race.message
        if run._end(status, message):
            log.info("Run %s: %s %s", run.id, status, message)
            ended = race is not None and not race.live
            if ended and (race := self._live.pop(run.race_id, None)) is not None:  # the first thread that sees it
                self._keep(race)
        self._dispatcher.remove(run, cancel=status != "finished")
        self._update_controls(run)


def _register_warm_up(connection: Connection) -> None:
    try:
        connection.client.register_plugin(tasks.WarmUp())
    except Exception:  # a cold worker is slow once, not wrong
        if not connection.is_closed:
            log.exception("The workers could not be warmed up")
