"""Encoders of the flat map: longitude and latitude as if they were x and y.  All of them tear at the poles."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from s2v import sphere
from s2v.encoders.base import Columns, Encoder, waves


def _unit_square(lonlat: Tensor) -> Tensor:
    """Longitude and latitude scaled to [-1, 1]."""
    return lonlat / torch.tensor((180.0, 90.0), dtype=lonlat.dtype, device=lonlat.device)


class Direct(Encoder):
    """Longitude / 180 and latitude / 90 (Sphere2Vec main/SpatialRelationEncoder.py 906-967, the whole world)."""

    dim = 2

    def columns(self, lonlat: Tensor, dtype: torch.dtype) -> Iterator[Columns]:
        yield _unit_square(lonlat).to(dtype)


class Wrap(Encoder):
    """sin lon, sin lat, cos lon, cos lat (geo_prior utils.py, ``encode_cos_sin``).

    ``latitude="stretched"`` is the published form: latitude runs over a full circle, so that both poles, and nothing
    else, share their latitude features.  ``"true"`` uses the angle itself (Rußwurm et al. 2024, up to column order).
    """

    dim = 4

    def __init__(self, latitude: str) -> None:
        super().__init__()
        self.stretch = 2.0 if latitude == "stretched" else 1.0

    def columns(self, lonlat: Tensor, dtype: torch.dtype) -> Iterator[Columns]:
        stretch = torch.tensor((1.0, self.stretch), dtype=torch.float64, device=lonlat.device)
        yield from waves(torch.deg2rad(lonlat), stretch, dtype)


class Tile(Encoder):
    """A learned vector for each cell of equal angle; row 0 is the southernmost (TorchSpatial, 2793-2845).

    Vectors start as independent normal numbers of variance 1/features.  Constant inside a cell: the derivative in the
    location is zero wherever it exists.
    """

    def __init__(self, cell: float, features: int, seed: int) -> None:
        super().__init__()
        self.cell, self.dim = cell, features
        self.cells_north, self.cells_east = max(1, math.ceil(180 / cell)), max(1, math.ceil(360 / cell))
        start = np.random.default_rng(seed).standard_normal((self.cells_north * self.cells_east, features))
        self.vectors = nn.Parameter(torch.from_numpy(start / math.sqrt(features)).float())

    def columns(self, lonlat: Tensor, dtype: torch.dtype) -> Iterator[Columns]:
        column = ((lonlat[:, 0] + 180) / self.cell).floor().clamp(0, self.cells_east - 1)
        row = ((lonlat[:, 1] + 90) / self.cell).floor().clamp(0, self.cells_north - 1)
        yield self.vectors[(row * self.cells_east + column).detach().long()].to(dtype)


class Rbf(Encoder):
    """exp(-|p - c|^2 / (2 bandwidth^2)) for every anchor c, in degrees on the flat map (Sphere2Vec, 1160-1333).

    ``centers`` (anchors, 2) are uniform on the sphere until training draws them from its points, as published.
    """

    centers: Tensor

    def __init__(self, anchors: int, bandwidth: float, seed: int) -> None:
        super().__init__()
        self.dim, self.bandwidth = anchors, bandwidth
        self.register_buffer("centers", torch.from_numpy(sphere.random_points(anchors, seed)))

    @property
    def width(self) -> int:
        return 2 * self.dim  # offsets in longitude and latitude

    def columns(self, lonlat: Tensor, dtype: torch.dtype) -> Iterator[Columns]:
        # Differences, not the expanded square: that one loses the digits where two places are close.
        offset = lonlat[:, None, :] - self.centers.to(torch.float64)
        squared = offset[..., 0].square() + offset[..., 1].square()
        yield squared.mul(-0.5 / self.bandwidth**2).to(dtype).exp()


class Rff(Encoder):
    """sqrt(2/W) cos(p . direction + shift) with p scaled to [-1, 1] (Rahimi and Recht 2007; Sphere2Vec, 2260-2360).

    ``bandwidth`` is the variance of the ``directions`` (2, W), as published: larger gives a narrower kernel.
    """

    directions: Tensor
    shifts: Tensor

    def __init__(self, features: int, bandwidth: float, seed: int) -> None:
        super().__init__()
        self.dim = features
        rng = np.random.default_rng(seed)
        directions = rng.standard_normal((2, features)) * math.sqrt(bandwidth)
        self.register_buffer("directions", torch.from_numpy(directions))
        self.register_buffer("shifts", torch.from_numpy(rng.uniform(0, 2 * math.pi, features)))

    def columns(self, lonlat: Tensor, dtype: torch.dtype) -> Iterator[Columns]:
        phase = _unit_square(lonlat) @ self.directions.double() + self.shifts.double()
        _, cosine = waves(phase, torch.ones((), dtype=torch.float64, device=phase.device), dtype)
        yield cosine * math.sqrt(2 / self.dim)


class GridCells(Encoder):
    """sin(f lon), cos(f lon) scale by scale, then the same of latitude, in degrees (Sphere2Vec, 51-200)."""

    def __init__(self, frequencies: Sequence[float], **_: Any) -> None:
        super().__init__()
        self.frequencies = tuple(frequencies)
        self.dim = 4 * len(self.frequencies)

    def columns(self, lonlat: Tensor, dtype: torch.dtype) -> Iterator[Columns]:
        frequencies = torch.tensor(self.frequencies, dtype=torch.float64, device=lonlat.device)
        sine, cosine = waves(lonlat[:, :, None], frequencies, dtype)  # (n, 2, S)
        yield sine.flatten(1), cosine.flatten(1)


class Theory(Encoder):
    """sin, cos of f a_j for a_j = place . unit vector at 0, 120 and 240 degrees; degrees (Sphere2Vec, 454-596)."""

    axes = ((1.0, 0.0), (-0.5, math.sqrt(3) / 2), (-0.5, -math.sqrt(3) / 2))

    def __init__(self, frequencies: Sequence[float], **_: Any) -> None:
        super().__init__()
        self.frequencies = tuple(frequencies)
        self.dim = 6 * len(self.frequencies)

    def columns(self, lonlat: Tensor, dtype: torch.dtype) -> Iterator[Columns]:
        frequencies = torch.tensor(self.frequencies, dtype=torch.float64, device=lonlat.device)
        along = lonlat @ torch.tensor(self.axes, dtype=torch.float64, device=lonlat.device).T
        sine, cosine = waves(along[:, None, :], frequencies[:, None], dtype)  # (n, S, 3)
        yield sine.flatten(1), cosine.flatten(1)
