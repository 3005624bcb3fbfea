"""One map for print shows each place in its own colour, in every format."""

import io

import numpy as np
import pytest
from PIL import Image

from s2v.fields import Field, Grid
from s2v.figures.layouts import Projection
from s2v.figures.printed import FORMATS, printed_map
from s2v.figures.testcard import test_card as card

GRID = Grid.equirectangular(1.0)


def opened(png: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGBA")).astype(int)


def test_the_world_map_shows_each_place_in_its_own_color() -> None:
    hemispheres = np.where(GRID.lonlat[..., 0] < 0, 0.0, np.where(GRID.lonlat[..., 1] > 0, 1.0, 0.5))
    picture = opened(printed_map(Field(hemispheres, GRID, "t", colormap="gray"), detail="110m", dpi=100))
    middle = picture[45 : 45 + round(890 * 0.4867)]  # the map itself, below the title
    height, width = middle.shape[:2]
    west = middle[height // 2 + 20, width // 4, :3].mean()
    north_east = middle[height // 4 + 7, 3 * width // 4 + 5, :3].mean()
    south_east = middle[3 * height // 4 + 7, 3 * width // 4 + 5, :3].mean()
    np.testing.assert_allclose([west, north_east, south_east], [0, 255, 128], atol=4)
    assert (middle[3, 3] == 255).all()  # the corner lies outside the map: paper


@pytest.mark.parametrize("pole", ["north", "south"])
def test_a_pole_is_drawn_where_it_belongs(pole) -> None:
    grid = Grid.polar(pole, 201, 60)
    east = np.where(grid.lonlat[..., 0] > 0, 0.9, 0.1)
    picture = opened(printed_map(Field(east, grid, "East and west", colormap="gray"), detail="110m", dpi=100))
    across = picture[45 + 300 + 15, :, :3].mean(-1)  # just off the horizontal through the pole, which a meridian takes
    assert np.median(across[80:280]) == pytest.approx(0.1 * 255, abs=6)
    assert np.median(across[320:520]) == pytest.approx(0.9 * 255, abs=6)
    assert (picture[50, 5] == 255).all()


def test_every_format_is_what_its_name_says_on_light_and_dark_paper() -> None:
    begins = {"png": b"\x89PNG", "svg": b"<?xml", "pdf": b"%PDF"}
    field = Field(np.zeros((18, 36)), Grid.equirectangular(10.0), "Nothing", limits=(-0.5, 1.5), classes=("a", "b"))
    for format in FORMATS:
        for dark in (False, True):
            assert printed_map(field, format, dark=dark, detail="110m").startswith(begins[format])
    assert opened(printed_map(field, dark=True, detail="110m"))[2, 2, :3].max() < 40
    with pytest.raises(ValueError, match="format='jpg' is not one of png, svg, pdf"):
        printed_map(field, "jpg")


@pytest.mark.parametrize("projection", [Projection(), Projection("north"), Projection("orthographic", lat=60.0)])
def test_a_preview_is_the_same_picture_of_fewer_values(projection, monkeypatch) -> None:
    asked: list[int] = []
    sample = Field.sample

    def count(field: Field, places: np.ndarray) -> np.ndarray:
        asked.append(places[..., 0].size)
        return sample(field, places)

    monkeypatch.setattr(Field, "sample", count)
    field = Field(GRID.lonlat[..., 1], GRID, "Latitude", limits=(-90, 90))
    whole = opened(printed_map(field, projection=projection, dpi=160))
    places, asked[:] = sum(asked), []
    preview = opened(printed_map(field, projection=projection, dpi=160, preview=True))
    assert sum(asked) < 0.5 * places
    assert preview.shape == whole.shape
    assert np.abs(preview - whole).mean() < 3


def test_dollar_signs_in_names_are_no_formulas() -> None:
    grid = Grid.equirectangular(10.0)
    prices = Field(np.zeros(grid.shape), grid, r"From $5 to $\nine", limits=(-0.5, 1.5), classes=(r"$\a$", "$2 or $3"))
    value = Field(np.zeros(grid.shape), grid, "Price", units=r"$\frac$")
    drawn = printed_map(prices, "svg", detail="110m", graticule=False).decode()  # whose labels are letters, too
    letters = sum(map(len, (prices.title, *prices.classes)))
    assert drawn.count('href="#DejaVuSans-') == letters  # a formula would lack the signs
    assert printed_map(value, detail="110m", dpi=50)
    polar = Grid.polar("north", 21)
    assert printed_map(Field(np.zeros(polar.shape), polar, r"$\nine$"), detail="110m", dpi=50)


@pytest.mark.parametrize("pole", [True, False])
def test_a_long_caption_ends_inside_the_page(pole: bool) -> None:
    """Capitals and w are the widest; a caption of them is still a caption."""
    words = "Model: sphereM on birdsnap, opened from a file of weights; network ffn, WWW wide " * 3
    field = card(Grid.polar("north", 51) if pole else Grid.equirectangular(4))
    picture = np.asarray(
        Image.open(io.BytesIO(printed_map(field, detail="110m", dpi=60, caption=words))).convert("L")
    ).astype(int)
    edge = round(0.06 * 60)
    assert (picture[-60:, -edge:] > 200).all()
