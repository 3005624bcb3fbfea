"""Encoders of the unit vector: xyz, NeRF's octaves and spherical plane waves.  No tears, by construction."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from s2v import sphere
from s2v.encoders.base import Encoder, Part, Phases, Slots, places_of
from s2v.encoders.blocks import constant
from s2v.encoders.waves import scaled_waves, waves


class Xyz(Encoder):
    """cos lat cos lon, cos lat sin lon, sin lat (Sphere2Vec main/SpatialRelationEncoder.py 970-1044)."""

    parts = (Part((1, 3)),)
    width = 16

    def features(self, lonlat: Tensor, dtype: torch.dtype, out: Slots) -> tuple[Tensor, ...]:
        return (sphere.to_unit_vectors(lonlat.T).T,)


class Nerf(Encoder):
    """Sines of pi 2^k times x, y and z, coordinate by coordinate, then the cosines (same file, 1047-1156)."""

    def __init__(self, scales: int) -> None:
        super().__init__()
        self.frequencies = tuple(math.pi * 2**k for k in range(scales))
        self.parts, self.width = (Part((2, 3, scales)),), 5 * scales

    def phases(self) -> Phases:
        octaves = torch.tensor(self.frequencies, dtype=torch.float64)
        return Phases(sphere.to_unit_vectors, torch.kron(octaves, torch.eye(3, dtype=torch.float64)))

    def features(self, lonlat: Tensor, dtype: torch.dtype, out: Slots) -> tuple[Tensor, ...]:
        x = sphere.to_unit_vectors(lonlat.T).T
        return scaled_waves(x, self.frequencies, dtype, *out)  # (3, S, n)


class PlaneWaves(Encoder):
    """The unit vector x, then sin(f d.x), cos(f d.x) for every scale's frequency f and direction d.

    The directions of a scale are the columns of ``frames`` random orthonormal frames.  Summed over a frame the
    squared derivatives along a tangent vector v give f^2 |v|^2, whatever the frame: the pull-back metric is
    (1 + frames * sum f^2) times the sphere's own, exactly, at every place.
    """

    directions: Tensor  # (S, 3 * frames, 3), float64

    def __init__(self, frequencies: Sequence[float], frames: int, seed: int) -> None:
        super().__init__()
        self.frequencies = tuple(frequencies)
        self.register_buffer("directions", torch.from_numpy(random_frames(len(self.frequencies), frames, seed)))
        scales = len(self.frequencies)
        self.parts, self.width = (Part((1, 3)), Part((scales, 3 * frames, 2), 2)), 6 * frames * scales

    def landmarks(self) -> NDArray[np.float64]:
        return places_of(self.directions.flatten(0, 1))

    def phases(self) -> Phases:
        frequencies = torch.tensor(self.frequencies, dtype=torch.float64)
        directions = self.directions.double() * frequencies[:, None, None]
        return Phases(sphere.to_unit_vectors, directions.flatten(0, 1).T, with_position=True)

    def features(self, lonlat: Tensor, dtype: torch.dtype, out: Slots) -> tuple[Tensor, ...]:
        x = sphere.to_unit_vectors(lonlat.T).T
        frequencies = constant(self.frequencies, lonlat)
        directions = self.directions.double() * frequencies[:, None, None]
        phase = (directions.flatten(0, 1) @ x).unflatten(0, directions.shape[:2])  # (S, 3 * frames, n)
        return x, *waves(phase, dtype, *out[1:])


def random_frames(scales: int, frames: int, seed: int) -> np.ndarray[Any, Any]:
    """Unit vectors (scales, 3 * frames, 3): orthonormal frames, uniform over all rotations and reflections."""
    q, r = np.linalg.qr(np.random.default_rng(seed).standard_normal((scales, frames, 3, 3)))
    q = q * np.sign(np.diagonal(r, axis1=-2, axis2=-1))[..., None, :]  # makes the QR unique, hence uniform
    return np.ascontiguousarray(q.swapaxes(-1, -2).reshape(scales, 3 * frames, 3))
