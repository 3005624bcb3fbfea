"""Metrics against values worked out by hand, and for no places and constant targets."""

import math
import warnings

import numpy as np
import pytest

from s2v import evaluation, sphere
from s2v.fields import Grid

TARGET = np.array([1.0, 2.0, 3.0, 6.0])  # mean 3, sum of squared deviations 4 + 1 + 0 + 9 = 14
GUESS = np.array([1.0, 3.0, 3.0, 4.0])  # errors 0, 1, 0, 2: sum of squares 5, of absolute values 3
PROBABILITIES = np.array([[0.7, 0.2, 0.1], [0.5, 0.3, 0.2], [0.1, 0.1, 0.8], [0.25, 0.5, 0.25]])
CLASSES = np.array([0, 1, 2, 1])  # the second is missed


@pytest.fixture(autouse=True)
def _no_warnings():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


def test_regression_metrics_by_hand() -> None:
    assert evaluation.r2(TARGET, GUESS) == pytest.approx(1 - 5 / 14)
    assert evaluation.rmse(TARGET, GUESS) == pytest.approx(math.sqrt(5 / 4))
    assert evaluation.mae(TARGET, GUESS) == pytest.approx(3 / 4)
    assert evaluation.r2(TARGET, TARGET) == 1
    assert evaluation.r2(TARGET, np.full(4, 3.0)) == pytest.approx(0, abs=1e-12)


def test_weights_count_places_as_often() -> None:
    weights = np.array([3.0, 1.0, 0.0, 1.0])
    repeated = [0, 0, 0, 1, 3]
    for measure, target, guess in [
        (evaluation.r2, TARGET, GUESS),
        (evaluation.rmse, TARGET, GUESS),
        (evaluation.mae, TARGET, GUESS),
        (evaluation.accuracy, CLASSES, PROBABILITIES),
        (evaluation.log_loss, CLASSES, PROBABILITIES),
    ]:
        expected = measure(target[repeated], guess[repeated])
        assert measure(target, guess, weights) == pytest.approx(expected)
        assert measure(target, guess, 1000 * weights) == pytest.approx(expected)
        assert measure(target, guess) != pytest.approx(expected)


def test_classification_metrics_by_hand() -> None:
    assert evaluation.accuracy(CLASSES, PROBABILITIES) == 3 / 4
    expected = -(math.log(0.7) + math.log(0.3) + math.log(0.8) + math.log(0.5)) / 4
    assert evaluation.log_loss(CLASSES, PROBABILITIES) == pytest.approx(expected)
    assert evaluation.log_loss([1], [[1.0, 0.0]]) == pytest.approx(-math.log(1e-12))


def test_r2_survives_a_large_offset() -> None:
    # 1e8 + values: the naive sum of squares would lose all sixteen digits.
    assert evaluation.r2(TARGET + 1e8, GUESS + 1e8) == pytest.approx(1 - 5 / 14, rel=1e-7)


def test_nothing_and_constants_are_nan() -> None:
    for measure in (evaluation.r2, evaluation.rmse, evaluation.mae):
        assert math.isnan(measure([], []))
    assert math.isnan(evaluation.accuracy(np.empty(0, int), np.empty((0, 3))))
    assert math.isnan(evaluation.log_loss(np.empty(0, int), np.empty((0, 3))))
    assert math.isnan(evaluation.r2([0.1, 0.1, 0.1], [0.1, 0.2, 0.3]))
    assert math.isnan(evaluation.r2([1.0, 2.0], [1.0, 2.0], weights=[0, 0]))


def test_evaluate_names_the_sphere_and_both_caps() -> None:
    lonlat = np.array([[0.0, 80.0], [0, 75], [0, 10], [0, -71], [0, -89], [0, 70]])
    target = np.array([1.0, 3.0, 5.0, 2.0, 2.0, 9.0])
    guess = np.array([1.0, 2.0, 5.0, 2.0, 1.0, 9.0])
    metrics = evaluation.evaluate("regression", target, guess, lonlat)
    assert set(metrics) == {"r2", "r2_north", "r2_south", "rmse", "mae"}
    assert metrics["r2_north"] == pytest.approx(1 - 1 / 2)  # places 0 and 1 only: 70 itself is not above 70
    assert math.isnan(metrics["r2_south"])  # the target is constant there
    assert metrics["r2"] == evaluation.r2(target, guess)
    classes = np.array([0, 1, 1, 0, 0, 0])
    certain = np.eye(2)[[0, 0, 1, 0, 1, 0]]
    metrics = evaluation.evaluate("classification", classes, certain, lonlat)
    assert set(metrics) == {"accuracy", "accuracy_north", "accuracy_south", "log_loss"}
    assert (metrics["accuracy_north"], metrics["accuracy_south"]) == (0.5, 0.5)
    assert metrics["accuracy"] == pytest.approx(4 / 6)


def test_areas_of_a_grid_give_the_average_over_the_sphere() -> None:
    grid = Grid.equirectangular(1)
    error = abs(grid.lonlat[..., 1]).ravel()
    # The mean of |latitude| over the sphere is pi/2 - 1 radians; the midpoint rule of 1-degree cells is good to 1e-4.
    mean = evaluation.mae(np.zeros(error.size), error, grid.areas.ravel())
    assert mean == pytest.approx(np.rad2deg(math.pi / 2 - 1), rel=1e-4)


def test_every_latitude_is_in_one_band() -> None:
    latitudes = np.array([90, 89, 85, 75, 60, 30, 10, 0, -10, -30, -60, -75, -85, -90, -0.001, 29.999])
    lonlat = np.stack([np.zeros(len(latitudes)), latitudes], -1)
    bands = evaluation.by_band("regression", latitudes, latitudes, lonlat)
    assert [band.count for band in bands] == [2, 1, 1, 1, 4, 3, 1, 1, 1, 1]
    assert sum(band.count for band in bands) == len(latitudes)
    assert [(band.low, band.high) for band in bands] == [(min(b), max(b)) for b in evaluation.BANDS]
    assert (bands[0].title, bands[4].title, bands[5].title, bands[-1].title) == (
        "85 to 90 N",
        "0 to 30 N",
        "0 to 30 S",
        "85 to 90 S",
    )


def test_bands_score_their_own_places_with_an_interval_around_it() -> None:
    rng = np.random.default_rng(0)
    lonlat = sphere.random_points(6000, 1)
    target = rng.normal(size=6000)
    guess = target + rng.normal(size=6000) * 0.5  # R2 is 0.75 but for chance
    bands = evaluation.by_band("regression", target, guess, lonlat)
    for band in bands:
        inside = (lonlat[:, 1] > band.low) & (lonlat[:, 1] < band.high)
        assert band.count == inside.sum()
        assert band.value == pytest.approx(evaluation.r2(target[inside], guess[inside]))
        assert band.interval[0] < band.value < band.interval[1]
    assert bands[4].interval[0] < 0.75 < bands[4].interval[1]
    # 1,500 places: the standard error of R2 is about 2 * 0.25 / sqrt(1500) = 0.013, so the 90 % interval is near 0.04.
    assert 0.02 < bands[4].interval[1] - bands[4].interval[0] < 0.08
    assert bands == evaluation.by_band("regression", target, guess, lonlat)
    assert bands != evaluation.by_band("regression", target, guess, lonlat, seed=1)


def test_bootstrap_interval_of_an_accuracy_is_the_binomial_one() -> None:
    n, p = 2000, 0.8
    hits = np.arange(n) < n * p
    probabilities = np.stack([hits, ~hits], -1).astype(float)
    band = evaluation.by_band("classification", np.zeros(n, int), probabilities, np.full((n, 2), 10.0))[4]
    half = 1.645 * math.sqrt(p * (1 - p) / n)
    assert band.value == p
    # 400 resamples know a 5 % quantile to about 12 % of the half width (binomial error of the rank), in each end.
    assert band.interval == pytest.approx((p - half, p + half), abs=0.36 * half)


def test_empty_and_constant_bands_are_nan() -> None:
    lonlat = np.array([[0.0, 10.0], [0, 20], [0, -40]])
    bands = evaluation.by_band("regression", np.array([1.0, 1.0, 2.0]), np.array([1.0, 1.1, 2.0]), lonlat)
    assert bands[0].count == 0
    assert math.isnan(bands[0].value)
    assert bands[4].count == 2
    for band in bands:
        assert math.isnan(band.value)
        assert all(map(math.isnan, band.interval))


@pytest.mark.parametrize(
    ("task", "target", "prediction", "lonlat", "weights", "message"),
    [
        ("ranking", [1.0], [1.0], [[0, 0]], None, "ranking"),
        ("regression", [1.0, 2.0], [1.0], [[0, 0], [1, 1]], None, "2 targets, 1 predictions"),
        ("regression", [1.0], [1.0], [[0, 0], [1, 1]], None, "2 places for 1 targets"),
        ("regression", [1.0], [[1.0, 2.0]], [[0, 0]], None, "shape"),
        ("classification", [1], [1.0], [[0, 0]], None, "shape"),
        ("regression", [1.0], [1.0], [[0, 0]], [-1.0], "negative"),
        ("regression", [1.0], [1.0], [[0, 100]], None, "latitude 100"),
    ],
)
def test_bad_input_is_explained(task, target, prediction, lonlat, weights, message) -> None:
    with pytest.raises(ValueError, match=message):
        evaluation.evaluate(task, np.array(target), np.array(prediction), np.array(lonlat, float), weights)


def test_places_of_unknown_truth_do_not_count() -> None:
    places = sphere.random_points(40, 1)
    target, guess = np.linspace(-1, 1, 40), np.linspace(-1, 1.3, 40)
    known = np.arange(40) % 3 > 0
    holes = np.where(known, target, np.nan)
    weights = np.linspace(1, 2, 40)
    task = "regression"
    assert evaluation.evaluate(task, holes, guess, places, weights) == pytest.approx(
        evaluation.evaluate(task, target[known], guess[known], places[known], weights[known]), nan_ok=True
    )
    classes, probabilities = np.arange(40) % 3, np.random.default_rng(0).dirichlet(np.ones(3), 40)
    expected = evaluation.evaluate("classification", classes[known], probabilities[known], places[known])
    for missing in (np.nan, -1):
        holes = np.where(known, classes, missing)
        assert evaluation.evaluate("classification", holes, probabilities, places) == pytest.approx(
            expected, nan_ok=True
        )
    bands = evaluation.by_band("classification", np.where(known, classes, np.nan), probabilities, places, resamples=2)
    assert sum(band.count for band in bands) == known.sum()
    nothing = evaluation.evaluate("regression", np.full(40, np.nan), guess, places)
    assert all(math.isnan(value) for value in nothing.values())


SEEN = np.array([0, 1, 1, 2])
CHANCES = np.array([[0.9, 0.1, 0.2], [0.6, 0.5, 0.7], [0.1, 0.8, 0.8], [0.3, 0.2, 0.2]])
NOWHERE = np.array([[0.1, 0.5, 0.0], [0.95, 0.2, 0.2], [0.2, 0.9, 0.1], [0.3, 0.1, 0.4]])


def test_ranks_by_hand() -> None:
    assert list(evaluation.ranks(SEEN, CHANCES)) == [1, 3, 1, 3]  # of equal ones the first is the higher
    hits = (CHANCES.argmax(-1) == SEEN).mean()
    places = np.zeros((4, 2))
    metrics = evaluation.evaluate("presence", SEEN, CHANCES, places)
    assert metrics["accuracy"] == hits == 0.5
    assert metrics["mrr"] == pytest.approx((1 + 1 / 3 + 1 + 1 / 3) / 4)
    assert metrics["top5"] == 1
    six = np.tile([0.5, 0.4, 0.3, 0.2, 0.1, 0.0], (2, 1))
    assert evaluation.evaluate("presence", np.array([4, 5]), six, places[:2])["top5"] == 0.5


def test_auc_and_average_precision_by_hand() -> None:
    # Of class 1's background 0.5, 0.2, 0.9, 0.1 lie 2 below 0.5, one equal to it, and 3 below 0.8.
    assert list(evaluation.auc(SEEN, CHANCES, NOWHERE)) == [3 / 4, (2 + 1 / 2) / 4, 3 / 4, (2 + 1 / 2) / 4]
    # Class 0: one presence, behind one of the background: 1/2.  Class 1: 1/2 at 0.8, then 2 of 4 at 0.5 (a tie counts
    # against it).  Class 2: 1 of 3.
    expected = (1 / 2 + (1 / 2 + 2 / 4) / 2 + 1 / 3) / 3
    assert evaluation.average_precision(SEEN, CHANCES, NOWHERE, np.ones(4)) == pytest.approx(expected)
    assert evaluation.average_precision(SEEN, CHANCES, NOWHERE, np.full(4, 0.3)) == pytest.approx(expected)
    # Without the last place class 2 is not there, and the others' weights are made to sum to 4 places: with 4/3 each,
    # class 0 has 4/3 of 7/3, and class 1 4/3 of 7/3 at 0.8 and 8/3 of 14/3 at 0.5.
    without = evaluation.average_precision(SEEN, CHANCES, NOWHERE, np.array([1.0, 1, 1, 0]))
    assert without == pytest.approx(4 / 7)


def test_presences_meet_the_background_of_their_part() -> None:
    lonlat = np.array([[0.0, 80.0], [0, 75], [0, 10], [0, -75]])
    there = evaluation.Background(np.array([[0.0, 85.0], [0, 80], [0, -60], [0, -80]]), NOWHERE)
    metrics = evaluation.evaluate("presence", SEEN, CHANCES, lonlat, background=there)
    assert metrics["auc"] == pytest.approx(evaluation.auc(SEEN, CHANCES, NOWHERE).mean())
    assert metrics["auc_north"] == pytest.approx(evaluation.auc(SEEN[:2], CHANCES[:2], NOWHERE[:2]).mean())
    assert metrics["auc_south"] == evaluation.auc(SEEN[3:], CHANCES[3:], NOWHERE[3:])[0]
    # Nothing seen in the south, and no background there: nothing to say, and no complaint.
    north = evaluation.Background(there.lonlat[:2], NOWHERE[:2])
    metrics = evaluation.evaluate("presence", SEEN[:3], CHANCES[:3], lonlat[:3], background=north)
    assert math.isnan(metrics["auc_south"])


def test_the_background_covers_the_sphere_evenly() -> None:
    places = evaluation.background_places()
    assert len(places) == 4000
    # Half of the sphere lies between 30 S and 30 N.
    assert (abs(places[:, 1]) < 30).mean() == pytest.approx(0.5, abs=0.001)


def test_a_prediction_of_nan_makes_scores_nan() -> None:
    broken = CHANCES.copy()
    broken[1, 2] = np.nan
    places = np.zeros((4, 2))
    assert math.isnan(evaluation.accuracy(SEEN, broken))
    metrics = evaluation.evaluate("presence", SEEN, broken, places, background=evaluation.Background(places, NOWHERE))
    for name in ("accuracy", "top5", "mrr", "auc", "average_precision"):
        assert math.isnan(metrics[name])
