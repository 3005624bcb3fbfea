"""Memory goes back to the system where the C library can be asked, and asking never fails."""

from __future__ import annotations

import gc
import weakref

import pytest

from s2v import memory


class Ring:
    def __init__(self) -> None:
        self.itself = self


def test_what_nobody_needs_is_given_back():
    gc.disable()
    try:
        ring = weakref.ref(Ring())
        assert ring() is not None
        memory.free_unused()
        assert ring() is None
    finally:
        gc.enable()


def test_another_c_library_is_not_asked(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(memory.ctypes, "CDLL", lambda name: object())
    memory.free_unused()
    memory.limit_heaps()
