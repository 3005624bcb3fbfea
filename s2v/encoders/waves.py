"""Sines and cosines of scaled positions: most of the work of most encoders."""

from __future__ import annotations

import math
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import torch
from torch import Tensor

# Phases at a time: few enough that what is done with them happens in the processor's cache, enough that all cores
# share each operation.
_STRIP = 1 << 18


def waves(
    position: Tensor,
    frequencies: Tensor,
    dtype: torch.dtype,
    sine: Tensor | None = None,
    cosine: Tensor | None = None,
) -> tuple[Tensor, Tensor]:
    """Sine and cosine, in ``dtype``, of ``position * frequencies``, both float64, which broadcast.

    They are written to the memory ``sine`` and ``cosine``, where given; never to ``cosine`` alone.
    """
    per_unit = frequencies if dtype == torch.float64 else frequencies / (2 * math.pi)  # radians, or turns
    if sine is None or sine.device.type != "cpu":
        phase = position * per_unit
        phase = phase if dtype == torch.float64 else _float32_radians(phase, torch.empty_like(phase, dtype=dtype))
        return torch.sin(phase, out=sine), torch.cos(phase, out=cosine)
    cosine = torch.empty_like(sine, memory_format=torch.contiguous_format) if cosine is None else cosine
    with where_sines_are_made(sine):
        _write(position.expand(sine.shape), per_unit.expand(sine.shape), sine, cosine)
    return sine, cosine


@contextmanager
def where_sines_are_made(like: Tensor) -> Iterator[None]:
    """Inside, torch uses one core where the waves of tensors such as ``like`` are made on one: by numpy.

    What another core has in its cache takes up to nine times as long as one's own.  Threads that use torch for the
    first time meanwhile keep to one core, too.
    """
    threads = torch.get_num_threads()
    if threads == 1 or not _by_numpy(like):
        yield
        return
    torch.set_num_threads(1)  # takes less than a microsecond
    try:
        yield
    finally:
        torch.set_num_threads(threads)


def _by_numpy(like: Tensor) -> bool:
    """For sines of float32 numpy takes less than half of torch's time, but uses one core."""
    return like.dtype == torch.float32 and like.device.type == "cpu" and torch.get_num_threads() <= 2


def _write(position: Tensor, per_unit: Tensor, sine: Tensor, cosine: Tensor) -> None:
    """The waves (..., n) of any number of phases, strip by strip."""
    wanted = (position, per_unit, sine, cosine)
    if sine.numel() <= _STRIP:
        _write_strip(*wanted)
    elif len(sine) == 1:
        _write(*(tensor[0] for tensor in wanted))
    else:
        for strip in strips(sine):
            _write(*(tensor[strip] for tensor in wanted))


def strips(like: Tensor) -> list[slice]:
    """Of the rows of a tensor: enough of them at a time to keep all cores busy, few enough for the processor's cache.

    They are as equal as can be: each core then writes to the scratch memory where it has written before.
    """
    rows = len(like)
    count = max(1, -(-rows // max(1, _STRIP * rows // max(1, like.numel()))))
    return [slice(rows * k // count, rows * (k + 1) // count) for k in range(count)]


def _write_strip(position: Tensor, per_unit: Tensor, sine: Tensor, cosine: Tensor) -> None:
    phase = torch.mul(position, per_unit, out=_scratch.phase[: sine.numel()].view(sine.shape))
    if sine.dtype == torch.float32:
        phase = _float32_radians(phase, _scratch.narrow[: sine.numel()].view(sine.shape))
    if _by_numpy(phase):
        np.sin(phase.numpy(), sine.numpy())
        np.cos(phase.numpy(), cosine.numpy())
        return
    torch.sin(phase, out=sine)
    torch.cos(phase, out=cosine)


def _float32_radians(turns: Tensor, out: Tensor) -> Tensor:
    """The phase, less whole turns while it is still float64: float32 carries what is left."""
    return out.copy_(turns.frac_()).mul_(2 * math.pi)


class _Scratch(threading.local):
    """Memory that each thread keeps: new memory costs more than what is done in it."""

    def __init__(self) -> None:
        self.phase = torch.from_numpy(np.empty(_STRIP))
        self.narrow = torch.from_numpy(np.empty(_STRIP, dtype=np.float32))


_scratch = _Scratch()
