"""The variogram of a code: exact values, what it says of flat codes and of fields, and the scale that fits data."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
import torch

import s2v
from s2v import data, kernels, predictors, sphere, variograms
from s2v.models.recipe import Recipe
from s2v.models.training import train

QUARTER = math.pi / 2 * sphere.EARTH_RADIUS_KM


def test_the_variogram_of_xyz_is_one_minus_the_cosine_of_the_angle() -> None:
    found = s2v.variogram(s2v.encoder("xyz"), [[15.6, 78.2], [180.0, -90.0]])
    angle = found.distance / sphere.EARTH_RADIUS_KM
    np.testing.assert_allclose(found.semivariance, np.broadcast_to(1 - np.cos(angle), (2, 8, 64)), atol=1e-14)
    assert found.sill == pytest.approx(1, abs=1e-6)  # the mean over the lattice is not quite that over the sphere
    np.testing.assert_allclose(found.half_sill, QUARTER * 2 / 3, rtol=1e-3)  # 60 degrees, between two distances


@pytest.mark.parametrize("name", ["grid", "sphereM", "plane_waves", "spherical_harmonics"])
def test_the_variogram_is_one_minus_the_kernel(name: str) -> None:
    enc, place, distance = s2v.encoder(name, **s2v.ENCODERS[name].example), (100.0, -40.0), [10.0, 500.0, 9000.0]
    found = s2v.variogram(enc, place, distance=distance, bearing=(0, 90))
    places = sphere.destination(place, np.array([[0.0], [90.0]]), np.array(distance) / sphere.EARTH_RADIUS_KM)
    np.testing.assert_allclose(found.semivariance, 1 - kernels.similarity(enc, place, places), atol=1e-12)


def test_the_sill_is_the_mean_over_all_pairs() -> None:
    enc, places = s2v.encoder("sphereM", scales=4, min_radius=0.2), sphere.fibonacci_lattice(2000)
    pairs = [1 - kernels.similarity(enc, place, places).mean() for place in places[::20]]
    assert variograms.sill_of(enc) == pytest.approx(np.mean(pairs), rel=0.01)  # of every twentieth place


def test_the_variogram_is_that_of_the_fields_a_code_makes() -> None:
    """Linear functions of a code with random weights have its variogram, as measured of their values."""
    enc = s2v.encoder("plane_waves", scales=4, min_radius=0.2, max_radius=1.0)
    places = sphere.random_points(500, seed=1)
    code = torch.nn.functional.normalize(kernels.encode(enc, places), dim=-1).numpy()
    rng = np.random.default_rng(0)
    fields = [data.own(places, code @ rng.standard_normal(enc.dim), split="random") for _ in range(12)]
    found = [predictors.empirical_variogram(field) for field in fields]
    mean = np.mean([each.semivariances[:20] for each in found], 0)
    known = s2v.variogram(enc, distance=found[0].lags[:20]).semivariance.mean((0, 1))
    np.testing.assert_allclose(mean, known, rtol=0.35, atol=0.01)  # twelve fields: a standard error of about 0.12
    half = np.mean([each.half_sill for each in found])
    assert half == pytest.approx(variograms.half_sill_of(enc), rel=0.25)


def test_a_flat_code_is_squeezed_towards_the_poles() -> None:
    grid, latitudes = s2v.encoder("grid", scales=8, min_radius=2.0), np.array([0.0, 60.0, 80.0])
    places = np.stack([np.full(3, 22.5), latitudes], -1)
    north, east = (s2v.variogram(grid, places, bearing=b).half_sill for b in ((0, 180), (90, 270)))
    assert east[0] == pytest.approx(north[0], rel=0.05)
    assert north[1] == pytest.approx(north[0], rel=0.1)  # a great circle north goes over the pole
    assert east[2] < 0.25 * east[0]
    # Beside a place the variogram is quadratic, and a step east is so many times as many degrees.
    near = s2v.variogram(grid, places, distance=[1.0], bearing=(90,)).semivariance.ravel()
    np.testing.assert_allclose(near / near[0], np.cos(np.deg2rad(latitudes)) ** -2, rtol=0.02)


def test_a_constant_code_has_no_half_sill() -> None:
    found = s2v.variogram(lambda lonlat: torch.ones(*lonlat.shape[:-1], 3), [0.0, 0.0])
    assert found.sill == 0
    assert np.isnan(found.half_sill)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"lonlat": [0.0, 95.0]}, "latitude"),
        ({"distance": [100.0, 50.0]}, "rising distances"),
        ({"distance": [0.0, 1e6]}, "rising distances"),
        ({"bearing": 90.0}, "degrees from north"),
    ],
)
def test_what_is_wrong_is_said(arguments: dict[str, object], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        s2v.variogram(s2v.encoder("xyz"), **arguments)  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["sphereM", "grid", "spherical_harmonics", "rff", "nerf"])
def test_the_half_sill_of_a_code_meets_that_of_data(name: str) -> None:
    params = variograms.at_half_sill(name, {}, 2000.0)
    reached = variograms.half_sill_of(s2v.encoder(name, **params))
    whole = name in ("spherical_harmonics", "nerf")  # degrees and octaves: the next one is as far as this
    assert reached == pytest.approx(2000, rel=0.4 if whole else 0.05)


def test_no_radius_is_smaller_than_the_spacing() -> None:
    fine = variograms.at_half_sill("sphereM", {"scales": 8}, 300.0, spacing=100.0)
    coarse = variograms.at_half_sill("sphereM", {"scales": 8}, 300.0, spacing=1000.0)
    assert fine["min_radius"] < coarse["min_radius"]
    assert coarse["min_radius"] == pytest.approx(1000 / sphere.EARTH_RADIUS_KM, rel=0.01)


def test_an_encoder_without_a_scale_is_refused() -> None:
    with pytest.raises(ValueError, match="'xyz' has no scale"):
        variograms.at_half_sill("xyz", {}, 1000.0)
    with pytest.raises(ValueError, match="no distance in kilometres"):
        variograms.at_half_sill("sphereM", {}, math.nan)


def test_the_suggested_scale_learns_more_than_the_default() -> None:
    recipe = Recipe(data="relief", encoder="sphereM", encoder_params={"scales": 8}, points=500, steps=300, seed=7)
    relief = data.load(recipe.data, recipe.points, recipe.seed)
    found = predictors.empirical_variogram(relief)
    params = variograms.at_half_sill("sphereM", recipe.encoder_params, found.half_sill, found.spacing)
    scores = []
    for each in (recipe, replace(recipe, encoder_params=params)):
        *_, last = train(each, every=each.steps, dataset=relief)
        scores.append(last.metrics["test_r2"])
    assert scores[1] > scores[0] + 0.05
