"""The nugget: noise is found as it was made, and a field without noise has none, wherever its places lie."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from s2v import data, sphere
from s2v.data.nugget import MIN_PLACES, nugget


def measured(noise: float, places: np.ndarray) -> data.DataSet:
    """A smooth field of variance 1, with noise of this variance."""
    x, y, z = sphere.to_unit_vectors(places).T
    field = np.sin(3 * x) + y * z
    rng = np.random.default_rng(0)
    values = field / field.std() + np.sqrt(noise) * rng.standard_normal(len(places))
    return data.own(places, values, "regression", hold_out=False)


@pytest.mark.parametrize("noise", [0.0, 0.25, 1.0, 9.0])
def test_the_nugget_is_the_share_of_noise(noise: float) -> None:
    for seed in range(3):
        found = nugget(measured(noise, sphere.random_points(2000, seed)))
        assert found == pytest.approx(noise / (1 + noise), abs=0.1)  # 0.03 is its deviation over seeds


def test_places_at_a_pole_and_at_the_dateline_are_like_others() -> None:
    lon, lat = np.random.default_rng(1).random((2, 500))
    cap, edge = np.stack([360 * lon - 180, 88 + 2 * lat], -1), np.stack([(179 + 2 * lon) % 360, lat], -1)
    edge[edge[:, 0] > 180, 0] -= 360
    for places in (cap, edge):
        assert nugget(measured(0.0, places)) == 0
        assert nugget(measured(1000.0, places)) > 0.8


def test_the_labels_of_mixtures_are_as_noisy_as_they_were_made() -> None:
    """Noisier than what is left to learn: their best possible accuracies are 0.27, 0.52 and 0.68."""
    found = [nugget(data.load(name, 2000)) for name in ("vmf:U1", "vmf:U3", "vmf:S4.4")]
    assert found == pytest.approx([0.88, 0.63, 0.43], abs=0.1)  # of 20,000 places
    assert nugget(data.load("relief", 2000)) == nugget(data.load("land_ocean", 2000)) == 0


def test_what_cannot_be_known_is_no_noise() -> None:
    few = sphere.random_points(MIN_PLACES - 1)
    assert nugget(measured(9.0, few)) == 0
    many = sphere.random_points(200)
    assert nugget(data.own(many, np.full(200, 7.0), "regression", hold_out=False)) == 0
    assert nugget(data.own(np.full((200, 2), 12.0), np.arange(200.0), "regression", hold_out=False)) == 0
    repeated = np.repeat(many, 5, axis=0)
    assert nugget(measured(0.0, repeated)) == nugget(measured(0.0, many)) == 0


def test_only_training_places_are_looked_at() -> None:
    dataset = measured(0.0, sphere.random_points(1000))
    rng = np.random.default_rng(0)
    dataset.target[500:] = rng.standard_normal(500)
    assert nugget(replace(dataset, train=np.arange(500))) == 0
    assert nugget(replace(dataset, train=np.arange(500, 1000))) > 0.7
