"""Soft Voronoi cells of the sphere: learned sites that share every place among themselves."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from s2v import sphere
from s2v.encoders.base import Encoder, Part, Slots, places_of

MIN_LOG_SHARPNESS, MAX_LOG_SHARPNESS = -0.7, 6.2  # as published
STANDARD_DEVIATION = 0.02  # of the first embeddings
NO_SHARE = (
    1e-30  # smaller ones are 0: float32 has them only as subnormal numbers, with which products take 50 times as long
)


class Voronoi(Encoder):
    """The mean of the sites' embeddings, weighted by softmax over the sites of sharpness times <x, site>.

    The weights are the posterior of a mixture of von Mises-Fisher distributions around the sites (TTE, arXiv
    2606.27514).  Sites, sharpness and embeddings are learned.  The sites start on a spherical Fibonacci lattice, their
    sharpness at K / (2 pi): the border between two neighbours is then about half as wide as their distance.
    """

    learning_rates: Mapping[str, float] = {"sites": 2.0}  # published: 1e-3, and 5e-4 for all else

    def __init__(self, sites: int, features: int, seed: int) -> None:
        super().__init__()
        self.parts, self.width = (Part((1, features)),), 3 * sites
        rng = np.random.default_rng(seed)
        start = min(max(math.log(sites / (2 * math.pi)), MIN_LOG_SHARPNESS), MAX_LOG_SHARPNESS)
        lattice = sphere.to_unit_vectors(sphere.fibonacci_lattice(sites))
        self.sites = nn.Parameter(torch.from_numpy(lattice).float())  # (K, 3)
        self.log_sharpness = nn.Parameter(torch.full((sites,), start, dtype=torch.float32))
        embeddings = STANDARD_DEVIATION * rng.standard_normal((sites, features))
        self.embeddings = nn.Parameter(torch.from_numpy(embeddings).float())

    def landmarks(self) -> NDArray[np.float64]:
        return places_of(self.sites)

    def after_step(self) -> None:
        """Sites back onto the sphere; a sharpness beyond the clamp back to it, where it has a gradient."""
        self.sites.div_(self.sites.norm(dim=1, keepdim=True))
        self.log_sharpness.clamp_(MIN_LOG_SHARPNESS, MAX_LOG_SHARPNESS)

    def features(self, lonlat: Tensor, dtype: torch.dtype, out: Slots) -> tuple[Tensor, ...]:
        return (self.embeddings.to(dtype).T @ self.weights(lonlat).to(dtype),)

    def weights(self, lonlat: Tensor) -> Tensor:
        """How much each site counts (K, n) at places (2, n) in float64 degrees; they sum to 1."""
        x = sphere.to_unit_vectors(lonlat.T).T
        sites = nn.functional.normalize(self.sites.double(), dim=1)
        sharpness = self.log_sharpness.double().clamp(MIN_LOG_SHARPNESS, MAX_LOG_SHARPNESS).exp()
        shares = torch.softmax((sharpness[:, None] * sites) @ x, 0)
        return nn.functional.threshold(shares, NO_SHARE, 0.0)
