"""The embedded cluster: a Dask scheduler and workers in processes of this server, for nobody else."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections import deque
from collections.abc import Set
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil  # type: ignore[import-untyped]
from distributed import Security
from distributed.system import MEMORY_LIMIT

log = logging.getLogger("s2v.engine")

ROOT = Path(__file__).resolve().parents[2]  # the folder that holds s2v, for the processes' import path
LOCALHOST = "127.0.0.1"
START_SECONDS = 60.0  # for the scheduler to start, and for a worker to reach it
CLOSE_SECONDS = 5.0  # for processes to end that have been killed
MISSING_SECONDS = 30.0  # after which a worker that the scheduler does not know is replaced
MAX_MEMORY_SHARE = 0.95  # of a worker's memory limit; beyond it the worker is replaced
MAX_LINES = 50  # of the scheduler's output, logged if it does not start

# A second run must wait at the scheduler, not behind a running one at some worker (saturation), and stay with the
# worker that the dispatcher gave it (stealing).  Dask's logs of recent messages must not fill up with maps (log
# length).  Any user of this machine can read the HTTP pages (routes).  Dask samples the stacks of all threads a hundred
# times a second for its pages, also of the trainings that wait: a tenth of a worker's time in a class (profile).
_ENVIRONMENT = {
    "DASK_DISTRIBUTED__SCHEDULER__WORKER_SATURATION": "1.0",
    "DASK_DISTRIBUTED__SCHEDULER__WORK_STEALING": "False",
    "DASK_DISTRIBUTED__SCHEDULER__HTTP__ROUTES": "[]",
    "DASK_DISTRIBUTED__WORKER__HTTP__ROUTES": "[]",
    "DASK_DISTRIBUTED__WORKER__PROFILE__ENABLED": "False",
    "DASK_DISTRIBUTED__ADMIN__LOW_LEVEL_LOG_LENGTH": "20",
    "DASK_DISTRIBUTED__DIAGNOSTICS__NVML": "False",
    "DASK_LOGGING__DISTRIBUTED": "warning",
}
# The C library returns every array of more than 128 kB to the system at once.  Torch allocates and frees such arrays
# all the time: a worker that keeps them takes a third to two thirds of the time.  Only the first heap of a process
# keeps them, so all threads share it (arena max).  Whatever the server has, a worker has Python's own allocator: with
# malloc it took a fifth more at its peak (docs/serving.md).
_WORKER_ENVIRONMENT = {
    "PYTHONMALLOC": "default",
    "MALLOC_TRIM_THRESHOLD_": str(256 << 20),
    "MALLOC_MMAP_THRESHOLD_": str(32 << 20),
    "MALLOC_ARENA_MAX": "1",
}


class EmbeddedCluster:
    """A scheduler and so many ``workers``, each a process with one thread.

    Any user of this machine can connect to their ports.  Only who has the certificate of this cluster is let in (TLS);
    that, and whatever its processes write, is in a private folder, removed when the cluster or the server ends.

    ``OSError`` if it does not start.
    """

    def __init__(self, workers: int) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="s2v-"))  # only its owner may look inside
        self._lock = threading.Lock()  # makes "not closed" and the start of a process one step
        self._closed = False
        self._workers: list[_Worker] = []
        self._memory_limit = int(MEMORY_LIMIT / workers)
        try:
            self._security = _security(_write_certificate(self.folder))
            self.security = Security(**self._security)
            self._scheduler = self._start_scheduler()
            self._workers = [self._start_worker(f"{slot}-0") for slot in range(workers)]
            self.address = self._wait_for_address()
        except BaseException:
            self.close()
            raise

    @property
    def processes(self) -> list[psutil.Process]:
        """The processes that have not ended, the scheduler first."""
        started = [self._scheduler, *(worker.process for worker in self._workers)]
        return [psutil.Process(process.pid) for process in started if process.poll() is None]

    @property
    def is_lost(self) -> bool:
        """Whether the scheduler has ended: another cluster is needed."""
        return self._scheduler.poll() is not None

    def replace_missing(self, known: Set[str]) -> None:
        """Start a worker in place of each that has ended, or that is not ``known`` to the scheduler for long.

        To be called about every second, with the names of the workers that the scheduler knows.
        """
        for slot, worker in enumerate(self._workers):
            now = time.monotonic()
            if worker.name in known:
                worker.seen, worker.failures = now, 0
            patience = MISSING_SECONDS * 2**worker.failures  # the machine may be too busy for a quicker start
            if worker.process.poll() is None and not self._must_end(worker, now - worker.seen > patience):
                continue
            if worker.failures and now - worker.started < patience:
                continue  # it did not live long enough to be known, twice: something is wrong, so do not hurry
            with self._lock:
                if self._closed:
                    return
                log.warning("Worker %s ended (%s); another one is started", worker.name, worker.process.returncode)
                number = int(worker.name.rpartition("-")[2]) + 1
                self._workers[slot] = self._start_worker(f"{slot}-{number}", worker.failures + 1)

    def close(self) -> None:
        """End all processes and remove their folder.  It may be closed twice."""
        with self._lock:
            self._closed = True
        processes = [worker.process for worker in self._workers]
        if hasattr(self, "_scheduler"):
            processes.append(self._scheduler)  # last: a worker whose scheduler is gone complains in the log
        for process in processes:
            process.kill()  # nothing of theirs is to be kept
        for process in processes:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(CLOSE_SECONDS)
        shutil.rmtree(self.folder, ignore_errors=True)

    def _must_end(self, worker: _Worker, is_missing: bool) -> bool:
        """End a running worker that is missing, or takes too much memory; whether it was so."""
        try:
            memory = psutil.Process(worker.process.pid).memory_info().rss
        except psutil.NoSuchProcess:
            return True
        if memory > MAX_MEMORY_SHARE * self._memory_limit:
            log.error("Worker %s takes %d MB of memory, too much for this machine", worker.name, memory >> 20)
        elif is_missing:
            log.error("Worker %s does not answer the scheduler", worker.name)
        else:
            return False
        worker.process.kill()
        worker.process.wait(CLOSE_SECONDS)
        return True

    def _start_scheduler(self) -> subprocess.Popen[bytes]:
        options = {"port": 0, "allowed_failures": 0, "scheduler_file": str(self._scheduler_file)}
        process = self._start("distributed.Scheduler", options, _ENVIRONMENT, stderr=subprocess.PIPE)
        self._output: deque[str] = deque(maxlen=MAX_LINES)
        # Something must read what the scheduler writes: a full pipe would block it.
        self._reader = threading.Thread(target=self._read_output, args=(process,), name="s2v-scheduler", daemon=True)
        self._reader.start()
        return process

    def _start_worker(self, name: str, failures: int = 0) -> _Worker:
        options = {
            "name": name,
            "nthreads": 1,
            "memory_limit": self._memory_limit,
            "scheduler_file": str(self._scheduler_file),
            "death_timeout": START_SECONDS,
        }
        process = self._start("distributed.Worker", options, _ENVIRONMENT | _WORKER_ENVIRONMENT)
        return _Worker(name, process, failures)

    def _start(
        self, cls: str, options: dict[str, Any], environment: dict[str, str], **popen: Any
    ) -> subprocess.Popen[bytes]:
        common = {"host": LOCALHOST, "dashboard": False, "dashboard_address": f"{LOCALHOST}:0"}
        spec = {"cls": cls, "opts": {**common, **options, "security": self._security}}
        own = {
            "TMPDIR": str(self.folder),
            "DASK_TEMPORARY_DIRECTORY": str(self.folder),
            "PYTHONPATH": os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")])),
        }
        return subprocess.Popen(
            [sys.executable, "-m", "s2v.engine.process", str(os.getpid()), str(self.folder), json.dumps(spec)],
            env={**os.environ, **environment, **own},
            stdin=subprocess.DEVNULL,
            umask=0o077,
            process_group=0,  # Ctrl-C in the server's terminal is for the server, which then closes its cluster
            **popen,
        )

    @property
    def _scheduler_file(self) -> Path:
        return self.folder / "scheduler.json"

    def _wait_for_address(self) -> str:
        end = time.monotonic() + START_SECONDS
        while time.monotonic() < end and not self.is_lost:
            try:
                return str(json.loads(self._scheduler_file.read_text())["address"])
            except (FileNotFoundError, ValueError):  # it is not there yet, or not all of it
                time.sleep(0.02)
        if self.is_lost:
            self._reader.join(CLOSE_SECONDS)
        log.error("The scheduler did not start:\n%s", "\n".join(self._output))
        raise OSError("The scheduler did not start.")

    def _read_output(self, process: subprocess.Popen[bytes]) -> None:
        assert process.stderr is not None
        for line in process.stderr:
            self._output.append(line.decode(errors="replace").rstrip())
            log.debug("scheduler: %s", self._output[-1])
        process.stderr.close()


@dataclass
class _Worker:
    """A worker process; ``failures`` counts those before it in its slot that the scheduler never knew, in a row."""

    name: str
    process: subprocess.Popen[bytes]
    failures: int
    started: float = field(default_factory=time.monotonic)
    seen: float = field(default_factory=time.monotonic)  # when the scheduler last knew it, or it was started


def _write_certificate(folder: Path) -> Path:
    """A new key and its certificate, in a file that only this user can read."""
    made = Security.temporary()
    path = folder / "certificate.pem"
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(made.tls_client_cert + made.tls_client_key)
    return path


def _security(certificate: Path) -> dict[str, Any]:
    """Arguments of Dask's ``Security``: the one certificate is that of all, and the only one that all trust.

    As JSON they are on the command lines of the processes, which everybody can read: so no key, but its file.
    """
    roles = ("client", "scheduler", "worker")
    files = {f"tls_{role}_{part}": str(certificate) for role in roles for part in ("cert", "key")}
    return {"require_encryption": True, "tls_ca_file": str(certificate), **files}
