"""Encoders of the unit vector: xyz, NeRF's octaves and spherical plane waves.  No tears, by construction."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from s2v import sphere
from s2v.encoders.base import Columns, Encoder, waves


class Xyz(Encoder):
    """cos lat cos lon, cos lat sin lon, sin lat (Sphere2Vec main/SpatialRelationEncoder.py 970-1044)."""

    dim = 3

    def columns(self, lonlat: Tensor, dtype: torch.dtype) -> Iterator[Columns]:
        yield sphere.to_unit_vectors(lonlat).to(dtype)


class Nerf(Encoder):
    """Sines of pi 2^k times x, y and z, coordinate by coordinate, then the cosines (same file, 1047-1156)."""

    def __init__(self, scales: int) -> None:
        super().__init__()
        self.frequencies = tuple(math.pi * 2**k for k in range(scales))
        self.dim = 6 * scales

    def columns(self, lonlat: Tensor, dtype: torch.dtype) -> Iterator[Columns]:
        frequencies = torch.tensor(self.frequencies, dtype=torch.float64, device=lonlat.device)
        sine, cosine = waves(sphere.to_unit_vectors(lonlat)[:, :, None], frequencies, dtype)  # (n, 3, S)
        yield sine.flatten(1)
        yield cosine.flatten(1)


class PlaneWaves(Encoder):
    """The unit vector x, then sin(f d.x), cos(f d.x) for every scale's frequency f and direction d.

    The directions of a scale are the columns of ``frames`` random orthonormal frames.  Summed over a frame the
    squared derivatives along a tangent vector v give f^2 |v|^2, whatever the frame: the pull-back metric is
    (1 + frames * sum f^2) times the sphere's own, exactly, at every place.
    """

    directions: Tensor  # (S, 3 * frames, 3), float64

    def __init__(self, frequencies: Sequence[float], frames: int, seed: int, **_: Any) -> None:
        super().__init__()
        self.frequencies = tuple(frequencies)
        self.register_buffer("directions", torch.from_numpy(random_frames(len(self.frequencies), frames, seed)))
        self.dim = 3 + 6 * frames * len(self.frequencies)

    def columns(self, lonlat: Tensor, dtype: torch.dtype) -> Iterator[Columns]:
        x = sphere.to_unit_vectors(lonlat)
        frequencies = torch.tensor(self.frequencies, dtype=torch.float64, device=lonlat.device)
        directions = self.directions.to(torch.float64)
        along = (x @ directions.flatten(0, 1).T).unflatten(1, directions.shape[:2])  # (n, S, 3 * frames)
        sine, cosine = waves(along, frequencies[:, None], dtype)
        yield x.to(dtype)
        yield sine.flatten(1), cosine.flatten(1)


def random_frames(scales: int, frames: int, seed: int) -> np.ndarray[Any, Any]:
    """Unit vectors (scales, 3 * frames, 3): orthonormal frames, uniform over all rotations and reflections."""
    q, r = np.linalg.qr(np.random.default_rng(seed).standard_normal((scales, frames, 3, 3)))
    q = q * np.sign(np.diagonal(r, axis1=-2, axis2=-1))[..., None, :]  # makes the QR unique, hence uniform
    return np.ascontiguousarray(q.swapaxes(-1, -2).reshape(scales, 3 * frames, 3))
