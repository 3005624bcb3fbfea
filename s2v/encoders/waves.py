"""Sines and cosines of scaled positions: most of the work of most encoders."""

from __future__ import annotations

import functools
import math
import threading
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

# Phases at a time: few enough that what is done with them happens in the processor's cache, enough that all cores
# share each operation of torch's.
_STRIP = 1 << 18
_MOST_TURNS = 512  # of a phase for which the products of float32 below are as good as those of float64, rounded
_TURN = 2 * math.pi
_LINE = 64  # bytes of a line of the processor's cache, and of the widest register

Array = Any  # a tensor, or an array of numpy's


def arrays(memory: Sequence[Tensor]) -> tuple[Any, list[Array]]:
    """The library that makes sines sooner there, and the memory as its arrays.

    For float32 on at most two cores that is numpy: it takes less than half of torch's time, but uses one core.  What
    is done with its waves is best done by it, too: to read what another core has just written takes up to nine times
    as long.
    """
    like = memory[0]
    if like.dtype == torch.float32 and like.device.type == "cpu" and torch.get_num_threads() <= 2:
        return np, [tensor.numpy() for tensor in memory]
    return torch, list(memory)


def waves(
    phase: Tensor, dtype: torch.dtype, sine: Tensor | None = None, cosine: Tensor | None = None
) -> tuple[Tensor, Tensor]:
    """Sine and cosine, in ``dtype``, of phases (..., n) in float64 radians.

    They are written to the memory ``sine`` and ``cosine``, where given; never to ``cosine`` alone.
    """
    if sine is None:
        if dtype == torch.float32:  # which can carry a phase less its whole turns, but not the turns as well
            phase = (phase - _TURN * (phase / _TURN).round()).to(dtype)
        return phase.sin(), phase.cos()
    cosine = _like(sine) if cosine is None else cosine
    xp, memory = arrays((sine, cosine))
    for some, *strip in _strips(xp, phase.numpy() if xp is np else phase, *memory):
        if dtype == torch.float32:
            _reduce(xp, some, _memory(some, 1, "float64")[0], strip[0])
            some = strip[0]
        _write(xp, some, *strip)
    return sine, cosine


def scaled_waves(
    position: Tensor,
    frequencies: tuple[float, ...],
    dtype: torch.dtype,
    sine: Tensor | None = None,
    cosine: Tensor | None = None,
) -> tuple[Tensor, Tensor]:
    """``waves`` (..., S, n) of positions (..., n), float64, times each of S frequencies; at most one axis before n."""
    if sine is None:
        column = torch.tensor(frequencies, dtype=torch.float64, device=position.device)[:, None]
        return waves(position[..., None, :] * column, dtype)
    cosine = _like(sine) if cosine is None else cosine
    xp, memory = arrays((sine, cosine))
    positions, *memory = (position, *memory) if sine.ndim > 2 else (position[None], *(array[None] for array in memory))
    phases = Phases(positions, frequencies, dtype, xp)
    for k, some in enumerate(zip(*memory, strict=True)):
        for rows in strips(xp, some[0]):
            phases.write(rows, k, *(array[rows] for array in some))
    return sine, cosine


class Phases:
    """Positions (k, n), float64, times each of S frequencies, for waves in ``dtype`` that are written to memory of xp.

    Float32 can carry a phase less its whole turns, but not the turns as well.  Where each factor is split into its
    first twelve binary digits, of which float32 holds the product exactly, and the rest, they can be left out without
    any float64: an encoding takes a tenth less.
    """

    def __init__(self, positions: Tensor, frequencies: tuple[float, ...], dtype: torch.dtype, xp: Any) -> None:
        self.xp, self.dtype = xp, dtype
        columns = _columns(frequencies)
        self.halves: Array | None = None  # (k, 2, n)
        if dtype == torch.float32 and positions.device.type == "cpu" and positions.numel():
            whole = positions.numpy()
            if np.abs(whole).max() * max(frequencies) <= _MOST_TURNS * _TURN:
                self.halves = self._array(_halves(whole))
                self.turns = tuple(self._array(column) for column in columns.turns)
                return
        self.positions = positions.numpy() if xp is np else positions
        self.radians = self._array(columns.radians)
        if xp is not np:
            self.radians = self.radians.to(positions.device)

    def _array(self, values: NDArray[Any]) -> Array:
        return values if self.xp is np else torch.from_numpy(values)

    def write(self, rows: slice, k: int, sine: Array, cosine: Array | None = None) -> tuple[Array, Array]:
        """The ``waves`` of the positions k and some of the frequencies, in this memory (rows, n)."""
        xp = self.xp
        cosine = _like(sine) if cosine is None else cosine
        if self.halves is not None:
            (first, rest), (f_first, f_rest, f) = self.halves[k], (column[rows] for column in self.turns)
            phase, spare = _memory(sine, 2, "float32")
            with np.errstate(under="ignore"):
                xp.multiply(first, f_first, out=phase)
                _round(xp)(phase, out=spare)
                xp.subtract(phase, spare, out=phase)
                xp.add(phase, xp.multiply(first, f_rest, out=spare), out=phase)
                xp.add(phase, xp.multiply(rest, f, out=spare), out=phase)
                xp.multiply(phase, _TURN, out=phase)
        elif self.dtype == torch.float32:
            phase, spare = _memory(sine, 2, "float64")
            _reduce(xp, xp.multiply(self.positions[k], self.radians[rows], out=phase), spare, sine)
            phase = sine
        else:
            phase = xp.multiply(self.positions[k], self.radians[rows], out=sine)
        _write(xp, phase, sine, cosine)
        return sine, cosine


class Columns(NamedTuple):
    """Frequencies (S, 1): in radians, float64; and in turns, float32: the first half, the rest and the whole."""

    radians: NDArray[np.float64]
    turns: tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]


@functools.lru_cache(maxsize=64)
def _columns(frequencies: tuple[float, ...]) -> Columns:
    radians = np.array(frequencies)[:, None]
    turns = radians / _TURN
    first, rest = _halves(turns.T)[0]
    return Columns(radians, (first[:, None], rest[:, None], turns.astype(np.float32)))


def _halves(whole: NDArray[np.float64]) -> NDArray[np.float32]:
    """Of numbers (k, n) the first twelve binary digits, and what is left: (k, 2, n)."""
    halves = np.empty((len(whole), 2, whole.shape[1]), dtype=np.float32)
    with np.errstate(under="ignore"):
        halves[:, 0] = whole
        halves[:, 0].view(np.int32)[...] &= -(1 << 12)
        np.subtract(whole, halves[:, 0], out=halves[:, 1], casting="same_kind")
    return halves


def strips(xp: Any, like: Array) -> list[slice]:
    """Rows of an array to work on at one time: as equal parts as can be, so that each core stays where it has been."""
    rows, size = len(like), math.prod(like.shape)
    count = 1 if _is_one_strip(xp, like) else -(-rows // max(1, _STRIP * rows // size))
    return [slice(rows * k // count, rows * (k + 1) // count) for k in range(count)]


def _strips(xp: Any, *some: Array) -> Iterator[tuple[Array, ...]]:
    """Arrays of one shape, some rows at a time: of their last two axes where those of the first are too large."""
    like = some[0]
    if _is_one_strip(xp, like):
        yield some
    elif like.ndim > 2 and not _is_one_strip(xp, like[0]):
        for parts in zip(*some, strict=True):
            yield from _strips(xp, *parts)
    else:
        yield from (tuple(array[rows] for array in some) for rows in strips(xp, like))


def _is_one_strip(xp: Any, like: Array) -> bool:
    on_other_device = xp is torch and like.device.type != "cpu"
    return on_other_device or math.prod(like.shape) <= _STRIP


def _round(xp: Any) -> Any:
    return np.rint if xp is np else torch.round


def _reduce(xp: Any, phase: Array, spare: Array, out: Array) -> None:
    """To float32 ``out`` the phase less its whole turns, while it is still float64."""
    with np.errstate(under="ignore"):
        xp.multiply(phase, 1 / _TURN, out=spare)
        _round(xp)(spare, out=spare)
        xp.multiply(spare, -_TURN, out=spare)
        out[...] = xp.add(phase, spare, out=spare)


def _write(xp: Any, phase: Array, sine: Array, cosine: Array) -> None:
    """The waves of a phase, which may be where the sines shall be."""
    with np.errstate(under="ignore"):
        xp.cos(phase, out=cosine)
        xp.sin(phase, out=sine)


def _like(array: Array) -> Array:
    return (
        torch.empty(array.shape, dtype=array.dtype, device=array.device)
        if isinstance(array, Tensor)
        else np.empty(array.shape, array.dtype)
    )


def _memory(like: Array, count: int, dtype: str) -> list[Array]:
    """``count`` arrays like this one.  On the CPU each thread keeps their memory: to have new costs more than to use
    it."""
    if isinstance(like, Tensor) and like.device.type != "cpu":
        return [torch.empty_like(like, dtype=getattr(torch, dtype)) for _ in range(count)]
    size = math.prod(like.shape)
    piece = -(-size * np.dtype(dtype).itemsize // _LINE) * _LINE  # bytes
    if count * piece > len(_scratch.memory):
        _scratch.memory = _aligned(count * piece)
    pieces = [_scratch.memory[k * piece : (k + 1) * piece].view(dtype)[:size] for k in range(count)]
    shaped = [values.reshape(like.shape) for values in pieces]
    return [torch.from_numpy(values) for values in shaped] if isinstance(like, Tensor) else shaped


def _aligned(size: int) -> NDArray[np.uint8]:
    """``size`` bytes.  numpy's own large arrays begin 16 bytes after a line: accesses of 64 bytes would meet two."""
    memory = np.empty(size + _LINE, np.uint8)
    start = -memory.ctypes.data % _LINE
    return memory[start : start + size]


class _Scratch(threading.local):
    def __init__(self) -> None:
        self.memory = _aligned(8 * _STRIP)


_scratch = _Scratch()
