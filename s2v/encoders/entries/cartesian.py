"""The encoders of the unit vector, as entries of the registry.  Free of torch."""

from __future__ import annotations

import math

from s2v.encoders.shared import SCALES, SEED, SMALLEST_RADIANS, max_radius, min_radius
from s2v.encoders.spec import EncoderSpec, Landmarks, Scale
from s2v.parameters import Parameter

XYZ = EncoderSpec(
    "xyz",
    "xyz",
    "The unit vector itself: the smoothest code of the sphere.",
    "Sphere2Vec main/SpatialRelationEncoder.py 970-1044",
    "s2v.encoders.cartesian:Xyz",
    spherical=True,
    dateline=True,
    poles=True,
    isotropic=True,
    features=lambda p: 3,
    sphere2vec="baseline",
)

NERF = EncoderSpec(
    "nerf",
    "NeRF",
    "Sines and cosines of pi 2^k times x, y and z; opposite ends of an axis get one code, the two poles too.",
    "Mildenhall et al. 2020; Sphere2Vec main/SpatialRelationEncoder.py 1047-1156",
    "s2v.encoders.cartesian:Nerf",
    (Parameter("scales", int, 5, "Octaves", "Each octave doubles the detail.", low=1, high=32),),
    dateline=True,
    poles=True,
    scale=Scale("scales", lambda radius: 1 - math.log2(math.pi * radius)),  # the last octave is pi 2^(scales-1)
    example={"scales": 4},
    features=lambda p: 6 * p["scales"],
    sphere2vec="baseline",
)

PLANE_WAVES = EncoderSpec(
    "plane_waves",
    "Spherical plane waves",
    "The unit vector and plane waves through space along random orthonormal frames: the sphere's metric exactly, "
    "no tears.",
    "this project; relatives: Rahimi and Recht 2007, Yu et al. 2016, Tancik et al. 2020",
    "s2v.encoders.cartesian:PlaneWaves",
    (
        SCALES,
        min_radius(0.01, "radians"),
        max_radius(1.0, "radians"),
        Parameter(
            "frames",
            int,
            3,
            "Frames",
            "Orthonormal frames a scale, six features each: more make the similarity depend on distance alone.",
            low=1,
            high=64,
        ),
        SEED,
    ),
    spherical=True,
    wavenumber=1.0,
    dateline=True,
    poles=True,
    landmarks=Landmarks("wave directions"),
    scale=SMALLEST_RADIANS,
    example={"scales": 5, "min_radius": 0.05, "frames": 2},
    features=lambda p: 3 + 6 * p["frames"] * p["scales"],
)
