"""The estimators follow scikit-learn's conventions and learn."""

import inspect
import pickle

import numpy as np
import pytest

import s2v
from s2v import sphere
from s2v.models.estimators import ENCODER, LocationEstimator
from s2v.models.recipe import DEFAULTS
from s2v.models.scikit_learn import NotFittedError
from s2v.models.training import Snapshot

PLACES = sphere.random_points(600, seed=1)
POLES_AND_DATELINE = np.array([[0.0, 90.0], [0, -90], [180, 10], [-180, 10]])
HEIGHT = 100 + 30 * np.sin(np.deg2rad(PLACES[:, 1]))
QUICK = {"encoder": "xyz", "hidden": 32, "steps": 300}


def hemispheres(lonlat):
    return np.where(lonlat[:, 1] > 0, "north", "south")


def test_a_classifier_learns_texts_and_gives_probabilities() -> None:
    model = s2v.LocationClassifier(**QUICK)
    assert model.fit(PLACES, hemispheres(PLACES)) is model
    assert list(model.classes_) == ["north", "south"]
    new = sphere.random_points(500, seed=2)
    assert model.score(new, hemispheres(new)) > 0.97  # the border itself is 600 places sharp
    probabilities = model.predict_proba(new.reshape(5, 100, 2))
    assert probabilities.shape == (5, 100, 2)
    np.testing.assert_allclose(probabilities.sum(-1), 1, rtol=0, atol=1e-5)
    assert list(model.predict(POLES_AND_DATELINE)) == ["north", "south", "north", "north"]


@pytest.mark.parametrize("y", [np.arange(600) % 3 + 7, (np.arange(600) % 2).astype(bool), ["a", "b", "c"] * 200])
def test_predictions_are_of_the_kind_of_the_classes(y) -> None:
    model = s2v.LocationClassifier(encoder="direct", steps=2).fit(PLACES, y)
    assert model.predict(PLACES[:5]).dtype == np.asarray(y).dtype
    assert set(model.predict(PLACES)) <= set(np.asarray(y))


def test_a_regressor_learns_values_in_their_own_units() -> None:
    model = s2v.LocationRegressor(**QUICK).fit(PLACES, HEIGHT)
    new = sphere.random_points(500, seed=2)
    assert model.score(new, 100 + 30 * np.sin(np.deg2rad(new[:, 1]))) > 0.99
    np.testing.assert_allclose(model.predict(POLES_AND_DATELINE[:2]), [130, 70], atol=3)


def test_grids_are_fields_of_the_whole_sphere() -> None:
    model = s2v.LocationClassifier(**QUICK).fit(PLACES, hemispheres(PLACES))
    classes, north = model.grid(10.0), model.grid(10.0, of="north")
    assert classes.classes == ("north", "south")
    assert classes.values.shape == north.values.shape == (18, 36)
    assert (classes.values[0] == 0).all()
    assert (classes.values[-1] == 1).all()
    assert north.values[0].min() > 0.9
    np.testing.assert_allclose(north.values, model.predict_proba(north.grid.lonlat)[..., 0], atol=1e-6)
    with pytest.raises(ValueError, match=r"of='east' is not one of the classes: north, south\."):
        model.grid(10.0, of="east")
    values = s2v.LocationRegressor(**QUICK).fit(PLACES, HEIGHT).grid(10.0)
    assert values.limits == (values.values.min(), values.values.max())


def test_all_given_places_are_trained_on_and_the_same_seed_gives_the_same() -> None:
    snapshots: list[Snapshot] = []
    one = s2v.LocationRegressor(steps=20).fit(PLACES, HEIGHT, callback=snapshots.append)
    assert [snapshot.step for snapshot in snapshots] == list(range(21))
    again = s2v.LocationRegressor(steps=20).fit(PLACES, HEIGHT)
    np.testing.assert_array_equal(one.predict(PLACES), again.predict(PLACES))
    other = s2v.LocationRegressor(steps=20, seed=1).fit(PLACES, HEIGHT)
    assert not np.array_equal(one.predict(PLACES), other.predict(PLACES))
    assert float(one.model_.mean) == pytest.approx(HEIGHT.mean(), rel=1e-6)  # of all of them


def test_the_model_can_be_saved_and_pickled(tmp_path) -> None:
    model = s2v.LocationClassifier(encoder="sphereC", encoder_params={"scales": 4}, steps=5).fit(
        PLACES, PLACES[:, 1] > 0
    )
    s2v.save(model.model_, tmp_path / "model.safetensors")
    loaded = s2v.load(tmp_path / "model.safetensors")
    np.testing.assert_array_equal(loaded.predict(PLACES), model.predict_proba(PLACES))
    assert loaded.classes == ("False", "True")
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(model)).predict(PLACES), model.predict(PLACES))


def test_the_signature_shows_the_defaults_of_a_recipe() -> None:
    shown = {name: p.default for name, p in inspect.signature(s2v.LocationClassifier).parameters.items()}
    assert (shown.pop("encoder"), shown.pop("encoder_params")) == (ENCODER, None)
    assert shown == {name: DEFAULTS[name] for name in shown}
    assert set(DEFAULTS) - set(shown) == {"encoder", "data", "points", "background", "split", "predictor"}


def test_parameters_are_those_of_init_and_are_checked_by_fit() -> None:
    model = s2v.LocationClassifier(encoder="grid", steps=7)
    assert model.get_params()["steps"] == 7
    copy = type(model)(**model.get_params(deep=False))  # what scikit-learn's clone does
    assert repr(copy) == repr(model) == "LocationClassifier(encoder='grid', steps=7)"
    assert copy.set_params(steps=3).steps == 3
    with pytest.raises(ValueError, match="no parameter 'step'"):
        model.set_params(step=3)
    with pytest.raises(ValueError, match="steps=0 is outside its range"):
        s2v.LocationClassifier(steps=0).fit(PLACES, PLACES[:, 1] > 0)
    with pytest.raises(ValueError, match="encoder_params=3 is not a mapping"):
        s2v.LocationClassifier(encoder_params=3).fit(PLACES, PLACES[:, 1] > 0)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="'scale'"):
        s2v.LocationClassifier(encoder_params={"scale": 3}).fit(PLACES, PLACES[:, 1] > 0)


@pytest.mark.parametrize("kind", [s2v.LocationClassifier, s2v.LocationRegressor])
def test_nothing_is_predicted_before_it_is_learned(kind: type[LocationEstimator]) -> None:
    with pytest.raises(NotFittedError, match=r"call fit\(lonlat, y\) first"):
        kind().predict(PLACES)
    with pytest.raises(NotFittedError, match=r"call fit\(lonlat, y\) first"):
        kind().grid(10.0)


def test_a_map_of_one_class_needs_a_fitted_classifier() -> None:
    with pytest.raises(NotFittedError, match=r"call fit\(lonlat, y\) first"):
        s2v.LocationClassifier().grid(of="north")


BAD = [
    (PLACES, HEIGHT[:-1], "600 places, and target has shape"),
    (PLACES[:, ::-1], HEIGHT, "swapped|latitude"),
    (np.empty((0, 2)), np.empty(0), "no places"),
    (PLACES, np.where(HEIGHT > 120, np.nan, HEIGHT), "drop or fill"),
    (PLACES, ["a"] * 600, "must be numbers, not 'a'"),
]


@pytest.mark.parametrize(
    ("y", "words"),
    [
        (np.where(HEIGHT > 120, np.nan, HEIGHT), "drop or fill"),
        (["a", None] * 300, "several kinds"),
        ([None] * 600, "several kinds"),
        (None, "needs a target"),
        ([["a", "b"]] * 300, r"target has shape \(300, 2\)"),
    ],
)
def test_classes_that_cannot_be_learned_are_named(y, words) -> None:
    with pytest.raises(ValueError, match=words):
        s2v.LocationClassifier(steps=2).fit(PLACES, y)


def test_a_fit_that_fails_leaves_the_model_as_it_was() -> None:
    model = s2v.LocationClassifier(**QUICK).fit(PLACES, hemispheres(PLACES))
    with pytest.raises(ValueError, match="600 places"):
        model.fit(PLACES, ["x", "y", "z"])
    assert list(model.predict(POLES_AND_DATELINE[:2])) == ["north", "south"]


def test_scores_take_places_of_any_shape() -> None:
    values = s2v.LocationRegressor(steps=2).fit(PLACES, HEIGHT)
    classes = s2v.LocationClassifier(steps=2).fit(PLACES, hemispheres(PLACES))
    for model, y in ((values, HEIGHT), (classes, hemispheres(PLACES))):
        assert model.score(PLACES.reshape(6, 100, 2), y.reshape(6, 100)) == model.score(PLACES, y)
        assert np.isnan(model.score([0.0, 90.0], y[0])) == (model is values)  # R2 of one place is not known
        assert np.isnan(model.score(np.empty((0, 2)), []))
        with pytest.raises(ValueError, match="one each"):
            model.score(PLACES, y[:5])


def test_scikit_learn_can_search_and_cross_validate() -> None:
    selection = pytest.importorskip("sklearn.model_selection")
    from sklearn.base import clone, is_classifier, is_regressor

    assert is_classifier(s2v.LocationClassifier())
    assert is_regressor(s2v.LocationRegressor())
    search = selection.GridSearchCV(s2v.LocationClassifier(**QUICK), {"steps": [1, 50]}, cv=2)
    assert search.fit(PLACES, hemispheres(PLACES)).best_params_ == {"steps": 50}
    assert clone(search.estimator).get_params() == search.estimator.get_params()
    regressor = s2v.LocationRegressor(**QUICK).set_params(steps=50)
    assert selection.cross_val_score(regressor, PLACES, HEIGHT, cv=2).min() > 0.9


@pytest.mark.parametrize(("lonlat", "y", "words"), BAD)
def test_data_that_cannot_be_learned_are_named(lonlat, y, words) -> None:
    with pytest.raises(ValueError, match=words):
        s2v.LocationRegressor(steps=2).fit(lonlat, y)


def test_one_place_one_class_and_constant_values_can_be_learned() -> None:
    assert s2v.LocationClassifier(steps=2).fit(PLACES, ["only"] * 600).score(PLACES, ["only"] * 600) == 1
    assert s2v.LocationRegressor(steps=2).fit([[0, 90]], [5.0]).predict([0.0, 90.0]) == pytest.approx(5, abs=3)
