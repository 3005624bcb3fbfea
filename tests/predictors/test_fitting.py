"""Reference predictors: fitting, and what all of them promise."""

from __future__ import annotations

import numpy as np
import pytest

from s2v import data, predictors
from s2v.data import DataSet


def values(points: int = 200, seed: int = 0) -> DataSet:
    """A smooth field with noise."""
    places = sphere_places(points, seed)
    noise = np.random.default_rng(seed).standard_normal(points)
    return data.own(places, np.sin(np.deg2rad(2 * places[:, 1])) + 0.1 * noise)


def sphere_places(points: int, seed: int = 0) -> np.ndarray:
    from s2v import sphere

    return sphere.random_points(points, np.random.default_rng(seed))


def classes(points: int = 200) -> DataSet:
    places = sphere_places(points)
    return data.own(places, np.where(places[:, 1] > 10, "north", "south"))


def presences(points: int = 200) -> DataSet:
    places = sphere_places(4 * points)
    return data.own(places[places[:, 1] > 10][:points])


DATA = {"regression": values, "classification": classes, "presence": presences}
SERVED = [(name, task) for name, spec in predictors.PREDICTORS.items() for task in spec.tasks]


@pytest.mark.parametrize(("name", "task"), SERVED)
def test_predicts_as_a_model_does(name: str, task: str) -> None:
    dataset = DATA[task]()
    found = predictors.fit(name, dataset)
    assert (found.name, found.task, found.classes, found.data) == (name, task, dataset.classes, dataset.name)
    places = sphere_places(12).reshape(3, 4, 2)
    shape = (3, 4, len(dataset.classes)) if dataset.classes else (3, 4)
    assert found.predict(places).shape == shape
    assert found.predict(places[:0]).shape == (0, *shape[1:])
    assert found.predict(places[0, 0]).shape == shape[2:]
    assert np.isfinite(found.predict(places)).all()
    if dataset.classes:
        shares = found.predict_proba(places)
        assert (shares >= 0).all()
        assert (shares <= 1).all()
        if task == "classification":
            np.testing.assert_allclose(shares.sum(-1), 1)
    else:
        with pytest.raises(ValueError, match="no probabilities"):
            found.predict_proba(places)


@pytest.mark.parametrize(("name", "task"), SERVED)
def test_refuses_places_off_the_sphere(name: str, task: str) -> None:
    found = predictors.fit(name, DATA[task]())
    with pytest.raises(ValueError, match="latitude 91"):
        found.predict([[0.0, 91.0]])


def test_a_task_that_is_not_served_has_one_sentence() -> None:
    with pytest.raises(ValueError, match=r"^The predictor 'idw' does not serve a classification, only a regression\.$"):
        predictors.fit("idw", classes())


def test_names_by_task() -> None:
    assert "idw" in predictors.names("regression")
    assert "idw" not in predictors.names("presence")
    assert predictors.names() == list(predictors.PREDICTORS)


def test_unknown_names_and_constants() -> None:
    with pytest.raises(ValueError, match="predictor='spline' is unknown; there are: mean, nearest"):
        predictors.fit("spline", values())
    with pytest.raises(ValueError, match="predictor 'idw' has no parameter 'range'"):
        predictors.fit("idw", values(), {"range": 1})
    with pytest.raises(ValueError, match="k=0 is outside its range"):
        predictors.fit("idw", values(), {"k": 0})
    with pytest.raises(ValueError, match="seconds=-1"):
        predictors.fit("idw", values(), seconds=-1)


def test_given_constants_are_kept_and_the_others_chosen() -> None:
    found = predictors.fit("idw", values(), {"power": 3.5})
    assert found.params["power"] == 3.5
    assert {setting["power"] for setting, _ in found.trials} == {3.5}
    assert len({setting["k"] for setting, _ in found.trials}) == len(found.trials) > 1
    assert found.params == max(found.trials, key=lambda trial: trial[1])[0]
    assert predictors.fit("idw", values(), {"power": 3.5, "k": 4}).trials == []


def test_no_time_means_one_trial() -> None:
    assert len(predictors.fit("idw", values(), seconds=0).trials) == 1


def test_without_held_out_places_a_tenth_decides() -> None:
    places = sphere_places(300)
    noise = np.random.default_rng(0).standard_normal(300)
    dataset = data.own(places, noise, hold_out=False)
    scores = [score for _, score in predictors.fit("idw", dataset).trials]
    assert max(scores) < 0.9  # at its own places inverse distance would be perfect
