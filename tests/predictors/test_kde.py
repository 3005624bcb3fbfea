"""Kernel densities and nearest neighbours against scikit-learn and closed forms."""

from __future__ import annotations

import math

import numpy as np
import pytest

from s2v import data, predictors, sphere
from s2v.data import mixture
from s2v.predictors.densities import presence_probabilities


def mixed(points: int = 3000) -> data.DataSet:
    rows = mixture(classes=4, largest_concentration=20).sample(points, np.random.default_rng(0))
    return data.own(rows[:, :2], rows[:, 2].astype(int), classes=["a", "b", "c", "d"])


def test_shares_sum_to_one_even_far_from_all_places() -> None:
    places = sphere.random_points(200, np.random.default_rng(0))
    places[:, 1] = 80 + places[:, 1] / 10
    dataset = data.own(places, np.where(places[:, 0] > 0, "east", "west"))
    found = predictors.fit("kde", dataset, {"bandwidth": 1.0})
    shares = found.predict([[0.0, -90.0], [100.0, 0.0], [-100.0, 0.0]])
    np.testing.assert_allclose(shares.sum(-1), 1)
    assert shares[1].argmax() == 0  # the class of the nearest place
    assert shares[2].argmax() == 1


def test_the_kernel_is_scikit_learns_gaussian_of_the_chord() -> None:
    neighbors = pytest.importorskip("sklearn.neighbors")
    dataset = mixed(500)
    bandwidth = 0.2  # radians; exp(-chord^2 / 2 h^2) = exp((cosine - 1) / h^2)
    found = predictors.fit("kde", dataset, {"bandwidth": bandwidth * sphere.EARTH_RADIUS_KM})
    places, rows = sphere.fibonacci_lattice(100), dataset.train
    logs = []
    for number in range(4):
        mine = sphere.to_unit_vectors(dataset.lonlat[rows][dataset.target[rows] == number])
        density = neighbors.KernelDensity(bandwidth=bandwidth).fit(mine)
        logs.append(density.score_samples(sphere.to_unit_vectors(places)) + math.log(len(mine)))
    expected = np.exp(np.array(logs).T)
    np.testing.assert_allclose(found.predict(places), expected / expected.sum(-1, keepdims=True), rtol=1e-9, atol=1e-15)


def test_the_density_of_presences_integrates_to_one() -> None:
    places = sphere.random_points(50, np.random.default_rng(0))
    found = predictors.fit("kde", data.own(places), {"bandwidth": 2000.0})
    p = found.predict(sphere.fibonacci_lattice(20000))[:, 0]
    density = p / (1 - p) / (4 * math.pi)  # p = d / (d + 1 / 4 pi)
    assert density.mean() * 4 * math.pi == pytest.approx(1, abs=1e-3)


def test_presences_spread_evenly_are_as_dense_as_the_background() -> None:
    places = sphere.fibonacci_lattice(4000)
    somewhere = sphere.random_points(300, np.random.default_rng(0))
    for name, params in (("kde", {"bandwidth": 800.0}), ("knn", {"k": 64})):
        p = predictors.fit(name, data.own(places, hold_out=False), params).predict(somewhere)
        np.testing.assert_allclose(p, 0.5, atol=0.02)


def test_probabilities_of_presences_minimise_the_papers_loss() -> None:
    torch = pytest.importorskip("torch")
    from s2v.models import losses

    # 200 places of the classes in these proportions at one spot, and 100 background places there.
    counts, background = np.array([120, 60, 20]), 100
    target = torch.repeat_interleave(torch.arange(3), torch.tensor(counts))
    # Densities in units of the background's, which is 1 / (4 pi): n background and N presences are weighted alike.
    densities = counts / 200 / (4 * math.pi)
    expected = presence_probabilities(densities)

    def loss(p: np.ndarray) -> float:
        logits = torch.tensor(np.log(p / (1 - p)))[None]
        return float(losses.presence_absence(logits.expand(200, 3), target, logits.expand(background, 3)))

    best = loss(expected)
    for number in range(3):
        for step in (-0.01, 0.01):
            moved = expected.copy()
            moved[number] += step
            assert loss(moved) > best


def test_near_the_best_possible_on_a_mixture() -> None:
    dataset = data.load("vmf:U3,classes=10", points=5000)
    for name in ("kde", "knn"):
        found = predictors.fit(name, dataset)
        answers = found.predict(dataset.lonlat[dataset.test]).argmax(-1)
        accuracy = (answers == dataset.target[dataset.test]).mean()
        assert accuracy > dataset.bayes - 0.03
    nearest = predictors.fit("nearest", dataset).predict(dataset.lonlat[dataset.test]).argmax(-1)
    assert (nearest == dataset.target[dataset.test]).mean() < dataset.bayes - 0.03


def test_with_one_neighbour_the_class_is_the_nearest_places() -> None:
    dataset, places = mixed(), sphere.fibonacci_lattice(500)
    knn, nearest = predictors.fit("knn", dataset, {"k": 1}), predictors.fit("nearest", dataset)
    np.testing.assert_array_equal(knn.predict(places).argmax(-1), nearest.predict(places).argmax(-1))


def test_the_density_of_neighbours_is_theirs_in_a_cap() -> None:
    places = [[0.0, 0.0], [0.0, 10.0], [0.0, 60.0]]
    found = predictors.fit("knn", data.own(places, hold_out=False), {"k": 2})
    cap = 2 * math.pi * (1 - math.cos(math.radians(10)))
    density = 2 / 3 / cap
    assert found.predict([0.0, 0.0])[0] == pytest.approx(density / (density + 1 / (4 * math.pi)))
