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

LON, LAT = 0, 1
Write = Callable[[int, Array, Array], Any]  # the scaled sines and cosines of LON or LAT, into two arrays


class Waves(NamedTuple):
    """Sines and cosines of both angles: (S, n) of the scaled ones, (n,) of the plain ones."""

    sin_lat: Array
    cos_lat: Array
    sin_lon: Array
    cos_lon: Array

    @classmethod
    def of(cls, sine: Array, cosine: Array) -> Waves:
        """From sines and cosines (2, ...), longitude first."""
        return cls(sine[LAT], cosine[LAT], sine[LON], cosine[LON])


Plain = Callable[[], Waves]  # called by members that need the plain waves


class SphereFamily(Encoder):
    """A member states its ``formula``, and how to ``fill`` memory with the same features."""

    features_per_scale = 0

    def __init__(self, frequencies: Sequence[float]) -> None:
        super().__init__()
        self.frequencies = tuple(frequencies)
        scales = len(self.frequencies)
        self.parts, self.width = (Part((scales, self.features_per_scale), 1),), scales

    def formula(self, scaled: Waves, plain: Plain) -> tuple[Tensor, ...]:
        """The features in their order, each (S, n)."""
        raise NotImplementedError

    def fill(self, out: Sequence[Array], write: Write, plain: Plain) -> None:
        """The same, written to the memory (S, n) of each feature: the fast path.

        A wave that is not a feature itself is written where it is then multiplied into one.  By numpy, which stays on
        the core that has just written the waves: another core takes up to nine times as long to read them.
        """
        raise NotImplementedError

    def features(self, lonlat: Tensor, dtype: torch.dtype, out: Slots) -> tuple[Tensor, ...]:
        angles = torch.deg2rad(lonlat)  # (2, n)
        if not waves.are_compiled(out[0], angles, self.frequencies):
            scaled = Waves.of(*waves.scaled_waves(angles, self.frequencies, dtype))
            return self.formula(scaled, lambda: Waves.of(*waves.waves(angles, dtype)))
        positions, frequencies = angles.numpy(), np.array(self.frequencies, dtype=np.float64)
        memory = [slot for slot in out if slot is not None]
        self.fill(
            [slot.numpy() for slot in memory],
            lambda angle, sine, cosine: waves.write(positions[angle], frequencies, sine, cosine),
            lambda: Waves.of(*(wave.numpy() for wave in waves.waves(angles, dtype))),
        )
        return tuple(memory)


class SphereC(SphereFamily):
    """The unit vector of the scaled angles (flag ``sphere``)."""

    features_per_scale = 3

    def formula(self, scaled: Waves, plain: Plain) -> tuple[Tensor, ...]:
        s = scaled
        return s.sin_lat, s.cos_lat * s.cos_lon, s.cos_lat * s.sin_lon

    def fill(self, out: Sequence[Array], write: Write, plain: Plain) -> None:
        sin_lat, first, second = out
        cos_lat = np.empty_like(sin_lat)
        write(LAT, sin_lat, cos_lat)
        write(LON, second, first)  # sin lon_s, cos lon_s
        first *= cos_lat
        second *= cos_lat


class SphereCPlus(SphereC):
    """The four terms of grid, then the two products of sphereC (flag ``spheregrid``)."""

    features_per_scale = 6

    def formula(self, scaled: Waves, plain: Plain) -> tuple[Tensor, ...]:
        return *scaled, *super().formula(scaled, plain)[1:]

    def fill(self, out: Sequence[Array], write: Write, plain: Plain) -> None:
        sin_lat, cos_lat, sin_lon, cos_lon, first, second = out
        write(LAT, sin_lat, cos_lat)
        write(LON, sin_lon, cos_lon)
        np.multiply(cos_lat, cos_lon, out=first)
        np.multiply(cos_lat, sin_lon, out=second)


class SphereM(SphereFamily):
    """sin lat_s, then products of one scaled and one plain angle (flag ``spheremixscale``; eq. 8 of the paper)."""

    features_per_scale = 5

    def formula(self, scaled: Waves, plain: Plain) -> tuple[Tensor, ...]:
        s, p = scaled, plain()
        return s.sin_lat, s.cos_lat * p.cos_lon, p.cos_lat * s.cos_lon, s.cos_lat * p.sin_lon, p.cos_lat * s.sin_lon

    def fill(self, out: Sequence[Array], write: Write, plain: Plain) -> None:
        p, (sin_lat, first, second, third, fourth) = plain(), out
        write(LAT, sin_lat, first)  # first is cos lat_s here
        np.multiply(first, p.sin_lon, out=third)
        first *= p.cos_lon
        write(LON, fourth, second)  # sin lon_s, cos lon_s
        second *= p.cos_lat
        fourth *= p.cos_lat


class SphereMPlus(SphereM):
    """The four terms of grid, then the four products of sphereM (flag ``spheregridmixscale``)."""

    features_per_scale = 8

    def formula(self, scaled: Waves, plain: Plain) -> tuple[Tensor, ...]:
        return *scaled, *super().formula(scaled, plain)[1:]

    def fill(self, out: Sequence[Array], write: Write, plain: Plain) -> None:
        p, (sin_lat, cos_lat, sin_lon, cos_lon, first, second, third, fourth) = plain(), out
        write(LAT, sin_lat, cos_lat)
        np.multiply(cos_lat, p.cos_lon, out=first)
        np.multiply(cos_lat, p.sin_lon, out=third)
        write(LON, sin_lon, cos_lon)
        np.multiply(cos_lon, p.cos_lat, out=second)
        np.multiply(sin_lon, p.cos_lat, out=fourth)


class Dfs(Encoder):
    """All products of longitude and latitude waves, then the waves themselves (flag ``dft``): 4 S^2 + 4 S features.

    Double Fourier sphere.  Longitude is the slow index of the products; each axis lists sines, then cosines.
    """

    def __init__(self, frequencies: Sequence[float]) -> None:
        super().__init__()
        self.frequencies = tuple(frequencies)
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
        # By torch, on all cores: touching so much new memory for the first time takes longest.
        lon_waves, lat_waves = lon.transpose(0, 1)[:, :, None, None], lat.transpose(0, 1)
        return torch.mul(lon_waves, lat_waves, out=products), lat, lon
