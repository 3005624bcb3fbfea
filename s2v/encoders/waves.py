"""Sines and cosines of scaled positions: most of the work of most encoders."""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence
from types import ModuleType
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

_TURN = 2 * math.pi

Array = Any  # a tensor, or an array of numpy's


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
    if library((sine,), phase) is torch:
        return _copied(waves(phase, dtype), sine, cosine)
    cosine = torch.empty_like(sine) if cosine is None else cosine
    rows, *memory = (tensor.numpy()[None] if tensor.ndim == 1 else tensor.numpy() for tensor in (phase, sine, cosine))
    for index in np.ndindex(rows.shape[:-2]):
        some = np.ascontiguousarray(rows[index])
        write(some, np.ones(len(some)), *(array[index] for array in memory))
    return sine, cosine


def scaled_waves(
    position: Tensor,
    frequencies: tuple[float, ...],
    dtype: torch.dtype,
    sine: Tensor | None = None,
    cosine: Tensor | None = None,
) -> tuple[Tensor, Tensor]:
    """``waves`` (..., S, n) of positions (..., n), float64, times each of S frequencies."""
    if sine is None or library((sine,), position, frequencies) is torch:
        column = torch.tensor(frequencies, dtype=torch.float64, device=position.device)[:, None]
        made = waves(position[..., None, :] * column, dtype)
        return made if sine is None else _copied(made, sine, cosine)
    cosine = torch.empty_like(sine) if cosine is None else cosine
    positions, *memory = np.ascontiguousarray(position.numpy()), sine.numpy(), cosine.numpy()
    for index in np.ndindex(positions.shape[:-1]):
        write(positions[index], np.array(frequencies), *(array[index] for array in memory))
    return sine, cosine


def library(memory: Sequence[Tensor | None], position: Tensor, frequencies: Sequence[float] = (1.0,)) -> Any:
    """What writes the waves of float64 positions times the frequencies to this memory: numpy, if they are compiled.

    It is torch for memory on another device, for none at all, as the result will be differentiated, for phases that
    are too large, and where numba is missing.  What is done with the waves is best done by the same: another core takes
    up to nine times as long to read what one has just written.
    """
    if not memory or memory[0] is None or memory[0].device.type != "cpu" or (compiled := _compiled()) is None:
        return torch
    values = position.numpy()
    greatest = max(values.max(), -values.min()) * max(frequencies) if values.size else 0.0
    return np if greatest <= compiled.MOST else torch


def write(
    position: NDArray[np.float64], frequencies: NDArray[np.float64], sine: Array, cosine: Array | None = None
) -> tuple[Array, Array]:
    """Waves (S, n) of positions (n,) or (S, n) times the frequencies (S,), in memory whose ``library`` is numpy."""
    cosine = np.empty(sine.shape, sine.dtype) if cosine is None else cosine
    if sine.size:
        compiled: Any = _compiled()
        kernel = compiled.float32 if sine.dtype == np.float32 else compiled.float64
        step = position.shape[-1] if position.ndim > 1 else 0
        kernel(position.reshape(-1), step, frequencies, *_flat(sine), *_flat(cosine), sine.shape[1])
    return sine, cosine


@functools.cache
def _compiled() -> ModuleType | None:
    """The compiled waves, imported when first wanted, as numba takes a quarter of a second; None without it."""
    try:
        from s2v.encoders import sincos
    except ImportError:
        return None
    return sincos


def _flat(rows: Array) -> tuple[Array, int]:
    """All memory from the first to the last number of an array (S, n), and the step from row to row."""
    step = rows.strides[0] // rows.itemsize
    size = (len(rows) - 1) * step + rows.shape[1]
    return np.lib.stride_tricks.as_strided(rows, (size,), (rows.itemsize,)), step


def _copied(made: tuple[Tensor, Tensor], sine: Tensor, cosine: Tensor | None) -> tuple[Tensor, Tensor]:
    return sine.copy_(made[0]), made[1] if cosine is None else cosine.copy_(made[1])
