"""Herglotz features: wave packets on the sphere, each at a place of its own, with learned frequencies."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812 - the name all of torch uses

from s2v import sphere
from s2v.encoders.base import Encoder, Part, Slots, places_of
from s2v.encoders.cartesian import random_frames
from s2v.encoders.waves import waves


class Herglotz(Encoder):
    """exp(rho (u - 1)) [(1 + 2 rho u) cos rho v - 2 rho v sin rho v] / (1 + 2 degree), with u = x.a and v = x.b.

    (Hanon et al. 2025, arXiv 2502.13777; ``HerglotzPE`` of spherical-inr 1.0.1.)  Each feature has a random orthonormal
    pair a, b, fixed, and a learned rho = softplus(sigma), with sigma uniform in [0, degree) at the start.

    The bracket with its exponential is the sum of exp(-rho) rho^l / l! (2l + 1) Re (u + iv)^l over all degrees l.  Each
    Re (u + iv)^l is a spherical harmonic of degree l; those about rho weigh most.  No place is special.
    """

    pairs: Tensor  # (2, features, 3), float64: all a, then all b

    def __init__(self, features: int, degree: int, seed: int) -> None:
        super().__init__()
        self.degree = degree
        self.parts, self.width = (Part((1, features)),), 8 * features
        self.register_buffer("pairs", torch.from_numpy(random_frames(features, 1, seed)[:, :2].swapaxes(0, 1).copy()))
        start = np.random.default_rng([seed, 1]).uniform(0, degree, features)
        self.sigma = nn.Parameter(torch.from_numpy(start).float())

    def landmarks(self) -> NDArray[np.float64]:
        return places_of(self.pairs[0])

    def features(self, lonlat: Tensor, dtype: torch.dtype, out: Slots) -> tuple[Tensor, ...]:
        x = sphere.to_unit_vectors(lonlat.T).T
        rho = F.softplus(self.sigma.double())[:, None]
        u, v = self.pairs.double() @ x  # (features, n) each
        phase = rho * v
        sine, cosine = waves(phase, dtype)
        # The exponent is at most 0, and where it is large the feature is nearly 0: its rounding does not show.
        decay = (rho * (u - 1)).to(dtype).exp()
        packet = (1 + 2 * rho * u).to(dtype) * cosine - (2 * phase).to(dtype) * sine
        return (decay * packet / (1 + 2 * self.degree),)
