"""GeoCLIP's encoder (Vivanco Cepeda et al. 2023, arXiv 2309.16020; geo-clip, location_encoder.py)."""

from __future__ import annotations

import math

import numpy as np
import torch
from torch import Tensor

from s2v.encoders.base import Encoder, Part, Phases, Slots
from s2v.encoders.waves import waves

# Equal Earth (Šavrič, Patterson, Jenny 2018) and GeoCLIP's scale.
_A1, _A2, _A3, _A4 = 1.340264, -0.081106, 0.000893, 0.003796
SCALE = 66.50336 / 180
_SIGMAS = (2.0**0, 2.0**4, 2.0**8)


def equal_earth(lonlat: Tensor) -> Tensor:
    """Equal Earth map coordinates (..., 2) in units of the sphere's radius, of places (..., 2) in degrees."""
    longitude, latitude = torch.deg2rad(lonlat[..., 0]), torch.deg2rad(lonlat[..., 1])
    t = torch.asin(math.sqrt(3) / 2 * latitude.sin())
    t2 = t * t
    t6 = t2 * t2 * t2
    slope = 3 * (9 * _A4 * t6 * t2 + 7 * _A3 * t6 + 3 * _A2 * t2 + _A1)
    x = 2 * math.sqrt(3) * longitude * t.cos() / slope
    return torch.stack((x, t * (_A4 * t6 * t2 + _A3 * t6 + _A2 * t2 + _A1)), -1)


class GeoClipRff(Encoder):
    """For each level: cos(2 pi B v), then sin(2 pi B v), v the scaled Equal Earth coordinates, B normal(0, sigma^2).

    Levels sigma = 1, 16, 256, ``features`` directions each; the published B is random and frozen as well.
    """

    directions: Tensor  # (2, 3 * features)

    def __init__(self, features: int, seed: int) -> None:
        super().__init__()
        self.parts, self.width = (Part((len(_SIGMAS), 2, features), 1),), 6 * features
        normal = np.random.default_rng(seed).standard_normal((2, len(_SIGMAS), features))
        scaled = normal * np.array(_SIGMAS)[:, None]
        self.register_buffer("directions", torch.from_numpy(scaled.reshape(2, -1)))

    def phases(self) -> Phases:
        return Phases(equal_earth, 2 * math.pi * SCALE * self.directions.double(), straight=True)

    def features(self, lonlat: Tensor, dtype: torch.dtype, out: Slots) -> tuple[Tensor, ...]:
        phase = self.directions.double().T @ (equal_earth(lonlat.T).T * (2 * math.pi * SCALE))
        sine, cosine = waves(phase.unflatten(0, (len(_SIGMAS), -1)), dtype, out[1], out[0])
        return cosine, sine  # (level, features, n) each
