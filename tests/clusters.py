"""A Dask cluster of processes of its own, as somebody starts it in a shell."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parents[1]


@dataclass
class Cluster:
    """A scheduler and its workers, as a user starts them in a shell."""

    folder: Path
    address: str = ""
    tls: tuple[str, ...] = ()
    processes: list[subprocess.Popen[str]] = field(default_factory=list)

    def start(self, *command: str, **options: object) -> subprocess.Popen[str]:
        environment = os.environ | {"PYTHONPATH": str(ROOT)}
        process = subprocess.Popen(  # type: ignore[call-overload]
            [sys.executable, "-m", "dask", *command], cwd=self.folder, env=environment, text=True, **options
        )
        self.processes.append(process)
        return process

    def start_scheduler(self, port: int = 0) -> None:
        options = ("--host", "127.0.0.1", "--port", str(port), "--no-dashboard", *self.tls)
        process = self.start("scheduler", *options, stderr=subprocess.PIPE)
        self.address = next(m[0] for line in process.stderr if (m := re.search(r"t..://127\.0\.0\.1:\d+", line)))

    def start_worker(self, *more: str) -> subprocess.Popen[str]:
        options = ("--host", "127.0.0.1", "--nthreads", "1", "--no-dashboard", "--no-nanny", *self.tls, *more)
        return self.start("worker", self.address, *options)

    def end(self) -> None:
        for process in reversed(self.processes):
            process.kill()
            process.wait()
