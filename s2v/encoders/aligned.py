"""Memory that begins where a line of the processor's cache does."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

LINE = 64  # bytes of a line, and of the widest register


def aligned(size: int) -> NDArray[np.uint8]:
    """``size`` bytes.  numpy's own large arrays begin 16 bytes after a line: accesses of 64 bytes would meet two."""
    memory = np.empty(size + LINE, np.uint8)
    start = -memory.ctypes.data % LINE
    return memory[start : start + size]
