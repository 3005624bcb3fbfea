"""Predictions do not depend on how many are made at a time."""

import numpy as np
import pytest

import s2v
from s2v import sphere
from s2v.fields import Grid
from s2v.models import predictions

PLACES = sphere.random_points(200, seed=1)


@pytest.mark.parametrize("at_once", [1, 500, 1 << 24])
def test_grids_are_predicted_in_blocks_of_rows(at_once: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(predictions, "_MAX_OUTPUTS", at_once)
    model = s2v.LocationClassifier("xyz", steps=20).fit(PLACES, np.arange(200) % 3).model_
    for grid in (Grid.equirectangular(10.0), Grid.polar("south", 31)):
        answers = model.predict(grid.lonlat)
        # Products of a few rows and of many are summed in another order.
        np.testing.assert_allclose(predictions.predicted(model, grid, "1").values, answers[..., 1], rtol=0, atol=1e-6)
        assert (predictions.predicted(model, grid).values == answers.argmax(-1)).mean() > 0.99
    values = s2v.LocationRegressor("xyz", steps=20).fit(PLACES, PLACES[:, 1]).model_
    grid = Grid.equirectangular(10.0)
    np.testing.assert_allclose(predictions.predicted(values, grid).values, values.predict(grid.lonlat), atol=1e-4)


def test_an_unknown_class_lists_the_known_ones() -> None:
    many = s2v.LocationClassifier("xyz", steps=1).fit(PLACES, [f"c{number % 40}" for number in range(200)]).model_
    with pytest.raises(ValueError, match=r"class 'x' is unknown; there are: c0, c1, .* and 10 more\."):
        predictions.predicted(many, Grid.equirectangular(90.0), "x")
    values = s2v.LocationRegressor("xyz", steps=1).fit(PLACES, PLACES[:, 1]).model_
    with pytest.raises(ValueError, match="this model predicts values"):
        predictions.predicted(values, Grid.equirectangular(90.0), "x")
