"""Nearest place and inverse distance against closed cases."""

from __future__ import annotations

import numpy as np

from s2v import data, predictors, sphere
from s2v.data import DataSet


def field(points: int = 300, seed: int = 0) -> DataSet:
    rng = np.random.default_rng(seed)
    return data.own(sphere.random_points(points, rng), rng.standard_normal(points))


def test_with_one_neighbour_inverse_distance_is_the_nearest_place() -> None:
    dataset, places = field(), sphere.random_points(1000, np.random.default_rng(1))
    idw, nearest = predictors.fit("idw", dataset, {"k": 1}), predictors.fit("nearest", dataset)
    np.testing.assert_array_equal(idw.predict(places), nearest.predict(places))


def test_at_a_training_place_inverse_distance_is_its_value() -> None:
    dataset = field()
    rows = dataset.train
    idw = predictors.fit("idw", dataset, {"k": 16, "power": 2})
    np.testing.assert_allclose(idw.predict(dataset.lonlat[rows]), dataset.target[rows])


def test_two_places_weigh_by_distance() -> None:
    dataset = data.own([[0.0, 0.0], [30.0, 0.0]], [1.0, 4.0], hold_out=False)
    idw = predictors.fit("idw", dataset, {"power": 2})
    np.testing.assert_allclose(idw.predict([10.0, 0.0]), (1.0 / 10**2 + 4.0 / 20**2) / (1 / 10**2 + 1 / 20**2))


def test_nearest_sees_across_the_dateline_and_the_poles() -> None:
    dataset = data.own([[179.0, 0.0], [-100.0, 0.0], [20.0, 89.0], [0.0, 70.0]], [1.0, 2.0, 3.0, 4.0], hold_out=False)
    nearest = predictors.fit("nearest", dataset)
    np.testing.assert_array_equal(nearest.predict([[-179.0, 0.0], [180.0, 0.5]]), [1.0, 1.0])
    np.testing.assert_array_equal(nearest.predict([[-160.0, 89.5], [77.0, 90.0]]), [3.0, 3.0])


def test_rows_of_one_place_have_their_mean() -> None:
    # A pole has many longitudes, the dateline two.
    places = [[0.0, 90.0], [120.0, 90.0], [180.0, 10.0], [-180.0, 10.0]]
    dataset = data.own(places, [1.0, 3.0, 10.0, 20.0], hold_out=False)
    for name in ("nearest", "idw"):
        found = predictors.fit(name, dataset)
        np.testing.assert_allclose(found.predict([[50.0, 90.0], [180.0, 10.0]]), [2.0, 15.0])


def test_a_high_power_does_not_overflow() -> None:
    places = [[0.0, 0.0], [1e-7, 0.0], [90.0, 0.0]]
    idw = predictors.fit("idw", data.own(places, [1.0, 2.0, 3.0], hold_out=False), {"power": 20})
    np.testing.assert_allclose(idw.predict([[0.0, 0.0], [1e-7, 0.0], [-90.0, 0.0]]), [1.0, 2.0, 1.5], atol=0.1)
