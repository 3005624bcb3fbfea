"""The ranges of parameters hold the values that the published code takes by itself."""

from __future__ import annotations

from typing import Any

import pytest

import s2v

# Encoder, parameters, and where the defaults are: sphere2vec (main/), TorchSpatial (main/), space2vec, locationencoder.
SPACE2VEC = [
    ("grid", {"scales": 16, "min_radius": 10, "max_radius": 10000}, "SpatialRelationEncoder.py, GridCell"),
    ("theory", {"scales": 16, "min_radius": 1000, "max_radius": 10000}, "SpatialRelationEncoder.py, TheoryGridCell"),
    *(
        (name, params, source)
        for name in ("grid", "theory")
        for params, source in (
            ({"scales": 16, "min_radius": 1, "max_radius": 10000}, "utils.py, get_spa_encoder"),
            ({"scales": 64, "min_radius": 0.0005, "max_radius": 360}, "space2vec geo_prior/train_geo_net.py"),
            ({"scales": 64, "min_radius": 1e-4, "max_radius": 360}, "Mai et al. 2020, images"),
            ({"scales": 32, "min_radius": 1e-6, "max_radius": 1}, "trainer.py"),
            ({"scales": 10, "min_radius": 1, "max_radius": 360}, "locationencoder, get_positional_encoding"),
            ({"scales": 10, "min_radius": 1e-5, "max_radius": 0.01}, "locationencoder, GridAndSphere"),
        )
    ),
]
# The classes of the sphere family repeat 10 to 10,000 in their signatures; with radians that would be one constant, and
# everything published gives them the values of trainer.py.
SPHERE2VEC = [
    (name, {"scales": scales, "min_radius": 1e-6, "max_radius": 1}, "trainer.py")
    for name in ("sphereC", "sphereC+", "sphereM", "sphereM+", "dfs")
    for scales in (16, 32)
]
# TorchSpatial's interval of tile, 1,000,000 degrees, is left out: it is one cell, as are 180 degrees.
OTHERS = [
    ("rbf", {"anchors": 100, "bandwidth": 10e2}, "SpatialRelationEncoder.py, RBF"),
    ("rbf", {"anchors": 200, "bandwidth": 1}, "trainer.py"),
    ("rff", {"features": 16, "bandwidth": 1}, "SpatialRelationEncoder.py, RFF"),
    ("rff", {"features": 32, "bandwidth": 1}, "trainer.py"),
    ("nerf", {"scales": 16}, "SpatialRelationEncoder.py, NERF"),
    ("nerf", {"scales": 32}, "trainer.py"),
    ("spherical_harmonics", {"degree": 8}, "TorchSpatial, SphericalHarmonics"),
    ("spherical_harmonics", {"degree": 40}, "SatCLIP, released models"),
    ("geoclip_rff", {"features": 256}, "geo-clip, location_encoder.py"),
    ("herglotz", {"features": 50, "degree": 15}, "spherical-inr, HerglotzNet"),
]


@pytest.mark.parametrize(("name", "params", "source"), [*SPACE2VEC, *SPHERE2VEC, *OTHERS])
def test_published_defaults_are_allowed(name: str, params: dict[str, Any], source: str) -> None:
    assert {key: s2v.ENCODERS[name].check(params)[key] for key in params} == params, source


def test_beyond_the_published_radii_there_is_an_end() -> None:
    with pytest.raises(ValueError, match="allowed is a number from 1e-06 to 10000 degrees"):
        s2v.ENCODERS["grid"].check({"max_radius": 10001})
    with pytest.raises(ValueError, match=r"Is it in degrees\?"):
        s2v.ENCODERS["sphereM"].check({"max_radius": 360})
