"""What all encoders share: the door (checks, shapes, precision, memory) and the waves."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.autograd import forward_ad

from s2v import sphere

# Numbers in one intermediate array of a block.  Large enough that all cores share it, small enough that a block stays
# in the processor's cache and adds little to the memory of the output.
_BLOCK = 1 << 18


@dataclass(frozen=True)
class Products:
    """All products of a column of ``slow`` (n, k) and one of ``fast`` (n, m): k * m columns."""

    slow: Tensor
    fast: Tensor


Columns = Tensor | tuple[Tensor, ...] | Products  # (n, k), or several of these whose columns alternate, or products


class Encoder(nn.Module):
    """A location encoder: ``lonlat`` (..., 2) in degrees, longitude first -> features (..., dim).

    Same dtype (float32 or float64) and device as the input, differentiable in the location as often as wanted,
    in reverse and in forward mode.  Longitudes are taken modulo 360; -180 and 180 are the two sides of the dateline.

    A subclass sets ``dim`` and gives ``columns``.  Whatever the input's dtype, angles and phases are float64: a
    float32 phase would be pure noise at small radii.  Only sines, cosines and their products follow the input.
    """

    name: str = ""
    dim: int = 0
    params: dict[str, Any]

    def columns(self, lonlat: Tensor, dtype: torch.dtype) -> Iterator[Columns]:
        """The features of places (n, 2), float64 and in degrees, from left to right, in ``dtype`` and in pieces.

        A piece is a tensor (n, k), a tuple of such tensors whose columns alternate, or ``Products``.
        """
        raise NotImplementedError

    @property
    def width(self) -> int:
        """Length of the longest intermediate of a place, such as its phases."""
        return self.dim

    def forward(self, lonlat: Tensor) -> Tensor:
        """Features (..., dim) of places (..., 2); see the class.

        ``TypeError`` or ``ValueError`` for what is not finite floating-point degrees with latitudes in [-90, 90].
        """
        if not isinstance(lonlat, Tensor):
            raise TypeError(
                f"lonlat is a {type(lonlat).__name__}; it must be a torch tensor (..., 2): use torch.as_tensor."
            )
        sphere.check_lonlat(lonlat)
        features = self._differentiable if self._is_differentiated(lonlat) else self._in_blocks
        return features(lonlat.reshape(-1, 2)).reshape(*lonlat.shape[:-1], self.dim)

    def _differentiable(self, places: Tensor) -> Tensor:
        return torch.cat([_joined(piece) for piece in self.columns(_in_range(places), places.dtype)], -1)

    @torch.no_grad()
    def _in_blocks(self, places: Tensor) -> Tensor:
        """The same, each piece written straight to its place in the result."""
        out = empty_result(len(places), self.dim, places)
        block = min(max(1, _BLOCK // self.width), max(1024, len(places) // 8))
        for start in range(0, len(places), block):
            rows = out[start : start + block]
            left = 0
            for piece in self.columns(_in_range(places[start : start + block]), places.dtype):
                left += _write(piece, rows[:, left:])
        return out

    def _is_differentiated(self, lonlat: Tensor) -> bool:
        if forward_ad.unpack_dual(lonlat).tangent is not None:
            return True
        learned = any(p.requires_grad for p in self.parameters())
        return torch.is_grad_enabled() and (lonlat.requires_grad or learned)

    def extra_repr(self) -> str:
        return ", ".join([repr(self.name), *(f"{k}={v!r}" for k, v in getattr(self, "params", {}).items())])


def empty_result(rows: int, columns: int, like: Tensor) -> Tensor:
    """A new tensor (rows, columns).  A large one on the CPU is numpy's, which asks for memory pages of 2 MiB.

    Pages of 4 KiB, which torch gets, take longer to be had than to be filled.  The C library keeps smaller ones.
    """
    if like.device.type == "cpu" and rows * columns * like.element_size() > 1 << 22:
        return torch.from_numpy(np.empty((rows, columns), dtype=str(like.dtype).removeprefix("torch.")))
    return torch.empty(rows, columns, dtype=like.dtype, device=like.device)


def _joined(piece: Columns) -> Tensor:
    if isinstance(piece, Products):
        return (piece.slow[:, :, None] * piece.fast[:, None, :]).flatten(1)
    return torch.stack(piece, -1).flatten(1) if isinstance(piece, tuple) else piece


def _write(piece: Columns, out: Tensor) -> int:
    """``_joined``, written to the first columns of ``out``; how many they are."""
    if isinstance(piece, Products):
        shape = (piece.slow.shape[1], piece.fast.shape[1])
        products = out[:, : math.prod(shape)].unflatten(1, shape)
        torch.mul(piece.slow[:, :, None], piece.fast[:, None, :], out=products)
        return math.prod(shape)
    parts = piece if isinstance(piece, tuple) else (piece,)
    out = out[:, : len(parts) * parts[0].shape[1]]
    if len(parts) == 1:
        out.copy_(parts[0])
        return out.shape[1]
    if out.shape[1] % 2 == out.stride(0) % 2 == out.storage_offset() % 2 == 0:
        # Two neighbouring columns are one complex column: half as many scattered writes.
        if len(parts) % 2:
            parts = (*(part[:, ::2] for part in parts), *(part[:, 1::2] for part in parts))
        count = len(parts)
        pairs = torch.view_as_complex(out.unflatten(1, (-1, 2)))
        for i in range(0, count, 2):
            torch.complex(parts[i], parts[i + 1], out=pairs[:, i // 2 :: count // 2])
    else:
        for i, part in enumerate(parts):
            out[:, i :: len(parts)] = part
    return out.shape[1]


def _in_range(places: Tensor) -> Tensor:
    places = places.double()
    longitude = places[:, 0]
    if bool((longitude.abs() <= 180).all()):
        return places
    return torch.stack((sphere.wrap_longitude(longitude), places[:, 1]), -1)


def waves(position: Tensor, frequencies: Tensor, dtype: torch.dtype) -> tuple[Tensor, Tensor]:
    """Sine and cosine, in ``dtype``, of ``position * frequencies``, both float64; they broadcast.

    For float32 the phase is first brought within a turn of zero, while it is still float64.
    """
    if dtype == torch.float64:
        phase = position * frequencies
    else:
        turns = position * (frequencies / (2 * math.pi))
        phase = turns.frac_().mul_(2 * math.pi).to(dtype)
    return phase.sin(), phase.cos()
