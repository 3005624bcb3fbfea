"""The route along which ``buffer`` and ``control`` hold places out: around the globe, over both poles.

Distances from 50 to 5,000 km need places that lie at every one of them from what remains.  Places all over the sphere
do not: around 500 of them discs of 500 km cover it.  Places in one region do not, either: those inside it are as far
from its edge as it is large.  Along a line all places are equally near to what lies beside it, at any distance, and
5,000 km on both sides of it still leave a quarter of the sphere.

This line crosses the dateline three times, always at a slant, and follows no meridian for long, so that no encoder is
favoured by its frame.  Over a third of it is land; its heights spread as those of the whole sphere (2,440 m against
2,400 m).
"""

from __future__ import annotations

from functools import lru_cache
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from s2v import sphere
from s2v.data.blocks import TEST, TRAIN, VALIDATION, Indices
from s2v.data.nearest import tree

# From the North Pole over Alaska, Japan, the Pacific and New Zealand to the South Pole, and back over the Cape, the
# Congo and Anatolia.
WAYPOINTS = (
    *((0.0, 90.0), (-155.0, 65.0), (165.0, 40.0), (-165.0, 0.0), (172.0, -43.0)),
    *((0.0, -90.0), (25.0, -33.0), (15.0, 0.0), (30.0, 40.0)),
)
REACH = 25.0  # kilometres on either side of the line
STRETCHES = 30  # of equal length; every third is for validation
_STEP = 1.0  # kilometres between two points of the line
_BOXES = 60  # to the Earth's radius: some 100 km wide

Rows = NDArray[np.float64]


def part_of(lonlat: Rows) -> Indices:
    """The part (...,) of places (..., 2): ``TEST`` or ``VALIDATION`` within ``REACH`` of the route, else ``TRAIN``."""
    line, at = _line()
    vectors = sphere.to_unit_vectors(lonlat)
    near = _boxes_near()[tuple(np.moveaxis(_box(vectors), -1, 0))]  # most places are not, and soon found not to be
    chord = 2 * np.sin(REACH / sphere.EARTH_RADIUS_KM / 2)
    _, found = at.query(vectors[near], distance_upper_bound=chord)
    parts = np.full(near.shape, TRAIN, dtype=np.int64)
    parts[near] = np.append(stretch_parts(len(line)), TRAIN)[found]
    return parts


def stretch_parts(count: int) -> Indices:
    """The parts (count,) of things in order along a route: every third stretch is ``VALIDATION``, the others ``TEST``.

    Read from the other end it is the same.
    """
    stretch = (2 * np.arange(count) + 1) * STRETCHES // max(2 * count, 1)
    return np.where(stretch % 3 == 1, VALIDATION, TEST)


def random_points(part: int, count: int, rng: np.random.Generator) -> Rows:
    """Places (count, 2), uniform by area within ``REACH`` of the stretches of a part; more begin with the same."""
    line, _ = _line()
    u = rng.random((count, 2))
    rows = np.flatnonzero(stretch_parts(len(line)) == part)
    here = rows[(u[:, 0] * len(rows)).astype(np.int64)]
    ahead = line[(here + 1) % len(line)]
    along = u[:, :1] * len(rows) % 1
    middle = _unit((1 - along) * line[here] + along * ahead)
    side = _unit(np.cross(line[here], ahead))
    offset = np.arcsin((2 * u[:, 1:] - 1) * np.sin(REACH * (1 - 1e-4) / sphere.EARTH_RADIUS_KM))
    return np.asarray(sphere.to_lonlat(_unit(np.cos(offset) * middle + np.sin(offset) * side)))


@lru_cache(maxsize=1)
def _line() -> tuple[Rows, Any]:
    """Points of the route as unit vectors (n, 3), one every kilometre, and a tree of them."""
    corners = sphere.to_unit_vectors(np.array([*WAYPOINTS, WAYPOINTS[0]]))
    pieces = []
    for a, b in pairwise(corners):
        angle = np.arccos(a @ b)
        steps = round(angle * sphere.EARTH_RADIUS_KM / _STEP)
        share = np.arange(steps)[:, None] / steps
        pieces.append((np.sin((1 - share) * angle) * a + np.sin(share * angle) * b) / np.sin(angle))
    line = np.concatenate(pieces)
    return line, tree(sphere.to_lonlat(line))


@lru_cache(maxsize=1)
def _boxes_near() -> NDArray[np.bool_]:
    """Which of the boxes that space is cut into touch what lies within ``REACH`` of the route."""
    near = np.zeros((2 * _BOXES + 3,) * 3, dtype=bool)
    for shift in np.ndindex(3, 3, 3):  # a box is wider than the reach, so that no place is beyond a neighbour
        near[tuple((_box(_line()[0]) + np.array(shift) - 1).T)] = True
    return near


def _box(vectors: Rows) -> Indices:
    return np.asarray(np.floor(vectors * _BOXES) + _BOXES + 1, dtype=np.int64)


def _unit(vectors: Rows) -> Rows:
    return np.asarray(vectors / np.linalg.norm(vectors, axis=-1, keepdims=True))
