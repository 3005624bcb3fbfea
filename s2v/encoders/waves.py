"""Sines and cosines of scaled positions: most of the work of most encoders."""

from __future__ import annotations

import contextlib
import functools
import logging
import math
from collections.abc import Sequence
from types import ModuleType
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from s2v.encoders.blocks import constant

log = logging.getLogger(__name__)

_TURN = 2 * math.pi

Array = Any  # a tensor or a numpy array


def waves(
    phase: Tensor, dtype: torch.dtype, sine: Tensor | None = None, cosine: Tensor | None = None
) -> tuple[Tensor, Tensor]:
    """Sine and cosine, in ``dtype``, of phases (..., n) in float64 radians.

    They are written to ``sine`` and ``cosine`` where these are given, with a contiguous last axis; never to ``cosine``
    alone.
    """
    if sine is None:
        if dtype == torch.float32:  # too short for the phase, but not for the rest without whole turns
            phase = (phase - _TURN * (phase / _TURN).round()).to(dtype)
        return phase.sin(), phase.cos()
    if not are_compiled(sine, phase):
        return _copied(waves(phase, dtype), sine, cosine)
    cosine = torch.empty_like(sine) if cosine is None else cosine
    whole: tuple[Tensor, ...] = (phase, sine, cosine)
    with contextlib.suppress(RuntimeError):  # the axes before the last cannot be merged, or there is nothing
        whole = tuple(tensor.view(-1, tensor.shape[-1]) for tensor in whole)
    phases, *memory = (tensor.numpy() for tensor in whole)
    for index in np.ndindex(phases.shape[:-2]):
        some = np.ascontiguousarray(phases[index])
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
    if sine is None or not are_compiled(sine, position, frequencies):
        column = constant(frequencies, position)[:, None]
        made = waves(position[..., None, :] * column, dtype)
        return made if sine is None else _copied(made, sine, cosine)
    cosine = torch.empty_like(sine) if cosine is None else cosine
    positions, *memory = np.ascontiguousarray(position.numpy()), sine.numpy(), cosine.numpy()
    factors = np.array(frequencies, dtype=np.float64)
    for index in np.ndindex(positions.shape[:-1]):
        write(positions[index], factors, *(array[index] for array in memory))
    return sine, cosine


def are_compiled(memory: Tensor | None, position: Tensor, frequencies: Sequence[float] = (1.0,)) -> bool:
    """Whether ``write`` can compute the waves of float64 positions times the frequencies into this memory.

    Otherwise torch does: on another device, without memory (the result will be differentiated), for phases that are
    too large, and without numba.
    """
    if memory is None or memory.device.type != "cpu" or (compiled := _compiled()) is None:
        return False
    values, highest = position.numpy(), max(map(abs, frequencies), default=0.0)
    return not values.size or max(values.max(), -values.min()) * highest <= compiled.MAX_PHASE


def write(
    position: NDArray[np.float64], frequencies: NDArray[np.float64], sine: Array, cosine: Array | None = None
) -> tuple[Array, Array]:
    """Waves (S, n) of positions (n,) or (S, n) times frequencies (S,), into memory that ``are_compiled`` accepts."""
    cosine = np.empty(sine.shape, sine.dtype) if cosine is None else cosine
    shape = len(frequencies), position.shape[-1]
    if not sine.shape == cosine.shape == shape or position.shape not in (shape, shape[1:]):
        raise ValueError(f"Waves {shape} of positions {position.shape} do not fit {sine.shape} and {cosine.shape}.")
    if sine.size:
        compiled: Any = _compiled()
        step, terms = shape[1] if position.ndim > 1 else 0, compiled.TERMS[sine.dtype.type]
        compiled.fill(position.reshape(-1), step, frequencies, *_flat(sine), *_flat(cosine), shape[1], *terms)
    return sine, cosine


@functools.cache
def _compiled() -> ModuleType | None:
    """The compiled waves, imported on first use, as numba takes a quarter of a second; None without it."""
    try:
        from s2v.encoders import compiled_waves
    except ImportError:
        return None
    except Exception:
        log.exception("Waves cannot be compiled here: torch computes them, which takes longer")
        return None
    return compiled_waves


def _flat(rows: Array) -> tuple[Array, int]:
    """A flat view from the first to the last number of an array (S, n), and the step from row to row."""
    if rows.shape[1] > 1 and rows.strides[1] != rows.itemsize:
        raise ValueError(f"The numbers of a row are {rows.strides[1]} bytes apart, not {rows.itemsize}.")
    step = rows.strides[0] // rows.itemsize
    size = (len(rows) - 1) * step + rows.shape[1]
    return np.lib.stride_tricks.as_strided(rows, (size,), (rows.itemsize,)), step


def _copied(made: tuple[Tensor, Tensor], sine: Tensor, cosine: Tensor | None) -> tuple[Tensor, Tensor]:
    return sine.copy_(made[0]), made[1] if cosine is None else cosine.copy_(made[1])
