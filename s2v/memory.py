"""Memory that is free goes back to the system: Python keeps rings of dead objects, the C library what was freed."""

from __future__ import annotations

import contextlib
import ctypes
import gc

HEAPS = 2
LARGE = 256 << 10  # bytes
_ARENA_MAX, _MMAP_THRESHOLD = -8, -3  # M_ARENA_MAX and M_MMAP_THRESHOLD of malloc.h


def keep_heaps_small() -> None:
    """Has all threads share ``HEAPS`` heaps, and gives what is ``LARGE`` memory of its own, which goes back at once.

    glibc would give threads up to eight heaps for each core, and what a short thread leaves in its own, such as each
    look at a page is, nobody else can use.  And from the first picture on it would put all pictures into the heaps,
    where the small things between them that stay keep the room that large ones leave.
    """
    with contextlib.suppress(AttributeError, OSError, TypeError):  # other C libraries than glibc cannot be asked
        library = ctypes.CDLL(None)
        library.mallopt(_ARENA_MAX, HEAPS)
        library.mallopt(_MMAP_THRESHOLD, LARGE)


def give_back() -> None:
    """Searches for what nobody needs and gives it back: some tenths of a second, for moments when nobody waits."""
    gc.collect()
    with contextlib.suppress(AttributeError, OSError, TypeError):  # other C libraries than glibc cannot be asked
        ctypes.CDLL(None).malloc_trim(0)
