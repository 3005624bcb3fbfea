"""Memory that is free goes back to the system: Python keeps rings of dead objects, the C library what was freed."""

from __future__ import annotations

import contextlib
import ctypes
import gc

HEAPS = 2
_ARENA_MAX = -8  # M_ARENA_MAX of malloc.h


def keep_few_heaps() -> None:
    """Has all threads share ``HEAPS`` heaps.  glibc would give threads up to eight for each core, and what a short
    thread leaves in its own, such as each look at a page is, nobody else can use."""
    with contextlib.suppress(AttributeError, OSError, TypeError):  # other C libraries than glibc cannot be asked
        ctypes.CDLL(None).mallopt(_ARENA_MAX, HEAPS)


def give_back() -> None:
    """Searches for what nobody needs and gives it back: some tenths of a second, for moments when nobody waits."""
    gc.collect()
    with contextlib.suppress(AttributeError, OSError, TypeError):  # other C libraries than glibc cannot be asked
        ctypes.CDLL(None).malloc_trim(0)
