"""A pyramid of learned tables on an icosahedron that is subdivided again and again."""

from __future__ import annotations

import itertools
import math
from functools import cache
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from s2v import sphere
from s2v.encoders.base import Encoder, Part, Slots
from s2v.encoders.cartesian import random_frames
from s2v.encoders.entries.icosphere import EDGE

STANDARD_DEVIATION = 0.1  # of the first vectors


def vertices(levels: int) -> int:
    """Vertices of the first levels together: 10 * 4^l + 2 of level l.

    Examples
    --------
    >>> vertices(1), vertices(2)
    (12, 54)
    """
    return sum(10 * 4**level + 2 for level in range(levels))


class Icosphere(Encoder):
    """A learned vector at each vertex of each level, interpolated in the face that holds the place.

    Level l is an icosahedron subdivided l times (HNeR-S, arXiv 2402.05965).  With the coefficients c that make the
    place of the corners of its face, x = c_1 v_1 + c_2 v_2 + c_3 v_3, the weights are c / sum(c): continuous on the
    whole sphere, not smooth across edges.  The icosahedron is turned at random, so that no vertex lies on a pole.
    """

    to_coefficients: Tensor  # (20, 3, 3), float64: of the icosahedron's faces
    corners: Tensor  # (faces of all levels, 3), int32: rows of ``vectors``
    stretch: Tensor  # (4 + 16 + ... 4^(levels - 1), 3), float64

    def __init__(self, levels: int, features: int, seed: int) -> None:
        super().__init__()
        self.levels = levels
        self.parts = (Part((levels, features)),)
        self.width = levels * (4 * features + 8) + 100
        rng = np.random.default_rng(seed)
        faces = icosahedron() @ random_frames(1, 1, seed)[0]
        self.register_buffer("to_coefficients", torch.from_numpy(np.linalg.inv(faces.swapaxes(1, 2))))
        # Made of the number of levels alone, so not in files.
        self.register_buffer("corners", torch.from_numpy(_corners(levels)), persistent=False)
        self.register_buffer("stretch", torch.from_numpy(_stretch(levels)), persistent=False)
        start = STANDARD_DEVIATION * rng.standard_normal((vertices(levels), features))
        self.vectors = nn.Parameter(torch.from_numpy(start).float())

    def features(self, lonlat: Tensor, dtype: torch.dtype, out: Slots) -> tuple[Tensor, ...]:
        rows, weights = self.interpolation(lonlat)
        vectors = self.vectors[rows].double()  # (levels, 3, n, features)
        return (vectors * weights[..., None]).sum(1).transpose(1, 2).unbind()

    def interpolation(self, lonlat: Tensor) -> tuple[Tensor, Tensor]:
        """Rows of ``vectors`` and their weights, (levels, 3, n) each, for places (2, n) in float64 degrees.

        A face a, b, c has four children: at each corner, and in the middle.  Its midpoints are along a + b, b + c and
        c + a, so x lies in the child at a where c_a > c_b + c_c, and the children's coefficients follow from its own.
        """
        x = sphere.to_unit_vectors(lonlat.T).T
        of_all = (self.to_coefficients.double().flatten(0, 1) @ x).unflatten(0, (20, 3))
        face = of_all.detach().amin(1).argmax(0)  # (n,): in its own face none is negative
        c = of_all.gather(0, face.expand(1, 3, -1))[0]  # (3, n)
        faces, weights = [face], [c / c.sum(0)]
        path = torch.zeros_like(face)  # from the icosahedron's face down: one digit, 0 to 3, a level
        for level in range(1, self.levels):
            known = c.detach().clamp(min=0)  # rounding leaves -1e-17 on an edge, and then two corners
            at_corner = 2 * known > known.sum(0)
            child = 3 - (at_corner * torch.arange(3, 0, -1, device=face.device)[:, None]).sum(0)
            total = c.sum(0)
            c = torch.where(at_corner, 2 * c - total, torch.where(child == 3, total / 2 - c, c))
            face, path = 4 * face + child, 4 * path + child
            c = c * self.stretch[_before(level, 1) - 1 + path].double().T
            faces.append(_before(level, 20) + face)
            weights.append(c / c.sum(0))
        return self.corners[torch.stack(faces)].long().transpose(1, 2), torch.stack(weights)


def _before(level: int, first: int) -> int:
    """Faces of all levels before one, where the first has ``first`` and each has four times those before."""
    return first * (4**level - 1) // 3


def icosahedron() -> NDArray[np.float64]:
    """The corners (20, 3, 3) of the faces of an icosahedron: unit vectors.

    Examples
    --------
    >>> corners = icosahedron()
    >>> bool(np.allclose(np.arccos((corners[:, 0] * corners[:, 1]).sum(1)), EDGE))
    True
    """
    at, faces = _icosahedron()
    return at[faces]


def _icosahedron() -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Unit vectors (12, 3), and the triples (20, 3) of them that are neighbours."""
    golden = (1 + math.sqrt(5)) / 2
    rectangle = np.array([(0, one, other) for one in (-1, 1) for other in (-golden, golden)]) / math.hypot(1, golden)
    at = np.concatenate([np.roll(rectangle, turns, 1) for turns in range(3)])
    near = np.isclose(at @ at.T, math.cos(EDGE))
    faces = [
        f for f in itertools.combinations(range(12), 3) if all(near[i, j] for i, j in itertools.combinations(f, 2))
    ]
    return at, np.array(faces)


def _children(corners: NDArray[Any], middles: NDArray[Any]) -> NDArray[Any]:
    """Of faces (n, 3, ...), with the middles of their edges opposite each corner: four children of each (4 n, 3, ...).

    Child k < 3 keeps corner k in its place; child 3 has the middles.
    """
    (a, b, c), (bc, ca, ab) = corners.swapaxes(0, 1), middles.swapaxes(0, 1)
    children = [(a, ab, ca), (ab, b, bc), (ca, bc, c), (bc, ca, ab)]
    return np.stack([np.stack(child, 1) for child in children], 1).reshape(-1, *corners.shape[1:])


@cache
def _corners(levels: int) -> NDArray[np.int32]:
    """The three vertices of each face of each level, numbered through the levels (faces of all levels, 3)."""
    faces, found, begin = _icosahedron()[1], [], 0
    for level in range(levels):
        found.append(begin + faces)
        count = 10 * 4**level + 2
        edges = np.sort(np.roll(faces, -1, 1)[..., None] * [1, 0] + np.roll(faces, -2, 1)[..., None] * [0, 1], -1)
        _, middles = np.unique(edges @ [count, 1], return_inverse=True)
        faces = _children(faces, count + middles.reshape(faces.shape))
        begin += count
    return np.concatenate(found).astype(np.int32)


@cache
def _stretch(levels: int) -> NDArray[np.float64]:
    """|v_i + v_j| of each corner that is the middle of an edge from v_i to v_j, 1 of each other one.

    Of all faces of levels from 1 on that lie in one face of the icosahedron: the other 19 have the same.
    """
    at, found = icosahedron()[:1], [np.ones((0, 3))]
    for _ in range(1, levels):
        sums = np.roll(at, -1, 1) + np.roll(at, -2, 1)
        length = np.linalg.norm(sums, axis=-1)
        at = _children(at, sums / length[..., None])
        found.append(_children(np.ones_like(length), length))
    return np.concatenate(found)
