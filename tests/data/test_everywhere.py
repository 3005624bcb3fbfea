"""Data sets that are known everywhere, with noise: its size, and the ceiling that it leaves."""

import numpy as np
import pytest
from numpy.typing import NDArray

from s2v import data, evaluation
from s2v.data import DataSet, Description, Request
from s2v.data.everywhere import known_everywhere

CREDIT = {"credit": "Made here.", "summary": "A test."}


def height(lonlat: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.sin(np.deg2rad(lonlat[..., 1]))


def third(lonlat: NDArray[np.float64]) -> NDArray[np.int64]:
    return ((lonlat[..., 0] + 180) // 120 % 3).astype(np.int64)


def regression(noise: float, points: int = 2000, seed: int = 0, split: data.Split = "random", **more) -> DataSet:
    request = Request("geoid", "geoid", {}, points, seed, split)
    return known_everywhere(request, height, Description(noise=noise, **CREDIT, **more))


def classification(noise: float, points: int = 2000, seed: int = 0, split: data.Split = "random", **more) -> DataSet:
    request = Request("land_cover", "land_cover", {}, points, seed, split)
    return known_everywhere(request, third, Description(noise=noise, classes=("a", "b", "c"), **CREDIT, **more))


def test_noise_of_values_has_its_standard_deviation() -> None:
    d = regression(0.5)
    for part in (d.train, d.val, d.test):
        error = (d.target - d.truth_at(d.lonlat))[part]
        # The standard deviation of n normal numbers has a standard error of sigma / sqrt(2 n); five of them.
        assert error.std() == pytest.approx(0.5, abs=5 * 0.5 / np.sqrt(2 * len(part)))
        assert abs(error.mean()) < 5 * 0.5 / np.sqrt(len(part))


def test_noise_of_classes_is_a_share_of_wrong_labels() -> None:
    d = classification(0.3)
    truth = d.truth_at(d.lonlat).astype(int)
    for part in (d.train, d.val, d.test):
        shift = (d.target - truth)[part] % 3
        for other in (1, 2):
            assert (shift == other).mean() == pytest.approx(0.15, abs=5 * np.sqrt(0.15 * 0.85 / len(part)))


@pytest.mark.parametrize("make", [regression, classification])
@pytest.mark.parametrize("split", ["random", "blocked"])
def test_training_noise_follows_the_seed_and_held_out_noise_stays(make, split: data.Split) -> None:
    a, again, other, more = (
        make(0.3, points, seed, split) for points, seed in ((200, 0), (200, 0), (200, 1), (300, 0))
    )
    np.testing.assert_array_equal(a.target, again.target)
    np.testing.assert_array_equal(a.target[a.train], more.target[more.train][:200])
    assert not np.array_equal(a.target[a.train], other.target[other.train])
    for part in ("val", "test"):
        np.testing.assert_array_equal(a.target[getattr(a, part)], other.target[getattr(other, part)])
        np.testing.assert_array_equal(a.target[getattr(a, part)], more.target[getattr(more, part)])


@pytest.mark.parametrize("noise", [0.1, 0.5, 2.0])
@pytest.mark.parametrize("split", ["random", "blocked", "buffer:50"])
def test_the_truth_reaches_the_ceiling_of_a_noisy_regression(noise: float, split: data.Split) -> None:
    d = regression(noise, split=split)
    assert d.bayes is not None
    # 8,000 places know a variance to 1.6 %, and 1 - R2 with it; five standard errors.
    reached = evaluation.r2(d.target[d.test], d.truth_at(d.lonlat[d.test]))
    assert reached == pytest.approx(d.bayes, abs=5 * 0.016 * max(d.bayes, 1 - d.bayes))
    if split == "random":
        assert d.bayes == pytest.approx(1 / (1 + 3 * noise**2), abs=0.02)  # the variance of the sine is 1/3


@pytest.mark.parametrize(("noise", "best"), [(0.0, 1.0), (0.3, 0.7), (0.9, 0.45)])
def test_ceiling_of_noisy_labels_is_reached(noise: float, best: float) -> None:
    d = classification(noise)
    assert d.bayes == pytest.approx(best)
    assert d.bayes_val is None
    if not noise:
        assert d.bayes_predict is None
        return
    probabilities = d.bayes_predict(d.lonlat[d.test])
    np.testing.assert_allclose(probabilities.sum(-1), 1)
    reached = evaluation.accuracy(d.target[d.test], probabilities)
    assert reached == pytest.approx(best, abs=5 * np.sqrt(best * (1 - best) / len(d.test)))


def test_a_ceiling_that_is_given_is_kept() -> None:
    assert regression(0.5, bayes=0.4).bayes == 0.4
    assert classification(0.5, bayes=0.4).bayes_predict is None


@pytest.mark.parametrize(
    ("make", "noise"), [(regression, -1.0), (regression, np.nan), (regression, np.inf), (classification, 1.5)]
)
def test_impossible_noise_is_refused(make, noise: float) -> None:
    with pytest.raises(ValueError, match="noise="):
        make(noise)
