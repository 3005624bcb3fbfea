"""No predictor knows where the poles and the dateline are."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from s2v import data, predictors, sphere
from tests.predictors.test_fitting import SERVED

CONSTANTS = {
    "idw": {"k": 6, "power": 2.5},
    "kriging": {"k": 12, "range": 1500.0, "smoothness": 1.0, "nugget": 0.05},
    "knn": {"k": 5},
    "kde": {"bandwidth": 700.0},
}
PLACES = np.concatenate(
    [
        sphere.random_points(150, np.random.default_rng(0)),
        [[0.0, 90.0], [40.0, -90.0], [180.0, 5.0], [-179.9, 5.0], [179.95, -60.0], [10.0, 89.9]],
    ]
)
SOMEWHERE = np.concatenate([sphere.fibonacci_lattice(60), [[77.0, 90.0], [0.0, -90.0], [-180.0, 30.0], [180.0, 30.0]]])


def dataset(task: str, lonlat: np.ndarray) -> data.DataSet:
    rng = np.random.default_rng(1)
    if task == "regression":
        return data.own(lonlat, rng.standard_normal(len(lonlat)), hold_out=False)
    return data.own(lonlat, rng.integers(0, 3, len(lonlat)), task, classes=["a", "b", "c"], hold_out=False)


@pytest.mark.parametrize(("name", "task"), SERVED)
@settings(max_examples=15, deadline=None)
@given(turn=st.tuples(*[st.floats(-np.pi, np.pi)] * 3))
def test_turning_the_sphere_changes_nothing(name: str, task: str, turn: tuple[float, float, float]) -> None:
    rotation = Rotation.from_rotvec(turn)

    def turned(lonlat: np.ndarray) -> np.ndarray:
        return sphere.to_lonlat(rotation.apply(sphere.to_unit_vectors(lonlat)))

    params = CONSTANTS.get(name, {})
    before = predictors.fit(name, dataset(task, PLACES), params)
    after = predictors.fit(name, dataset(task, turned(PLACES)), params)
    np.testing.assert_allclose(after.predict(turned(SOMEWHERE)), before.predict(SOMEWHERE), rtol=1e-6, atol=1e-9)
    if before.spec.has_stderr:
        np.testing.assert_allclose(after.stderr(turned(SOMEWHERE)), before.stderr(SOMEWHERE), rtol=1e-6)


@pytest.mark.parametrize(("name", "task"), SERVED)
def test_the_two_sides_of_the_dateline_and_all_longitudes_of_a_pole_are_one(name: str, task: str) -> None:
    found = predictors.fit(name, dataset(task, PLACES), CONSTANTS.get(name, {}))
    for same in ([[180.0, 30.0], [-180.0, 30.0]], [[0.0, 90.0], [137.0, 90.0]], [[0.0, -90.0], [-90.0, -90.0]]):
        first, second = found.predict(same)
        np.testing.assert_allclose(second, first, rtol=1e-9)
