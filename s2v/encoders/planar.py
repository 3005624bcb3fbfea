"""Encoders of the flat map: longitude and latitude as if they were x and y.  All of them tear at the poles."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from s2v import sphere
from s2v.encoders.base import Encoder, Part, Phases, Slots
from s2v.encoders.blocks import constant
from s2v.encoders.waves import scaled_waves, waves


def _unit_square(lonlat: Tensor) -> Tensor:
    """Longitude and latitude (2, n) scaled to [-1, 1]."""
    return lonlat / constant(((180.0,), (90.0,)), lonlat)


class Direct(Encoder):
    """Longitude / 180 and latitude / 90 (Sphere2Vec main/SpatialRelationEncoder.py 906-967, the whole world)."""

    parts = (Part((1, 2)),)
    width = 8

    def features(self, lonlat: Tensor, dtype: torch.dtype, out: Slots) -> tuple[Tensor, ...]:
        return (_unit_square(lonlat),)


class Wrap(Encoder):
    """sin lon, sin lat, cos lon, cos lat (geo_prior utils.py, ``encode_cos_sin``).

    ``latitude="stretched"`` is the published form: latitude runs over a full circle, and the two poles share their
    latitude features.  ``"true"`` uses the angle itself (Rußwurm et al. 2024, up to column order).
    """

    parts = (Part((2, 2)),)
    width = 12

    def __init__(self, latitude: str) -> None:
        super().__init__()
        self.stretch = 2.0 if latitude == "stretched" else 1.0

    def features(self, lonlat: Tensor, dtype: torch.dtype, out: Slots) -> tuple[Tensor, ...]:
        stretch = constant(((1.0,), (self.stretch,)), lonlat)
        return waves(torch.deg2rad(lonlat) * stretch, dtype, *out)


class Tile(Encoder):
    """A learned vector for each cell of equal angle; row 0 is the southernmost (TorchSpatial, 2793-2845).

    Vectors start as independent normal numbers of variance 1/features.  The code is constant inside a cell: its
    derivative in the location is zero wherever it exists.
    """

    def __init__(self, cell: float, features: int, seed: int) -> None:
        super().__init__()
        self.cell, self.parts, self.width = cell, (Part((1, features)),), features
        self.cells_north, self.cells_east = max(1, math.ceil(180 / cell)), max(1, math.ceil(360 / cell))
        start = np.random.default_rng(seed).standard_normal((self.cells_north * self.cells_east, features))
        self.vectors = nn.Parameter(torch.from_numpy(start / math.sqrt(features)).float())

    def features(self, lonlat: Tensor, dtype: torch.dtype, out: Slots) -> tuple[Tensor, ...]:
        longitude, latitude = lonlat.detach()
        column = ((longitude + 180) / self.cell).floor().clamp(0, self.cells_east - 1)
        row = ((latitude + 90) / self.cell).floor().clamp(0, self.cells_north - 1)
        return (self.vectors[(row * self.cells_east + column).long()].T,)


class Rbf(Encoder):
    """exp(-|p - c|^2 / (2 bandwidth^2)) for every anchor c, in degrees on the flat map (Sphere2Vec, 1160-1333).

    ``centers`` (anchors, 2) are uniform on the sphere until ``fit_places`` draws them from the training places, as
    published.
    """

    centers: Tensor

    def __init__(self, anchors: int, bandwidth: float, seed: int) -> None:
        super().__init__()
        self.bandwidth, self.seed = bandwidth, seed
        self.parts, self.width = (Part((1, anchors)),), 4 * anchors
        self.register_buffer("centers", torch.from_numpy(sphere.random_points(anchors, seed)))

    def landmarks(self) -> NDArray[np.float64]:
        return self.centers.detach().double().cpu().numpy()

    def fit_places(self, lonlat: NDArray[np.float64]) -> None:
        anchors = len(self.centers)
        rng = np.random.default_rng(self.seed)
        self.centers.copy_(torch.from_numpy(rng.choice(lonlat, anchors, replace=anchors > len(lonlat))))

    def features(self, lonlat: Tensor, dtype: torch.dtype, out: Slots) -> tuple[Tensor, ...]:
        # Differences, not the expanded square, which loses its digits where two places are close.
        east, north = (lonlat[:, None] - self.centers.double().T[:, :, None]).square()  # (anchors, n) each
        return (torch.exp((east + north).mul(-0.5 / self.bandwidth**2).to(dtype), out=out[0]),)


class Rff(Encoder):
    """sqrt(2/W) cos(p . direction + shift) with p scaled to [-1, 1] (Rahimi and Recht 2007; Sphere2Vec, 2260-2360).

    ``bandwidth`` is the variance of the ``directions`` (2, W), as published: larger gives a narrower kernel.
    """

    directions: Tensor
    shifts: Tensor

    def __init__(self, features: int, bandwidth: float, seed: int) -> None:
        super().__init__()
        self.parts, self.width = (Part((1, features)),), 3 * features
        rng = np.random.default_rng(seed)
        directions = rng.standard_normal((2, features)) * math.sqrt(bandwidth)
        self.register_buffer("directions", torch.from_numpy(directions))
        self.register_buffer("shifts", torch.from_numpy(rng.uniform(0, 2 * math.pi, features)))

    def features(self, lonlat: Tensor, dtype: torch.dtype, out: Slots) -> tuple[Tensor, ...]:
        angle = self.directions.double().T @ _unit_square(lonlat) + self.shifts.double()[:, None]
        return (angle.cos().mul_(math.sqrt(2 / self.dim)),)


class GridCells(Encoder):
    """sin(f lon), cos(f lon) scale by scale, then the same of latitude, in degrees (Sphere2Vec, 51-200)."""

    def __init__(self, frequencies: Sequence[float]) -> None:
        super().__init__()
        self.frequencies = tuple(frequencies)
        self.parts, self.width = (Part((2, len(self.frequencies), 2), 2),), len(self.frequencies)

    def features(self, lonlat: Tensor, dtype: torch.dtype, out: Slots) -> tuple[Tensor, ...]:
        return scaled_waves(lonlat, self.frequencies, dtype, *out)  # (2, S, n)


class Theory(Encoder):
    """sin, cos of f a_j for a_j = place . unit vector at 0, 120 and 240 degrees; degrees (Sphere2Vec, 454-596)."""

    axes = ((1.0, 0.0), (-0.5, math.sqrt(3) / 2), (-0.5, -math.sqrt(3) / 2))

    def __init__(self, frequencies: Sequence[float]) -> None:
        super().__init__()
        self.frequencies = tuple(frequencies)
        self.parts, self.width = (Part((len(self.frequencies), 3, 2), 2),), len(self.frequencies)

    def phases(self) -> Phases:
        frequencies, axes = (torch.tensor(values, dtype=torch.float64) for values in (self.frequencies, self.axes))
        return Phases(lambda lonlat: lonlat, torch.kron(frequencies, axes.T.contiguous()), straight=True)

    def features(self, lonlat: Tensor, dtype: torch.dtype, out: Slots) -> tuple[Tensor, ...]:
        along = constant(self.axes, lonlat) @ lonlat
        turned = [slot if slot is None else slot.transpose(0, 1) for slot in out]  # (3, S, n)
        made = scaled_waves(along, self.frequencies, dtype, *turned)
        return tuple(wave.transpose(0, 1) if slot is None else slot for wave, slot in zip(made, out, strict=True))
