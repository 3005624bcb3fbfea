"""scikit-learn's own checks of estimators; what fails of them has its reason here."""

import subprocess
import sys
import warnings

import numpy as np
import pytest

import s2v
from s2v import sphere

pytest.importorskip("sklearn")

from sklearn.exceptions import DataConversionWarning, NotFittedError
from sklearn.utils.estimator_checks import check_estimator

KINDS = (s2v.LocationRegressor, s2v.LocationClassifier)
SETTINGS = {"encoder": "xyz", "hidden": 8, "steps": 5}
PLACES = sphere.random_points(60, seed=3)

COLUMNS = "its X has another number of columns than two: places are longitude and latitude"
DEGREES = "its X has latitudes beyond 90 degrees"
ONE_PLACE = "one place (2,) is a place, and predict answers it with one value"
WEIGHTS = "weights and repeated rows are equal to float32's digits; it asks for more"
ANY_COLUMNS = "it comes from Squeezed, which takes any number of columns"
FIVE_STEPS = "it asks for a good score, which five steps do not reach; other tests do"

# Checks whose X cannot be places.  With ``Squeezed`` they run all the same.
NO_PLACES = {
    "check_all_zero_sample_weights_error": COLUMNS,
    "check_classifiers_one_label": COLUMNS,
    "check_classifiers_one_label_sample_weights": COLUMNS,
    "check_classifiers_regression_target": COLUMNS,
    "check_classifiers_train": COLUMNS,
    "check_dict_unchanged": COLUMNS,
    "check_dont_overwrite_parameters": COLUMNS,
    "check_dtype_object": COLUMNS,
    "check_estimators_dtypes": COLUMNS,
    "check_estimators_nan_inf": COLUMNS,
    "check_estimators_pickle": COLUMNS,
    "check_f_contiguous_array_estimator": COLUMNS,
    "check_fit2d_1sample": COLUMNS,
    "check_fit2d_predict1d": COLUMNS,
    "check_fit_score_takes_y": COLUMNS,
    "check_methods_sample_order_invariance": COLUMNS,
    "check_methods_subset_invariance": COLUMNS,
    "check_n_features_in_after_fitting": COLUMNS,
    "check_pipeline_consistency": COLUMNS,
    "check_positive_only_tag_during_fit": COLUMNS,
    "check_regressor_data_not_an_array": COLUMNS,
    "check_regressors_int": COLUMNS,
    "check_regressors_no_decision_function": COLUMNS,
    "check_regressors_train": COLUMNS,
    "check_sample_weight_equivalence_on_dense_data": COLUMNS,
    "check_sample_weights_list": COLUMNS,
    "check_supervised_y_2d": COLUMNS,
    "check_fit_check_is_fitted": DEGREES,
    "check_fit_idempotent": DEGREES,
    "check_n_features_in": DEGREES,
    "check_requires_y_none": DEGREES,
}
SQUEEZED = {
    "check_fit2d_predict1d": ONE_PLACE,
    "check_sample_weight_equivalence_on_dense_data": WEIGHTS,
    "check_n_features_in_after_fitting": ANY_COLUMNS,
    "check_classifiers_train": FIVE_STEPS,
    "check_regressors_train": FIVE_STEPS,
}


def places_of(x):
    """Places of any numbers (n, k): two columns, squeezed into the range of degrees.  What is no such table stays."""
    if hasattr(x, "tocsr"):
        return x
    values = np.asarray(x)
    if values.ndim != 2 or values.shape[1] < 2 or values.dtype.kind not in "fiuO":
        return x
    values = values[:, :2]
    if values.dtype.kind == "O" and not all(np.isscalar(value) for value in values.flat):
        return values
    values = values.astype(float)
    return np.where(np.isfinite(values), 80 * np.tanh(values / 80), values)


class Squeezed:
    def fit(self, X, y, sample_weight=None):  # noqa: N803 - scikit-learn's name
        super().fit(places_of(X), y, sample_weight)
        return self

    def predict(self, X):  # noqa: N803
        return super().predict(places_of(X))


class SqueezedRegressor(Squeezed, s2v.LocationRegressor):
    pass


class SqueezedClassifier(Squeezed, s2v.LocationClassifier):
    def predict_proba(self, X):  # noqa: N803
        return super().predict_proba(places_of(X))


def results(estimator, expected: dict[str, str]) -> dict[str, set[str]]:
    """The names of scikit-learn's checks by their status."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = check_estimator(estimator, expected_failed_checks=expected, on_fail=None, on_skip=None)
    by_status: dict[str, set[str]] = {}
    for check in found:
        by_status.setdefault(check["status"], set()).add(check["check_name"])
    return by_status


@pytest.mark.parametrize("kind", KINDS)
def test_all_checks_pass_whose_data_are_places(kind) -> None:
    found = results(kind(**SETTINGS), NO_PLACES)
    assert found.get("failed", set()) == set()
    assert len(found["passed"] - found["xfail"]) > 20
    assert found["xfail"] <= set(NO_PLACES)


@pytest.mark.parametrize("kind", [SqueezedRegressor, SqueezedClassifier])
def test_the_others_pass_once_their_data_are_made_places(kind) -> None:
    found = results(kind(**SETTINGS), SQUEEZED)
    assert found.get("failed", set()) == set()
    assert len(found["passed"]) > 40
    assert found["xfail"] <= set(SQUEEZED)


@pytest.mark.parametrize("kind", KINDS)
def test_an_estimator_that_has_not_learned_says_so_in_scikit_learns_way(kind) -> None:
    with pytest.raises(NotFittedError, match=r"call fit\(lonlat, y\) first"):
        kind().predict(PLACES)


def test_without_scikit_learn_all_works_and_the_error_is_of_the_same_kind() -> None:
    code = """
import sys
sys.modules["sklearn"] = None
import warnings, numpy as np, s2v
places = s2v.sphere.random_points(20)
model = s2v.LocationRegressor("xyz", steps=2)
try:
    model.predict(places)
except ValueError as error:
    assert isinstance(error, AttributeError) and type(error).__name__ == "NotFittedError", error
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    model.fit(places, places[:, 1:], sample_weight=np.ones(20))
assert [type(warning.message).__name__ for warning in caught] == ["DataConversionWarning"], caught
assert model.predict(places).shape == (20,)
print("done")
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout == "done\n", done.stderr


def test_a_column_of_targets_is_flattened_with_the_usual_warning() -> None:
    height = PLACES[:, 1]
    flat = s2v.LocationRegressor(**SETTINGS).fit(PLACES, height)
    with pytest.warns(DataConversionWarning, match="A column-vector y was passed when a 1d array was expected"):
        column = s2v.LocationRegressor(**SETTINGS).fit(PLACES, height[:, None])
    np.testing.assert_array_equal(column.predict(PLACES), flat.predict(PLACES))
    with pytest.warns(DataConversionWarning):
        assert column.score(PLACES, height[:, None]) == flat.score(PLACES, height)
    with pytest.warns(DataConversionWarning) as caught:
        classifier = s2v.LocationClassifier(**SETTINGS).fit(PLACES, (height > 0)[:, None])
    assert caught[0].filename == __file__  # it points to the caller
    assert classifier.classes_.tolist() == [False, True]


def test_a_number_of_columns_other_than_two_is_told() -> None:
    model = s2v.LocationRegressor(**SETTINGS).fit(PLACES, PLACES[:, 1])
    assert model.n_features_in_ == 2
    with pytest.raises(ValueError, match="X has 3 features, but LocationRegressor is expecting 2 features as input"):
        model.predict(sphere.to_unit_vectors(PLACES))
    with pytest.raises(ValueError, match="unit vectors"):
        model.fit(sphere.to_unit_vectors(PLACES), PLACES[:, 1])
    with pytest.raises(ValueError, match=r"1 feature\(s\)"):
        model.fit(PLACES[:, :1], PLACES[:, 1])
