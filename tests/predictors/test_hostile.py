"""Hostile places and targets: numbers or a sentence, never NaN, never an error of numpy."""

from __future__ import annotations

import numpy as np
import pytest

from s2v import data, predictors, sphere
from s2v.data import DataSet
from tests.predictors.test_fitting import SERVED

RNG = np.random.default_rng(0)
RANDOM = sphere.random_points(60, RNG)
LATITUDES = np.linspace(-90, 90, 80)
PLACES = {
    "a thousand at one point": np.tile([[20.0, 40.0]], (1000, 1)),
    "a thousand at one point, and others": np.concatenate([np.tile([[20.0, 40.0]], (1000, 1)), RANDOM]),
    "a thousand within a metre": [20.0, 40.0] + 1e-6 * RNG.random((1000, 2)),
    "each twice": np.repeat(RANDOM, 2, axis=0),
    "one": np.array([[179.0, 89.0]]),
    "two": np.array([[0.0, 0.0], [180.0, 0.0]]),
    "three": np.array([[0.0, 90.0], [0.0, -90.0], [50.0, 0.0]]),
    "a meridian": np.stack([np.full(80, 25.0), LATITUDES], -1),
    "a pole": np.stack([np.linspace(-180, 180, 80), np.full(80, 90.0)], -1),
    "the dateline": np.stack([np.where(np.arange(80) % 2, 180.0, -180.0), LATITUDES], -1),
    "the equator": np.stack([np.linspace(-180, 180, 81), np.zeros(81)], -1),
    "a thousand within a kilometre": [20.0, 40.0] + 0.01 * RNG.random((1000, 2)),
}
SOMEWHERE = np.concatenate([sphere.fibonacci_lattice(100), [[20.0, 40.0], [0.0, 90.0], [25.0, 0.0], [-160.0, -40.0]]])
SINGULAR = {"range": 40000.0, "smoothness": 5.0, "nugget": 0.0}  # all covariances are 1 to eight digits


def dataset(task: str, places: np.ndarray, hold_out: bool, classes: int = 3) -> DataSet:
    n = len(places)
    if task == "regression":
        return data.own(places, np.random.default_rng(1).standard_normal(n), hold_out=hold_out)
    names = ["a", "b", "c"]
    target = np.random.default_rng(1).integers(0, classes, n)  # with fewer than three, a class without places
    return data.own(places, target, task, classes=names, hold_out=hold_out)  # type: ignore[arg-type]


def check(found: predictors.Predictor) -> None:
    answers = found.predict(SOMEWHERE)
    assert np.isfinite(answers).all()
    if found.classes:
        assert (answers >= 0).all()
        assert (answers <= 1).all()
    if found.task == "classification":
        np.testing.assert_allclose(answers.sum(-1), 1)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("hold_out", [True, False])
@pytest.mark.parametrize("which", PLACES)
@pytest.mark.parametrize(("name", "task"), SERVED)
def test_hostile_places(name: str, task: str, which: str, hold_out: bool) -> None:
    if hold_out and which in ("one", "two", "three", "a thousand at one point", "a pole"):
        return  # no place is left to hold out
    found = predictors.fit(name, dataset(task, PLACES[which], hold_out), seconds=0.2)
    check(found)
    if found.spec.has_stderr and len(found._places) > 1:
        assert np.isfinite(found.stderr(SOMEWHERE)).all()


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("which", PLACES)
@pytest.mark.parametrize("params", [SINGULAR, {**SINGULAR, "range": 1.0}, {**SINGULAR, "nugget": 1.0}])
def test_singular_covariances(which: str, params: dict[str, float]) -> None:
    found = predictors.fit("kriging", dataset("regression", PLACES[which], hold_out=False), params)
    answers = found.predict(SOMEWHERE)
    assert np.isfinite(answers).all()


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(("name", "task"), [(name, task) for name, task in SERVED if task != "regression"])
@pytest.mark.parametrize("classes", [1, 2])
def test_classes_without_places_have_no_chance(name: str, task: str, classes: int) -> None:
    found = predictors.fit(name, dataset(task, RANDOM, True, classes))
    check(found)
    assert (found.predict(SOMEWHERE)[:, classes:] == 0).all()


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("name", predictors.names("regression"))
@pytest.mark.parametrize("value", [0.0, -1e30, 1e-30])
def test_a_constant_target(name: str, value: float) -> None:
    found = predictors.fit(name, data.own(RANDOM, np.full(len(RANDOM), value)), seconds=0.2)
    np.testing.assert_allclose(found.predict(SOMEWHERE), value, rtol=1e-9)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("name", predictors.names("regression"))
def test_targets_of_all_sizes(name: str) -> None:
    target = np.random.default_rng(0).standard_normal(len(RANDOM))
    for size in (1e29, 1e-29):
        found = predictors.fit(name, data.own(RANDOM, size * target), seconds=0.2)
        assert np.isfinite(found.predict(SOMEWHERE) / size).all()


def test_one_place_knows_no_standard_error() -> None:
    found = predictors.fit("kriging", data.own([[0.0, 0.0]], [1.0], hold_out=False))
    assert found.predict([90.0, 0.0]) == 1.0
    with pytest.raises(ValueError, match="two or more"):
        found.stderr([90.0, 0.0])


def test_no_training_place_is_a_sentence() -> None:
    from dataclasses import replace

    empty = replace(dataset("regression", RANDOM, True), train=np.empty(0, dtype=np.int64))
    for name in predictors.names("regression"):
        with pytest.raises(ValueError, match="There are no training places"):
            predictors.fit(name, empty)
