"""Similarity to one place in closed form, for codes of sines and cosines.

If a code holds the sines and the cosines of many phases, the dot product of two codes is the sum of the cosines of
the phase differences: one cosine in place of a sine and a cosine, and no code is ever written out.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from s2v.comparison import codes
from s2v.comparison.sources import Source
from s2v.encoders.base import Encoder, Phases
from s2v.fields import Grid

MAX_COSINES = 256 << 20  # for one grid: half a second

_PIECE = 1 << 18  # cosines at a time: they stay in the processor's cache


def closed_form(source: Source, degrees: float) -> ClosedForm | None:
    """The closed form of a source; None if it has none, or too many phases for a grid with cells of ``degrees``."""
    found = codes.kept(("closed form", source), lambda: (closed_form_of(codes.encoder(source)), 0))
    return found if found and found.cosines(Grid.equirectangular(degrees)) <= MAX_COSINES else None


def closed_form_of(enc: Any) -> ClosedForm | None:
    """The closed form of an encoder's dot product, or None if its code has another form."""
    phases = enc.phases() if isinstance(enc, Encoder) else None
    return ClosedForm(phases) if phases else None


@dataclass(frozen=True)
class ClosedForm:
    """Dot products of codes from their ``phases``."""

    phases: Phases

    @property
    def count(self) -> int:
        """Cosines in the dot product of two codes."""
        return self.phases.matrix.shape[1]

    def dot(self, center: Any, places: NDArray[Any], dtype: torch.dtype = torch.float32) -> Tensor:
        """Dot products (n,) of the codes of ``places`` (n, 2) with the code of ``center`` (2,).

        Phases are float64: in float32 those of waves shorter than some kilometres would be noise.
        """
        positions, middle = self._positions(places), self._positions(center)
        offset, result = positions - middle, torch.empty(len(positions), dtype=dtype)
        turns = self._turns
        for part, out in zip(self._pieces(offset), self._pieces(result), strict=True):
            torch.sum(_angles(part @ turns, dtype).cos_(), 1, out=out)
        return result.add_((positions @ middle).to(dtype)) if self.phases.with_position else result

    def cosines(self, grid: Grid) -> int:
        """The number of sines and cosines that ``dot_on`` computes for a grid."""
        each_row = 2 * sum(_two_steps(grid.columns)) if self.phases.straight else grid.columns
        return grid.rows * each_row * self.count

    def dot_on(self, center: Any, grid: Grid) -> Tensor:
        """``dot`` (rows, columns) at the cells of an equirectangular grid.

        Where phases grow evenly along a parallel, the phase of a cell is the sum of a long and a short step, and its
        cosine is cos(a + b) = cos(a) cos(b) - sin(a) sin(b): some dozen steps of each kind and a matrix product
        replace a cosine for every cell.
        """
        if not self.phases.straight:
            return self.dot(center, grid.lonlat.reshape(-1, 2)).reshape(grid.shape)
        longs, shorts = _two_steps(grid.columns)
        west, east = self._positions(grid.lonlat[:, 0]), self._positions(grid.lonlat[:, -1])
        turns = self._turns
        start = (west - self._positions(center)) @ turns  # (rows, phases)
        step = (east - west) / (grid.columns - 1) @ turns
        result = torch.empty(grid.rows, longs * shorts)
        rows = max(1, _PIECE // ((longs + shorts) * self.count))
        for a, b, out in zip(start.split(rows), step.split(rows), result.split(rows), strict=True):
            long = _angles(a[:, None] + b[:, None] * (shorts * torch.arange(longs))[:, None])
            short = _angles(b[:, None] * torch.arange(shorts)[:, None])
            products = long.cos() @ short.cos().mT - long.sin() @ short.sin().mT
            out.copy_(products.reshape(out.shape))
        return result[:, : grid.columns]

    def norms(self, places: NDArray[Any], dtype: torch.dtype = torch.float32) -> Tensor:
        """Lengths (n,) of the codes of ``places`` (n, 2)."""
        squared = torch.full((len(places),), float(self.count), dtype=dtype)
        if self.phases.with_position:
            squared += self._positions(places).square().sum(1).to(dtype)
        return squared.sqrt()

    @property
    def _turns(self) -> Tensor:
        return self.phases.matrix / (2 * math.pi)

    def _positions(self, places: Any) -> Tensor:
        return self.phases.position(torch.from_numpy(np.asarray(places, dtype=float)))

    def _pieces(self, values: Tensor) -> tuple[Tensor, ...]:
        return values.split(max(1, _PIECE // self.count))


def _angles(turns: Tensor, dtype: torch.dtype = torch.float32) -> Tensor:
    """Float64 turns as angles in radians, ``dtype``.  Overwrites ``turns``."""
    return turns.frac_().mul_(2 * math.pi).to(dtype)


def _two_steps(columns: int) -> tuple[int, int]:
    """How many long and how many short steps reach all columns: about as many of each."""
    shorts = math.isqrt(columns - 1) + 1
    return -(-columns // shorts), shorts
