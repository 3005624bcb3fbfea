"""Geoid, relief and land cover: the right values at known places, one value at each pole, nothing at the dateline."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from s2v import assets, data
from s2v.data import rasters
from s2v.fields import Grid

LONGITUDES = st.floats(-180, 180) | st.sampled_from([-180.0, -179.999, 0.0, 179.999, 180.0])
LATITUDES = st.floats(-90, 90) | st.sampled_from([-90.0, -89.9999, 89.9999, 90.0])
everywhere = settings(max_examples=100, deadline=None)
FIELDS = pytest.mark.parametrize("name", ["geoid", "relief"])


def at(name: str, longitude: float, latitude: float) -> float:
    return float({"geoid": rasters.geoid, "relief": rasters.relief}[name](np.array([longitude, latitude])))


def test_geoid_is_lowest_south_of_india_and_high_near_new_guinea() -> None:
    grid = Grid.equirectangular(1)
    field = data.load("geoid", points=10).truth(grid)
    low = grid.lonlat.reshape(-1, 2)[field.values.argmin()]
    high = grid.lonlat.reshape(-1, 2)[field.values.argmax()]
    np.testing.assert_allclose(low, [78.75, 4.75], atol=1.5)  # the grid's own step, 1 degree, and half of it again
    assert -107 < field.values.min() < -105  # the model's minimum is -107 m, on a finer grid
    assert 140 < high[0] < 155
    assert -10 < high[1] < 0


def test_geoid_at_a_node_is_the_file_s_number() -> None:
    with np.load(assets.asset_path("data", "geoid_egm96_1deg.npz")) as file:
        n = file["n"]
    assert at("geoid", -180, 90) == n[0, 0] / 100
    assert at("geoid", 79, 5) == pytest.approx(n[85, 259] / 100, abs=1e-9)
    assert at("geoid", 12, -34) == pytest.approx(n[124, 192] / 100, abs=1e-9)


@pytest.mark.parametrize(
    ("longitude", "latitude", "low", "high"),
    [
        (86.93, 27.99, 4000, 6500),  # Everest: a mean over half a degree, so well below 8,849 m
        (88.0, 33.0, 4500, 5500),  # Tibet
        (142.2, 11.35, -9000, -7000),  # Mariana Trench
        (-68.0, -20.0, 3500, 5000),  # Altiplano
        (0.0, 0.0, -5500, -4500),  # Gulf of Guinea: the columns begin at the right longitude
        (25.0, 0.0, 300, 900),  # Congo basin
        (-150.0, 30.0, -6000, -5000),  # Pacific
        (0.0, -90.0, -150, 50),  # South Pole: the bedrock, not the ice surface at 2,835 m
        (0.0, 90.0, -4500, -4000),  # North Pole: the Arctic sea floor
    ],
)
def test_relief_of_known_places(longitude: float, latitude: float, low: float, high: float) -> None:
    assert low < at("relief", longitude, latitude) < high


def test_relief_at_a_cell_centre_is_the_file_s_number() -> None:
    with np.load(assets.asset_path("data", "relief_etopo1_0p5.npz")) as file:
        z = file["z"]
    assert at("relief", 0.25, 89.75) == z[0, 0]
    assert at("relief", -179.75, 0.25) == z[179, 360]
    assert at("relief", -0.25, -89.75) == z[359, 719]


@pytest.mark.parametrize(
    ("longitude", "latitude", "expected"),
    [
        (-40.0, 72.0, "Snow and ice"),  # Greenland's interior
        (0.0, -90.0, "Snow and ice"),  # South Pole, where the product itself has no data
        (77.0, -89.3, "Snow and ice"),
        (-150.0, 10.0, "Water"),  # mid Pacific
        (0.0, 90.0, "Water"),  # North Pole
        (10.0, 24.0, "Barren"),  # Sahara
        (-63.0, -5.0, "Evergreen broadleaf forest"),  # Amazon
        (75.5, 30.5, "Cropland"),  # Punjab
    ],
)
def test_land_cover_of_known_places(longitude: float, latitude: float, expected: str) -> None:
    land_cover = data.load("land_cover", points=10)
    assert land_cover.classes[int(land_cover.truth_at([longitude, latitude]))] == expected


def test_about_seven_tenths_of_the_sphere_are_water() -> None:
    grid = Grid.equirectangular(0.5)
    water = data.load("land_cover", points=10).truth(grid).values == 0
    assert float((water * grid.areas).sum()) == pytest.approx(0.71, abs=0.02)  # lakes are counted, ice shelves not


@FIELDS
@everywhere
@given(first=LONGITUDES, second=LONGITUDES, pole=st.sampled_from([-90.0, 90.0]))
def test_each_pole_has_one_value(name: str, first: float, second: float, pole: float) -> None:
    assert at(name, first, pole) == pytest.approx(at(name, second, pole), rel=1e-12)


@FIELDS
@everywhere
@given(latitude=LATITUDES)
def test_both_sides_of_the_dateline_agree(name: str, latitude: float) -> None:
    assert at(name, -180, latitude) == pytest.approx(at(name, 180, latitude), rel=1e-12)


@FIELDS
@everywhere
@given(longitude=LONGITUDES, latitude=LATITUDES, turns=st.integers(-2, 2))
def test_values_are_continuous_everywhere(name: str, longitude: float, latitude: float, turns: int) -> None:
    # Neighbouring nodes differ by less than 8 km, half a degree apart: 1e-6 degree changes less than 0.02 m.
    here = at(name, longitude, latitude)
    assert at(name, longitude + 360 * turns + 1e-6, latitude) == pytest.approx(here, abs=0.02)
    assert at(name, longitude, latitude - np.copysign(1e-6, latitude)) == pytest.approx(here, abs=0.02)


@everywhere
@given(longitude=LONGITUDES, latitude=LATITUDES)
def test_land_cover_is_a_class_everywhere(longitude: float, latitude: float) -> None:
    classes = rasters.land_cover(np.array([[longitude, latitude]]))
    assert classes.shape == (1,)
    assert 0 <= classes[0] < 17


def test_truth_on_a_grid_is_a_field_with_units_and_colours() -> None:
    geoid = data.load("geoid", points=10).truth(Grid.polar("north", 41))
    assert (geoid.units, geoid.title) == ("m", "Geoid height")
    assert geoid.limits[0] == -geoid.limits[1]
    assert 80 < geoid.limits[1] < 110
    cover = data.load("land_cover", points=10).truth(Grid.equirectangular(2))
    assert len(cover.classes) == len(cover.colors) == len(set(cover.colors)) == 17
    assert set(np.unique(cover.values)) <= set(range(17))


@pytest.mark.parametrize(
    ("name", "file", "rubbish"),
    [
        ("geoid", "geoid_egm96_1deg.npz", b"not a zip file"),
        ("relief", "relief_etopo1_0p5.npz", b""),
        ("land_cover", "land_cover_mcd12c1_0p25.png", b"\x89PNG\r\n\x1a\n and then nothing"),
    ],
)
@pytest.mark.parametrize("how", ["missing", "rubbish", "cut"])
def test_a_missing_or_damaged_file_is_named(
    name: str, file: str, rubbish: bytes, how: str, tmp_path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = assets.asset_path("data", file).read_bytes()
    (tmp_path / "data").mkdir()
    if how != "missing":
        (tmp_path / "data" / file).write_bytes(rubbish if how == "rubbish" else whole[: len(whole) // 2])
    monkeypatch.setattr(assets, "ASSETS", tmp_path)
    with pytest.raises(assets.AssetError, match=file):
        data.load(name, points=10)


def test_a_file_with_another_shape_is_damaged(tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "data").mkdir()
    np.savez(tmp_path / "data" / "geoid_egm96_1deg.npz", n=np.zeros((90, 360), np.int16))
    monkeypatch.setattr(assets, "ASSETS", tmp_path)
    with pytest.raises(assets.AssetError, match=r"\(90, 360\)"):
        data.load("geoid", points=10)
