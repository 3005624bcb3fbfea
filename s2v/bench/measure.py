"""Seconds and bytes of a call."""

from __future__ import annotations

import gc
import os
import statistics
import time
import tracemalloc
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from itertools import cycle, islice, permutations
from typing import Any, NamedTuple

from torch import Tensor
from torch.profiler import ProfilerActivity, profile

Call = Callable[[], Any]


class Clock(NamedTuple):
    """What is read before and after a call."""

    title: str
    read: Callable[[], float]


WALL = Clock("by the clock", time.perf_counter)
CPU = Clock("by processor time", time.process_time)
CLOCKS = {"wall": WALL, "cpu": CPU}


def seconds(calls: Mapping[str, Call], repeat: int, clock: Clock = WALL) -> dict[str, float]:
    """Median seconds of each call.  They take turns, so that a change of load meets all of them, in an order that
    changes each time: a call finds the processor's cache and the memory as the one before has left them.

    One round before is not counted.  ``ValueError`` for fewer than one repetition.
    """
    if repeat < 1:
        raise ValueError(f"repeat={repeat} is not a whole number of at least 1.")
    times: dict[str, list[float]] = {name: [] for name in calls}
    for turn, order in enumerate(islice(cycle(permutations(calls)), repeat + 1)):
        for name in order:
            start = clock.read()
            calls[name]()
            elapsed = clock.read() - start
            if turn > 0:
                times[name].append(elapsed)
    return {name: statistics.median(values) for name, values in times.items()}


def peak_over_output(call: Callable[[], Tensor]) -> float:
    """Most bytes that torch's allocator and numpy's had handed out at one time in ``call``, over those of its result.

    The profiler sees every allocation of torch's on the CPU, those inside an operation too, tracemalloc numpy's.  The
    greatest of each are added, whether they fell together or not; the result is one of them.
    """
    result = call()  # what is kept from the first call on is not a cost of each
    size = result.numel() * result.element_size()
    del result
    collects = gc.isenabled()
    gc.disable()  # what it gives back in a call would hide what the call takes
    try:
        return (_torchs_peak(call) + _numpys_peak(call)) / size
    finally:
        if collects:
            gc.enable()


def _torchs_peak(call: Call) -> int:
    with _quiet_stderr(), profile(activities=[ProfilerActivity.CPU], profile_memory=True) as profiler:
        call()
    results = profiler.profiler
    assert results is not None
    changes = sorted(
        (event.start_ns(), event.nbytes()) for event in results.kineto_results.events() if event.name() == "[memory]"
    )
    held = most = 0
    for _, change in changes:
        held += change
        most = max(most, held)
    return most


def _numpys_peak(call: Call) -> int:
    """With Python's own: the least of three calls, since other threads allocate as well."""
    peaks = []
    tracemalloc.start()
    try:
        for _ in range(3):
            before = tracemalloc.get_traced_memory()[0]
            tracemalloc.reset_peak()
            call()
            peaks.append(tracemalloc.get_traced_memory()[1] - before)
    finally:
        tracemalloc.stop()
    return min(peaks)


@contextmanager
def _quiet_stderr() -> Iterator[None]:
    """The profiler writes two lines of its own to file descriptor 2 each time."""
    saved, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(saved, 2)
        os.close(saved)
        os.close(nowhere)
