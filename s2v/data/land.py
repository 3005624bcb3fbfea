"""Land or ocean anywhere on the sphere, from the coastline that the maps draw.

Natural Earth's lines have the land on their right.  Those that cross the dateline are cut there; here they are joined
again on the sphere and then unrolled onto a plane that extends one turn beyond the dateline on both sides.  A ring that
goes once around the globe, Antarctica's, is closed around the pole to its right.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.affinity import translate

from s2v import sphere
from s2v.assets import asset_path, damaged
from s2v.coastlines import coastlines
from s2v.data.dataset import DataSet, Description, Request
from s2v.data.everywhere import known_everywhere

CLASSES = {"Ocean": "#a9c8e0", "Land": "#8a7f5c"}
MAX_GAP = 3.0  # degrees along a great circle between the end of a cut line and where it continues

Line = NDArray[Any]


def load(request: Request) -> DataSet:
    """See ``s2v.data.load``."""
    lines = len(coastlines("110m"))
    description = Description(
        classes=tuple(CLASSES),
        colors=tuple(CLASSES.values()),
        credit="Natural Earth 1:110 million, naturalearthdata.com. Public domain.",
        summary=f"Whether a place is land or ocean, by the coastline that the maps draw: {lines} lines, joined "
        "into polygons on the sphere; a little under three tenths are land. Ice shelves are ocean and lakes are land, "
        "but for the Caspian Sea. Look at islands, narrow seas, and the coast of Antarctica, which goes all around a "
        "pole.",
    )
    return known_everywhere(request, lambda lonlat: land(lonlat).astype(np.int64), description)


def land(lonlat: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Whether places (..., 2) are on land; the two sides of the dateline, and all longitudes of a pole, agree."""
    longitude, latitude = sphere.wrap_longitude(lonlat[..., 0]), lonlat[..., 1]
    longitude = np.where(longitude == 180, -180.0, longitude)
    inside: NDArray[np.bool_] = shapely.contains_xy(_polygons(), longitude, latitude)
    return inside


@lru_cache(maxsize=2)
def _polygons() -> shapely.Geometry:
    """All land as one area of the (longitude, latitude) plane, which repeats each turn and covers -180 to 180."""
    try:
        return _area(rings(coastlines("110m")))
    except (ValueError, shapely.errors.ShapelyError) as error:
        raise damaged(asset_path("coastlines", "coastline_110m.json"), str(error)) from error


def rings(lines: Sequence[Line]) -> list[Line]:
    """Closed lines on the sphere (points, 2), first point not repeated, from lines that are cut at the dateline.

    Each cut end continues at the nearest open beginning on the other side of the dateline.  ``ValueError`` where there
    is none within ``MAX_GAP``.
    """
    closed = [line[:-1] for line in lines if (line[0] == line[-1]).all()]
    pieces = [line for line in lines if (line[0] != line[-1]).any()]
    while pieces:
        ring = pieces.pop(0)
        while True:
            starts = np.array([ring[0], *(piece[0] for piece in pieces)])
            gap = np.rad2deg(sphere.great_circle(starts, ring[-1]))
            gap[(starts[:, 0] > 0) == (ring[-1, 0] > 0)] = np.inf
            nearest = int(gap.argmin())
            if gap[nearest] > MAX_GAP:
                raise ValueError(f"the line that ends at {ring[-1].tolist()} does not go on anywhere")
            if nearest == 0:
                break
            ring = np.concatenate([ring, pieces.pop(nearest - 1)])
        closed.append(ring)
    return closed


def _area(closed: Sequence[Line]) -> shapely.Geometry:
    outlines: list[shapely.Geometry] = []
    holes: list[shapely.Geometry] = []
    for ring in closed:
        outline, turns = _unrolled(ring)
        if turns:  # around a pole: on the way east, the right-hand side is south
            pole = -91.0 if turns > 0 else 91.0  # beyond it, so that the pole itself is inside
            outline = np.concatenate([outline, [[outline[-1, 0], pole], [outline[0, 0], pole]]])
        polygon = shapely.make_valid(shapely.Polygon(outline))
        copies = [translate(polygon, turn * 360) for turn in (-2, -1, 0, 1, 2)]
        (holes if shapely.is_ccw(shapely.LinearRing(outline)) else outlines).extend(copies)
    area = shapely.difference(shapely.union_all(outlines), shapely.union_all(holes))
    area = shapely.clip_by_rect(area, -200, -91, 200, 91)
    shapely.prepare(area)
    return area


def _unrolled(ring: Line) -> tuple[Line, int]:
    """The ring, closed, with longitudes that do not jump at the dateline, and how often it goes around eastwards."""
    longitude = np.unwrap(np.append(ring[:, 0], ring[0, 0]), period=360)
    turns = round((longitude[-1] - longitude[0]) / 360)
    return np.stack([longitude, np.append(ring[:, 1], ring[0, 1])], -1), turns
