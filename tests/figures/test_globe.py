"""The globe as it is handed to Streamlit: offline, with the settings that keep the poles exact."""

import json

import numpy as np
import pytest
from pydeck.bindings.json_tools import serialize

from s2v.fields import Field, Grid
from s2v.figures.globe import FILL, GLOBE_UNITS, Points, globe, globe_radius, view_state


def make(grid=None, **changes):
    grid = grid or Grid.equirectangular(10.0)
    return Field(np.linspace(0, 1, grid.rows * grid.columns).reshape(grid.shape), grid, "t", **changes)


def layers(deck):
    spec = json.loads(deck.to_json())
    return spec, {layer["id"]: layer for layer in spec["layers"]}


def test_nothing_is_fetched():
    spec, layer = layers(globe(make()))
    assert spec.get("mapProvider") is None
    assert spec.get("mapStyle") is None
    assert layer["field"]["image"].startswith("data:image/png;base64,")
    assert "http" not in json.dumps(spec)


def test_the_settings_that_pass_the_test_card_are_set():
    spec, layer = layers(globe(make()))
    assert spec["views"][0]["@@type"] == "GlobeView"
    assert spec["views"][0]["resolution"] == 2
    texture = layer["field"]["textureParameters"]
    assert texture["mipmapFilter"] == "none"
    assert texture["minFilter"] == texture["magFilter"] == "linear"
    assert texture["addressModeU"] == "repeat"


def test_classes_are_not_blended():
    field = make().with_values(np.zeros((18, 36)), classes=("a", "b"))
    texture = layers(globe(field))[1]["field"]["textureParameters"]
    assert texture["minFilter"] == texture["magFilter"] == "nearest"


def test_the_globe_is_equally_large_from_every_latitude():
    def radius(lat):
        # deck.gl's own rule: 2**zoom / (pi cos latitude) pixels a unit, the latitude cut at Mercator's edge.
        scale = 2 ** view_state(0, lat, 500).zoom / (np.pi * np.cos(np.deg2rad(min(abs(lat), 85.051129))))
        return GLOBE_UNITS * scale

    assert {round(radius(lat), 6) for lat in (-90, -60, 0, 30, 85, 90)} == {round(500 * globe_radius(FILL / 2), 6)}


def test_the_radius_draws_the_horizon_where_it_is_asked_for():
    r = globe_radius(0.4)
    assert 1.5 * r / np.sqrt((1.5 + r) ** 2 - r**2) == pytest.approx(0.4, rel=1e-12)


def test_coast_and_points_are_optional_and_labelled():
    assert set(layers(globe(make(), coastlines=False))[1]) == {"field"}
    points = Points(np.array([[15.6, 78.2], [180.0, -90.0]]), ["Longyearbyen", "South Pole"])
    deck = globe(make(), points=points)
    _, layer = layers(deck)
    assert set(layer) == {"field", "coast-casing", "coast", "points"}
    assert [row["label"] for row in layer["points"]["data"]] == ["Longyearbyen", "South Pole"]
    assert layer["points"]["data"][0]["position"][:2] == [15.6, 78.2]
    assert deck._tooltip == {"text": "{label}"}


def test_a_diverging_map_needs_one_line_color_only():
    assert set(layers(globe(make(colormap="RdBu_r")))[1]) == {"field", "coast"}


def test_points_need_one_label_each():
    with pytest.raises(ValueError, match="1 points and 2 labels"):
        Points(np.zeros((1, 2)), ["a", "b"])


def test_a_polar_field_is_refused():
    with pytest.raises(ValueError, match="equirectangular grid, not on a north one"):
        globe(make(Grid.polar("north", 21)))


def test_a_globe_is_written_down_once_and_holds_what_pydeck_would_write():
    deck = globe(make(), points=Points(np.zeros((1, 2)), ["a"]))
    text = deck.to_json()
    assert deck.to_json() is text
    assert json.loads(text) == json.loads(serialize(globe(make(), points=Points(np.zeros((1, 2)), ["a"]))))
