"""Memory that is free goes back to the system: Python keeps rings of dead objects, the C library what was freed."""

from __future__ import annotations

import contextlib
import ctypes
import gc


def give_back() -> None:
    """Searches for what nobody needs and gives it back: some tenths of a second, for moments when nobody waits."""
    gc.collect()
    with contextlib.suppress(AttributeError, OSError, TypeError):  # other C libraries than glibc cannot be asked
        ctypes.CDLL(None).malloc_trim(0)
