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
    """

    def __init__(self, client: Client, event_queue: Queue, cluster: EmbeddedCluster | None = None) -> None:
        self.client = client
        self.event_queue = event_queue
        self.cluster = cluster
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
    def lacks_workers(self) -> bool:
        """Whether the cluster has had no worker for ``MISSING_SECONDS``."""
        return time.monotonic() - self._last_worker > embedded.MISSING_SECONDS

    def worker_addresses(self) -> list[str]:
        """The addresses of the cluster's workers; none where the scheduler does not answer."""
        try:
            return list(self.client.scheduler_info(n_workers=-1)["workers"])
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
            try:
                # Of a cluster elsewhere, which may be large, the number is enough.
                found: dict[str, Any] = self.client.scheduler_info(n_workers=-1 if self.cluster else 0)
                if found["n_workers"]:
                    self._last_worker = time.monotonic()
                if self.cluster is not None:
                    self.cluster.replace_missing({worker["name"] for worker in found["workers"].values()})
            except Exception as error:
                if not self._closed.is_set():
                    log.debug("The workers could not be checked: %r", error)


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
