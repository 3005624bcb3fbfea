"""Plane waves whose similarity is a Matérn kernel between two radii: the next version of ``plane_waves``."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from s2v import sphere
from s2v.encoders.base import Encoder, Part, Slots, places_of
from s2v.encoders.cartesian import random_frames
from s2v.encoders.matern_spectrum import spectrum
from s2v.encoders.waves import waves


class MaternWaves(Encoder):
    """a sin(f d.x), a cos(f d.x) for the three directions d of each orthonormal frame, with its own f and a.

    One frequency is drawn from each of ``frames`` equal shares of their distribution.  Summed over a frame the squared
    derivatives along a tangent vector v give a^2 f^2 |v|^2: the pull-back metric is sum(a^2 f^2) times the sphere's
    own, exactly, at every place.  The norm is the root of 3 * frames everywhere, and over all seeds the mean product of
    two codes is that times ``matern_spectrum.kernel``, a function of distance alone.
    """

    directions: Tensor  # (frames, 3, 3), float64: each row is a direction
    frequencies: Tensor  # (frames,), float64, rising
    amplitudes: Tensor  # (frames,), float64

    def __init__(
        self, frames: int, min_radius: float, max_radius: float, smoothness: float, weighting: float, seed: int
    ) -> None:
        super().__init__()
        shares = (np.arange(frames) + np.random.default_rng([seed, 1]).uniform(size=frames)) / frames
        frequencies, amplitudes = spectrum(shares, min_radius, max_radius, smoothness, weighting)
        self.register_buffer("directions", torch.from_numpy(random_frames(frames, 1, seed)))
        self.register_buffer("frequencies", torch.from_numpy(frequencies))
        self.register_buffer("amplitudes", torch.from_numpy(amplitudes))
        self.parts, self.width = (Part((frames, 3, 2), 2),), 8 * frames

    def landmarks(self) -> NDArray[np.float64]:
        return places_of(self.directions.flatten(0, 1))

    def features(self, lonlat: Tensor, dtype: torch.dtype, out: Slots) -> tuple[Tensor, ...]:
        x = sphere.to_unit_vectors(lonlat.T).T
        directions = self.directions.double() * self.frequencies.double()[:, None, None]
        phase = (directions.flatten(0, 1) @ x).unflatten(0, directions.shape[:2])  # (frames, 3, n)
        amplitudes = self.amplitudes.to(dtype)[:, None, None]
        if out[0] is None:
            return tuple(wave * amplitudes for wave in waves(phase, dtype))
        return tuple(wave.mul_(amplitudes) for wave in waves(phase, dtype, *out))
