"""The empirical variogram of values and of classes, against sums over all pairs and a field of known covariance."""

from __future__ import annotations

import numpy as np
import pytest

from s2v import data, predictors, sphere
from s2v.data.nearest import mean_spacing
from tests.predictors.test_kriging import MODEL, drawn


def pairs(lonlat: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return np.triu_indices(len(lonlat), 1)  # type: ignore[return-value]


def test_of_few_values_it_is_the_sum_over_all_pairs() -> None:
    dataset = data.load("geoid", points=200)
    lonlat, values = dataset.lonlat[dataset.train], dataset.target[dataset.train]
    found, (a, b) = predictors.empirical_variogram(dataset), pairs(lonlat)
    squares = (values[a] - values[b]) ** 2 / 2
    assert found.sill == pytest.approx(squares.mean())
    assert found.counts.sum() == pytest.approx(len(a), abs=200)  # lags with fewer than 30 pairs are left out
    assert (found.semivariances * found.counts).sum() == pytest.approx(squares.sum(), rel=0.02)
    distance = sphere.great_circle(lonlat[a], lonlat[b]) * sphere.EARTH_RADIUS_KM
    assert (found.lags * found.counts).sum() == pytest.approx(distance.sum(), rel=0.02)
    assert found.spacing == pytest.approx(mean_spacing(lonlat) * sphere.EARTH_RADIUS_KM)


def test_of_classes_it_is_the_share_of_pairs_that_differ() -> None:
    dataset = data.load("checkerboard", points=300)
    lonlat, classes = dataset.lonlat[dataset.train], dataset.target[dataset.train]
    found, (a, b) = predictors.empirical_variogram(dataset), pairs(lonlat)
    assert found.sill == pytest.approx((classes[a] != classes[b]).mean())
    assert (found.semivariances * found.counts).sum() == pytest.approx((classes[a] != classes[b]).sum(), rel=0.01)
    # Half the summed squares of the differences of indicators are 1 for any two classes.
    assert found.semivariances.max() <= 1


def test_a_place_with_several_classes_differs_from_itself_by_their_shares() -> None:
    places = sphere.random_points(60, seed=3)
    dataset = data.own(np.repeat(places, 2, 0), np.tile([0, 1], 60), "classification", classes=("a", "b"))
    found = predictors.empirical_variogram(dataset)
    assert found.sill == pytest.approx(0.5, abs=0.06)  # rows of one place may be in different parts


def test_the_half_sill_is_that_of_the_covariance() -> None:
    expected = 1.678 * MODEL["range"] / np.sqrt(3)  # where (1 + t) exp(-t) is one half
    found = [predictors.empirical_variogram(drawn(seed=seed)).half_sill for seed in range(3)]
    assert np.mean(found) == pytest.approx(expected, rel=0.25)  # three fields


def test_more_places_do_not_move_it() -> None:
    """The field is the same, whether 500 or 20,000 places know it."""
    for name in ("geoid", "relief", "checkerboard"):
        few, many = (predictors.empirical_variogram(data.load(name, points=points)) for points in (500, 20_000))
        assert few.half_sill == pytest.approx(many.half_sill, rel=0.2)
        assert few.spacing > 5 * many.spacing


def test_what_has_no_variogram_is_said() -> None:
    places = sphere.random_points(50, seed=0)
    with pytest.raises(ValueError, match="same value or class"):
        predictors.empirical_variogram(data.own(places, np.ones(50)))
    with pytest.raises(ValueError, match="three different places"):
        predictors.empirical_variogram(data.own(np.repeat(places[:1], 50, 0), np.arange(50.0)))
