"""Labels of meridians and parallels on maps that are not polar: where they lie in the plane, so that none overlap."""

from __future__ import annotations

import math
from dataclasses import dataclass

import matplotlib.path as mpath
import numpy as np
from numpy.typing import NDArray

from s2v import sphere
from s2v.figures.map_parts import degrees_east, degrees_north
from s2v.figures.projections import Plane, graticule_steps

LETTER, HEIGHT = 0.082, 0.17  # inches that a letter takes, with what lies around it
PAD = 0.09  # inches between the frame and a label
GAP = 0.03  # inches between two labels


@dataclass(frozen=True)
class Label:
    """``text`` around (``x``, ``y``) in the plane; its ``width`` and ``height`` in metres, too."""

    text: str
    x: float
    y: float
    width: float
    height: float

    @property
    def corners(self) -> NDArray[np.float64]:
        """Left lower, right lower, right upper, left upper (4, 2)."""
        x, y = self.width / 2, self.height / 2
        return np.array([(-x, -y), (x, -y), (x, y), (-x, y)]) + np.array((self.x, self.y))

    def touches(self, other: Label, gap: float) -> bool:
        """Whether less than ``gap`` metres lie between two labels."""
        beside = abs(self.x - other.x) >= (self.width + other.width) / 2 + gap
        return not beside and abs(self.y - other.y) < (self.height + other.height) / 2 + gap


def graticule_labels(flat: Plane, inches: float) -> list[Label]:
    """The labels of a map ``inches`` wide: whole, on the map, on their line, and apart from each other.

    Those of a part of the Earth and of the world stand at its left edge (parallels), and at the lower edge or on the
    equator (meridians); those of a globe between two lines of the other kind, nearest to its middle.
    """
    left, right, _, _ = flat.box
    metres = (right - left) / inches
    found: list[Label] = []
    outline = mpath.Path(flat.outline)
    for text, x, y, edge in _wanted(flat):
        width, height = LETTER * len(text) * metres, HEIGHT * metres
        # Beside an edge the place is that of the edge: the label stands within it.
        x += (width / 2 + PAD * metres) * (edge == "left")
        y += (height / 2 + PAD * metres) * (edge == "lower")
        label = Label(text, x, y, width, height)
        if outline.contains_points(label.corners).all() and not any(label.touches(o, GAP * metres) for o in found):
            found.append(label)
    return found


def _wanted(flat: Plane) -> list[tuple[str, float, float, str]]:
    """Texts and places in the plane, parallels first, and the edge that they stand at."""
    name, middle = flat.projection.name, flat.middle
    meridians, parallels = graticule_steps(flat.projection)
    if name == "extent":
        left, _, bottom, _ = flat.box
        rows = [(p, np.array([(middle, p)]), "left") for p in parallels]
        columns = [(m, np.array([(m, flat.projection.extent[1])]), "lower") for m in meridians]
        return [
            *((degrees_north(p), left, float(flat.project(place)[0, 1]), edge) for p, place, edge in rows),
            *((_east(m), float(flat.project(place)[0, 0]), bottom, edge) for m, place, edge in columns),
        ]
    if name == "orthographic":
        step = 30.0
        beside = (math.floor(middle / step) + 0.5) * step  # between two meridians
        across = np.clip((math.floor(flat.projection.lat / step) + 0.5) * step, -45.0, 45.0)
        places = [(degrees_north(p), (beside, p), "") for p in parallels]
        places += [(_east(m), (m, float(across)), "") for m in meridians]
    else:
        places = [(degrees_north(p), (middle - 180, p), "left") for p in parallels]
        places += [(_east(m), (m, 0.0), "") for m in meridians if m % 60 == 0]
    points = flat.project(np.array([place for _, place, _ in places]))
    return [
        (text, float(x), float(y), edge)
        for (text, _, edge), (x, y) in zip(places, points, strict=True)
        if math.isfinite(x)
    ]


def _east(longitude: float) -> str:
    return degrees_east(round(float(sphere.wrap_longitude(np.asarray(longitude))), 9))
