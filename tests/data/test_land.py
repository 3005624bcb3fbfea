"""Land and ocean: known places, the dateline, and the ring around the South Pole."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from s2v import assets, data, sphere
from s2v.coastlines import coastlines
from s2v.data import land, rasters
from s2v.fields import Grid

LONGITUDES = st.floats(-180, 180) | st.sampled_from([-180.0, -179.999, 0.0, 179.999, 180.0])
everywhere = settings(max_examples=100, deadline=None)


def is_land(longitude: float, latitude: float) -> bool:
    return bool(land.land(np.array([longitude, latitude])))


@pytest.mark.parametrize(
    ("longitude", "latitude", "expected", "name"),
    [
        (0.0, -90.0, True, "South Pole"),
        (0.0, 90.0, False, "North Pole"),
        (106.8, -78.5, True, "Vostok"),
        (-180.0, -87.0, True, "Antarctica on the dateline"),
        (179.5, -87.0, True, "Antarctica west of it"),
        (178.5, -80.0, False, "Ross Ice Shelf"),
        (-179.0, -75.0, False, "Ross Sea, east of the dateline"),
        (0.0, -60.0, False, "Southern Ocean"),
        (-65.0, -69.0, True, "Antarctic Peninsula"),
        (180.0, 67.0, True, "Chukotka on the dateline"),
        (-178.0, 67.0, True, "Chukotka east of it"),
        (177.0, 67.0, True, "Chukotka west of it"),
        (179.9, 71.2, True, "Wrangel Island, west half"),
        (-179.0, 71.2, True, "Wrangel Island, east half"),
        (-179.9, -16.3, True, "Taveuni, Fiji, on the dateline"),
        (178.0, -17.8, True, "Viti Levu, Fiji"),
        (-175.0, -20.0, False, "Pacific near Tonga"),
        (180.0, 0.0, False, "Pacific on the dateline"),
        (-40.0, 72.0, True, "Greenland"),
        (15.0, 78.5, True, "Svalbard"),
        (51.0, 42.0, False, "Caspian Sea"),
        (33.0, -1.0, True, "Lake Victoria: lakes are land"),
        (25.0, 0.0, True, "Congo"),
        (0.0, 0.0, False, "Gulf of Guinea"),
        (134.0, -25.0, True, "Australia"),
        (175.5, -39.0, True, "New Zealand"),
        (-150.0, 64.0, True, "Alaska"),
        (35.0, 34.0, False, "eastern Mediterranean"),
    ],
)
def test_known_places(longitude: float, latitude: float, expected: bool, name: str) -> None:
    assert is_land(longitude, latitude) == expected, name


def test_a_little_under_three_tenths_are_land() -> None:
    grid = Grid.equirectangular(0.5)
    share = float((land.land(grid.lonlat) * grid.areas).sum())
    # 149 million km2 of 510, of which 1.6 million are ice shelves and 0.4 the Caspian Sea: 0.288.
    assert share == pytest.approx(0.288, abs=0.004)


def test_it_agrees_with_the_land_cover_away_from_coasts() -> None:
    places = sphere.fibonacci_lattice(20000)
    agree = land.land(places) == (rasters.land_cover(places) != 0)
    assert agree.mean() > 0.96  # what is left: coasts at 1:110 million, lakes, ice shelves, islands
    inland = (places[:, 1] < -82) & (abs(places[:, 0]) < 90)
    assert agree[inland].mean() > 0.95


def test_cut_lines_are_put_together() -> None:
    lines = coastlines("110m")
    rings = land.rings(lines)
    assert sum(len(line) for line in lines) == sum(len(ring) for ring in rings) + sum(
        bool((line[0] == line[-1]).all()) for line in lines
    )
    around = [
        ring for ring in rings if abs(np.diff(np.unwrap(np.append(ring[:, 0], ring[0, 0]), period=360)).sum()) > 1
    ]
    assert len(around) == 1, "only Antarctica goes around a pole"
    assert around[0][:, 1].max() < -60


@everywhere
@given(latitude=st.floats(-90, 90), shift=st.sampled_from([-360.0, 0.0, 360.0]))
def test_both_sides_of_the_dateline_agree(latitude: float, shift: float) -> None:
    assert is_land(-180, latitude) == is_land(180 + shift, latitude)


@everywhere
@given(longitude=LONGITUDES, pole=st.sampled_from([-90.0, 90.0]))
def test_each_pole_has_one_answer(longitude: float, pole: float) -> None:
    assert is_land(longitude, pole) == (pole < 0)
    assert is_land(longitude, pole * (1 - 1e-6)) == (pole < 0)


def test_across_the_dateline_land_changes_only_at_coasts() -> None:
    latitude = np.linspace(-90, 90, 1801)
    sides = [land.land(np.stack([np.full_like(latitude, side), latitude], -1)) for side in (-180 + 1e-6, 180 - 1e-6)]
    assert (sides[0] != sides[1]).mean() < 0.001


@pytest.mark.parametrize(
    "content",
    ['[{"path": [[0, 0], [10, 0], [10, 10]]}]', '[{"path": [[0, 0], [1, 1], [2, 0]]}, {"path": [[50, 0], [60, 0]]}]'],
)
def test_lines_that_do_not_close_are_a_damaged_file(tmp_path, monkeypatch: pytest.MonkeyPatch, content: str) -> None:
    json.loads(content)
    (tmp_path / "coastlines").mkdir()
    (tmp_path / "coastlines" / "coastline_110m.json").write_text(content)
    coastlines.cache_clear()
    land._polygons.cache_clear()
    monkeypatch.setattr(assets, "ASSETS", tmp_path)
    try:
        with pytest.raises(assets.AssetError, match=r"coastline_110m\.json is damaged: .*does not go on"):
            data.load("land_ocean", points=10)
    finally:
        coastlines.cache_clear()
        land._polygons.cache_clear()
