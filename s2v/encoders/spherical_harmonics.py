"""Real spherical harmonics by a recurrence in Cartesian form, exact at the poles."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
import torch
from torch import Tensor

from s2v import sphere
from s2v.encoders.base import Encoder, Part, Slots
from s2v.encoders.blocks import constant


class SphericalHarmonics(Encoder):
    """Y_lm, l = 0..degree-1, m = -l..l: degree^2 columns, column l*l + l + m.

    Orthonormal on the unit sphere, no Condon-Shortley phase, sin |m| lon for negative m.  (Rußwurm et al. 2024 use the
    same functions at the antipode, which multiplies them by (-1)^l; the published closed form adds (-1)^m.)

    Y_lm is a polynomial in x, y, z.  Its factor Re or Im (x + iy)^m does not depend on l, so the stable recurrence of
    the normalised Legendre functions in l (Holmes and Featherstone 2002, eq. 11) holds for whole columns.  Nothing is
    divided by cos(lat): the poles are not special.  Computed in float64.
    """

    def __init__(self, degree: int) -> None:
        super().__init__()
        self.parts = tuple(Part((1, 2 * n + 1)) for n in range(degree))
        self.width = 8 * degree  # only the last two degrees are kept
        self._steps = [_recurrence(degree_l) for degree_l in range(1, degree)]

    def features(self, lonlat: Tensor, dtype: torch.dtype, out: Slots) -> Iterator[Tensor]:
        x, y, z = sphere.to_unit_vectors(lonlat.T).T.contiguous()  # (n,) each
        before, last = None, torch.full_like(z, math.sqrt(0.25 / math.pi))[None]  # degrees l-2 and l-1
        real, imaginary = torch.ones_like(z), torch.zeros_like(z)  # (x + iy)^m
        yield last
        for a, b, edge in self._steps:
            real, imaginary = x * real - y * imaginary, x * imaginary + y * real
            middle = (z * last).mul_(constant(a, z)[:, None])
            rows = [middle]
            if before is not None:  # not in place, for which torch.func.vmap has no rule
                inner = torch.addcmul(middle[1:-1], before, constant(b, z)[:, None], value=-1)
                rows = [middle[:1], inner, middle[-1:]]
            before, last = last, torch.cat((edge * imaginary[None], *rows, edge * real[None]))
            yield last


def _recurrence(degree: int) -> tuple[np.ndarray, np.ndarray, float]:
    """Factors of Y_{l-1} (2l-1,) and Y_{l-2} (2l-3,) in Y_l, and of (x + iy)^l at its two ends."""
    m = np.arange(-degree + 1, degree)
    a = np.sqrt((4 * degree**2 - 1) / (degree**2 - m**2))
    inner = m[1:-1]
    b = a[1:-1] * np.sqrt(((degree - 1) ** 2 - inner**2) / (4 * (degree - 1) ** 2 - 1)) if degree > 1 else inner * 1.0
    log_edge = sum(math.log((2 * k + 1) / (2 * k)) for k in range(1, degree + 1))
    return a, b, math.sqrt(2 * 0.25 / math.pi) * math.exp(log_edge / 2)
