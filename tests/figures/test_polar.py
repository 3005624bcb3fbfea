"""Printed maps: pictures compared with exact ones, the network forbidden."""

import io
import socket

import numpy as np
import pytest
from PIL import Image
from scipy.ndimage import distance_transform_edt

from s2v.fields import Field, Grid
from s2v.figures import map_parts, polar
from s2v.figures.polar import PolarColumn, polar_pair_png
from s2v.figures.testcard import test_card, test_card_value


@pytest.fixture(autouse=True)
def no_network(monkeypatch):
    def refuse(*arguments, **options):
        raise AssertionError(f"a map asked for the network: {arguments}")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


def column(make, title="Truth", pixels=101):
    return PolarColumn(title, make(Grid.polar("north", pixels)), make(Grid.polar("south", pixels)))


def constant(value, **changes):
    return lambda grid: Field(np.full(grid.shape, float(value)), grid, "t", **changes)


def opened(png):
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGBA")).astype(int)


def discs(picture, color, dpi=100):
    """Bounding boxes (top, bottom, left, right) of what is painted in ``color`` on the upper and the lower map."""
    boxes = []
    picture = picture[: -round(0.75 * dpi)]  # without the colour bar, which has every colour
    half = len(picture) // 2
    for first, part in ((0, picture[:half]), (half, picture[half:])):
        rows, columns = np.nonzero(np.abs(part[..., :3] - color).sum(-1) < 12)
        boxes.append((first + rows.min(), first + rows.max(), columns.min(), columns.max()))
    return boxes


def test_both_poles_are_round_equally_large_and_on_a_transparent_page():
    picture = opened(polar_pair_png([column(constant(0.5, colormap="gray"))]))
    assert picture[0, 0, 3] == 0
    sizes = [(bottom - top, right - left) for top, bottom, left, right in discs(picture, 128)]
    for height, width in sizes:
        assert abs(height - width) <= 2  # pixels
        assert abs(height - sizes[0][0]) <= 2


@pytest.mark.parametrize("pole", ["north", "south"])
def test_the_maps_pass_the_test_card(pole, monkeypatch):
    """The lines of the card, compared pixel by pixel with the exact card in the map's own plane."""
    monkeypatch.setattr(map_parts, "_polar_coast", lambda *_: [])
    monkeypatch.setattr(map_parts, "_polar_graticule", lambda *_: ([], []))
    monkeypatch.setattr(polar, "_overlays", {})  # overlays with and without lines must not mix
    blank = column(constant(0.5, colormap="gray"), pixels=301)
    card = column(test_card, pixels=301)
    top, bottom, left, right = discs(opened(polar_pair_png([blank], dpi=150)), 128, dpi=150)[pole == "south"]
    picture = opened(polar_pair_png([card], dpi=150))
    # The frame's line covers a pixel or so of the disc on every side: fit the disc by its middle, and by the
    # frame's own size (3.6 inches less the margins) for its width.
    size = round((3.6 - 2 * map_parts.MARGIN) * 150)
    row, col = (top + bottom) / 2, (left + right) / 2
    exact_grid = Grid.polar(pole, size)
    first_row, first_col = round(row - (size - 1) / 2), round(col - (size - 1) / 2)
    drawn = picture[first_row : first_row + size, first_col : first_col + size, :3].mean(-1) > 127
    exact = test_card_value(exact_grid.lonlat) > 0.5
    latitude = np.abs(exact_grid.lonlat[..., 1])
    compared = exact_grid.inside & (latitude > 51.5) & (latitude < 88.9)
    # One pixel is 0.17 degrees, a cell of the field 0.27: half a pixel, half a cell, and a pixel for placing the frame.
    assert distance_transform_edt(~exact)[drawn & compared].max() <= 2.3
    assert distance_transform_edt(~drawn)[exact & compared].max() <= 2.3


def test_north_is_above_and_the_values_are_the_fields_own():
    north, south = constant(0.0, colormap="gray"), constant(0.75, colormap="gray")
    pair = PolarColumn("t", north(Grid.polar("north", 51)), south(Grid.polar("south", 51)))
    picture = opened(polar_pair_png([pair]))
    row, middle = len(picture) // 20, picture.shape[1] // 2
    # The median of a patch around each pole: lines and labels cover the smaller part of it.
    centers = [np.median(picture[row * part : row * part + 60, middle - 30 : middle + 30, :3]) for part in (5, 14)]
    assert abs(centers[0] - 0) <= 2
    assert abs(centers[1] - 191) <= 2  # 0.75 of 255


def test_neighbours_on_one_scale_share_a_bar():
    a, b = constant(0.2), constant(0.5, limits=(-1.0, 1.0), colormap="PuOr_r")
    groups = polar._groups([column(a), column(a, "Prediction"), column(b, "Error")])
    assert [(start, len(group)) for start, group in groups] == [(0, 2), (2, 1)]


def test_classes_get_a_legend_and_their_colors():
    classes = constant(1, classes=("sea", "land"), colors=("#0000ff", "#00a000"))
    picture = opened(polar_pair_png([column(classes)]))
    assert (np.abs(picture[..., :3] - (0, 160, 0)).sum(-1) < 9).mean() > 0.2
    assert (np.abs(picture[-90:, :, :3] - (0, 0, 255)).sum(-1) < 9).sum() > 50  # the legend's patch of "sea"


def test_text_suits_the_page():
    light, dark = (opened(polar_pair_png([column(constant(0.5))], dark=dark))[:30] for dark in (False, True))
    for title, expected in ((light, 28), (dark, 242)):
        assert abs(title[title[..., 3] > 250][:, 0].mean() - expected) < 3


def test_dollar_signs_in_names_are_no_formulas():
    assert polar_pair_png([column(constant(1, classes=("$\\sea$", "land")), title=r"$\nine$")])


def test_fields_on_the_wrong_grid_are_refused():
    with pytest.raises(ValueError, match="north field of 'Truth' is on a south grid"):
        PolarColumn("Truth", constant(0)(Grid.polar("south", 9)), constant(0)(Grid.polar("south", 9)))
    with pytest.raises(ValueError, match="at least one column"):
        polar_pair_png([])


def test_missing_values_do_not_break_a_map():
    picture = opened(polar_pair_png([column(constant(np.nan))]))
    assert (np.abs(picture[..., :3] - 158).sum(-1) < 9).mean() > 0.2


def test_the_overlay_is_drawn_once(monkeypatch):
    monkeypatch.setattr(polar, "_overlays", {})
    first, again = (opened(polar_pair_png([column(constant(value, colormap="gray"))])) for value in (0.2, 0.8))
    assert len(polar._overlays) == 1
    assert len(discs(first, 51)) == len(discs(again, 204)) == 2
    other = opened(polar_pair_png([column(constant(0.8, colormap="gray", limits=(0.0, 2.0)))]))
    assert len(polar._overlays) == 2  # other numbers stand at the scale
    assert len(discs(other, 102)) == 2
    monkeypatch.setattr(polar, "MAX_CACHED", 2)
    polar_pair_png([column(constant(0.2, colormap="gray"), title="Prediction")])
    assert len(polar._overlays) == 2


@pytest.mark.parametrize("dpi", [70, 100, 131])
def test_values_fill_their_circle_and_no_more(dpi, monkeypatch):
    """Where the frame is not drawn, the disc is as wide as its place says, to the part of a pixel at its edge."""
    monkeypatch.setattr(polar, "_overlays", {})
    monkeypatch.setattr(polar, "_draw_overlay", lambda columns, layout: empty(layout.dpi))
    picture = opened(polar_pair_png([column(constant(0.5, colormap="gray"), pixels=601)], dpi=dpi))
    area = picture[..., 3].sum() / 255 / 2
    side = (3.6 - 2 * map_parts.MARGIN) * dpi
    # What the field's own cells leave out at their rim is a quarter of a cell in the mean, each side / 601 wide.
    assert area == pytest.approx(np.pi * side**2 / 4, rel=4 * 0.5 / 601)


def empty(dpi):
    file = io.BytesIO()
    Image.new("RGBA", (round(3.9 * dpi), round((0.36 + 7.2 + 0.75) * dpi))).save(file, "png")
    return file.getvalue()
