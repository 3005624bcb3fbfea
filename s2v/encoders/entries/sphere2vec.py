"""The encoders of Sphere2Vec, as entries of the registry.  Free of torch."""

from __future__ import annotations

from collections.abc import Callable

from s2v.encoders.shared import IN_RADIANS, SMALLEST_RADIANS, closed
from s2v.encoders.spec import EncoderSpec

_SPHERE2VEC = "Mai et al. 2023, ISPRS 202, arXiv 2306.17624"


def _sphere(
    name: str,
    title: str,
    summary: str,
    reference: str,
    cls: str,
    features: Callable[[int], int],
    poles: bool,
    scales: int = 6,
) -> EncoderSpec:
    return EncoderSpec(
        name,
        title,
        summary,
        reference,
        f"s2v.encoders.sphere2vec:{cls}",
        IN_RADIANS,
        spherical=True,
        sphere2vec="proposed",
        wavenumber=1.0,
        dateline=closed(1.0),
        poles=closed(1.0, odd=True) if poles else False,
        features=lambda p: features(p["scales"]),
        scale=SMALLEST_RADIANS,
        example={"scales": scales, "min_radius": 0.02},
    )


SPHERE_C = _sphere(
    "sphereC",
    "Sphere2Vec sphereC",
    "The unit vector of the scaled angles, at many scales.",
    f"{_SPHERE2VEC}; eq. 4 of arXiv 2201.10489; main/SpatialRelationEncoder.py 1337-1500",
    "SphereC",
    lambda s: 3 * s,
    True,
)

SPHERE_C_PLUS = _sphere(
    "sphereC+",
    "Sphere2Vec sphereC+",
    "sphereC together with grid.",
    f"{_SPHERE2VEC}; eq. 10 of arXiv 2201.10489; main/SpatialRelationEncoder.py 1509-1670",
    "SphereCPlus",
    lambda s: 6 * s,
    False,
)

SPHERE_M = _sphere(
    "sphereM",
    "Sphere2Vec sphereM",
    "Unit vectors in which one angle at a time is scaled: close to the sphere's own metric.",
    f"{_SPHERE2VEC}; main/SpatialRelationEncoder.py 1676-1858",
    "SphereM",
    lambda s: 5 * s,
    True,
)

SPHERE_M_PLUS = _sphere(
    "sphereM+",
    "Sphere2Vec sphereM+",
    "sphereM together with grid.",
    f"{_SPHERE2VEC}; main/SpatialRelationEncoder.py 1864-2048",
    "SphereMPlus",
    lambda s: 8 * s,
    False,
)

DFS = _sphere(
    "dfs",
    "Sphere2Vec dfs",
    "All products of the waves in longitude and in latitude (double Fourier "
    "sphere); its length grows with the square of the scales.",
    f"{_SPHERE2VEC}; main/SpatialRelationEncoder.py 2052-2256",
    "Dfs",
    lambda s: 4 * s * s + 4 * s,
    False,
    scales=4,
)
