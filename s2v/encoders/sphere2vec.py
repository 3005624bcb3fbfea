"""The Sphere2Vec family (Mai et al. 2023, arXiv 2306.17624; main/SpatialRelationEncoder.py).

Every member takes longitude and latitude in radians times each frequency; they differ in the products they form.
Columns are scale-major, the finest scale first, in the order of the published code.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import torch
from torch import Tensor

from s2v.encoders.base import Columns, Encoder, Products, waves


class Waves(NamedTuple):
    """Sines and cosines (n, S) of the scaled angles."""

    sin_lon: Tensor
    cos_lon: Tensor
    sin_lat: Tensor
    cos_lat: Tensor


class SphereFamily(Encoder):
    """Computes the waves once; a member says how to combine them."""

    columns_per_scale = 0

    def __init__(self, frequencies: Sequence[float], **_: Any) -> None:
        super().__init__()
        self.frequencies = tuple(frequencies)
        self.dim = self.columns_per_scale * len(self.frequencies)

    @property
    def width(self) -> int:
        return 2 * len(self.frequencies)

    def columns(self, lonlat: Tensor, dtype: torch.dtype) -> Iterator[Columns]:
        angles = torch.deg2rad(lonlat)
        frequencies = torch.tensor(self.frequencies, dtype=torch.float64, device=lonlat.device)
        sine, cosine = waves(angles[:, :, None], frequencies, dtype)  # (n, 2, S)
        scaled = Waves(sine[:, 0], cosine[:, 0], sine[:, 1], cosine[:, 1])
        yield from self.combine(scaled, angles, dtype)

    def combine(self, scaled: Waves, angles: Tensor, dtype: torch.dtype) -> Iterator[Columns]:
        """``columns`` from the waves and the plain angles (n, 2) in radians."""
        raise NotImplementedError


def _mixed(scaled: Waves, angles: Tensor, dtype: torch.dtype) -> tuple[Tensor, ...]:
    """Products in which one of the two angles is scaled: the terms of sphereM after the first."""
    plain = angles.to(dtype)[:, :, None]
    lon, lat = plain[:, 0], plain[:, 1]  # (n, 1)
    cos_lat = lat.cos()
    return (
        scaled.cos_lat * lon.cos(),
        cos_lat * scaled.cos_lon,
        scaled.cos_lat * lon.sin(),
        cos_lat * scaled.sin_lon,
    )


class SphereC(SphereFamily):
    """sin lat_s, cos lat_s cos lon_s, cos lat_s sin lon_s: the unit vector of the scaled angles (flag ``sphere``)."""

    columns_per_scale = 3

    def combine(self, scaled: Waves, angles: Tensor, dtype: torch.dtype) -> Iterator[Columns]:
        yield scaled.sin_lat, scaled.cos_lat * scaled.cos_lon, scaled.cos_lat * scaled.sin_lon


class SphereCPlus(SphereFamily):
    """The four terms of grid, then the two products of sphereC (flag ``spheregrid``)."""

    columns_per_scale = 6

    def combine(self, scaled: Waves, angles: Tensor, dtype: torch.dtype) -> Iterator[Columns]:
        sin_lon, cos_lon, sin_lat, cos_lat = scaled
        yield sin_lat, cos_lat, sin_lon, cos_lon, cos_lat * cos_lon, cos_lat * sin_lon


class SphereM(SphereFamily):
    """sin lat_s, then products of one scaled and one plain angle (flag ``spheremixscale``; eq. 8 of the paper)."""

    columns_per_scale = 5

    def combine(self, scaled: Waves, angles: Tensor, dtype: torch.dtype) -> Iterator[Columns]:
        yield scaled.sin_lat, *_mixed(scaled, angles, dtype)


class SphereMPlus(SphereFamily):
    """The four terms of grid, then the four products of sphereM (flag ``spheregridmixscale``)."""

    columns_per_scale = 8

    def combine(self, scaled: Waves, angles: Tensor, dtype: torch.dtype) -> Iterator[Columns]:
        sin_lon, cos_lon, sin_lat, cos_lat = scaled
        yield sin_lat, cos_lat, sin_lon, cos_lon, *_mixed(scaled, angles, dtype)


class Dfs(SphereFamily):
    """All products of longitude and latitude waves, then the waves themselves (flag ``dft``): 4 S^2 + 4 S columns.

    Double Fourier sphere.  Longitude is the slow index of the products; each axis lists sines, then cosines.
    """

    def __init__(self, frequencies: Sequence[float], **_: Any) -> None:
        super().__init__(frequencies)
        scales = len(self.frequencies)
        self.dim = 4 * scales * (scales + 1)

    def combine(self, scaled: Waves, angles: Tensor, dtype: torch.dtype) -> Iterator[Columns]:
        sin_lon, cos_lon, sin_lat, cos_lat = scaled
        lon, lat = torch.cat((sin_lon, cos_lon), -1), torch.cat((sin_lat, cos_lat), -1)  # (n, 2S)
        yield Products(lon, lat)
        yield sin_lat, cos_lat, sin_lon, cos_lon
