"""Matérn features: random Legendre polynomials whose products average to a Matérn kernel on the sphere."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from s2v import sphere
from s2v.encoders.base import Encoder, Part, Slots, places_of
from s2v.encoders.matern_kernel import degree_probabilities


class Matern(Encoder):
    """sqrt((2l + 1) / features) P_l(x.z) for random degrees l and directions z, in the order of their degrees.

    Averaged over all directions the product of two such polynomials is P_l of the cosine of the distance, so that of
    two codes is ``matern_kernel.kernel``.  One degree is drawn from each of ``features`` equal shares of their
    distribution: the mean stays what it is, and no seed has too many coarse ones.
    """

    directions: Tensor  # (features, 3), float64

    def __init__(self, features: int, range: float, smoothness: float, seed: int) -> None:
        super().__init__()
        rng = np.random.default_rng(seed)
        shares = (np.arange(features) + rng.uniform(size=features)) / features
        drawn = np.searchsorted(np.cumsum(degree_probabilities(range, smoothness))[:-1], shares, side="right")
        self._counts = np.bincount(drawn).tolist()  # of each degree
        directions = rng.standard_normal((features, 3))
        directions /= np.linalg.norm(directions, axis=1, keepdims=True)
        self.register_buffer("directions", torch.from_numpy(directions))
        self.parts = tuple(Part((1, count)) for count in self._counts if count)
        self.width = 5 * features

    def landmarks(self) -> NDArray[np.float64]:
        return places_of(self.directions)

    def features(self, lonlat: Tensor, dtype: torch.dtype, out: Slots) -> Iterator[Tensor]:
        along = self.directions.double() @ sphere.to_unit_vectors(lonlat.T).T  # (features, n)
        last, before = torch.ones_like(along), torch.zeros_like(along)  # P_l and P_(l - 1), of degrees l and above
        for degree, count in enumerate(self._counts):
            if count:
                yield last[:count] * math.sqrt((2 * degree + 1) / self.dim)
                along, last, before = along[count:], last[count:], before[count:]
            above = torch.addcmul(before * (-degree / (degree + 1)), along, last, value=(2 * degree + 1) / (degree + 1))
            last, before = above, last
