"""A map for print, as PNG, SVG or PDF: the whole Earth, a part of it, or one pole or both."""

from __future__ import annotations

import io
import textwrap
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, Literal

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from numpy.typing import NDArray

from s2v.coastlines import Detail
from s2v.errors import shown
from s2v.fields import Field, Grid
from s2v.figures.colormaps import colorize, line_color
from s2v.figures.graticule_labels import graticule_labels
from s2v.figures.layouts import POLAR, Projection, check_dpi
from s2v.figures.map_parts import (
    MARGIN,
    VEIL_HEIGHT,
    draw_coast,
    draw_label,
    draw_polar_map,
    draw_scale,
    draw_veil_legend,
    legend_rows,
)
from s2v.figures.projections import Plane, coast, graticule, plane
from s2v.figures.veil import Veil, shade, shade_of_grid

FORMATS = ("png", "svg", "pdf")
TITLE = 0.45  # inches above the map
CAPTION_LINE, CAPTION_LETTERS = 0.155, 15.0  # inches a line of the caption takes, and letters in an inch of it
MAX_CAPTION = 1000  # letters
MAX_HEIGHT = 0.9  # of a map that is not polar, to the width of the page
MAX_RASTER_DPI = 300  # of the values; lines and letters of a picture with more stay sharp
PREVIEW_RASTER_DPI = 100  # a cell of a degree is still several pixels wide
PREVIEW_COMPRESSION = 1  # of 9: a third of the time that the usual 6 takes
STRIP = 1 << 18  # pixels coloured at a time: their places on the sphere take more memory than the picture
MAX_KEPT = 600  # pixels, the side of a polar map whose places are kept: 6 MB
_INCHES = {"north": 6.0, "south": 6.0, "poles": 10.5, "orthographic": 6.5}


@dataclass(frozen=True)
class _Style:
    """How a page is drawn, whatever its map."""

    veil: Veil | None
    text: str
    detail: Detail
    coast: bool
    graticule: bool
    caption: str
    inches: float
    dpi: int
    preview: bool

    @property
    def raster(self) -> int:
        """Pixels an inch of the values and of the veil."""
        return min(self.dpi, PREVIEW_RASTER_DPI if self.preview else MAX_RASTER_DPI)


def printed_map(
    field: Field,
    format: str = "png",
    *,
    projection: Projection | None = None,
    veil: Veil | None = None,
    dark: bool = False,
    detail: Detail = "50m",
    coast: bool = True,
    graticule: bool = True,
    caption: str = "",
    inches: float | None = None,
    dpi: int = 200,
    preview: bool = False,
) -> bytes:
    """The bytes of a file with one map.

    Parameters
    ----------
    field : Field
        On an equirectangular or polar grid.
    format : {"png", "svg", "pdf"}
    projection : Projection, optional
        By default Equal Earth, or a polar field as it is (Lambert azimuthal): both are equal-area.  A field on a polar
        grid takes no other.
    veil : Veil, optional
        Lies over the values, below the lines, and has a line in the legend.
    dark : bool
        Light text on dark paper, or by default dark text on white.
    detail : {"50m", "110m"}
        Coastlines at 1:50 million or 1:110 million.
    coast, graticule : bool
        Whether coastlines, and meridians and parallels with their labels, are drawn.
    caption : str
        Stands below the map in small letters: of what, from where.
    inches : float, optional
        Width of the page; by default that which suits the projection: 9 for the world, 6 for a pole.
    dpi : int
        Pixels an inch, 30 to 600; those of the values, in an SVG or PDF, too, are 300 at most.
    preview : bool
        Draws in less time: values of 100 pixels an inch at most, and a PNG that is larger than it could be.

    Returns
    -------
    bytes

    Raises
    ------
    ValueError
        For another format or number of pixels, or a polar field with a projection.

    Examples
    --------
    >>> from s2v.fields import Grid
    >>> from s2v.figures.testcard import test_card
    >>> printed_map(test_card(Grid.polar("north", 51)), "pdf", detail="110m", dpi=50)[:4]
    b'%PDF'
    >>> above_svalbard = Projection("orthographic", lon=15.6, lat=78.2)
    >>> printed_map(test_card(Grid.equirectangular(2)), projection=above_svalbard, detail="110m", dpi=50)[1:4]
    b'PNG'
    """
    if format not in FORMATS:
        raise ValueError(f"format={shown(format)} is not one of {', '.join(FORMATS)}.")
    check_dpi(dpi)
    world = field.grid.kind == "equirectangular"
    if projection is not None and not world:
        raise ValueError(
            f"A field on a {field.grid.kind} polar grid is its own projection; leave projection={projection.name!r} "
            "out, or give a field of the whole world."
        )
    text, paper = ("#f2f2f2", "#0e1117") if dark else ("#1c1c1c", "#ffffff")
    laid_out = projection or (Projection() if world else Projection(field.grid.kind))
    inches = inches or usual_inches(laid_out)
    style = _Style(veil, text, detail, coast, graticule, caption[:MAX_CAPTION], inches, dpi, preview)
    figure = _poles(field, laid_out, style) if laid_out.name in POLAR else _framed(field, plane(laid_out), style)
    file = io.BytesIO()
    packed = {"pil_kwargs": {"compress_level": PREVIEW_COMPRESSION}} if preview and format == "png" else {}
    figure.savefig(file, format=format, dpi=dpi, facecolor=paper, **packed)  # type: ignore[arg-type]
    return file.getvalue()


def usual_inches(projection: Projection) -> float:
    """The width of a page that suits a projection."""
    return _INCHES.get(projection.name, 9.0)


def _framed(field: Field, flat: Plane, style: _Style) -> Figure:
    """A map in any projection but a polar one."""
    inches, foot = style.inches, _foot(field, style)
    map_width = min(inches - 0.1, MAX_HEIGHT * inches / flat.height)
    map_height = map_width * flat.height
    height = TITLE + map_height + foot
    figure = _page(inches, height, style)
    left = (inches - map_width) / 2
    axes: Axes = figure.add_axes((left / inches, foot / height, map_width / inches, map_height / height))
    axes.set_axis_off()
    for layer in _layers(field, flat, style, max(1, round(map_width * style.raster))):
        axes.imshow(layer, extent=flat.box, origin="upper", aspect="auto", interpolation="nearest", zorder=0)
    ink = np.array(line_color(field)) / 255
    if style.coast:
        draw_coast(axes, coast(flat, style.detail), field)
    if style.graticule:
        axes.add_collection(LineCollection(graticule(flat), colors=[(*ink, 0.35)], linewidths=0.5, zorder=1))
        for label in graticule_labels(flat, map_width):
            draw_label(axes, label.x, label.y, label.text, field)
    axes.plot(*flat.outline.T, color=style.text, linewidth=0.8, zorder=4, clip_on=False)
    axes.set_xlim(flat.box[0], flat.box[1])
    axes.set_ylim(flat.box[2], flat.box[3])
    _surround(figure, field, style, height, foot)
    return figure


def _poles(field: Field, projection: Projection, style: _Style) -> Figure:
    """Maps of one pole or both, side by side."""
    foot = _foot(field, style)
    world = field.grid.kind == "equirectangular"
    poles = POLAR[projection.name]
    each = style.inches / len(poles)
    side, height = each - 2 * MARGIN, TITLE + each + foot
    figure = _page(style.inches, height, style)
    for i, pole in enumerate(poles):
        cap = _cap(field, _polar_grid(pole, round(side * style.raster), projection.edge)) if world else field
        box = (
            (i * each + MARGIN) / style.inches,
            (foot + MARGIN) / height,
            side / style.inches,
            side / height,
        )
        axes = draw_polar_map(figure, box, cap, style.text, style.detail, style.coast, style.graticule)
        reach = axes.get_xlim()
        smooth = "nearest" if field.classes or world else "bilinear"
        axes.imshow(
            colorize(cap), extent=(*reach, *reach), origin="upper", interpolation=smooth, zorder=0
        ).set_clip_path(axes.patch)
        if style.veil:
            shaded = shade_of_grid(style.veil, cap.grid, round(side * style.raster), style.raster / 96)
            layer = axes.imshow(shaded, extent=(*reach, *reach), origin="upper", zorder=0)
            layer.set_clip_path(axes.patch)
    _surround(figure, field, style, height, foot)
    return figure


def _polar_grid(pole: Literal["north", "south"], pixels: int, edge: float) -> Grid:
    """A grid that keeps its places where they are few: a preview is drawn again and again."""
    return _kept_grid(pole, pixels, edge) if pixels <= MAX_KEPT else Grid.polar(pole, pixels, edge)


@lru_cache(maxsize=4)
def _kept_grid(pole: Literal["north", "south"], pixels: int, edge: float) -> Grid:
    return Grid.polar(pole, pixels, edge)


def _cap(field: Field, grid: Grid) -> Field:
    """A field of the world on a polar grid."""
    values = np.where(grid.inside, field.sample(grid.lonlat), np.nan)
    return replace(field, values=values, grid=grid)


def _page(inches: float, height: float, style: _Style) -> Figure:
    figure = Figure(figsize=(inches, height), dpi=style.dpi)
    FigureCanvasAgg(figure)
    return figure


def _surround(figure: Figure, field: Field, style: _Style, height: float, foot: float) -> None:
    """Title, scale, legend of the veil, and caption."""
    inches, color = style.inches, style.text
    # With `parse_math` a dollar sign in a name would start a formula.
    size = min(16.0, 16 * 8.2 * inches / max(len(field.title), 1))
    figure.text(0.5, 1 - 0.22 / height, field.title, parse_math=False, size=size, color=color, ha="center", va="center")
    length = min(inches - 0.6, 5.0)
    box = ((inches - length) / 2 / inches, (foot - 0.26) / height, length / inches, 0.16 / height)
    draw_scale(figure, box, field, color, inches)
    caption = _caption_lines(style)
    if style.veil:
        draw_veil_legend(figure, style.veil.meaning, color, 0, inches, _caption_height(style))
    for i, line in enumerate(caption):
        y = (len(caption) - i) * CAPTION_LINE
        figure.text(0.1 / inches, y / height, line, parse_math=False, size=8, color=color, ha="left", va="center")


def _foot(field: Field, style: _Style) -> float:
    """Inches below a map: for its scale, the legend of a veil, and the caption."""
    scale = max(0.75, 0.21 * legend_rows(field, style.inches) + 0.2)
    return scale + (VEIL_HEIGHT if style.veil else 0) + _caption_height(style)


def _caption_lines(style: _Style) -> list[str]:
    return textwrap.wrap(style.caption, round((style.inches - 0.2) * CAPTION_LETTERS))


def _caption_height(style: _Style) -> float:
    lines = len(_caption_lines(style))
    return CAPTION_LINE * (lines + 0.8) if lines else 0.0


def _layers(field: Field, flat: Plane, style: _Style, columns: int) -> list[NDArray[np.uint8]]:
    """The pictures of the values and of the veil in a plane, made in strips."""
    rows = flat.rows(columns)
    step = max(1, STRIP // columns)
    pictures: list[list[NDArray[np.uint8]]] = []
    for first in range(0, rows, step):
        places, inside = _strip(flat, columns, first, min(rows, first + step))
        values = np.full(inside.shape, np.nan)
        values[inside] = field.sample(places)
        # As everywhere, `colorize` gives the colours; the grid only carries the shape of the picture.
        picture = colorize(field.with_values(values, grid=Grid("equirectangular", *inside.shape)))
        picture[..., 3] = np.where(inside, 255, 0)
        layers = [picture]
        if style.veil:
            strength = np.zeros(inside.shape)
            strength[inside] = style.veil.strength(places)
            layers.append(shade(strength, style.raster / 96))
        pictures.append(layers)
    return [np.concatenate(strips) for strips in zip(*pictures, strict=True)]


@lru_cache(maxsize=4)  # a preview, drawn again and again with other colours; of a large print the last strips
def _strip(flat: Plane, columns: int, first: int, end: int) -> tuple[NDArray[Any], NDArray[np.bool_]]:
    return flat.places(columns, first, end)
