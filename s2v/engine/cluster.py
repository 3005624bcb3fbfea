"""A Dask cluster to work on: embedded, in processes of this server, or any other by its address."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import threading
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import dask
from dask.system import CPU_COUNT
from distributed import Client, Queue
from distributed.system import MEMORY_LIMIT

from s2v.engine import embedded
from s2v.engine.embedded import EmbeddedCluster

log = logging.getLogger("s2v.engine")

BYTES_PER_WORKER = 2 << 30  # of this machine's memory: torch and a training alone need half a GB
MAX_QUEUED_EVENTS = 256  # beyond these a worker waits, rather than fill the scheduler's memory
CONNECT_SECONDS = 10.0  # to reach a scheduler
CHECK_SECONDS = 1.0  # between two looks at the cluster's workers
GPU = "GPU"  # the resource that a worker with a GPU announces: dask worker ADDRESS --resources GPU=1


# Dask's own settings of the certificates for a cluster elsewhere, as environment variables; the key may be in the file
# of the certificate.
CERTIFICATES = {
    "ca-file": "DASK_DISTRIBUTED__COMM__TLS__CA_FILE",
    "client.cert": "DASK_DISTRIBUTED__COMM__TLS__CLIENT__CERT",
    "client.key": "DASK_DISTRIBUTED__COMM__TLS__CLIENT__KEY",
}


class CertificateError(ValueError):
    """The certificates for a cluster at ``tls://`` are not there; the message says which."""


def default_workers() -> int:
    """Number of worker processes by default: one for each core, as far as this machine has memory for them."""
    return max(1, min(int(CPU_COUNT), int(MEMORY_LIMIT // BYTES_PER_WORKER)))


class Connection:
    """A connection to a cluster, and the queue through which its workers send events.

    ``cluster`` is the embedded one, whose missing workers are replaced; None for one elsewhere.
    ``workers`` are the addresses of the cluster's workers as last heard, so that nobody waits for the scheduler;
    ``has_gpu`` says whether one of them announces a GPU.
    """

    def __init__(self, client: Client, event_queue: Queue, cluster: EmbeddedCluster | None = None) -> None:
        self.client = client
        self.event_queue = event_queue
        self.cluster = cluster
        self.workers: set[str] = set()
        self.has_gpu = False
        self._has_new_worker = False  # of which no more is known than its address
        self._closed = threading.Event()
        self._last_worker = time.monotonic()  # when the cluster was last seen with a worker
        threading.Thread(target=self._watch_workers, name="s2v-workers", daemon=True).start()

    @classmethod
    def open(cls, address: str | None, workers: int) -> Connection:
        """Connect to ``address``, or start a cluster of ``workers`` processes.

        ``OSError`` if it cannot be reached, ``CertificateError`` if that is for lack of certificates.
        """
        if address and address.startswith("tls://"):
            _check_certificates(address)
        cluster = None if address else EmbeddedCluster(workers)
        try:
            client = Client(
                cluster.address if cluster else address,
                security=cluster.security if cluster else None,  # None: as Dask's configuration says
                set_as_default=False,
                timeout=CONNECT_SECONDS,
            )
            queue = Queue(f"s2v-{uuid.uuid4().hex}", client=client, maxsize=MAX_QUEUED_EVENTS)
        except BaseException:
            if cluster is not None:
                cluster.close()
            raise
        return cls(client, queue, cluster)

    @property
    def is_closed(self) -> bool:
        """Whether it has been closed here, so that calls which go on may fail."""
        return self._closed.is_set()

    @property
    def lacks_workers(self) -> bool:
        """Whether the cluster has had no worker for ``MISSING_SECONDS``."""
        return time.monotonic() - self._last_worker > embedded.MISSING_SECONDS

    def watch(self, worker_lost: Callable[[str], None]) -> None:
        """Keep ``workers`` up to date from now on; ``worker_lost`` is called in a thread with the address of each lost.

        The scheduler tells of changes at once.  One that happens before it knows that this listens is found by the
        look at its workers every second.
        """

        def changed(event: tuple[float, dict[str, Any]]) -> None:  # on the event loop of the client
            action, address = event[1].get("action"), event[1].get("worker", "")
            if action == "add-worker":
                self.workers.add(address)
                self._has_new_worker = True
            elif action == "remove-worker":
                self.workers.discard(address)
                if self._closed.is_set():
                    return  # its processes are being ended, perhaps with this one, which can start no thread any more
                # In another thread: cancelling a task waits for this event loop.
                threading.Thread(target=worker_lost, args=(address,), name="s2v-worker-lost", daemon=True).start()

        with contextlib.suppress(Exception):
            self.client.subscribe_topic("all", changed)
        self._look(everything=True)

    def gpu_workers(self) -> list[str]:
        """The addresses of the workers that announce the resource ``GPU``; none where the scheduler does not answer."""
        try:
            return _with_gpu(self.client.scheduler_info(n_workers=-1))
        except Exception:  # the connection is being lost
            log.exception("The scheduler does not list its workers")
            return []

    def when_done(self, future: Any, callback: Callable[[Any], None]) -> None:
        """Call ``callback(future)`` in a thread once Dask is done with the future, unless this is closed before.

        Dask's own ``add_done_callback`` prints tracebacks when a server ends in the middle of a race.
        """

        async def wait() -> None:
            with contextlib.suppress(Exception, asyncio.CancelledError):
                await future
            if not self._closed.is_set():
                threading.Thread(target=callback, args=(future,), name="s2v-task-ended", daemon=True).start()

        assert self.client.loop is not None
        self.client.loop.add_callback(wait)

    def close(self) -> None:
        """Disconnect, and end every process of an embedded cluster, whatever state it is in."""
        self._closed.set()
        with contextlib.suppress(Exception):
            self.event_queue.close()
        with contextlib.suppress(Exception):
            self.client.close(timeout=2)
        if self.cluster is not None:
            self.cluster.close()

    def _watch_workers(self) -> None:
        while not self._closed.wait(CHECK_SECONDS):
            # A cluster elsewhere may be large: the number of its workers is enough, unless others came.
            found = self._look(everything=self.cluster is not None or self._has_new_worker)
            if found and self.cluster is not None:
                self.cluster.replace_missing({worker["name"] for worker in found["workers"].values()})

    def _look(self, everything: bool) -> dict[str, Any]:
        """What the scheduler says of its workers, in ``everything`` or in number; empty if it does not answer."""
        try:
            found: dict[str, Any] = self.client.scheduler_info(n_workers=-1 if everything else 0)
            count, workers = found["n_workers"], set(found["workers"])
        except Exception as error:  # also an answer without them, while a connection is made or lost
            if not self._closed.is_set():
                log.debug("The workers could not be checked: %r", error)
            return {}
        if not everything and count != len(self.workers):
            return self._look(everything=True)
        if everything:
            self.workers, self.has_gpu = workers, bool(_with_gpu(found))
            self._has_new_worker = False
        if count:
            self._last_worker = time.monotonic()
        return found


def _with_gpu(scheduler: dict[str, Any]) -> list[str]:
    workers = scheduler["workers"].items()
    return [address for address, worker in workers if worker.get("resources", {}).get(GPU, 0) > 0]


def _check_certificates(address: str) -> None:
    for option, variable in CERTIFICATES.items():
        file = dask.config.get(f"distributed.comm.tls.{option}")
        if file is None and option == "client.key":
            continue
        if file is None:
            raise CertificateError(
                f"The Dask scheduler at {address} asks for certificates: set {' and '.join(CERTIFICATES.values())} to "
                f"their files, then start this server again; {variable} is not set."
            )
        if not Path(file).is_file():
            raise CertificateError(
                f"{variable} names {file}, which is not a file; the Dask scheduler at {address} asks for certificates. "
                "Correct it, then start this server again."
            )
