"""Wavelets on the sphere: Mexican hats around centres spread evenly, at several widths (FAIR-Earth's encoder)."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from s2v import sphere
from s2v.encoders import wavelet_levels
from s2v.encoders.base import Encoder, Part, Slots, places_of

# exp(-85) is 1e-37, about the smallest number that float32 holds in full; those below take fifteen times as long.
_FARTHEST = 85.0


class Wavelets(Encoder):
    """(1 - r^2/2) exp(-r^2/2) with r = 2 tan(g/2) / a, for the angle g to every centre and its level's dilation a.

    The planar Mexican hat, laid on the sphere by stereographic projection from the point opposite its centre (Antoine
    and Vandergheynst 1999), as in FAIR-Earth (arXiv 2502.06831, ICLR 2025).  There three dilations of nearly one size
    share 75 centres; here each level doubles the dilation, and its centres lie on a spherical Fibonacci lattice of
    their own, 1.5 dilations apart.  ``centers`` (dim, 3) are unit vectors, the finest level first.

    With u = cos g, tan^2(g/2) = 2 / (1 + u) - 1: no arccosine, whose derivative is infinite at the centre.  Opposite
    a centre r is infinite, where the wavelet and its derivatives vanish.  From where they are below 1e-34 on 1 + u
    stays what it is there, so that no infinity is multiplied by zero.
    """

    centers: Tensor  # (dim, 3), float64
    dilations: Tensor  # (dim,), radians, float64

    def __init__(self, levels: int, finest: float) -> None:
        super().__init__()
        counts = wavelet_levels.centers(levels, finest)
        lattices = [sphere.to_unit_vectors(sphere.fibonacci_lattice(count)) for count in counts]
        dilations = np.repeat(wavelet_levels.dilations(levels, finest), counts)
        self.parts, self.width = (Part((1, len(dilations))),), 4 * len(dilations)
        self.register_buffer("centers", torch.from_numpy(np.concatenate(lattices)))
        self.register_buffer("dilations", torch.from_numpy(dilations))

    def landmarks(self) -> NDArray[np.float64]:
        return places_of(self.centers)

    def features(self, lonlat: Tensor, dtype: torch.dtype, out: Slots) -> tuple[Tensor, ...]:
        cosine = self.centers.double() @ sphere.to_unit_vectors(lonlat.T).T  # (dim, n)
        factor = 2 / self.dilations.double()[:, None].square()
        least = 2 * factor / (_FARTHEST + factor)
        half = (2 * factor / torch.maximum(1 + cosine, least) - factor).to(dtype)  # r^2 / 2
        return (torch.mul(1 - half, torch.exp(-half), out=out[0]),)
