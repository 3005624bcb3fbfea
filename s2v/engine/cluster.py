"""A Dask cluster to work on: embedded in processes of its own, or any other by its address."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import threading
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil  # type: ignore[import-untyped]
from dask.system import CPU_COUNT
from distributed import Client, Queue
from distributed.deploy.subprocess import SubprocessCluster
from distributed.system import MEMORY_LIMIT

log = logging.getLogger("s2v.engine")

ROOT = Path(__file__).resolve().parents[2]  # the folder that holds s2v, for the workers' import path
LOCAL = "127.0.0.1"
MEMORY_PER_WORKER = (
    2 << 30
)  # bytes of memory of this machine for each worker: torch and a training need half a GB themselves
QUEUE_LENGTH = 256  # messages on their way; a worker drops live frames rather than wait for a page that does not read

# Scheduler and workers of the embedded cluster.  A second run must wait at the scheduler, not behind a running one
# at some worker (saturation), and Dask's logs of recent messages must not fill up with maps (log length).
# Dask would have the C library give every array of more than 128 kB back to the system and fetch it anew (a trim
# threshold of 64 kB): torch makes and drops such arrays all the time, and a worker that keeps them takes a third to
# two thirds of the time.  Only the first heap of a process keeps them, so all threads share it (arena max).
_DASK_ENVIRONMENT = {
    "DASK_DISTRIBUTED__NANNY__PRE_SPAWN_ENVIRON": str(
        {"MALLOC_TRIM_THRESHOLD_": 256 << 20, "MALLOC_MMAP_THRESHOLD_": 32 << 20, "MALLOC_ARENA_MAX": 1}
    ),
    "DASK_DISTRIBUTED__SCHEDULER__WORKER_SATURATION": "1.0",
    "DASK_DISTRIBUTED__ADMIN__LOW_LEVEL_LOG_LENGTH": "20",
    "DASK_DISTRIBUTED__DIAGNOSTICS__NVML": "False",
}


def default_workers() -> int:
    """Worker processes on this machine unless told otherwise: one a core, as far as memory allows."""
    return max(1, min(int(CPU_COUNT), int(MEMORY_LIMIT // MEMORY_PER_WORKER)))


@dataclass
class Link:
    """A connection to a cluster, and the queue through which its workers talk to us."""

    client: Client
    queue: Queue
    cluster: Any = None
    _drain: Any = None
    _processes: list[psutil.Process] = field(default_factory=list)

    @classmethod
    def open(cls, address: str | None, workers: int) -> Link:
        """Connect to ``address``, or start a cluster of ``workers`` processes.  ``OSError`` if it cannot be reached."""
        cluster = None if address else _embedded(workers)
        try:
            client = Client(address or cluster, set_as_default=False, timeout=10)
            queue = Queue(f"s2v-{uuid.uuid4().hex}", client=client, maxsize=QUEUE_LENGTH)
        except BaseException:
            if cluster is not None:
                cluster.close()
            raise
        link = cls(client, queue, cluster)
        if cluster is not None:
            # Nobody else reads what the scheduler writes; a full pipe would freeze it.
            link._drain = asyncio.run_coroutine_threadsafe(
                _forward(cluster.scheduler.process.stderr), cluster.loop.asyncio_loop
            )
            link._processes = [psutil.Process(p.process.pid) for p in (cluster.scheduler, *cluster.workers.values())]
        return link

    def close(self) -> None:
        """Disconnect, and end every process of an embedded cluster, whatever state it is in."""
        children = [child for p in self._processes for child in _tree(p)]
        with contextlib.suppress(Exception):
            self.queue.close()
        with contextlib.suppress(Exception):
            self.client.close(timeout=2)
        if self.cluster is None:
            return
        self._drain.cancel()
        with contextlib.suppress(Exception):  # a cluster without its scheduler cannot be closed in order
            self.cluster.close(timeout=5)
        for process in children:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
        psutil.wait_procs(children, timeout=5)


_starting = threading.Lock()


def _embedded(workers: int) -> Any:
    # One cluster at a time: the environment is the whole process's, and another start would take it back too early.
    with (
        _starting,
        _environment(
            **_DASK_ENVIRONMENT, PYTHONPATH=os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
        ),
    ):
        return SubprocessCluster(
            host=LOCAL,
            n_workers=workers,
            threads_per_worker=1,
            dashboard_address=f"{LOCAL}:0",
            scheduler_kwargs={"dashboard": False, "allowed_failures": 0, "preload": ["s2v.engine.watchdog"]},
            worker_kwargs={
                "dashboard": False,
                "dashboard_address": f"{LOCAL}:0",
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


def _tree(process: psutil.Process) -> list[psutil.Process]:
    try:
        return [*process.children(recursive=True), process]
    except psutil.NoSuchProcess:
        return []
