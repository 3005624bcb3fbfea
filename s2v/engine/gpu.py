"""Whether a worker of the embedded cluster has a GPU: it looks by itself, since the server's process loads no torch."""

from __future__ import annotations

import ctypes
import sys
from typing import Any

from s2v.engine.cluster import GPU

DRIVER = "nvcuda.dll" if sys.platform == "win32" else "libcuda.so.1"


def sees_gpu() -> bool:
    """Whether torch sees a CUDA GPU here.  Torch is loaded, which takes a second, only where there is a driver."""
    try:
        ctypes.CDLL(DRIVER)
    except OSError:
        return False
    import torch

    return torch.cuda.is_available()


def announced(spec: dict[str, Any]) -> dict[str, Any]:
    """The spec of a process, such that a worker announces the GPU that it sees.

    All workers of a machine announce the same one: they take turns on it.
    """
    if spec["cls"] != "distributed.Worker" or not sees_gpu():
        return spec
    return {**spec, "opts": {**spec["opts"], "resources": {GPU: 1}}}
