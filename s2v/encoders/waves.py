"""Sines and cosines of scaled positions: most of the work of most encoders."""

from __future__ import annotations

import math
import threading

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
    _write(position.expand(sine.shape), per_unit.expand(sine.shape), sine, cosine)
    return sine, cosine


def _write(position: Tensor, per_unit: Tensor, sine: Tensor, cosine: Tensor) -> None:
    """The waves (..., n) of any number of phases, strip by strip."""
    wanted = (position, per_unit, sine, cosine)
    if sine.numel() <= _STRIP:
        _write_strip(*wanted)
    elif len(sine) == 1:
        _write(*(tensor[0] for tensor in wanted))
    else:
        # As equal as can be: each core then writes to the scratch memory where it has written before.  What another
        # core has in its cache takes seven times as long.
        strips = -(-len(sine) // max(1, _STRIP * len(sine) // sine.numel()))
        for strip in zip(*(tensor.tensor_split(strips) for tensor in wanted), strict=True):
            _write(*strip)


def _write_strip(position: Tensor, per_unit: Tensor, sine: Tensor, cosine: Tensor) -> None:
    phase = torch.mul(position, per_unit, out=_scratch.phase[: sine.numel()].view(sine.shape))
    if sine.dtype == torch.float32:
        phase = _float32_radians(phase, _scratch.narrow[: sine.numel()].view(sine.shape))
        if torch.get_num_threads() <= 2:  # numpy takes less than half of torch's time, but each call on one core
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
