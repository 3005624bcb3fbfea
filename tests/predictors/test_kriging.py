"""Kriging against closed cases: its data, constants, drawn fields, and covariances of scipy's Bessel functions."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

import numpy as np
import pytest
from scipy import special

from s2v import data, predictors, sphere
from s2v.data import DataSet
from s2v.predictors.covariance import matern
from s2v.predictors.kriging import ordinary_kriging
from s2v.predictors.places import Places
from s2v.predictors.variogram import variogram

MODEL = {"range": 2000.0, "smoothness": 1.5, "nugget": 0.0}


def chords(places: np.ndarray) -> np.ndarray:
    vectors = sphere.to_unit_vectors(places)
    return np.sqrt(((vectors[:, None] - vectors[None]) ** 2).sum(-1))


@lru_cache
def drawn(points: int = 1200, nugget: float = 0.0, seed: int = 0, sill: float = 4.0) -> DataSet:
    """A Gaussian field of the mean 7 with the covariance of ``MODEL``, observed with noise."""
    rng = np.random.default_rng(seed)
    places = sphere.random_points(points, rng)
    reach = MODEL["range"] / sphere.EARTH_RADIUS_KM
    covariance = sill * (1 - nugget) * matern(chords(places), reach, MODEL["smoothness"])
    covariance += np.eye(points) * (sill * nugget + 1e-9)
    return data.own(places, 7 + np.linalg.cholesky(covariance) @ rng.standard_normal(points))


@pytest.mark.parametrize("smoothness", [0.3, 0.5, 1.0, 1.5, 2.0, 2.5, 3.2])
def test_matern_is_the_formula(smoothness: float) -> None:
    distance = np.geomspace(1e-3, 5, 50)
    t = np.sqrt(2 * smoothness) * distance / 0.7
    expected = 2 ** (1 - smoothness) / special.gamma(smoothness) * t**smoothness * special.kv(smoothness, t)
    np.testing.assert_allclose(matern(distance, 0.7, smoothness), expected, rtol=1e-10)
    assert matern(0.0, 0.7, smoothness) == pytest.approx(1, abs=1e-6)
    assert np.isfinite(matern([0.0, 1e-100, 1e100], 0.7, smoothness)).all()


@pytest.mark.parametrize("smoothness", [0.5, 1.0, 2.5])
def test_matern_on_the_chord_is_valid_all_over_the_sphere(smoothness: float) -> None:
    covariance = matern(chords(sphere.fibonacci_lattice(300)), 0.8, smoothness)
    assert np.linalg.eigvalsh(covariance).min() > -1e-10  # rounding of 300 numbers of size 1


@pytest.mark.parametrize("smoothness", [0.5, 1.0, 1.5, 2.5])
def test_without_a_nugget_kriging_reproduces_its_data(smoothness: float) -> None:
    dataset = drawn(300)
    kriging = predictors.fit("kriging", dataset, {**MODEL, "smoothness": smoothness})
    rows = dataset.train
    np.testing.assert_allclose(kriging.predict(dataset.lonlat[rows]), dataset.target[rows], rtol=1e-12)
    np.testing.assert_array_equal(kriging.stderr(dataset.lonlat[rows]), 0)


def test_a_nugget_smooths_and_is_part_of_the_standard_error() -> None:
    dataset = drawn(600, nugget=0.3)
    kriging = predictors.fit("kriging", dataset, {**MODEL, "nugget": 0.3})
    rows = dataset.train
    assert abs(kriging.predict(dataset.lonlat[rows]) - dataset.target[rows]).max() > 0.5
    assert (kriging.stderr(dataset.lonlat[rows]) ** 2 > 0.3 * kriging.sill).all()


def test_weights_sum_to_one_and_solve_the_kriging_system() -> None:
    rng = np.random.default_rng(0)
    places = sphere.random_points(9, rng)
    covariance = matern(chords(places), 0.5, 1.0)
    between, to_place = covariance[1:, 1:], covariance[0, 1:]
    weights, variance = ordinary_kriging(between, to_place)
    # The textbook's system with a Lagrange multiplier.
    system = np.block([[between, np.ones((8, 1))], [np.ones((1, 8)), np.zeros((1, 1))]])
    expected = np.linalg.solve(system, np.append(to_place, 1))
    np.testing.assert_allclose(weights, expected[:8], rtol=1e-9)
    assert weights.sum() == pytest.approx(1, abs=1e-12)
    assert variance == pytest.approx(1 - expected @ np.append(to_place, 1), rel=1e-9)


def test_a_constant_is_reproduced_everywhere() -> None:
    places = sphere.random_points(200, np.random.default_rng(0))
    kriging = predictors.fit("kriging", data.own(places, np.full(200, 3.25)))
    somewhere = sphere.fibonacci_lattice(500)
    np.testing.assert_allclose(kriging.predict(somewhere), 3.25, rtol=1e-12)
    np.testing.assert_allclose(kriging.stderr(somewhere), 0, atol=1e-6)
    assert kriging.variogram is None


@pytest.mark.parametrize("nugget", [0.0, 0.2])
def test_a_field_drawn_from_the_model_has_the_error_that_theory_says(nugget: float) -> None:
    dataset = drawn(2000, nugget)
    kriging = predictors.fit("kriging", dataset, {**MODEL, "nugget": nugget})
    places, truth = dataset.lonlat[dataset.test], dataset.target[dataset.test]
    ratios = ((truth - kriging.predict(places)) / kriging.stderr(places)) ** 2
    # The 400 squares have the standard deviation 1.4 and are nearly independent; the sill is from 200 others.
    assert ratios.mean() == pytest.approx(1, abs=0.35)
    # The sill that was learned is that of the model: 200 squares.
    assert kriging.sill == pytest.approx(4, rel=0.35)


def test_the_chosen_constants_are_near_as_good_as_those_of_the_model() -> None:
    dataset = drawn(2000, 0.1)
    places, truth = dataset.lonlat[dataset.test], dataset.target[dataset.test]
    known = predictors.fit("kriging", dataset, {**MODEL, "nugget": 0.1})
    chosen = predictors.fit("kriging", dataset)
    errors = [((found.predict(places) - truth) ** 2).mean() for found in (known, chosen)]
    assert errors[1] < 1.1 * errors[0]
    assert len(chosen.trials) > 30


def test_the_variogram_finds_the_model() -> None:
    dataset = drawn(2000)
    found = predictors.fit("kriging", dataset, MODEL).variogram
    assert found is not None
    assert found.smoothness in (1.0, 1.5, 2.0)
    assert found.nugget < 0.02
    assert found.sill == pytest.approx(4, rel=0.5)  # one draw of a field with some 30 independent regions
    assert len(found.lags) == len(found.semivariances) == len(found.counts) == len(found.fitted)
    assert (np.diff(found.lags) > 0).all()
    # The closed form: sill (1 - correlation).
    expected = 4 * (1 - matern(2 * np.sin(found.lags / sphere.EARTH_RADIUS_KM / 2), 2000 / sphere.EARTH_RADIUS_KM, 1.5))
    np.testing.assert_allclose(found.semivariances, expected, rtol=0.5)


def test_the_great_circle_needs_a_rough_covariance() -> None:
    dataset = drawn(300)
    with pytest.raises(ValueError, match=r"valid up to 0\.5 only"):
        predictors.fit("kriging", dataset, {"distance": "great_circle", "smoothness": 1.0})
    found = predictors.fit("kriging", dataset, {"distance": "great_circle"})
    assert {setting["smoothness"] for setting, _ in found.trials} == {0.5}
    assert np.isfinite(found.predict(sphere.fibonacci_lattice(100))).all()


def test_two_values_at_nearly_one_place_do_not_spoil_the_standard_error() -> None:
    dataset = drawn(600)
    row, other = dataset.val[0], dataset.train[0]
    lonlat, target = dataset.lonlat.copy(), dataset.target.copy()
    lonlat[row] = lonlat[other] + [0.0, 1e-7]  # a centimetre, with another value
    spoiled = replace(dataset, lonlat=lonlat, target=target)
    sills = [predictors.fit("kriging", of, MODEL).sill for of in (dataset, spoiled)]
    assert sills[1] < 100 * sills[0]


def test_only_kriging_knows_its_standard_error() -> None:
    dataset = drawn(300)
    for name in predictors.names("regression"):
        found = predictors.fit(name, dataset)
        known = found.stderr([[0.0, 90.0]])
        assert (known is not None) == found.spec.has_stderr == (name == "kriging")


def test_values_of_any_size_are_predicted_alike() -> None:
    dataset = drawn(300)
    places = sphere.fibonacci_lattice(50)
    far = data.own(dataset.lonlat, 1e9 + dataset.target)
    first, second = (predictors.fit("kriging", of, MODEL).predict(places) for of in (dataset, far))
    np.testing.assert_allclose(second - 1e9, first, atol=1e-5)


def test_a_variogram_of_too_few_pairs_is_none() -> None:
    assert variogram(Places("regression", (), np.array([[0.0, 0.0], [5.0, 5.0]]), np.array([1.0, 2.0]))) is None
