"""One map for print: the world in Equal Earth, or one pole, as PNG, SVG or PDF."""

from __future__ import annotations

import io
from functools import cache, lru_cache
from typing import Any

import cartopy.crs as ccrs
import numpy as np
from cartopy.mpl.geoaxes import GeoAxes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from numpy.typing import NDArray

from s2v.coastlines import Detail, coastlines
from s2v.errors import shown
from s2v.fields import Field, Grid
from s2v.figures.colormaps import colorize, line_color
from s2v.figures.map_parts import (
    EARTH,
    LONLAT,
    MARGIN,
    VEIL_HEIGHT,
    draw_coast,
    draw_polar_map,
    draw_scale,
    draw_veil_legend,
    legend_rows,
)
from s2v.figures.veil import Veil, shade, shade_of_grid

FORMATS = ("png", "svg", "pdf")


def printed_map(
    field: Field,
    format: str = "png",
    *,
    veil: Veil | None = None,
    dark: bool = False,
    detail: Detail = "50m",
    inches: float | None = None,
    dpi: int = 200,
) -> bytes:
    """The bytes of a file with one map: an equirectangular field in the Equal Earth projection, a polar field as it is
    (Lambert azimuthal).  Both projections are equal-area.

    Parameters
    ----------
    field : Field
        On an equirectangular or polar grid.
    format : {"png", "svg", "pdf"}
        ``ValueError`` for another.
    veil : Veil, optional
        Lies over the values, below the lines, and has a line in the legend.
    dark : bool
        Light text on dark paper, or by default dark text on white.
    detail : {"50m", "110m"}
        Coastlines at 1:50 million or 1:110 million.
    inches : float, optional
        Width of the page; by default 9 for the world and 6 for a pole.
    dpi : int
        Pixels an inch, those of the values in an SVG or PDF, too.

    Examples
    --------
    >>> from s2v.fields import Grid
    >>> from s2v.figures.testcard import test_card
    >>> printed_map(test_card(Grid.polar("north", 51)), "pdf", detail="110m", dpi=50)[:4]
    b'%PDF'
    """
    if format not in FORMATS:
        raise ValueError(f"format={shown(format)} is not one of {', '.join(FORMATS)}.")
    text, paper = ("#f2f2f2", "#0e1117") if dark else ("#1c1c1c", "#ffffff")
    if field.grid.kind == "equirectangular":
        figure = _world(field, veil, text, detail, inches or 9.0, dpi)
    else:
        figure = _pole(field, veil, text, detail, inches or 6.0, dpi)
    file = io.BytesIO()
    figure.savefig(file, format=format, dpi=dpi, facecolor=paper)
    return file.getvalue()


def _world(field: Field, veil: Veil | None, text: str, detail: Detail, inches: float, dpi: int) -> Figure:
    title, foot = 0.45, _foot(field, veil, inches)
    map_height = (inches - 0.1) * 0.4867  # the projection's height to its width
    height = title + map_height + foot
    figure = Figure(figsize=(inches, height), dpi=dpi)
    FigureCanvasAgg(figure)
    projection = ccrs.EqualEarth(globe=EARTH)
    box = (0.05 / inches, foot / height, 1 - 0.1 / inches, map_height / height)
    axes: GeoAxes = figure.add_axes(box, projection=projection)
    axes.set_global()
    columns = int(inches * dpi)
    rows = round(columns * 0.4867)
    places, inside = _world_lonlat(columns, rows)
    values = np.full(inside.shape, np.nan)
    values[inside] = field.sample(places)
    # As everywhere, `colorize` gives the colours; the grid only carries the shape of the picture.
    picture = colorize(field.with_values(values, grid=Grid("equirectangular", rows, columns)))
    picture[..., 3] = np.where(inside, 255, 0)
    layers = [picture]
    if veil:
        strength = np.zeros(inside.shape)
        strength[inside] = veil.strength(places)
        layers.append(shade(strength, dpi / 96))
    for layer in layers:
        axes.imshow(layer, extent=_world_extent(), origin="upper", transform=projection, zorder=0)
    ink = np.array(line_color(field)) / 255
    draw_coast(axes, _world_coast(detail), field)
    axes.add_collection(LineCollection(_world_graticule(), colors=[(*ink, 0.35)], linewidths=0.5, zorder=1))
    axes.spines["geo"].set_edgecolor(text)
    axes.autoscale(False)
    _title(figure, field.title, text, height)
    length = min(inches - 1, 5.0)
    scale_box = ((inches - length) / 2 / inches, (foot - 0.26) / height, length / inches, 0.16 / height)
    draw_scale(figure, scale_box, field, text, inches)
    _say_veil(figure, veil, text, inches)
    return figure


def _pole(field: Field, veil: Veil | None, text: str, detail: Detail, inches: float, dpi: int) -> Figure:
    title, foot = 0.45, _foot(field, veil, inches)
    side, height = inches - 2 * MARGIN, title + inches + foot
    figure = Figure(figsize=(inches, height), dpi=dpi)
    FigureCanvasAgg(figure)
    axes = draw_polar_map(
        figure, (MARGIN / inches, (foot + MARGIN) / height, side / inches, side / height), field, text, detail
    )
    reach = axes.get_xlim()
    axes.imshow(
        colorize(field),
        extent=(*reach, *reach),
        origin="upper",
        interpolation="nearest" if field.classes else "bilinear",
        zorder=0,
    ).set_clip_path(axes.patch)
    if veil:
        shaded = shade_of_grid(veil, field.grid, round(side * dpi), dpi / 96)
        layer = axes.imshow(shaded, extent=(*reach, *reach), origin="upper", zorder=0)
        layer.set_clip_path(axes.patch)
    _title(figure, field.title, text, height)
    length = min(inches - 0.6, 4.6)
    box = ((inches - length) / 2 / inches, (foot - 0.24) / height, length / inches, 0.15 / height)
    draw_scale(figure, box, field, text, inches)
    _say_veil(figure, veil, text, inches)
    return figure


def _foot(field: Field, veil: Veil | None, inches: float) -> float:
    """Inches below a map: for its scale, and for the legend of a veil."""
    return max(0.75, 0.21 * legend_rows(field, inches) + 0.2) + (VEIL_HEIGHT if veil else 0)


def _say_veil(figure: Figure, veil: Veil | None, text: str, inches: float) -> None:
    if veil:
        draw_veil_legend(figure, veil.meaning, text, 0, inches)


def _title(figure: Figure, title: str, color: str, height: float) -> None:
    # With `parse_math` a dollar sign in a name would start a formula.
    figure.text(0.5, 1 - 0.22 / height, title, parse_math=False, size=16, color=color, ha="center", va="center")


@cache
def _world_extent() -> tuple[float, float, float, float]:
    projection = ccrs.EqualEarth(globe=EARTH)
    return (*projection.x_limits, *projection.y_limits)


@lru_cache(maxsize=2)
def _world_lonlat(columns: int, rows: int) -> tuple[NDArray[Any], NDArray[np.bool_]]:
    """The places (n, 2) of the pixels that lie on the world map, and which pixels those are (rows, columns)."""
    left, right, bottom, top = _world_extent()
    x = left + (np.arange(columns) + 0.5) * (right - left) / columns
    y = top - (np.arange(rows) + 0.5) * (top - bottom) / rows
    x, y = np.meshgrid(x, y)
    places = LONLAT.transform_points(ccrs.EqualEarth(globe=EARTH), x, y)[..., :2]
    # Outside the map the inverse is not finite, or its longitude has wrapped, and then it does not project back.
    inside = np.isfinite(places).all(-1)
    back = ccrs.EqualEarth(globe=EARTH).transform_points(
        LONLAT, np.where(inside, places[..., 0], 0), np.where(inside, places[..., 1], 0)
    )
    inside &= np.hypot(back[..., 0] - x, back[..., 1] - y) < 1000.0
    return places[inside], inside


@cache
def _world_coast(detail: Detail) -> list[NDArray[Any]]:
    return [_world_project(line) for line in coastlines(detail)]


@cache
def _world_graticule() -> list[NDArray[Any]]:
    up, around = np.linspace(-90, 90, 91), np.linspace(-180, 180, 91)
    lines = [np.stack([np.full_like(up, m), up], -1) for m in range(-150, 180, 30)]
    lines += [np.stack([around, np.full_like(around, p)], -1) for p in range(-60, 90, 30)]
    return [_world_project(line) for line in lines]


def _world_project(lonlat: NDArray[Any]) -> NDArray[Any]:
    # Just inside the dateline: at exactly 180 degrees a projection may put a point on the other side of the map.
    longitude = np.clip(lonlat[:, 0], -179.999999, 179.999999)
    return ccrs.EqualEarth(globe=EARTH).transform_points(LONLAT, longitude, lonlat[:, 1])[:, :2]
