"""Sines and cosines of scaled positions: most of the work of most encoders."""

from __future__ import annotations

import functools
import math
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

# Phases at a time: few enough that what is done with them happens in the processor's cache, enough that all cores
# share each operation.
_STRIP = 1 << 18
_MOST_TURNS = 512  # of a phase for which the products of float32 below are as good as those of float64, rounded
_TURN = 2 * math.pi


def waves(
    phase: Tensor, dtype: torch.dtype, sine: Tensor | None = None, cosine: Tensor | None = None
) -> tuple[Tensor, Tensor]:
    """Sine and cosine, in ``dtype``, of phases (..., n) in float64 radians.

    They are written to the memory ``sine`` and ``cosine``, where given; never to ``cosine`` alone.
    """
    if sine is None:
        if dtype == torch.float32:
            phase = _float32_radians(phase / _TURN, torch.empty_like(phase, dtype=dtype))
        return phase.sin(), phase.cos()
    cosine = _like(sine) if cosine is None else cosine
    with where_sines_are_made(sine):
        for phases, *memory in _strips(phase, sine, cosine):
            if dtype == torch.float32:
                turns = torch.mul(phases, 1 / _TURN, out=_float64_memory(phases))
                phases = _float32_radians(turns, memory[0])
            _write(phases, *memory)
    return sine, cosine


def scaled_waves(
    position: Tensor,
    frequencies: tuple[float, ...],
    dtype: torch.dtype,
    sine: Tensor | None = None,
    cosine: Tensor | None = None,
) -> tuple[Tensor, Tensor]:
    """``waves`` (..., S, n) of positions (..., n), float64, times each of S frequencies."""
    if sine is None:
        column = torch.tensor(frequencies, dtype=torch.float64, device=position.device)[:, None]
        return waves(position[..., None, :] * column, dtype)
    cosine = _like(sine) if cosine is None else cosine
    positions, *memories = (position, sine, cosine) if sine.ndim > 2 else (position[None], sine[None], cosine[None])
    with where_sines_are_made(sine):
        phases = Phases(positions, frequencies, dtype)
        for k, memory in enumerate(zip(*memories, strict=True)):
            sizes = strips(memory[0])
            for some, *strip in zip(phases.split(sizes), *(m.split(sizes) for m in memory), strict=True):
                some.write(k, *strip)
    return sine, cosine


class Phases:
    """Positions (k, n), float64, times each of S frequencies, for waves in ``dtype`` that are written to memory.

    Float32 can carry a phase less its whole turns, but not the turns as well.  Where each factor is split into its
    first twelve binary digits, of which float32 holds the product exactly, and the rest, they can be left out without
    any float64: half the memory, and so half the time.
    """

    def __init__(self, positions: Tensor, frequencies: tuple[float, ...], dtype: torch.dtype) -> None:
        self.positions = positions
        self.halves: Tensor | None = None  # (k, 2, n)
        # Whoever asks torch for faster products gets less exact ones.
        exact = torch.backends.mkldnn.matmul.fp32_precision in ("none", "ieee")  # type: ignore[attr-defined]
        if dtype == torch.float32 and exact and positions.device.type == "cpu" and positions.numel():
            whole = positions.numpy()
            if np.abs(whole).max() * max(frequencies) <= _MOST_TURNS * _TURN:
                self.halves = torch.from_numpy(_halves(whole))
                self.columns: tuple[Tensor, ...] = _split_column(frequencies)
                return
        self.columns = (_column(frequencies, dtype, positions.device),)

    def split(self, sizes: list[int]) -> Iterator[Phases]:
        """Those of so many frequencies at a time."""
        for columns in zip(*(column.split(sizes) for column in self.columns), strict=True):
            some = object.__new__(Phases)
            some.positions, some.halves, some.columns = self.positions, self.halves, columns
            yield some

    def write(self, k: int, sine: Tensor, cosine: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """The ``waves`` of the positions k, in this memory (S, n)."""
        cosine = _like(sine) if cosine is None else cosine
        if self.halves is not None:
            first, rest = self.columns
            halves = self.halves[k]
            torch.mul(halves[0], first, out=sine).frac_()
            torch.addmm(sine, rest, halves, beta=_TURN, alpha=_TURN, out=sine)
        elif sine.dtype == torch.float32:
            _float32_radians(torch.mul(self.positions[k], self.columns[0], out=_float64_memory(sine)), sine)
        else:
            torch.mul(self.positions[k], self.columns[0], out=sine)
        _write(sine, sine, cosine)
        return sine, cosine


@functools.lru_cache(maxsize=64)
def _column(frequencies: tuple[float, ...], dtype: torch.dtype, device: torch.device) -> Tensor:
    """(S, 1), in float64: for waves of float64 in radians, for those of float32 in turns."""
    column = torch.tensor(frequencies, dtype=torch.float64, device=device)[:, None]
    return column if dtype == torch.float64 else column / _TURN


@functools.lru_cache(maxsize=64)
def _split_column(frequencies: tuple[float, ...]) -> tuple[Tensor, Tensor]:
    """In turns: the first halves (S, 1), and what the two halves of a position are multiplied with (S, 2)."""
    whole = np.array(frequencies)[:, None] / _TURN
    halves = _halves(whole)
    return torch.from_numpy(halves[:, 0]), torch.from_numpy(np.hstack((halves[:, 1], whole.astype(np.float32))))


def _halves(whole: NDArray[np.float64]) -> NDArray[np.float32]:
    """Of numbers (k, n) the first twelve binary digits, and what is left: (k, 2, n)."""
    halves = np.empty((len(whole), 2, whole.shape[1]), dtype=np.float32)
    halves[:, 0] = whole
    halves[:, 0].view(np.int32)[...] &= -(1 << 12)
    np.subtract(whole, halves[:, 0], out=halves[:, 1], casting="same_kind")
    return halves


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


def strips(like: Tensor) -> list[int]:
    """How many rows of a tensor at a time: enough to keep all cores busy, few enough for the processor's cache.

    They are as equal as can be: each core then writes to the memory where it has written before.
    """
    rows = len(like)
    count = 1 if _is_one_strip(like) else -(-rows // max(1, _STRIP * rows // like.numel()))
    ends = [rows * k // count for k in range(count + 1)]
    return [b - a for a, b in pairwise(ends)]


def _strips(*tensors: Tensor) -> Iterator[tuple[Tensor, ...]]:
    """Tensors of one shape, some rows at a time: of their last two axes where those of the first are too large."""
    like = tensors[0]
    if _is_one_strip(like):
        yield tensors
    elif like.ndim > 2 and not _is_one_strip(like[0]):
        for some in zip(*tensors, strict=True):
            yield from _strips(*some)
    else:
        sizes = strips(like)
        yield from zip(*(tensor.split(sizes) for tensor in tensors), strict=True)


def _is_one_strip(like: Tensor) -> bool:
    return like.numel() <= _STRIP or like.device.type != "cpu"


def _write(phase: Tensor, sine: Tensor, cosine: Tensor) -> None:
    """The waves of a phase, which may be where the sines shall be."""
    if _by_numpy(sine):
        radians = phase.numpy()
        np.cos(radians, cosine.numpy())
        np.sin(radians, sine.numpy())
    else:
        torch.cos(phase, out=cosine)
        torch.sin(phase, out=sine)


def _like(sine: Tensor) -> Tensor:
    return torch.empty_like(sine, memory_format=torch.contiguous_format)


def _float32_radians(turns: Tensor, out: Tensor) -> Tensor:
    """The phase, less whole turns while it is still float64: float32 carries what is left."""
    return out.copy_(turns.frac_()).mul_(_TURN)


def _float64_memory(like: Tensor) -> Tensor:
    """On the CPU memory that each thread keeps: new memory costs more than what is done in it."""
    if like.device.type != "cpu":
        return torch.empty_like(like, dtype=torch.float64)
    if like.numel() > len(_scratch.memory):
        _scratch.enlarge(like.numel())
    return _scratch.memory[: like.numel()].view(like.shape)


class _Scratch(threading.local):
    def __init__(self) -> None:
        self.enlarge(_STRIP)

    @torch.inference_mode(False)  # or else it could not be written to outside inference mode
    def enlarge(self, size: int) -> None:
        self.memory = torch.from_numpy(np.empty(size))


_scratch = _Scratch()
