"""Colours: even in lightness, the same for every renderer, and honest about missing values."""

import numpy as np
import pytest

from s2v.fields import Field, Grid
from s2v.figures import colormaps
from s2v.figures.colormaps import DIVERGING, MISSING, NAMES, SEQUENTIAL, colorize, indexed, table
from s2v.palette import class_colors, hex_to_rgb


def lightness(rgb):
    """CIE L* (0 to 100) of sRGB (n, 3), 0 to 255."""
    value = rgb / 255
    linear = np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)
    luminance = linear @ np.array([0.2126, 0.7152, 0.0722])
    return np.where(luminance > 0.008856, 116 * np.cbrt(luminance) - 16, 903.3 * luminance)


@pytest.mark.parametrize("name", NAMES)
def test_a_table_has_256_colors(name):
    assert table(name).shape == (256, 3)
    assert table(name).dtype == np.uint8


@pytest.mark.parametrize("name", SEQUENTIAL)
def test_lightness_of_a_sequential_map_only_rises(name):
    # Averages over 16 entries: single steps of 8-bit colours are rounded.
    assert np.diff(lightness(table(name)).reshape(16, 16).mean(1)).min() > 0


@pytest.mark.parametrize("name", DIVERGING)
def test_a_diverging_map_turns_in_the_middle_and_nowhere_else(name):
    steps = np.sign(np.diff(lightness(table(name)).reshape(16, 16).mean(1)))
    assert (np.abs(np.diff(steps)) > 0).sum() == 1
    assert steps[0] == -steps[-1]


def test_an_unknown_map_is_refused_and_the_known_ones_are_listed():
    with pytest.raises(ValueError, match="'jet' is not one of viridis, cividis"):
        table("jet")


def field(values, **changes):
    values = np.asarray(values, dtype=float)
    return Field(values, Grid("equirectangular", *values.shape), "t", **changes)


def test_ends_and_beyond_take_the_end_colors_and_missing_is_grey():
    picture = colorize(field([[0, 1], [-9, np.inf], [np.nan, -np.inf]]))
    low, high = table("viridis")[0], table("viridis")[255]
    assert (picture[..., 3] == 255).all()
    np.testing.assert_array_equal(picture[:, :, :3], [[low, high], [low, high], [MISSING, low]])


def test_the_middle_of_a_diverging_scale_is_its_neutral_color():
    picture = colorize(field([[0.0, 0.0]], limits=(-3.0, 3.0), colormap="RdBu_r"))
    assert picture[0, 0, :3].min() > 240  # the white of RdBu


def test_classes_take_their_own_colors_and_unknown_numbers_are_missing():
    picture = colorize(
        field([[0, 1], [2, -1], [np.nan, 7]], classes=("a", "b", "c"), colors=("#ff0000", "#00ff00", "#0000ff"))
    )
    expected = [[(255, 0, 0), (0, 255, 0)], [(0, 0, 255), MISSING], [MISSING, MISSING]]
    np.testing.assert_array_equal(picture[..., :3], expected)


def test_class_numbers_may_be_bytes():
    grid = Grid("equirectangular", 1, 2)
    picture = colorize(Field(np.array([[0, 1]], dtype=np.uint8), grid, "t", classes=("a", "b")))
    assert tuple(picture[0, 1, :3]) == hex_to_rgb(class_colors(2)[1])


def test_outside_a_polar_disc_nothing_is_drawn():
    grid = Grid.polar("north", 51)
    picture = colorize(Field(np.zeros(grid.shape), grid, "t"))
    np.testing.assert_array_equal(picture[..., 3] == 255, grid.inside)


def test_too_few_colors_are_refused():
    with pytest.raises(ValueError, match="1 colors for 2 classes"):
        indexed(field([[0, 1]], classes=("a", "b"), colors=("#ff0000",)))


def test_thousands_of_classes_share_the_colors_of_a_palette():
    names = tuple(map(str, range(2000)))
    numbers = np.arange(2000.0).reshape(1, -1)
    picture = colorize(field(numbers, classes=names))[0, :, :3]
    colors = class_colors(2000)
    assert colors[: colormaps.LEVELS] == class_colors(colormaps.LEVELS)
    assert colors[colormaps.LEVELS] == colors[0]
    np.testing.assert_array_equal(picture, [colormaps.hex_to_rgb(color) for color in colors])
    grey = colorize(field([[2000, -1, np.nan]], classes=names))[0, :, :3]
    np.testing.assert_array_equal(grey, [MISSING] * 3)


@pytest.mark.parametrize("count", [1, 8, 17, 50])
def test_every_class_has_a_color_of_its_own(count):
    assert len(set(class_colors(count))) == count


def test_lines_stand_out_against_the_middle_of_the_map():
    for name in NAMES:
        line = np.array([colormaps.line_color(field([[0, 1]], colormap=name))])
        assert abs(lightness(line) - lightness(table(name)[128:129]))[0] > 35, name
