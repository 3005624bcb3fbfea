"""The Sphere2Vec family (Mai et al. 2023, arXiv 2306.17624; main/SpatialRelationEncoder.py).

Every member takes longitude and latitude in radians times each frequency; they differ in the products they form.
Features are scale-major, the finest scale first, in the order of the published code.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor

from s2v.encoders import waves
from s2v.encoders.base import Encoder, Part, Slots
from s2v.encoders.waves import Array


class Plain(NamedTuple):
    """Sines and cosines (n,) of the angles themselves."""

    sin_lat: Array
    cos_lat: Array
    sin_lon: Array
    cos_lon: Array

    @classmethod
    def of(cls, sine: Array, cosine: Array) -> Plain:
        """Of the waves (2, n)."""
        return cls(sine[LAT], cosine[LAT], sine[LON], cosine[LON])


LON, LAT = 0, 1
Scaled = Callable[..., tuple[Array, Array]]  # (LON or LAT, memory for the sine, and for the cosine) -> both, (S, n)


class SphereFamily(Encoder):
    """Computes the waves; a member says how to combine those of a scale."""

    features_per_scale = 0

    def __init__(self, frequencies: Sequence[float], **_: Any) -> None:
        super().__init__()
        self.frequencies = tuple(frequencies)
        scales = len(self.frequencies)
        self.parts = (Part((scales, self.features_per_scale), 1),)
        self.width = scales

    def features(self, lonlat: Tensor, dtype: torch.dtype, out: Slots) -> tuple[Tensor, ...]:
        angles = torch.deg2rad(lonlat)
        if not waves.are_compiled(out[0], angles, self.frequencies):

            def scaled(k: int, *slots: Tensor | None) -> tuple[Array, Array]:
                return waves.scaled_waves(angles[k], self.frequencies, dtype, *slots)

            return self.combine(torch, scaled, lambda: Plain.of(*waves.waves(angles, dtype)), out)
        # By numpy, on the core that has just written the waves: another takes up to nine times as long to read them.
        positions, frequencies = angles.numpy(), np.array(self.frequencies, dtype=np.float64)
        memory = [slot for slot in out if slot is not None]
        self.combine(
            np,
            lambda k, *slots: waves.write(positions[k], frequencies, *slots),
            lambda: Plain.of(*(wave.numpy() for wave in waves.waves(angles, dtype))),
            [slot.numpy() for slot in memory],
        )
        return tuple(memory)

    def combine(self, xp: Any, scaled: Scaled, plain: Callable[[], Plain], out: Sequence[Array]) -> tuple[Array, ...]:
        """``features``, by torch or numpy: the scaled waves are asked for once each, right before use.

        A product may be written to where one of its factors is, which then was the last one that needed it.
        """
        raise NotImplementedError


def _crossed(xp: Any, scaled: Scaled, begin: Sequence[Array], out: Sequence[Array]) -> tuple[Array, ...]:
    """The four waves, in the memory ``begin``, and the products of both angles, scaled: sphereC's after the first."""
    sin_lat, cos_lat = scaled(LAT, *begin[:2])
    sin_lon, cos_lon = scaled(LON, *begin[2:])
    products = xp.multiply(cos_lat, cos_lon, out=out[0]), xp.multiply(cos_lat, sin_lon, out=out[1])
    return sin_lat, cos_lat, sin_lon, cos_lon, *products


def _mixed(xp: Any, scaled: Scaled, plain: Plain, begin: Sequence[Array], out: Sequence[Array]) -> tuple[Array, ...]:
    """The four waves, in the memory ``begin``, and the products of a scaled and a plain angle: sphereM's after the
    first."""
    sin_lat, cos_lat = scaled(LAT, *begin[:2])
    third = xp.multiply(cos_lat, plain.sin_lon, out=out[2])
    first = xp.multiply(cos_lat, plain.cos_lon, out=out[0])  # after the third: sphereM has its cos_lat there
    sin_lon, cos_lon = scaled(LON, *begin[2:])
    second = xp.multiply(cos_lon, plain.cos_lat, out=out[1])
    fourth = xp.multiply(sin_lon, plain.cos_lat, out=out[3])
    return sin_lat, cos_lat, sin_lon, cos_lon, first, second, third, fourth


class SphereC(SphereFamily):
    """sin lat_s, cos lat_s cos lon_s, cos lat_s sin lon_s: the unit vector of the scaled angles (flag ``sphere``)."""

    features_per_scale = 3

    def combine(self, xp: Any, scaled: Scaled, plain: Callable[[], Plain], out: Sequence[Array]) -> tuple[Array, ...]:
        sin_lat, _, _, _, *products = _crossed(xp, scaled, (out[0], None, out[2], out[1]), out[1:])
        return sin_lat, *products


class SphereCPlus(SphereFamily):
    """The four terms of grid, then the two products of sphereC (flag ``spheregrid``)."""

    features_per_scale = 6

    def combine(self, xp: Any, scaled: Scaled, plain: Callable[[], Plain], out: Sequence[Array]) -> tuple[Array, ...]:
        return _crossed(xp, scaled, out[:4], out[4:])


class SphereM(SphereFamily):
    """sin lat_s, then products of one scaled and one plain angle (flag ``spheremixscale``; eq. 8 of the paper)."""

    features_per_scale = 5

    def combine(self, xp: Any, scaled: Scaled, plain: Callable[[], Plain], out: Sequence[Array]) -> tuple[Array, ...]:
        sin_lat, _, _, _, *products = _mixed(xp, scaled, plain(), (out[0], out[1], out[4], out[2]), out[1:])
        return sin_lat, *products


class SphereMPlus(SphereFamily):
    """The four terms of grid, then the four products of sphereM (flag ``spheregridmixscale``)."""

    features_per_scale = 8

    def combine(self, xp: Any, scaled: Scaled, plain: Callable[[], Plain], out: Sequence[Array]) -> tuple[Array, ...]:
        return _mixed(xp, scaled, plain(), out[:4], out[4:])


class Dfs(SphereFamily):
    """All products of longitude and latitude waves, then the waves themselves (flag ``dft``): 4 S^2 + 4 S features.

    Double Fourier sphere.  Longitude is the slow index of the products; each axis lists sines, then cosines.
    """

    def __init__(self, frequencies: Sequence[float], **_: Any) -> None:
        super().__init__(frequencies)
        scales = len(self.frequencies)
        self.parts = (Part((1, 2, scales, 2, scales)), Part((scales, 2, 2), 1))
        self.width = 4 * scales

    def features(self, lonlat: Tensor, dtype: torch.dtype, out: Slots) -> tuple[Tensor, ...]:
        angles = torch.deg2rad(lonlat)
        products, lat, lon = out
        if lat is None or lon is None:
            lat, lon = (torch.stack(waves.scaled_waves(angles[k], self.frequencies, dtype), 1) for k in (LAT, LON))
        else:
            for k, both in ((LAT, lat), (LON, lon)):
                waves.scaled_waves(angles[k], self.frequencies, dtype, *both.unbind(1))
        # Both are (S, 2, n): the products take all sines first, then all cosines.
        # By torch, on all cores: to have so much new memory takes longest.
        lon_waves, lat_waves = lon.transpose(0, 1)[:, :, None, None], lat.transpose(0, 1)
        return torch.mul(lon_waves, lat_waves, out=products), lat, lon
