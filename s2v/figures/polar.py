"""Pairs of polar maps, north above south, as PNG.

Polar fields come on ``Grid.polar``, which is the map's own projection, so they are drawn without regridding.
Everything that does not depend on the values (coast, graticule, titles, scales) is drawn once and cached, and new
values are put under it.  That takes a tenth of the time: polar maps are redrawn all the time while networks train.
"""

from __future__ import annotations

import io
import math
import threading
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from PIL import Image, ImageChops

from s2v.coastlines import Detail
from s2v.fields import Field, Grid
from s2v.figures.colormaps import colorize
from s2v.figures.map_parts import (
    MARGIN,
    VEIL_HEIGHT,
    draw_polar_map,
    draw_scale,
    draw_veil_legend,
    legend_rows,
)
from s2v.figures.veil import Veil, shade_of_grid

MAX_CACHED = 64  # overlays of about 100 kB each
COMPRESSION = 1  # three times as fast as the default, for files a sixth larger that are shown for a second
TITLE = 0.36  # inches above the maps
INCHES = 3.6  # width of a column
MIN_WHOLE_LEGEND = 5.0  # inches; below, the legend of a veil is brief
SIDE_LABEL = 0.3  # inches to the left of the maps, for the names of the poles


@dataclass(frozen=True)
class PolarColumn:
    """One quantity at both poles: fields on ``Grid.polar("north")`` and ``Grid.polar("south")``."""

    title: str
    north: Field
    south: Field

    def __post_init__(self) -> None:
        for pole, field in (("north", self.north), ("south", self.south)):
            if field.grid.kind != pole:
                raise ValueError(f"The {pole} field of {self.title!r} is on a {field.grid.kind} grid.")


@dataclass(frozen=True)
class _Layout:
    """What decides how a pair looks, beside its columns."""

    inches: float  # width of a column
    foot: float  # inches below the maps, for scales and the legend of a veil
    veiled: str  # what the legend says of a veil
    dpi: int
    dark: bool
    detail: Detail

    def place(self, row: int, column: int) -> tuple[float, float, float]:
        """Inches from the left and from below to a map, and its side."""
        left = SIDE_LABEL + column * self.inches + MARGIN
        return left, self.foot + (1 - row) * self.inches + MARGIN, self.inches - 2 * MARGIN


def polar_pair_png(
    columns: Sequence[PolarColumn],
    *,
    veil: Veil | None = None,
    dark: bool = False,
    detail: Detail = "110m",
    inches: float = INCHES,
    dpi: int = 100,
) -> bytes:
    """A PNG of polar maps, north above south, one column for each quantity, on a transparent background.

    Neighbouring columns with the same limits, colours and units share one colour bar; classes share a legend.

    Parameters
    ----------
    columns : sequence of PolarColumn
        At least one; ``ValueError`` for none.
    veil : Veil, optional
        Lies over all maps, below their lines, and has a line in the legend.
    dark : bool
        Light text for a dark page, or by default dark text.
    detail : {"110m", "50m"}
        Coastlines at 1:110 million or 1:50 million.
    inches : float
        Width of a column.
    dpi : int
        Pixels an inch.

    Examples
    --------
    >>> from s2v.fields import Grid
    >>> from s2v.figures.testcard import test_card
    >>> card = PolarColumn("Test card", test_card(Grid.polar("north", 51)), test_card(Grid.polar("south", 51)))
    >>> polar_pair_png([card])[:4]
    b'\\x89PNG'
    """
    if not columns:
        raise ValueError("polar_pair_png needs at least one column.")
    groups = _groups(columns)
    rows = max((legend_rows(columns[start].north, len(group) * inches) for start, group in groups), default=0)
    veiled = (veil.meaning if len(columns) * inches >= MIN_WHOLE_LEGEND else veil.brief) if veil else ""
    layout = _Layout(inches, max(0.75, 0.21 * rows + 0.2) + VEIL_HEIGHT * bool(veil), veiled, dpi, dark, detail)
    overlay = _overlay(columns, layout)
    picture = Image.new("RGBA", overlay.size)
    for j, column in enumerate(columns):
        for i, field in enumerate((column.north, column.south)):
            left, bottom, side = layout.place(i, j)
            place = left * dpi, overlay.height - (bottom + side) * dpi, side * dpi
            _paint(picture, field, *place)
            if veil:
                _paint_veil(picture, veil, field.grid, *place, dpi / 96)
    picture.alpha_composite(overlay)
    file = io.BytesIO()
    picture.save(file, "png", compress_level=COMPRESSION)
    return file.getvalue()


def width_inches(columns: int, inches: float = INCHES) -> float:
    """The width of a picture of so many columns."""
    return inches * columns + SIDE_LABEL


_overlays: dict[Hashable, bytes] = {}  # PNGs
_lock = threading.Lock()


def _overlay(columns: Sequence[PolarColumn], layout: _Layout) -> Image.Image:
    """What lies over and around the values of a pair, drawn or from the cache."""
    key = (tuple((c.title, c.north.grid.edge, c.south.grid.edge, *_scale_key(c)) for c in columns), layout)
    with _lock:  # if many ask for the same at once, one of them draws it
        if key not in _overlays:
            while len(_overlays) >= MAX_CACHED:
                del _overlays[next(iter(_overlays))]
            _overlays[key] = _draw_overlay(columns, layout)
        return Image.open(io.BytesIO(_overlays[key]))


def _draw_overlay(columns: Sequence[PolarColumn], layout: _Layout) -> bytes:
    text = "#f2f2f2" if layout.dark else "#1c1c1c"
    inches, foot = layout.inches, layout.foot
    width, height = width_inches(len(columns), inches), TITLE + 2 * inches + foot
    figure = Figure(figsize=(width, height), dpi=layout.dpi)
    FigureCanvasAgg(figure)
    figure.patch.set_alpha(0)
    for j, column in enumerate(columns):
        for i, field in enumerate((column.north, column.south)):
            left, bottom, side = layout.place(i, j)
            box = (left / width, bottom / height, side / width, side / height)
            draw_polar_map(figure, box, field, text, layout.detail)
        middle = SIDE_LABEL + (j + 0.5) * inches
        figure.text(
            middle / width,
            1 - 0.2 / height,
            column.title,
            parse_math=False,
            size=15,
            color=text,
            ha="center",
            va="center",
        )
    for i, name in enumerate(("North", "South")):
        y = (foot + (1 - i) * inches + inches / 2) / height
        figure.text(0.17 / width, y, name, size=14, color=text, rotation=90, ha="center", va="center")
    for start, group in _groups(columns):
        left, span = SIDE_LABEL + start * inches, len(group) * inches
        length = min(span - 0.6, 4.6)
        box = ((left + (span - length) / 2) / width, (foot - 0.24) / height, length / width, 0.15 / height)
        draw_scale(figure, box, columns[start].north, text, span)
    if layout.veiled:
        draw_veil_legend(figure, layout.veiled, text, SIDE_LABEL, width - SIDE_LABEL)
    file = io.BytesIO()
    figure.savefig(file, format="png", dpi=layout.dpi, transparent=True, pil_kwargs={"compress_level": COMPRESSION})
    return file.getvalue()


def _groups(columns: Sequence[PolarColumn]) -> list[tuple[int, list[PolarColumn]]]:
    """Neighbouring columns that share a scale: the index of the first, and the columns."""
    groups: list[tuple[int, list[PolarColumn]]] = []
    for j, column in enumerate(columns):
        if groups and _scale_key(groups[-1][1][0]) == _scale_key(column):
            groups[-1][1].append(column)
        else:
            groups.append((j, [column]))
    return groups


def _scale_key(column: PolarColumn) -> tuple[Hashable, ...]:
    """What decides how a column's scale looks."""
    field = column.north
    return field.limits, field.colormap, field.units, field.classes, field.colors


def _paint(picture: Image.Image, field: Field, left: float, top: float, side: float) -> None:
    """Paints a polar field on a picture as a disc of diameter ``side``; all in pixels, which need not be whole."""
    x, y = math.floor(left), math.floor(top)
    size = math.ceil(max(left - x, top - y) + side)
    cells = field.grid.columns / side
    disc = Image.fromarray(colorize(field)).convert("RGBa")  # multiplied by opacity: no colour bleeds in from outside
    disc = disc.transform(
        (size, size),
        Image.Transform.AFFINE,
        (cells, 0.0, cells * (x - left), 0.0, cells, cells * (y - top)),
        Image.Resampling.NEAREST if field.classes else Image.Resampling.BILINEAR,
    ).convert("RGBA")
    disc.putalpha(ImageChops.multiply(disc.getchannel("A"), _round_mask(size, left - x, top - y, side)))
    picture.alpha_composite(disc, (x, y))


def _paint_veil(
    picture: Image.Image, veil: Veil, grid: Grid, left: float, top: float, side: float, scale: float
) -> None:
    """Paints a veil over a disc that ``_paint`` has painted, to the pixel rather than to the field's cell."""
    x, y = round(left), round(top)
    disc = Image.fromarray(shade_of_grid(veil, grid, round(side), scale))
    disc.putalpha(ImageChops.multiply(disc.getchannel("A"), _round_mask(disc.width, left - x, top - y, side)))
    picture.alpha_composite(disc, (x, y))


@lru_cache(maxsize=16)
def _round_mask(size: int, left: float, top: float, side: float) -> Image.Image:
    pixel = np.arange(size) + 0.5 - side / 2
    distance = np.hypot(pixel[None] - left, pixel[:, None] - top)
    return Image.fromarray(np.asarray(255 * np.clip(side / 2 - distance + 0.5, 0, 1)).astype(np.uint8))
