"""Preloaded by the scheduler and the nannies of the embedded cluster: ends them when the server that started them ends.

A server that ends in order closes its cluster itself; one that is killed cannot, and its workers would train on.
Workers also run at a lower priority than the server, so that on a machine with few cores no page waits for training.
"""

from __future__ import annotations

import os
import threading
import time
from typing import Any

import psutil  # type: ignore[import-untyped]

CHECK_SECONDS = 1.0
NICENESS = 5  # of the workers, which inherit it from their nannies
SERVER_PID = "S2V_SERVER_PID"  # environment variable: asking for the parent is too late where the server has ended


def dask_setup(server: Any) -> None:
    """Called by Dask in each process that preloads this module."""
    if hasattr(os, "setpgid"):
        os.setpgid(0, 0)  # Ctrl-C in the server's terminal is for the server, which then closes its cluster
    if type(server).__name__ == "Nanny" and hasattr(os, "nice"):
        os.nice(NICENESS)
    parent = int(os.environ.get(SERVER_PID, os.getppid()))
    threading.Thread(target=_watch, args=(parent,), name="s2v-watchdog", daemon=True).start()


def _watch(parent: int) -> None:
    while os.getppid() == parent:  # an orphan gets another parent
        time.sleep(CHECK_SECONDS)
    for child in psutil.Process().children(recursive=True):
        child.kill()
    os._exit(1)
