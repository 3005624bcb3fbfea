"""The icosphere pyramid, as an entry of the registry.  Free of torch."""

from __future__ import annotations

import math

from s2v.encoders.shared import SEED
from s2v.encoders.spec import EncoderSpec, Params, Scale
from s2v.parameters import Parameter

EDGE = math.acos(1 / math.sqrt(5))  # radians, of the icosahedron; each level halves it


def _table(p: Params) -> int:
    """Numbers at the 10 * 4^l + 2 vertices of each level l."""
    vertices = sum(10 * 4**level + 2 for level in range(p["levels"]))
    return int(vertices * p["features"])


ICOSPHERE = EncoderSpec(
    "icosphere",
    "Icosphere pyramid",
    "Learned vectors at the vertices of a subdivided icosahedron, interpolated in the triangle that holds the place, "
    "at several levels.",
    "HNeR-S 2024, arXiv 2402.05965; geodesic grids after Sadourny et al. 1968",
    "s2v.encoders.icosphere:Icosphere",
    (
        Parameter(
            "levels",
            int,
            6,
            "Levels",
            "Each level halves the triangles: sides of 63, 32, 16 degrees and so on. More need more data.",
            low=1,
            high=8,
        ),
        Parameter("features", int, 4, "Features a level", "Length of the vector of each vertex.", low=1, high=256),
        SEED,
    ),
    spherical=True,
    dateline=True,
    poles=True,
    smooth=False,
    table=_table,
    held=lambda p: 10 * p["levels"] * (p["features"] + 6),
    work=lambda p: p["levels"] * (1000.0 + 100.0 * p["features"]),  # measured, with the derivatives
    scale=Scale("levels", lambda radius: 1 + math.log2(EDGE / (2 * radius))),  # some places in each triangle
    example={"levels": 4, "features": 3},
    features=lambda p: p["levels"] * p["features"],
)
