"""Plane waves drawn to a Matérn kernel: the sphere's metric exactly, a similarity set by range and smoothness."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from s2v import sphere
from s2v.encoders.base import Encoder, Part, Phases, Slots, places_of
from s2v.encoders.cartesian import random_frames
from s2v.encoders.matern_spectrum import spectrum
from s2v.encoders.waves import waves


class MaternWaves(Encoder):
    """a sin(f d.x), a cos(f d.x) for the three directions d of every frame, with an amplitude a and a frequency f each.

    Frequencies are drawn, one from each of ``frames`` equal shares of their distribution, and the amplitudes are such
    that the product of two codes, averaged over all seeds, is the Matérn kernel of the chord.
    """

    directions: Tensor  # (frames, 3, 3), float64: a row is a direction
    frequencies: Tensor  # (frames,), float64
    amplitudes: Tensor  # (frames,), float64

    def __init__(self, frames: int, range: float, smoothness: float, weighting: float, seed: int) -> None:
        super().__init__()
        shares = (np.arange(frames) + np.random.default_rng([seed, 1]).uniform(size=frames)) / frames
        frequencies, amplitudes = spectrum(shares, range, smoothness, weighting)
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
            return tuple(amplitudes * wave for wave in waves(phase, dtype))
        return tuple(wave.mul_(amplitudes) for wave in waves(phase, dtype, *out))
