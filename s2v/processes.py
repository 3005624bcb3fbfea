"""Processes for what may be damaged, or take long: a module of this project by itself, asked and answering by pipes."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

_ROOT = Path(__file__).resolve().parents[1]  # the folder that holds s2v


def start(module: str, *arguments: str) -> subprocess.Popen[bytes]:
    """``python -m MODULE ARGUMENT ...`` with one thread, in a group of its own, so that Ctrl-C here does not reach it.

    Its input and its output are pipes; what it writes to its error output is dropped.
    """
    paths = os.pathsep.join(filter(None, [str(_ROOT), os.environ.get("PYTHONPATH")]))
    return subprocess.Popen(
        [sys.executable, "-m", module, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "PYTHONPATH": paths, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"},
        process_group=0,
    )
