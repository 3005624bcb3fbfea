"""The processes of a server under test: which is which, how one is killed, and which are left in the end."""

from __future__ import annotations

import contextlib
import re
import time
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field

import psutil  # type: ignore[import-untyped]

# By weight: how often each is killed.
VICTIMS: Mapping[str, int] = {
    "worker": 4,
    "nanny": 2,
    "scheduler": 2,
    "comparison worker": 2,
    "comparison nanny": 1,
    "comparison scheduler": 1,
}
MARK = "S2V_SOAK"  # environment variable that all processes of the server under test inherit
_ADDRESS = re.compile(r"\w+://[\w.\[\]:]+:(\d+)")


@dataclass
class Fleet:
    """The processes that a server has started.

    A server has two clusters: one trains, and one, which never has more than one nanny, answers the comparison pages.
    On a machine with a single worker for training the two cannot be told apart, and both count as training.
    """

    server: int
    _nannies: Counter[int] = field(default_factory=Counter)  # the most that were seen, by the scheduler's port

    def look(self, workers: int = 2) -> dict[str, list[psutil.Process]]:
        """The processes by their role, as in ``VICTIMS``; ``workers`` is the number of workers for training."""
        found: dict[str, list[psutil.Process]] = defaultdict(list)
        try:
            children = psutil.Process(self.server).children()
        except psutil.NoSuchProcess:
            return found
        schedulers, nannies = [], defaultdict(list)
        for child in children:
            words = " ".join(_command(child))
            if "distributed.Scheduler" in words:
                schedulers.append(child)
            elif "distributed.Nanny" in words and (address := _ADDRESS.search(words)):
                nannies[int(address[1])].append(child)
        for port, group in nannies.items():
            self._nannies[port] = max(self._nannies[port], len(group))
        for scheduler in schedulers:
            ports = _ports(scheduler)
            port = next((port for port in self._nannies if port in ports), 0)
            kind = "comparison " if self._nannies[port] == 1 and workers > 1 else ""
            found[f"{kind}scheduler"].append(scheduler)
            for nanny in nannies[port]:
                found[f"{kind}nanny"].append(nanny)
                found[f"{kind}worker"] += [
                    child for child in _children(nanny) if "spawn_main" in " ".join(_command(child))
                ]
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


def _children(process: psutil.Process) -> list[psutil.Process]:
    try:
        return list(process.children())
    except psutil.Error:
        return []


def _ports(process: psutil.Process) -> set[int]:
    try:
        return {c.laddr.port for c in process.net_connections("tcp") if c.status == psutil.CONN_LISTEN}
    except psutil.Error:
        return set()
