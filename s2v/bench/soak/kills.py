"""The processes of a server under test: which is which, how one is killed, and which are left in the end."""

from __future__ import annotations

import contextlib
import time
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field

import psutil  # type: ignore[import-untyped]

# By weight: how often each is killed.
VICTIMS: Mapping[str, int] = {"worker": 4, "scheduler": 2, "comparison worker": 2, "comparison scheduler": 1}
MARK = "S2V_SOAK"  # environment variable that all processes of the server under test inherit
_MODULE = "s2v.engine.process"


@dataclass
class Fleet:
    """The processes that a server has started.

    A server has two clusters: one trains, and one, which never has more than one worker, answers the comparison pages.
    On a machine with a single worker for training the two cannot be told apart, and both count as training.
    """

    server: int
    workers: int  # for training
    _most: Counter[str] = field(default_factory=Counter)  # workers that were seen at a time, by the cluster's folder

    def look(self) -> dict[str, list[psutil.Process]]:
        """The processes by their role, as in ``VICTIMS``."""
        clusters: dict[str, dict[str, list[psutil.Process]]] = defaultdict(lambda: defaultdict(list))
        for process in _children(self.server):
            words = _command(process)
            if _MODULE in words:
                folder, spec = words[-2:]
                role = "scheduler" if "distributed.Scheduler" in spec else "worker"
                clusters[folder][role].append(process)
        found: dict[str, list[psutil.Process]] = defaultdict(list)
        for folder, cluster in clusters.items():
            self._most[folder] = max(self._most[folder], len(cluster["worker"]))
            kind = "comparison " if self._most[folder] == 1 and self.workers > 1 else ""
            for role, processes in cluster.items():
                found[f"{kind}{role}"] += processes
        return found


def marked(mark: str) -> list[psutil.Process]:
    """The processes that run and have inherited this mark, but for zombies."""
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error, OSError):
            if process.environ().get(MARK) == mark and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
    return found


def left_behind(mark: str, seconds: float) -> list[str]:
    """The commands of the marked processes that have not ended by themselves after so many seconds; kills them."""
    end = time.monotonic() + seconds
    while (alive := marked(mark)) and time.monotonic() < end:
        time.sleep(0.5)
    commands = [" ".join(_command(process))[:100] for process in alive]
    for process in alive:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
    return commands


def _command(process: psutil.Process) -> list[str]:
    try:
        return list(process.cmdline())
    except psutil.Error:
        return []


def _children(process: int) -> list[psutil.Process]:
    try:
        return list(psutil.Process(process).children())
    except psutil.Error:
        return []
