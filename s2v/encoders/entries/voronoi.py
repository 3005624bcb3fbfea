"""Soft Voronoi cells, as an entry of the registry.  Free of torch."""

from __future__ import annotations

import math

from s2v.encoders.shared import SEED
from s2v.encoders.spec import EncoderSpec, Landmarks, Scale
from s2v.parameters import Parameter

VORONOI = EncoderSpec(
    "voronoi",
    "Soft Voronoi",
    "Learned sites on the sphere share every place among themselves; while it trains they move to where detail is.",
    "TTE, ECCV 2026, arXiv 2606.27514; Banerjee et al. 2005 (mixtures of von Mises-Fisher distributions)",
    "s2v.encoders.voronoi:Voronoi",
    (
        Parameter(
            "sites",
            int,
            256,
            "Sites",
            "Number of cells; more give finer detail, need more data, and take longer.",
            low=2,
            high=4096,
        ),
        Parameter("features", int, 64, "Features", "Length of the vector of each site.", low=1, high=256),
        SEED,
    ),
    spherical=True,
    dateline=True,
    poles=True,
    table=lambda p: p["sites"] * (4 + p["features"]),
    held=lambda p: 5 * p["sites"],
    work=lambda p: p["sites"] * (70.0 + 0.1 * p["features"]),  # measured, with the derivatives
    landmarks=Landmarks("sites", learned=True),
    # Some places in each cell: sites lie about two radii apart.
    scale=Scale("sites", lambda radius: math.pi / radius**2, high=512),
    example={"sites": 40, "features": 8},
    features=lambda p: p["features"],
)
