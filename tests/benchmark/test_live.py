"""A run of the benchmark for a page."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from s2v.benchmark.cell import empty_row
from s2v.benchmark.live import LOST, LiveRun
from s2v.engine.spread import LostError
from s2v.models.recipe import Recipe

CELLS = [Recipe(data="vmf:U3", predictor="knn", points=500, seed=seed) for seed in range(3)]

Calls = Sequence[tuple[Any, ...]]


def test_a_run_that_is_stopped_keeps_what_is_finished():
    def call(_: Any, calls: Calls, __: str, should_stop: Callable[[], bool]) -> Iterator[tuple[int, Any]]:
        yield 0, empty_row(calls[0][0])
        run.stop()
        assert should_stop()

    run = LiveRun(CELLS, call)
    assert run.live
    run.start()
    assert run.wait(60)
    assert (run.status, len(run.rows), run.progress.done, run.progress.left) == ("stopped", 1, 1, 0.0)


def test_a_run_without_workers_says_so():
    def lost(*_: Any) -> Iterator[tuple[int, Any]]:
        raise LostError
        yield

    run = LiveRun(CELLS, lost)
    run.start()
    assert run.wait(60)
    assert (run.status, run.message) == ("failed", LOST)


def test_an_unexpected_error_is_a_sentence():
    def broken(*_: Any) -> Iterator[tuple[int, Any]]:
        raise OSError("no more files")
        yield

    run = LiveRun(CELLS, broken)
    run.start()
    assert run.wait(60)
    assert (run.status, "(OSError)" in run.message) == ("failed", True)
