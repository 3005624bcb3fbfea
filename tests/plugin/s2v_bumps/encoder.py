from collections.abc import Sequence

import torch
from torch import Tensor

from s2v import sphere
from s2v.encoders.base import Encoder, Part


class Bumps(Encoder):
    """exp(concentration (x.c - 1)) of the unit vector x, for each centre c."""

    centers: Tensor  # (bumps, 3), float64

    def __init__(self, bumps: int, concentration: float, seed: int) -> None:
        super().__init__()
        self.concentration = concentration
        self.parts, self.width = (Part((1, bumps)),), 2 * bumps
        centers = sphere.to_unit_vectors(sphere.random_points(bumps, seed))
        self.register_buffer("centers", torch.from_numpy(centers))

    def features(self, lonlat: Tensor, dtype: torch.dtype, out: Sequence[Tensor | None]) -> tuple[Tensor]:
        cosine = self.centers.double() @ sphere.to_unit_vectors(lonlat.T).T  # (bumps, n)
        return (torch.exp(self.concentration * (cosine - 1)),)
