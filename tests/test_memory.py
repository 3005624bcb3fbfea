"""Unused memory is freed where the C library can do it, and trying never fails."""

from __future__ import annotations

import gc
import weakref

import pytest

from s2v import memory


class Ring:
    def __init__(self) -> None:
        self.itself = self


def test_unreachable_cycles_are_collected():
    gc.disable()
    try:
        ring = weakref.ref(Ring())
        assert ring() is not None
        memory.free_unused()
        assert ring() is None
    finally:
        gc.enable()


def test_another_c_library_does_no_harm(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(memory.ctypes, "CDLL", lambda name: object())
    memory.free_unused()
    memory.limit_heaps()
