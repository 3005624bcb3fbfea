"""What all encoders share: the door (checks, shapes, precision, memory) and the waves."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor, nn
from torch.autograd import forward_ad

from s2v import sphere

# Work is done in blocks whose intermediates stay in the processor's cache: about so many features at a time.
_BLOCK = 1 << 19


class Encoder(nn.Module):
    """A location encoder: ``lonlat`` (..., 2) in degrees, longitude first -> features (..., dim).

    Same dtype (float32 or float64) and device as the input, differentiable in the location as often as wanted,
    in reverse and in forward mode.  Longitudes are taken modulo 360; -180 and 180 are the two sides of the dateline.

    A subclass sets ``dim`` and gives ``features``.  Whatever the input's dtype, angles and phases are float64: a
    float32 phase would be pure noise at small radii.  Only sines, cosines and their products follow the input.
    """

    name: str = ""
    dim: int = 0
    params: dict[str, Any]

    def features(self, lonlat: Tensor, dtype: torch.dtype) -> Tensor:
        """Features (n, dim) in ``dtype`` of places (n, 2), which are float64 and in degrees."""
        raise NotImplementedError

    def forward(self, lonlat: Tensor) -> Tensor:
        """Features (..., dim) of places (..., 2); see the class.

        ``TypeError`` or ``ValueError`` for what is not finite floating-point degrees with latitudes in [-90, 90].
        """
        if not isinstance(lonlat, Tensor):
            raise TypeError(
                f"lonlat is a {type(lonlat).__name__}; it must be a torch tensor (..., 2): use torch.as_tensor."
            )
        sphere.check_lonlat(lonlat)
        places = lonlat.reshape(-1, 2)
        block = max(256, _BLOCK // max(1, self.dim))
        if len(places) <= block or self._is_differentiated(lonlat):
            return self.features(_in_range(places), lonlat.dtype).reshape(*lonlat.shape[:-1], self.dim)
        out = torch.empty(len(places), self.dim, dtype=lonlat.dtype, device=lonlat.device)
        for start in range(0, len(places), block):
            piece = slice(start, start + block)
            out[piece] = self.features(_in_range(places[piece]), lonlat.dtype)
        return out.reshape(*lonlat.shape[:-1], self.dim)

    def _is_differentiated(self, lonlat: Tensor) -> bool:
        if forward_ad.unpack_dual(lonlat).tangent is not None:
            return True
        learned = any(p.requires_grad for p in self.parameters())
        return torch.is_grad_enabled() and (lonlat.requires_grad or learned)

    def extra_repr(self) -> str:
        return ", ".join([repr(self.name), *(f"{k}={v!r}" for k, v in getattr(self, "params", {}).items())])


def _in_range(places: Tensor) -> Tensor:
    places = places.double()
    return torch.stack((sphere.wrap_longitude(places[:, 0]), places[:, 1]), -1)


def waves(position: Tensor, frequencies: Tensor, dtype: torch.dtype) -> tuple[Tensor, Tensor]:
    """Sine and cosine, in ``dtype``, of ``position * frequencies``, both float64; they broadcast.

    For float32 the phase is first brought into half a turn around zero, while it is still float64.
    """
    if dtype == torch.float64:
        phase = position * frequencies
    else:
        turns = position * (frequencies / (2 * math.pi))
        phase = turns.sub_(turns.detach().round()).mul_(2 * math.pi).to(dtype)
    return phase.sin(), phase.cos()


def interleave(*columns: Tensor) -> Tensor:
    """Columns (n, k) side by side, alternating: (n, k * len(columns))."""
    return torch.stack(columns, -1).flatten(1)
