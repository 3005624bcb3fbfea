"""The encoders of the flat map, and tile and wrap, as entries of the registry.  Free of torch."""

from __future__ import annotations

import math

from s2v.encoders.shared import IN_DEGREES, SEED, SMALLEST_DEGREES, closed
from s2v.encoders.spec import EncoderSpec, Landmarks, Scale
from s2v.parameters import Parameter

DEGREE = math.pi / 180  # radians

DIRECT = EncoderSpec(
    "direct",
    "Direct",
    "Longitude and latitude themselves, scaled to [-1, 1].",
    "Sphere2Vec main/SpatialRelationEncoder.py, class of the flag 'naive'",
    "s2v.encoders.planar:Direct",
    features=lambda p: 2,
)

WRAP = EncoderSpec(
    "wrap",
    "Wrap",
    "Sines and cosines of longitude and latitude; the published form stretches latitude to a full circle, so "
    "both poles share their latitude features.",
    "Mac Aodha et al. 2019, geo_prior utils.py encode_cos_sin",
    "s2v.encoders.planar:Wrap",
    (
        Parameter(
            "latitude",
            str,
            "stretched",
            "Latitude",
            "stretched is the published form (lat/90 of a half turn); true uses the angle itself and tells the "
            "poles apart.",
            choices=("stretched", "true"),
        ),
    ),
    dateline=True,
    features=lambda p: 4,
    sphere2vec="baseline",
)

TILE = EncoderSpec(
    "tile",
    "Tile",
    "A learned vector for each cell of equal angle; places in one cell are the same.",
    "TorchSpatial SpatialRelationEncoder.py 2793-2845 (whose interval is never used: repaired here)",
    "s2v.encoders.planar:Tile",
    (
        Parameter(
            "cell",
            float,
            10.0,
            "Cell",
            "Side of a cell; smaller is sharper and needs more data.",
            low=0.5,
            high=180.0,
            unit="degrees",
        ),
        Parameter("features", int, 64, "Features", "Length of the vector of each cell.", low=1, high=4096),
        SEED,
    ),
    table=lambda p: math.ceil(180 / p["cell"]) * math.ceil(360 / p["cell"]) * p["features"],
    smooth=False,
    # Detail that a cell cannot show against the noise of few places: where the two are level the cell grows more slowly
    # than the radius.  Beyond 20 degrees it shows too little of any data set.
    scale=Scale("cell", lambda radius: min(50 * radius**0.6, 20.0), low=1.0),
    example={"cell": 15.0, "features": 8},
    features=lambda p: p["features"],
    sphere2vec="baseline",
)

RBF = EncoderSpec(
    "rbf",
    "RBF",
    "Gaussian bumps around anchor places, with distances in degrees on the flat map.",
    "Sphere2Vec main/SpatialRelationEncoder.py 1160-1333; Space2Vec (Mai et al. 2020) baseline",
    "s2v.encoders.planar:Rbf",
    (
        Parameter(
            "anchors",
            int,
            200,
            "Anchors",
            "Number of bumps; training draws them from the training points.",
            low=1,
            high=10000,
        ),
        Parameter(
            "bandwidth",
            float,
            10.0,
            "Bandwidth",
            "Radius of a bump; wider is smoother.",
            low=1e-3,
            high=1000.0,
            unit="degrees",
            log=True,
        ),
        SEED,
    ),
    landmarks=Landmarks("anchors"),
    scale=Scale("bandwidth", math.degrees, least=lambda p: math.sqrt(4 * math.pi / p["anchors"])),
    example={"anchors": 40, "bandwidth": 20.0},
    features=lambda p: p["anchors"],
    sphere2vec="baseline",
)

RFF = EncoderSpec(
    "rff",
    "RFF",
    "Random Fourier features of the flat map, scaled to [-1, 1].",
    "Rahimi and Recht 2007; Sphere2Vec main/SpatialRelationEncoder.py 2260-2360",
    "s2v.encoders.planar:Rff",
    (
        Parameter("features", int, 64, "Features", "Number of waves.", low=1, high=16384),
        Parameter(
            "bandwidth",
            float,
            1.0,
            "Bandwidth",
            "Variance of the random frequencies, as published: larger is sharper.",
            low=1e-4,
            high=1e5,
            log=True,
        ),
        SEED,
    ),
    # The mean square of the frequencies is half of that of four radii: there are no coarser waves beside them.
    scale=Scale("bandwidth", lambda radius: (math.pi / (4 * radius)) ** 2 / 4),
    example={"features": 24, "bandwidth": 9.0},
    features=lambda p: p["features"],
    sphere2vec="baseline",
)

GRID = EncoderSpec(
    "grid",
    "Space2Vec grid",
    "Sines and cosines of longitude and of latitude at many scales, on the flat map.",
    "Mai et al. 2020, ICLR; Sphere2Vec main/SpatialRelationEncoder.py 51-200",
    "s2v.encoders.planar:GridCells",
    IN_DEGREES,
    wavenumber=DEGREE,
    dateline=closed(DEGREE),
    scale=SMALLEST_DEGREES,
    example={"scales": 6, "min_radius": 2.0},
    features=lambda p: 4 * p["scales"],
    sphere2vec="baseline",
)

THEORY = EncoderSpec(
    "theory",
    "Space2Vec theory",
    "Waves along three directions 120 degrees apart at many scales, on the flat map.",
    "Mai et al. 2020, ICLR; Sphere2Vec main/SpatialRelationEncoder.py 454-596",
    "s2v.encoders.planar:Theory",
    IN_DEGREES,
    wavenumber=2 * DEGREE,  # two of the three directions see half the longitude
    dateline=closed(2 * DEGREE),
    scale=SMALLEST_DEGREES,
    example={"scales": 6, "min_radius": 2.0},
    features=lambda p: 6 * p["scales"],
    sphere2vec="baseline",
)
