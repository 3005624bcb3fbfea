"""Similarity to one place in closed form, for codes made of waves.

If the code of a place holds the sines and the cosines of many phases, the dot product of two codes is the sum of the
cosines of the phases' differences: one cosine instead of a sine and a cosine, and no code is ever written out.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from s2v.encoders.base import Encoder
from s2v.fields import Grid

_PIECE = 1 << 18  # cosines at a time: they stay in the processor's cache


@dataclass(frozen=True)
class Waves:
    """A code of sines and cosines of ``position(places) @ phases``, and perhaps of the position itself.

    ``position`` takes places (n, 2) in degrees, float64, to (n, k); ``phases`` (k, waves) are radians in a unit of it.
    ``straight`` is a position that moves evenly along each parallel.
    """

    position: Callable[[Tensor], Tensor]
    phases: Tensor
    with_position: bool = False
    straight: bool = False

    @property
    def count(self) -> int:
        """Cosines in the similarity of two places."""
        return self.phases.shape[1]

    def dot(self, center: Any, places: NDArray[Any], dtype: torch.dtype = torch.float32) -> Tensor:
        """Dot products (n,) of the codes of ``places`` (n, 2) with the code of ``center`` (2,).

        Phases are float64: those of float32 would be noise for waves of less than some kilometres.
        """
        found, middle = self._at(places), self._at(center)
        offset, result = found - middle, torch.empty(len(found), dtype=dtype)
        turns = self.phases / (2 * math.pi)
        for part, out in zip(self._pieces(offset), self._pieces(result), strict=True):
            torch.sum(_turned(part @ turns, dtype).cos_(), 1, out=out)
        return result.add_((found @ middle).to(dtype)) if self.with_position else result

    def cosines(self, grid: Grid) -> int:
        """How many sines and cosines ``dot_on`` computes for a grid."""
        most = 2 * sum(_two_steps(grid.columns)) if self.straight else grid.columns
        return grid.rows * most * self.count

    def dot_on(self, center: Any, grid: Grid) -> Tensor:
        """``dot`` (rows, columns) at the cells of an equirectangular grid.

        Where phases grow evenly along a parallel, a cell's phase is the sum of a long and a short step's, and its
        cosine cos(a + b) = cos(a) cos(b) - sin(a) sin(b): some dozen steps of each kind and a matrix product take the
        place of a cosine for every cell.
        """
        if not self.straight:
            return self.dot(center, grid.lonlat.reshape(-1, 2)).reshape(grid.shape)
        longs, shorts = _two_steps(grid.columns)
        west, east = self._at(grid.lonlat[:, 0]), self._at(grid.lonlat[:, -1])
        turns = self.phases / (2 * math.pi)
        start = (west - self._at(center)) @ turns  # (rows, waves)
        step = (east - west) / (grid.columns - 1) @ turns
        result = torch.empty(grid.rows, longs * shorts)
        rows = max(1, _PIECE // ((longs + shorts) * self.count))
        for a, b, out in zip(start.split(rows), step.split(rows), result.split(rows), strict=True):
            long = _turned(a[:, None] + b[:, None] * (shorts * torch.arange(longs))[:, None])
            short = _turned(b[:, None] * torch.arange(shorts)[:, None])
            products = long.cos() @ short.cos().mT - long.sin() @ short.sin().mT
            out.copy_(products.reshape(out.shape))
        return result[:, : grid.columns]

    def norms(self, places: NDArray[Any], dtype: torch.dtype = torch.float32) -> Tensor:
        """Lengths (n,) of the codes of ``places`` (n, 2)."""
        squared = torch.full((len(places),), float(self.count), dtype=dtype)
        if self.with_position:
            squared += self._at(places).square().sum(1).to(dtype)
        return squared.sqrt()

    def _at(self, places: Any) -> Tensor:
        return self.position(torch.from_numpy(np.asarray(places, dtype=float)))

    def _pieces(self, values: Tensor) -> tuple[Tensor, ...]:
        return values.split(max(1, _PIECE // self.count))


def waves_of(enc: Any) -> Waves | None:
    """An encoder's code as waves, or None for one that is not made of pairs of a sine and a cosine."""
    phases = enc.phases() if isinstance(enc, Encoder) else None
    return Waves(phases.position, phases.matrix, phases.with_position, phases.straight) if phases else None


def _turned(turns: Tensor, dtype: torch.dtype = torch.float32) -> Tensor:
    """The angles (radians, ``dtype``) of so many turns, float64."""
    return turns.frac_().mul_(2 * math.pi).to(dtype)


def _two_steps(columns: int) -> tuple[int, int]:
    """How many long and how many short steps reach all columns, alike in number."""
    shorts = math.isqrt(columns - 1) + 1
    return -(-columns // shorts), shorts
