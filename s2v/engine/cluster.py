"""A Dask cluster to work on: embedded, in processes of this server, or any other by its address."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import threading
import time
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil  # type: ignore[import-untyped]
from dask.system import CPU_COUNT
from distributed import Client, Queue
from distributed.deploy.subprocess import SubprocessCluster
from distributed.system import MEMORY_LIMIT

from s2v.engine import watchdog

log = logging.getLogger("s2v.engine")

ROOT = Path(__file__).resolve().parents[2]  # the folder that holds s2v, for the workers' import path
LOCALHOST = "127.0.0.1"
BYTES_PER_WORKER = 2 << 30  # of this machine's memory: torch and a training alone need half a GB
MAX_QUEUED_EVENTS = 256  # beyond these a worker waits, rather than fill the scheduler's memory
CONNECT_SECONDS = 10.0  # to reach a scheduler
CLOSE_SECONDS = 5.0  # for a cluster to end in order, and then for its processes
LOST_SECONDS = 0.5  # for a cluster to end whose scheduler is lost: it cannot end in order

# Scheduler and workers of the embedded cluster.  A second run must wait at the scheduler, not behind a running one
# at some worker (saturation), and Dask's logs of recent messages must not fill up with maps (log length).
# By default Dask has the C library return every array of more than 128 kB to the system at once (a trim threshold of
# 64 kB).  Torch allocates and frees such arrays all the time: a worker that keeps them takes a third to two thirds of
# the time.  Only the first heap of a process keeps them, so all threads share it (arena max).
_DASK_ENVIRONMENT = {
    "DASK_DISTRIBUTED__NANNY__PRE_SPAWN_ENVIRON": str(
        {"MALLOC_TRIM_THRESHOLD_": 256 << 20, "MALLOC_MMAP_THRESHOLD_": 32 << 20, "MALLOC_ARENA_MAX": 1}
    ),
    "DASK_DISTRIBUTED__SCHEDULER__WORKER_SATURATION": "1.0",
    "DASK_DISTRIBUTED__ADMIN__LOW_LEVEL_LOG_LENGTH": "20",
    "DASK_DISTRIBUTED__DIAGNOSTICS__NVML": "False",
}


def default_workers() -> int:
    """Number of worker processes by default: one for each core, as far as this machine has memory for them."""
    return max(1, min(int(CPU_COUNT), int(MEMORY_LIMIT // BYTES_PER_WORKER)))


@dataclass
class Connection:
    """A connection to a cluster, and the queue through which its workers send events."""

    client: Client
    event_queue: Queue
    cluster: Any = None
    _log_reader: Any = None
    _processes: list[psutil.Process] = field(default_factory=list)  # of an embedded cluster, its scheduler first

    @classmethod
    def open(cls, address: str | None, workers: int) -> Connection:
        """Connect to ``address``, or start a cluster of ``workers`` processes.  ``OSError`` if it cannot be reached."""
        cluster = None if address else _start_cluster(workers)
        try:
            client = Client(address or cluster, set_as_default=False, timeout=CONNECT_SECONDS)
            queue = Queue(f"s2v-{uuid.uuid4().hex}", client=client, maxsize=MAX_QUEUED_EVENTS)
        except BaseException:
            if cluster is not None:
                cluster.close()
            raise
        connection = cls(client, queue, cluster)
        if cluster is not None:
            # Nothing else reads what the scheduler writes, and a full pipe would block it.
            connection._log_reader = asyncio.run_coroutine_threadsafe(
                _forward(cluster.scheduler.process.stderr), cluster.loop.asyncio_loop
            )
            connection._processes = [
                psutil.Process(p.process.pid) for p in (cluster.scheduler, *cluster.workers.values())
            ]
        return connection

    def worker_addresses(self) -> list[str]:
        """The addresses of the cluster's workers; none where the scheduler does not answer."""
        try:
            return list(self.client.scheduler_info(n_workers=-1)["workers"])
        except Exception:  # the connection is being lost
            log.exception("The scheduler does not list its workers")
            return []

    def close(self) -> None:
        """Disconnect, and end every process of an embedded cluster, whatever state it is in."""
        children = [child for p in self._processes for child in _with_children(p)]
        with contextlib.suppress(Exception):
            self.event_queue.close()
        with contextlib.suppress(Exception):
            self.client.close(timeout=2)
        if self.cluster is None:
            return
        self._log_reader.cancel()
        self.cluster.shutdown_on_close = False  # at the end of this process Dask would try once more, for 10 seconds
        with contextlib.suppress(Exception):
            self.cluster.close(timeout=LOST_SECONDS if _has_ended(self._processes[0]) else CLOSE_SECONDS)
        for process in children:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
        wait_until_ended(children, CLOSE_SECONDS)


def wait_until_ended(processes: Iterable[psutil.Process], timeout: float) -> list[psutil.Process]:
    """Those of ``processes`` that have not ended within ``timeout`` seconds.

    A zombie has ended: only its parent can reap it, and ``psutil.wait_procs`` would wait for that.
    """
    deadline = time.monotonic() + timeout
    alive = [process for process in processes if not _has_ended(process)]
    while alive and time.monotonic() < deadline:
        time.sleep(0.02)
        alive = [process for process in alive if not _has_ended(process)]
    return alive


def _has_ended(process: psutil.Process) -> bool:
    with contextlib.suppress(psutil.TimeoutExpired):
        process.wait(timeout=0)  # reaps a child of this process
    try:
        return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


_starting = threading.Lock()


def _start_cluster(workers: int) -> Any:
    # One cluster at a time: the environment is that of this whole process, and the first to finish restores it.
    with (
        _starting,
        _environment(
            **_DASK_ENVIRONMENT,
            **{watchdog.SERVER_PID: str(os.getpid())},
            PYTHONPATH=os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")])),
        ),
    ):
        return SubprocessCluster(
            host=LOCALHOST,
            n_workers=workers,
            threads_per_worker=1,
            dashboard_address=f"{LOCALHOST}:0",
            scheduler_kwargs={"dashboard": False, "allowed_failures": 0, "preload": ["s2v.engine.watchdog"]},
            worker_kwargs={
                "dashboard": False,
                "dashboard_address": f"{LOCALHOST}:0",
                "preload_nanny": ["s2v.engine.watchdog"],
            },
        )


@contextlib.contextmanager
def _environment(**values: str) -> Iterator[None]:
    """Environment variables for the processes started inside."""
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


async def _forward(stream: asyncio.StreamReader) -> None:
    while line := await stream.readline():
        log.debug("scheduler: %s", line.decode(errors="replace").rstrip())


def _with_children(process: psutil.Process) -> list[psutil.Process]:
    try:
        return [*process.children(recursive=True), process]
    except psutil.NoSuchProcess:
        return []
