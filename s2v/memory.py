"""Return free memory to the system: Python keeps cycles of dead objects, and the C library keeps what was freed."""

from __future__ import annotations

import contextlib
import ctypes
import gc

MAX_HEAPS = 2
MIN_MAPPED_BYTES = 256 << 10
_ARENA_MAX, _MMAP_THRESHOLD = -8, -3  # M_ARENA_MAX and M_MMAP_THRESHOLD of malloc.h


def limit_heaps() -> None:
    """Let all threads share ``MAX_HEAPS`` heaps, and map ``MIN_MAPPED_BYTES`` and more apart, to be returned at once.

    By default glibc gives threads up to eight heaps for each core, and no other thread can use what a short-lived one
    (each run of a page) leaves in its heap.  It would also move large blocks into the heaps after the first picture,
    where small blocks between them keep the memory from being returned.
    """
    with contextlib.suppress(AttributeError, OSError, TypeError):  # C libraries other than glibc lack mallopt
        library = ctypes.CDLL(None)
        library.mallopt(_ARENA_MAX, MAX_HEAPS)
        library.mallopt(_MMAP_THRESHOLD, MIN_MAPPED_BYTES)


def free_unused() -> None:
    """Collect garbage and return free memory to the system: takes some tenths of a second, so call it when idle."""
    gc.collect()
    with contextlib.suppress(AttributeError, OSError, TypeError):  # C libraries other than glibc lack malloc_trim
        ctypes.CDLL(None).malloc_trim(0)
