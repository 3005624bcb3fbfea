"""The Sphere2Vec family (Mai et al. 2023, arXiv 2306.17624; main/SpatialRelationEncoder.py).

Every member takes longitude and latitude in radians times each frequency; they differ in the products they form.
Features are scale-major, the finest scale first, in the order of the published code.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import torch
from torch import Tensor

from s2v.encoders.base import Encoder, Part, Slots
from s2v.encoders.waves import waves


class Waves(NamedTuple):
    """Sines and cosines (S, n) of the scaled angles."""

    sin_lat: Tensor
    cos_lat: Tensor
    sin_lon: Tensor
    cos_lon: Tensor


class SphereFamily(Encoder):
    """Computes the waves once; a member says how to combine them."""

    features_per_scale = 0
    waves_at: tuple[int | None, int | None, int, int]  # the slots in which the four ``Waves`` begin

    def __init__(self, frequencies: Sequence[float], **_: Any) -> None:
        super().__init__()
        self.frequencies = tuple(frequencies)
        scales = len(self.frequencies)
        self.parts = (Part((scales, self.features_per_scale), 1),)
        self.width = scales

    def features(self, lonlat: Tensor, dtype: torch.dtype, out: Slots) -> tuple[Tensor, ...]:
        angles = torch.deg2rad(lonlat)
        frequencies = torch.tensor(self.frequencies, dtype=torch.float64, device=lonlat.device)[:, None]
        begin = [None if slot is None else out[slot] for slot in self.waves_at]
        lat = waves(angles[1], frequencies, dtype, *begin[:2])
        lon = waves(angles[0], frequencies, dtype, *begin[2:])
        return self.combine(Waves(*lat, *lon), angles, out)

    def combine(self, scaled: Waves, angles: Tensor, out: Slots) -> tuple[Tensor, ...]:
        """``features`` from the waves and the plain angles (2, n) in radians."""
        raise NotImplementedError


def _mixed(scaled: Waves, angles: Tensor, out: Slots) -> tuple[Tensor, ...]:
    """Products in which one of the two angles is scaled: the terms of sphereM after the first."""
    lon, lat = angles.to(scaled.cos_lat.dtype)
    return (
        torch.mul(scaled.cos_lat, lon.cos(), out=out[0]),
        torch.mul(scaled.cos_lon, lat.cos(), out=out[1]),
        torch.mul(scaled.cos_lat, lon.sin(), out=out[2]),
        torch.mul(scaled.sin_lon, lat.cos(), out=out[3]),
    )


def _crossed(scaled: Waves, out: Slots) -> tuple[Tensor, ...]:
    """Products of both angles, scaled: the terms of sphereC after the first."""
    return torch.mul(scaled.cos_lat, scaled.cos_lon, out=out[0]), torch.mul(scaled.cos_lat, scaled.sin_lon, out=out[1])


class SphereC(SphereFamily):
    """sin lat_s, cos lat_s cos lon_s, cos lat_s sin lon_s: the unit vector of the scaled angles (flag ``sphere``)."""

    features_per_scale = 3
    waves_at = (0, None, 2, 1)

    def combine(self, scaled: Waves, angles: Tensor, out: Slots) -> tuple[Tensor, ...]:
        return scaled.sin_lat, *_crossed(scaled, out[1:])


class SphereCPlus(SphereFamily):
    """The four terms of grid, then the two products of sphereC (flag ``spheregrid``)."""

    features_per_scale = 6
    waves_at = (0, 1, 2, 3)

    def combine(self, scaled: Waves, angles: Tensor, out: Slots) -> tuple[Tensor, ...]:
        return *scaled, *_crossed(scaled, out[4:])


class SphereM(SphereFamily):
    """sin lat_s, then products of one scaled and one plain angle (flag ``spheremixscale``; eq. 8 of the paper)."""

    features_per_scale = 5
    waves_at = (0, None, 4, 2)

    def combine(self, scaled: Waves, angles: Tensor, out: Slots) -> tuple[Tensor, ...]:
        return scaled.sin_lat, *_mixed(scaled, angles, out[1:])


class SphereMPlus(SphereFamily):
    """The four terms of grid, then the four products of sphereM (flag ``spheregridmixscale``)."""

    features_per_scale = 8
    waves_at = (0, 1, 2, 3)

    def combine(self, scaled: Waves, angles: Tensor, out: Slots) -> tuple[Tensor, ...]:
        return *scaled, *_mixed(scaled, angles, out[4:])


class Dfs(SphereFamily):
    """All products of longitude and latitude waves, then the waves themselves (flag ``dft``): 4 S^2 + 4 S features.

    Double Fourier sphere.  Longitude is the slow index of the products; each axis lists sines, then cosines.
    """

    waves_at = (1, 2, 3, 4)

    def __init__(self, frequencies: Sequence[float], **_: Any) -> None:
        super().__init__(frequencies)
        scales = len(self.frequencies)
        self.parts = (Part((1, 2 * scales, 2 * scales)), Part((scales, 4), 1))
        self.width = 4 * scales

    def combine(self, scaled: Waves, angles: Tensor, out: Slots) -> tuple[Tensor, ...]:
        lat, lon = torch.cat(scaled[:2]), torch.cat(scaled[2:])  # (2S, n)
        return torch.mul(lon[:, None], lat, out=out[0]), *scaled
