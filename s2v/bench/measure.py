"""Time and memory of a call."""

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

import torch
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
    """Median seconds of each call, after a round that is not counted.  ``ValueError`` for fewer than one repetition.

    The calls take turns, so that a change of load affects all of them, in an order that changes each time: each call
    finds the processor's cache and the memory as the call before left them.
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


def waited_for(call: Call, device: torch.device) -> Call:
    """The call, until it has ended on the device, too."""
    if device.type != "cuda":
        return call

    def whole() -> Any:
        result = call()
        torch.cuda.synchronize(device)
        return result

    return whole


def peak_over_output(call: Callable[[], Tensor]) -> float:
    """Peak memory of torch and numpy in a call, the result included, over the size of the result.

    On a GPU that of torch's allocator there.  On the CPU the profiler sees all allocations of torch, also inside an
    operation; tracemalloc sees those of numpy.  The two peaks are added, whether or not they coincide.
    """
    result = call()  # memory cached by the first call is not a cost of each call
    size, device = result.numel() * result.element_size(), result.device
    del result
    if device.type == "cuda":
        return _gpu_peak(call, device) / size
    collects = gc.isenabled()
    gc.disable()  # memory that it frees would hide memory that the call takes
    try:
        return (_torch_peak(call) + _numpy_peak(call)) / size
    finally:
        if collects:
            gc.enable()


def _gpu_peak(call: Call, device: torch.device) -> int:
    torch.cuda.synchronize(device)
    torch.cuda.reset_peak_memory_stats(device)
    before = torch.cuda.memory_allocated(device)
    call()
    torch.cuda.synchronize(device)
    return torch.cuda.max_memory_allocated(device) - before


def _torch_peak(call: Call) -> int:
    with _quiet_stderr(), profile(activities=[ProfilerActivity.CPU], profile_memory=True) as profiler:
        call()
    results = profiler.profiler
    assert results is not None
    changes = sorted(
        (event.start_ns(), event.nbytes()) for event in results.kineto_results.events() if event.name() == "[memory]"
    )
    held = peak = 0
    for _, change in changes:
        held += change
        peak = max(peak, held)
    return peak


def _numpy_peak(call: Call) -> int:
    """Including Python's objects; the minimum of three calls, since other threads allocate, too."""
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
    """The profiler writes two lines to file descriptor 2 each time."""
    saved, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(saved, 2)
        os.close(saved)
        os.close(nowhere)
