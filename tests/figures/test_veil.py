"""The veil lies where the map is far from data, on every renderer in Python, and nowhere else."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image
from scipy.ndimage import distance_transform_edt

from s2v import sphere
from s2v.fields import Field, Grid
from s2v.figures import map_parts, polar, printed
from s2v.figures.layouts import Projection
from s2v.figures.polar import PolarColumn, polar_pair_png
from s2v.figures.printed import printed_map
from s2v.figures.projections import plane
from s2v.figures.testcard import test_card, test_card_value
from s2v.figures.veil import GREY, MAX_KM, ONE_PLACE_KM, OPACITY, Veil, shade, usual_km

PLACES = np.array([(0.0, 90.0), (180.0, 60.0), (-179.0, -80.0)])  # a pole, the dateline, and near both
KM = 2000.0
VEIL = Veil.of(PLACES, KM)


def exact_strength(lonlat: np.ndarray, km: float = KM) -> np.ndarray:
    distance = np.min([sphere.great_circle_km(lonlat, place) for place in PLACES], axis=0)
    return np.clip(2 * distance / km - 1, 0, 1)


def opened(png: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGBA")).astype(int)


def constant(grid: Grid, value: float = 0.5) -> Field:
    return Field(np.full(grid.shape, value), grid, "t", colormap="gray")


def test_the_veil_grows_from_half_the_distance_to_the_whole() -> None:
    lattice = sphere.fibonacci_lattice(5000)
    # A cell is half a degree, 56 km: interpolation errs by less than 5 km except within a cell of a place.
    np.testing.assert_allclose(VEIL.strength(lattice), exact_strength(lattice), atol=5 / (KM / 2))
    assert VEIL.strength([[0.0, 90.0], [180.0, 60.0], [-180.0, 60.0], [0.0, -10.0]]).tolist() == [0, 0, 0, 1]


def test_the_usual_distance_is_that_of_the_places_themselves() -> None:
    rng = np.random.default_rng(1)
    places = sphere.to_lonlat(rng.normal(size=(500, 3)))
    usual = usual_km(places)
    assert float(f"{usual:.2g}") == usual
    beyond = Veil.of(places).distance.values > usual
    assert (
        0.002 < Grid.equirectangular(0.5).areas[beyond].sum() < 0.05
    )  # about 1 % if the places were without a pattern
    assert usual_km(places[:1]) == ONE_PLACE_KM
    assert usual_km(np.repeat(places[:1], 1000, axis=0)) == ONE_PLACE_KM
    assert usual_km(np.repeat(places, 2, axis=0)) == usual


@pytest.mark.parametrize("km", [0, -5, np.nan, np.inf, MAX_KM + 1])
def test_a_distance_that_no_two_places_have_is_refused(km: float) -> None:
    with pytest.raises(ValueError, match=r"A veil at .* km: allowed are 1 to 20,015 km"):
        Veil(VEIL.distance, km)


def test_a_veil_needs_the_whole_world() -> None:
    polar_grid = Grid.polar("north", 11)
    with pytest.raises(ValueError, match="not a north one"):
        Veil(constant(polar_grid), 100)


def test_the_shade_is_grey_under_lines_and_nothing_where_it_is_clear() -> None:
    picture = shade(np.repeat([[0.0, 1.0]], 20, axis=0).repeat(20, axis=1), 1.0)
    assert not picture[:, :20, 3].any()
    ground = (picture[:, 20:] == (*GREY, round(255 * OPACITY))).all(-1)
    assert 0.6 < ground.mean() < 0.9
    assert picture[:, 20:][~ground][:, :3].max() < GREY[0]  # the lines are darker


@pytest.mark.parametrize("pole", ["north", "south"])
def test_polar_maps_pass_the_test_card_under_a_veil(pole: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(map_parts, "_polar_coast", lambda *_: [])
    monkeypatch.setattr(map_parts, "_polar_graticule", lambda *_: ([], []))
    monkeypatch.setattr(polar, "_overlays", {})
    columns = [PolarColumn("t", test_card(Grid.polar("north", 301)), test_card(Grid.polar("south", 301)))]
    clear, veiled = (opened(polar_pair_png(columns, dpi=150, veil=veil)) for veil in (None, VEIL))
    left, side = round((0.3 + 0.29) * 150), round((3.6 - 2 * map_parts.MARGIN) * 150)
    top = round((0.36 + 0.29 + (3.6 if pole == "south" else 0)) * 150)
    clear, veiled = (picture[top : top + side, left : left + side, :3] for picture in (clear, veiled))
    grid = Grid.polar(pole, side)
    inside = grid.inside & (abs(grid.lonlat[..., 1]) > 51.5)
    strength = exact_strength(grid.lonlat)
    # The veil is placed to the pixel, 0.17 degrees or 19 km; its strength changes by 0.02 within one.
    near = inside & (exact_strength(grid.lonlat, KM - 40) == 0)
    np.testing.assert_array_equal(clear[near], veiled[near])
    expected = clear + (np.array(GREY) - clear) * (OPACITY * strength)[..., None]
    error = (veiled - expected)[inside].max(-1)
    assert error.max() <= 255 * OPACITY * 0.02 + 2  # lines are darker, nothing is lighter
    assert (abs(error) <= 6).mean() > 0.7
    lines, exact = clear.mean(-1) > 127, test_card_value(grid.lonlat) > 0.5
    assert distance_transform_edt(~exact)[lines & inside & (abs(grid.lonlat[..., 1]) < 88.9)].max() <= 2.3


@pytest.mark.parametrize("kind", ["world", "north", "south"])
def test_printed_maps_are_veiled_far_from_data_only(kind: str) -> None:
    grid = Grid.equirectangular(2) if kind == "world" else Grid.polar(kind, 101)
    clear, veiled = (opened(printed_map(test_card(grid), detail="110m", dpi=100, veil=veil)) for veil in (None, VEIL))
    if kind == "world":
        flat = plane(Projection())
        columns = round(100 * (printed.usual_inches(Projection()) - 0.1))
        rows = flat.rows(columns)
        places, inside = flat.places(columns, 0, rows)
        lonlat = np.zeros((*inside.shape, 2))
        lonlat[inside] = places
        top, left = 45, 5
    else:
        rows = columns = round(100 * (6 - 2 * map_parts.MARGIN))
        fine = Grid.polar(kind, rows)
        lonlat, inside, top, left = fine.lonlat, fine.inside, 45 + 29, 29
    clear, veiled = (picture[top : top + rows, left : left + columns, :3] for picture in (clear, veiled))
    strength = exact_strength(lonlat)
    changed = abs(clear - veiled).max(-1) > 40
    # Half of the veil turns black into a grey of 63; a few pixels on the way are near the grey already.
    assert not changed[inside & (strength < 0.2)].any()
    dark = inside & (clear.max(-1) < 60) & (strength > 0.5)
    assert dark.sum() > 500
    assert changed[dark].mean() > 0.98


def test_every_legend_says_what_the_veil_means() -> None:
    assert "2,000 km" in VEIL.meaning
    assert "2,000 km" in VEIL.brief
    options = {"detail": "110m", "inches": 6.0, "dpi": 30}
    letters = [
        printed_map(constant(Grid.polar("north", 21)), "svg", veil=veil, **options).decode().count('href="#DejaVu')  # type: ignore[arg-type]
        for veil in (None, VEIL)
    ]
    assert letters[1] - letters[0] == len(VEIL.meaning)
    pair = [PolarColumn("t", constant(Grid.polar("north", 21)), constant(Grid.polar("south", 21)))]
    plain, veiled, other = (opened(polar_pair_png(pair, veil=v)) for v in (None, VEIL, Veil(VEIL.distance, 500)))
    assert len(veiled) - len(plain) == round(100 * map_parts.VEIL_HEIGHT)
    assert (veiled[-30:] != other[-30:]).any()  # another number
