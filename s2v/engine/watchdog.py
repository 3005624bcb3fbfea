"""Preloaded by the scheduler and the nannies of the embedded cluster: they end when the server that started them has.

A server that ends in order closes its cluster itself.  One that is killed cannot, and its workers would train on.
Workers also give way to the pages: on a machine with few cores a page waits for no training.
"""

from __future__ import annotations

import os
import threading
import time
from typing import Any

import psutil  # type: ignore[import-untyped]

PERIOD = 1.0  # seconds
NICENESS = 5  # of the workers, which inherit it from their nannies


def dask_setup(server: Any) -> None:
    """Called by Dask in each process that preloads this module."""
    if hasattr(os, "setpgid"):
        os.setpgid(0, 0)  # Ctrl-C in the server's terminal is for the server, which then closes its cluster
    if type(server).__name__ == "Nanny" and hasattr(os, "nice"):
        os.nice(NICENESS)
    threading.Thread(target=_watch, args=(os.getppid(),), name="s2v-watchdog", daemon=True).start()


def _watch(parent: int) -> None:
    while os.getppid() == parent:  # an orphan is given to another process
        time.sleep(PERIOD)
    for child in psutil.Process().children(recursive=True):
        child.kill()
    os._exit(1)
