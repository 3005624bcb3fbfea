"""Frames arrive unchanged, and maps show the model's predictions at the right places."""

from __future__ import annotations

import numpy as np
import pytest

from s2v.engine import live_maps
from s2v.engine.events import decode, encode
from s2v.engine.frames import FINE_GRIDS, LAYER_GRID, LIVE_GRIDS, SHARE_SCALE, Frame
from s2v.engine.live_maps import CROWDED_MAP_SECONDS, MAP_SECONDS, map_interval, predict_layers, predict_maps
from s2v.models.model import LocationModel
from s2v.models.recipe import Recipe


def latitude(lonlat: np.ndarray) -> np.ndarray:
    return lonlat[..., 1]


def hemisphere(lonlat: np.ndarray) -> np.ndarray:
    north = np.where(lonlat[..., 1] > 0, 0.75, 0.25)
    return np.stack([1 - north, north], -1)


@pytest.mark.parametrize("grids", [LIVE_GRIDS, FINE_GRIDS])
def test_maps_of_a_regression_are_its_values_inside_and_missing_outside(grids):
    maps = predict_maps(latitude, grids)
    assert list(maps) == ["world", "north", "south"]
    for name, grid in grids.items():
        assert maps[name].dtype == np.float32
        # float32 of degrees up to 90: half a unit in the last place is 4e-6
        np.testing.assert_allclose(maps[name][grid.inside], grid.lonlat[grid.inside][:, 1], atol=4e-6)
        assert np.isnan(maps[name][~grid.inside]).all()


def test_maps_of_classes_are_the_most_probable_ones_as_small_integers():
    maps = predict_maps(hemisphere, LIVE_GRIDS)
    assert {values.dtype for values in maps.values()} == {np.dtype(np.uint8)}
    assert (maps["world"][:45] == 1).all()
    assert (maps["world"][45:] == 0).all()
    assert (maps["north"][LIVE_GRIDS["north"].inside] == 1).all()
    assert (maps["south"] == 0).all()


def test_more_than_256_classes_get_a_wider_integer():
    maps = predict_maps(lambda lonlat: np.eye(300)[np.full(len(lonlat), 299)], LIVE_GRIDS)
    assert maps["world"].dtype == np.uint16
    assert (maps["world"] == 299).all()


@pytest.mark.parametrize(("predict", "fine"), [(latitude, False), (latitude, True), (hemisphere, False)])
def test_a_frame_arrives_as_it_was_sent(predict, fine):
    maps = predict_maps(predict, FINE_GRIDS if fine else LIVE_GRIDS)
    layers = predict_layers(hemisphere, 2)
    test = hemisphere(np.zeros((5, 2)))
    frame = Frame(3, 10, 0.5, float("nan"), {"r2": -1.5}, maps, layers, 1, fine, test, test[:2], b"w")
    arrived = decode(encode(frame))
    assert (arrived.step, arrived.steps, arrived.seconds, arrived.metrics) == (3, 10, 0.5, {"r2": -1.5})
    assert np.isnan(arrived.loss)
    assert (arrived.fine, arrived.watched_class, arrived.weights) == (fine, 1, b"w")
    np.testing.assert_array_equal(arrived.test, test)
    np.testing.assert_array_equal(arrived.background, test[:2])
    assert set(arrived.layers) == {"probability", "entropy", "probabilities"}
    for name, shares in layers.items():
        np.testing.assert_array_equal(arrived.layers[name], shares)
    for name, values in frame.maps.items():
        assert arrived.maps[name].dtype == values.dtype
        np.testing.assert_array_equal(arrived.maps[name], values)
        assert arrived.grids[name].shape == values.shape


def test_a_live_frame_is_small():
    assert len(encode(Frame(0, 1, 0, 0, {}, predict_maps(latitude, LIVE_GRIDS)))) < 2e5


def test_layers_are_shares_on_their_grid():
    layers = predict_layers(hemisphere, 2)
    assert {name: shares.dtype for name, shares in layers.items()} == dict.fromkeys(layers, np.dtype(np.uint8))
    assert layers["probabilities"].shape == (2, *LAYER_GRID.shape)
    north = LAYER_GRID.lonlat[..., 1] > 0
    expected = np.where(north, 0.75, 0.25)
    assert np.abs(layers["probabilities"][1] / SHARE_SCALE - expected).max() <= 0.5 / SHARE_SCALE
    bits = -(0.75 * np.log2(0.75) + 0.25 * np.log2(0.25))  # of at most one bit
    assert np.abs(layers["entropy"] / SHARE_SCALE - bits).max() <= 0.5 / SHARE_SCALE
    frame = Frame(1, 1, 0, 0, {}, {}, layers)
    assert np.abs(frame.probability(1) - expected).max() <= 0.5 / SHARE_SCALE


def test_a_live_frame_has_the_probability_of_the_class_that_is_watched():
    frame = Frame(
        1, 2, 0, 0, {}, {}, {"probability": np.full(LAYER_GRID.shape, SHARE_SCALE, np.uint8)}, watched_class=3
    )
    assert (frame.probability(3) == 1).all()
    assert frame.probability(2) is None
    assert Frame(1, 2, 0, 0, {}).probability(0) is None


def test_a_frame_without_maps_keeps_the_numbers():
    frame = Frame(3, 10, 0.5, 0.1, {"r2": 0.2}, predict_maps(latitude, LIVE_GRIDS))
    assert frame.without_maps() == Frame(3, 10, 0.5, 0.1, {"r2": 0.2})
    assert frame.steps_per_second == 6
    assert Frame(0, 10, 0.0, 0.1, {}).steps_per_second == 0


def test_maps_come_often_but_take_at_most_half_of_the_time():
    assert map_interval(0.001) == map_interval(0.1) == MAP_SECONDS
    assert map_interval(0.1, crowded=True) == CROWDED_MAP_SECONDS
    assert map_interval(5) == map_interval(5, crowded=True) == 10


def test_live_maps_of_the_poles_are_kept_unless_all_are_refreshed(monkeypatch):
    model = LocationModel(Recipe(encoder="xyz", network="linear"), "regression")
    live = live_maps.LiveMaps(model, LIVE_GRIDS)
    first = live().maps
    model.mean.fill_(5.0)
    kept, anew = live().maps, live(refresh_all=True).maps
    np.testing.assert_allclose(kept["world"], first["world"] + 5, atol=1e-5)
    for pole in ("north", "south"):
        np.testing.assert_array_equal(kept[pole], first[pole])
        inside = LIVE_GRIDS[pole].inside
        np.testing.assert_allclose(anew[pole][inside], first[pole][inside] + 5, atol=1e-5)
    model.mean.fill_(0.0)
    monkeypatch.setattr(live_maps, "MAX_POLAR_SECONDS", 0.0)
    np.testing.assert_array_equal(live().maps["north"], first["north"])
