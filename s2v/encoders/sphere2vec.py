"""The Sphere2Vec family (Mai et al. 2023, arXiv 2306.17624; main/SpatialRelationEncoder.py).

Every member takes longitude and latitude in radians times each frequency; they differ in the products they form.
Features are scale-major, the finest scale first, in the order of the published code.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import torch
from torch import Tensor

from s2v.encoders.base import Encoder, Part, Slots
from s2v.encoders.waves import strips, waves, where_sines_are_made


class Waves(NamedTuple):
    """Sines and cosines (S, n) of the scaled angles, or (n,) of the plain ones."""

    sin_lat: Tensor
    cos_lat: Tensor
    sin_lon: Tensor
    cos_lon: Tensor


class SphereFamily(Encoder):
    """Computes the waves; a member says how to combine those of a scale."""

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
        plain = functools.cache(lambda: _plain(angles.to(dtype)))
        memory = tuple(slot for slot in out if slot is not None)
        if not memory:
            return self.combine(self.waves(angles, slice(None), dtype, out), plain, out)
        # Strip by strip, so that the waves are still in the cache of the core that works on them.
        with where_sines_are_made(memory[0]):
            for scales in strips(memory[0]):
                some = [slot[scales] for slot in memory]
                self.combine(self.waves(angles, scales, dtype, some), plain, some)
        return memory

    def waves(self, angles: Tensor, scales: slice, dtype: torch.dtype, out: Slots) -> Waves:
        """Those of some scales, of the angles (2, n) in radians."""
        frequencies = torch.tensor(self.frequencies[scales], dtype=torch.float64, device=angles.device)[:, None]
        begin = [None if slot is None else out[slot] for slot in self.waves_at]
        lat = waves(angles[1], frequencies, dtype, *begin[:2])
        return Waves(*lat, *waves(angles[0], frequencies, dtype, *begin[2:]))

    def combine(self, scaled: Waves, plain: Callable[[], Waves], out: Slots) -> tuple[Tensor, ...]:
        """``features`` of some scales from their waves and those of the plain angles."""
        raise NotImplementedError


def _plain(angles: Tensor) -> Waves:
    lon, lat = angles
    return Waves(lat.sin(), lat.cos(), lon.sin(), lon.cos())


def _mixed(scaled: Waves, plain: Waves, out: Slots) -> tuple[Tensor, ...]:
    """Products in which one of the two angles is scaled: the terms of sphereM after the first."""
    return (
        torch.mul(scaled.cos_lat, plain.cos_lon, out=out[0]),
        torch.mul(scaled.cos_lon, plain.cos_lat, out=out[1]),
        torch.mul(scaled.cos_lat, plain.sin_lon, out=out[2]),
        torch.mul(scaled.sin_lon, plain.cos_lat, out=out[3]),
    )


def _crossed(scaled: Waves, out: Slots) -> tuple[Tensor, ...]:
    """Products of both angles, scaled: the terms of sphereC after the first."""
    return torch.mul(scaled.cos_lat, scaled.cos_lon, out=out[0]), torch.mul(scaled.cos_lat, scaled.sin_lon, out=out[1])


class SphereC(SphereFamily):
    """sin lat_s, cos lat_s cos lon_s, cos lat_s sin lon_s: the unit vector of the scaled angles (flag ``sphere``)."""

    features_per_scale = 3
    waves_at = (0, None, 2, 1)

    def combine(self, scaled: Waves, plain: Callable[[], Waves], out: Slots) -> tuple[Tensor, ...]:
        return scaled.sin_lat, *_crossed(scaled, out[1:])


class SphereCPlus(SphereFamily):
    """The four terms of grid, then the two products of sphereC (flag ``spheregrid``)."""

    features_per_scale = 6
    waves_at = (0, 1, 2, 3)

    def combine(self, scaled: Waves, plain: Callable[[], Waves], out: Slots) -> tuple[Tensor, ...]:
        return *scaled, *_crossed(scaled, out[4:])


class SphereM(SphereFamily):
    """sin lat_s, then products of one scaled and one plain angle (flag ``spheremixscale``; eq. 8 of the paper)."""

    features_per_scale = 5
    waves_at = (0, None, 4, 2)

    def combine(self, scaled: Waves, plain: Callable[[], Waves], out: Slots) -> tuple[Tensor, ...]:
        return scaled.sin_lat, *_mixed(scaled, plain(), out[1:])


class SphereMPlus(SphereFamily):
    """The four terms of grid, then the four products of sphereM (flag ``spheregridmixscale``)."""

    features_per_scale = 8
    waves_at = (0, 1, 2, 3)

    def combine(self, scaled: Waves, plain: Callable[[], Waves], out: Slots) -> tuple[Tensor, ...]:
        return *scaled, *_mixed(scaled, plain(), out[4:])


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

    def features(self, lonlat: Tensor, dtype: torch.dtype, out: Slots) -> tuple[Tensor, ...]:
        scaled = self.waves(torch.deg2rad(lonlat), slice(None), dtype, out)
        lat, lon = scaled[:2], scaled[2:]  # of S rows each, as are the blocks of the products
        if out[0] is None:
            return torch.cat(lon)[:, None] * torch.cat(lat), *scaled
        for rows, a in zip(out[0].chunk(2), lon, strict=True):
            for block, b in zip(rows.chunk(2, 1), lat, strict=True):
                torch.mul(a[:, None], b, out=block)
        return out[0], *scaled
