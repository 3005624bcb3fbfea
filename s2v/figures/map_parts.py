"""The parts of maps drawn with cartopy: a polar map's frame, graticule and coast, colour bars and legends.

Nothing is fetched: the coastlines are our own.
"""

from __future__ import annotations

import math
from functools import cache
from typing import Any

import cartopy
import cartopy.crs as ccrs
import matplotlib.path as mpath
import numpy as np
from cartopy.mpl.geoaxes import GeoAxes
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.collections import LineCollection
from matplotlib.colors import ListedColormap, Normalize
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from numpy.typing import NDArray

from s2v import sphere
from s2v.assets import ASSETS
from s2v.coastlines import Detail, coastlines
from s2v.fields import Field
from s2v.figures.colormaps import LEVELS, casing_color, line_color, table
from s2v.figures.veil import shade

# If anything asks cartopy for its own shapes after all, it looks here and finds none, and does not try the network.
cartopy.config["pre_existing_data_dir"] = str(ASSETS)
cartopy.config["downloaders"] = {}

EARTH_RADIUS_METRES = 1000 * sphere.EARTH_RADIUS_KM
EARTH = ccrs.Globe(ellipse=None, semimajor_axis=EARTH_RADIUS_METRES, semiminor_axis=EARTH_RADIUS_METRES)
LONLAT = ccrs.PlateCarree(globe=EARTH)

Box = tuple[float, float, float, float]  # left, bottom, width, height, as shares of the figure
MARGIN = 0.29  # inches around a polar map, for the labels of the meridians
LABEL_POINTS = 8.5  # size of the labels of meridians and parallels
MAX_LEGEND = 18  # classes named under a map; more would be longer than the map
VEIL_HEIGHT = 0.34  # inches at the foot of a figure, for the legend of a veil


def draw_polar_map(
    figure: Figure, box: Box, field: Field, text: str, detail: Detail, coast: bool = True, graticule: bool = True
) -> GeoAxes:
    """Draws a polar map without the values of its field: frame, graticule, coast and labels in the colour ``text``."""
    grid = field.grid
    axes: GeoAxes = figure.add_axes(box, projection=_projection(grid.kind))
    reach = grid.extent * EARTH_RADIUS_METRES
    axes.set_xlim(-reach, reach)
    axes.set_ylim(-reach, reach)
    axes.set_boundary(_unit_circle(), transform=axes.transAxes)
    axes.spines["geo"].set(edgecolor=text, linewidth=1.0)
    axes.patch.set_alpha(0)
    ink = np.array(line_color(field)) / 255
    if coast:
        draw_coast(axes, _polar_coast(grid.kind, grid.edge, detail), field)
    if not graticule:
        return axes
    lines, latitude_labels = _polar_graticule(grid.kind, grid.edge)
    axes.add_collection(LineCollection(lines, colors=[(*ink, 0.4)], linewidths=0.6, zorder=1), autolim=False)
    for (x, y), label in latitude_labels:
        draw_label(axes, x, y, label, field)
    for longitude in range(-120, 181, 60):  # none at 90 E and W, where the labels of neighbouring maps would overlap
        angle = math.radians(longitude)
        x, y = math.sin(angle), (-1 if grid.kind == "north" else 1) * math.cos(angle)
        axes.text(
            0.5 + 0.512 * x,
            0.5 + (0.54 if abs(x) < 0.1 else 0.512) * y,
            degrees_east(longitude),
            size=LABEL_POINTS,
            color=text,
            ha="center" if abs(x) < 0.1 else "left" if x > 0 else "right",
            va="center",
            transform=axes.transAxes,
            clip_on=False,
        )
    return axes


def draw_label(axes: Axes, x: float, y: float, label: str, field: Field) -> None:
    """Writes the label of a line of the graticule around a point of the plane, on a halo."""
    ink = np.array(line_color(field)) / 255
    axes.text(
        x,
        y,
        label,
        size=LABEL_POINTS,
        color=ink,
        ha="center",
        va="center",
        zorder=3,
        bbox={
            "boxstyle": "round,pad=0.1",
            "facecolor": "#000000a0" if ink[0] > 0.5 else "#ffffffa0",
            "edgecolor": "none",
        },
    )


def draw_coast(axes: Axes, lines: list[NDArray[Any]], field: Field) -> None:
    """Draws coastlines (points, 2), given in the plane of the map, in a colour that stands out against the field."""
    casing = casing_color(field)
    strokes = [] if casing is None else [(casing, 0.45, 1.8)]
    for rgb, opacity, width in [*strokes, (line_color(field), 0.9, 0.8)]:
        color = (*(np.array(rgb) / 255), opacity)
        axes.add_collection(LineCollection(lines, colors=[color], linewidths=width, zorder=2), autolim=False)


def draw_scale(figure: Figure, box: Box, field: Field, text: str, inches: float) -> None:
    """Draws a colour bar for values in ``box``, or a legend of classes, ``inches`` wide, below the box's upper edge."""
    if not field.classes:
        _draw_colour_bar(figure, box, field, text)
        return
    all_classes = list(zip(field.classes, field.class_colors, strict=True))
    named = all_classes if len(all_classes) <= MAX_LEGEND else all_classes[: MAX_LEGEND - 1]
    handles = [Patch(facecolor=color, label=name) for name, color in named]
    if len(named) < len(all_classes):
        again = ", colours repeat" if len(all_classes) > LEVELS else ""
        handles.append(Patch(facecolor="none", label=f"and {len(all_classes) - len(named):,} more{again}"))
    legend = figure.legend(
        handles=handles,
        loc="upper center",
        bbox_to_anchor=(box[0] + box[2] / 2, box[1] + 1.6 * box[3]),
        ncols=_legend_columns(inches),
        fontsize=11,
        labelcolor=text,
        frameon=False,
        handlelength=1.0,
        labelspacing=0.3,
        columnspacing=1.2,
    )
    for entry in legend.get_texts():
        entry.set_parse_math(False)


def draw_veil_legend(figure: Figure, words: str, text: str, left: float, inches: float, above: float = 0.0) -> None:
    """Draws a sample of a veil and what it means, within ``inches`` from ``left``, ``above`` the foot of a figure."""
    width, height = figure.get_size_inches()
    start = left + max(
        0.1, inches / 2 - 0.0415 * len(words) - 0.21
    )  # in the middle: half of what sample and words take
    bottom = above + VEIL_HEIGHT / 2
    sample: Axes = figure.add_axes((start / width, (bottom - 0.07) / height, 0.34 / width, 0.14 / height))
    sample.set_axis_off()
    sample.imshow(shade(np.ones((28, 68)), 200 / 96), aspect="auto", interpolation="nearest")
    figure.text((start + 0.42) / width, bottom / height, words, size=10.5, color=text, ha="left", va="center")


def legend_rows(field: Field, inches: float) -> int:
    """Rows of the legend of a field's classes, ``inches`` wide; 0 for a field of values."""
    return math.ceil(len(field.classes[:MAX_LEGEND]) / _legend_columns(inches))


def _draw_colour_bar(figure: Figure, box: Box, field: Field, text: str) -> None:
    axes: Axes = figure.add_axes(box)
    bar = figure.colorbar(
        ScalarMappable(Normalize(*field.limits), ListedColormap(table(field.colormap) / 255)),
        cax=axes,
        orientation="horizontal",
        extend="neither",
    )
    bar.set_label(field.units, parse_math=False, size=13, color=text, labelpad=1)
    bar.ax.tick_params(labelsize=12, color=text, labelcolor=text)
    bar.outline.set_edgecolor(text)  # type: ignore[operator]


def _legend_columns(inches: float) -> int:
    return max(1, int(inches / 2.2))


@cache
def _projection(pole: str) -> ccrs.Projection:
    return ccrs.LambertAzimuthalEqualArea(central_latitude=90 if pole == "north" else -90, globe=EARTH)


@cache
def _polar_coast(pole: str, edge: float, detail: Detail) -> list[NDArray[Any]]:
    """Coastlines (points, 2) in the plane of a polar map, without those outside the map."""
    sign = 1 if pole == "north" else -1
    near = [line for line in coastlines(detail) if (sign * line[:, 1]).max() > edge]
    # Cut beyond 15 degrees outside the map, where the projection stretches more and more.
    return [
        part
        for line in near
        for part in np.split(_project(pole, line), np.flatnonzero(sign * line[:, 1] < edge - 15))
        if len(part) > 1
    ]


@cache
def _polar_graticule(pole: str, edge: float) -> tuple[list[NDArray[Any]], list[tuple[NDArray[Any], str]]]:
    """Parallels every 10 degrees and meridians every 30, and the parallels' labels with their places in the plane."""
    sign = 1 if pole == "north" else -1
    around = np.linspace(-180, 180, 181)
    parallels = [p for p in range(10, 90, 10) if p > edge]
    lines = [np.stack([around, np.full_like(around, sign * p)], -1) for p in parallels]
    # All meridians reach 80 degrees, but only four the pole, which stays clear.
    lines += [
        np.array([[m, sign * edge], [m, sign * (90 if m % 90 == 0 else 80)]], dtype=float) for m in range(-180, 180, 30)
    ]
    labels = [(_project(pole, np.array([[135.0, sign * p]]))[0], degrees_north(sign * p)) for p in parallels]
    return [_project(pole, line) for line in lines], labels


def _project(pole: str, lonlat: NDArray[Any]) -> NDArray[Any]:
    return _projection(pole).transform_points(LONLAT, lonlat[:, 0], lonlat[:, 1])[:, :2]


@cache
def _unit_circle() -> mpath.Path:
    angle = np.linspace(0, 2 * np.pi, 361)  # a polygon: cartopy would reduce a curve to a few corners
    return mpath.Path(0.5 + 0.5 * np.stack([np.cos(angle), np.sin(angle)], -1), closed=True)


def degrees_north(latitude: float) -> str:
    """A latitude in letters: 60°N."""
    return f"{abs(latitude):g}°" + ("" if latitude == 0 else "N" if latitude > 0 else "S")


def degrees_east(longitude: float) -> str:
    """A longitude in letters: 30°W."""
    return f"{abs(longitude):g}°" + ("" if longitude % 180 == 0 else "E" if longitude > 0 else "W")
