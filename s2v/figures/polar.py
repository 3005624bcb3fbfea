"""Printed-style maps with cartopy: north and south polar pairs.  What is printed alone is in ``printed.py``.

Polar fields come on ``Grid.polar``, already in the map's own projection, and are shown as they are: no regridding.
Everything that does not depend on the values (coastlines, graticule, titles, scales) is drawn once and kept; other
values are put under it, which takes a tenth of the time: while networks train, polar maps are drawn again and again.
Nothing is fetched: coastlines are our own.
"""

from __future__ import annotations

import io
import math
import threading
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any, Literal

import cartopy
import cartopy.crs as ccrs
import matplotlib.path as mpath
import numpy as np
from cartopy.mpl.geoaxes import GeoAxes
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.cm import ScalarMappable
from matplotlib.collections import LineCollection
from matplotlib.colors import ListedColormap, Normalize
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from numpy.typing import NDArray
from PIL import Image, ImageChops

from s2v import sphere
from s2v.assets import ASSETS
from s2v.coastlines import Detail, coastlines
from s2v.fields import Field
from s2v.figures.colormaps import casing_color, colorize, field_class_colors, line_color, table

# Should anybody ask cartopy for its own shapes after all, it looks here and finds none, instead of on the network.
cartopy.config["pre_existing_data_dir"] = str(ASSETS)
cartopy.config["downloaders"] = {}

EARTH_RADIUS_METRES = 1000 * sphere.EARTH_RADIUS_KM
EARTH = ccrs.Globe(ellipse=None, semimajor_axis=EARTH_RADIUS_METRES, semiminor_axis=EARTH_RADIUS_METRES)
PLACES = ccrs.PlateCarree(globe=EARTH)

Pole = Literal["north", "south"]
Box = tuple[float, float, float, float]  # left, bottom, width, height, as shares of the figure
COMPRESSION = 1
SIDE_LABEL = 0.3  # inches to the left of the maps, for the names of the poles
MARGIN = 0.29  # inches around each polar map, for the labels of the meridians
MAX_LEGEND = 18  # classes named under a map; more would be longer than the map


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


def polar_pair_png(
    columns: Sequence[PolarColumn],
    *,
    dark: bool = False,
    detail: Detail = "110m",
    inches: float = 3.6,
    dpi: int = 100,
) -> bytes:
    """A PNG of polar maps: north above, south below, one column a quantity, ``inches`` wide each.

    Neighbouring columns with the same limits, colours and units share one colour bar; classes share a legend.
    The background is transparent; ``dark`` chooses light text for a dark page.
    """
    if not columns:
        raise ValueError("polar_pair_png needs at least one column.")
    groups = _scales(columns)
    rows = max((legend_rows(columns[start].north, len(group) * inches) for start, group in groups), default=0)
    foot = max(0.75, 0.21 * rows + 0.2)
    key = (
        tuple((c.title, c.north.grid.edge, c.south.grid.edge, *_look(c)) for c in columns),
        dark,
        detail,
        inches,
        dpi,
    )
    with _drawing:  # of many who want the same at once, one draws it
        if key not in _drawn:
            while len(_drawn) >= MAX_DRAWN:
                del _drawn[next(iter(_drawn))]
            _drawn[key] = _without_values(columns, groups, foot, dark, detail, inches, dpi)
        over = Image.open(io.BytesIO(_drawn[key]))
    picture = Image.new("RGBA", over.size)
    for j, column in enumerate(columns):
        for i, field in enumerate((column.north, column.south)):
            left, bottom, side = _place(i, j, inches, foot)
            _paint(picture, field, left * dpi, over.height - (bottom + side) * dpi, side * dpi)
    picture.alpha_composite(over)
    file = io.BytesIO()
    picture.save(file, "png", compress_level=COMPRESSION)
    return file.getvalue()


MAX_DRAWN = 64  # about 100 kB each
_drawn: dict[Hashable, bytes] = {}  # PNGs without values
_drawing = threading.Lock()


def _without_values(
    columns: Sequence[PolarColumn],
    groups: Sequence[tuple[int, Sequence[PolarColumn]]],
    foot: float,
    dark: bool,
    detail: Detail,
    inches: float,
    dpi: int,
) -> bytes:
    """A pair of polar maps without the fields themselves: what lies over them and around them."""
    text = "#f2f2f2" if dark else "#1c1c1c"
    # Inches from top to bottom: title, two maps with room for the meridian labels, bar or legend.
    width, height = inches * len(columns) + SIDE_LABEL, 0.36 + 2 * inches + foot
    figure = Figure(figsize=(width, height), dpi=dpi)
    FigureCanvasAgg(figure)
    figure.patch.set_alpha(0)
    for j, column in enumerate(columns):
        for i, field in enumerate((column.north, column.south)):
            left, bottom, side = _place(i, j, inches, foot)
            polar_map(figure, (left / width, bottom / height, side / width, side / height), field, text, detail)
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
    for start, group in groups:
        left, span = SIDE_LABEL + start * inches, len(group) * inches
        length = min(span - 0.6, 4.6)
        box = ((left + (span - length) / 2) / width, (foot - 0.24) / height, length / width, 0.15 / height)
        scale(figure, box, columns[start].north, text, span)
    return _png(figure, dpi)


def _place(row: int, column: int, inches: float, foot: float) -> tuple[float, float, float]:
    """Inches from the left and from below to a map of a pair, and its side."""
    return SIDE_LABEL + column * inches + MARGIN, foot + (1 - row) * inches + MARGIN, inches - 2 * MARGIN


def _paint(picture: Image.Image, field: Field, left: float, top: float, side: float) -> None:
    """Puts a polar field on a picture, a disc as wide as ``side``; all in pixels, which may be parts of one."""
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


@lru_cache(maxsize=16)
def _round_mask(size: int, left: float, top: float, side: float) -> Image.Image:
    pixel = np.arange(size) + 0.5 - side / 2
    distance = np.hypot(pixel[None] - left, pixel[:, None] - top)
    return Image.fromarray(np.asarray(255 * np.clip(side / 2 - distance + 0.5, 0, 1)).astype(np.uint8))


def polar_map(figure: Figure, box: Box, field: Field, text: str, detail: Detail) -> GeoAxes:
    grid = field.grid
    projection = _projection(grid.kind)
    axes: GeoAxes = figure.add_axes(box, projection=projection)
    reach = grid.extent * EARTH_RADIUS_METRES
    axes.set_xlim(-reach, reach)
    axes.set_ylim(-reach, reach)
    axes.set_boundary(_unit_circle(), transform=axes.transAxes)
    axes.spines["geo"].set(edgecolor=text, linewidth=1.0)
    axes.patch.set_alpha(0)
    ink = np.array(line_color(field)) / 255
    graticule, latitude_labels = _polar_graticule(grid.kind, grid.edge)
    axes.add_collection(LineCollection(graticule, colors=[(*ink, 0.4)], linewidths=0.6, zorder=1), autolim=False)
    draw_coast(axes, _polar_lines(grid.kind, grid.edge, detail), field)
    halo = "#000000a0" if ink[0] > 0.5 else "#ffffffa0"
    for (x, y), label in latitude_labels:
        axes.text(
            x,
            y,
            label,
            size=8.5,
            color=ink,
            ha="center",
            va="center",
            zorder=3,
            bbox={"boxstyle": "round,pad=0.1", "facecolor": halo, "edgecolor": "none"},
        )
    for longitude in range(-120, 181, 60):  # none at 90 E and W: neighbouring maps would write over each other
        angle = math.radians(longitude)
        x, y = math.sin(angle), (-1 if grid.kind == "north" else 1) * math.cos(angle)
        axes.text(
            0.5 + 0.512 * x,
            0.5 + (0.54 if abs(x) < 0.1 else 0.512) * y,
            _degrees_east(longitude),
            size=8.5,
            color=text,
            ha="center" if abs(x) < 0.1 else "left" if x > 0 else "right",
            va="center",
            transform=axes.transAxes,
            clip_on=False,
        )
    return axes


def draw_coast(axes: GeoAxes, lines: list[NDArray[Any]], field: Field) -> None:
    casing = casing_color(field)
    strokes = [] if casing is None else [(casing, 0.45, 1.8)]
    for rgb, opacity, width in [*strokes, (line_color(field), 0.9, 0.8)]:
        color = (*(np.array(rgb) / 255), opacity)
        axes.add_collection(LineCollection(lines, colors=[color], linewidths=width, zorder=2), autolim=False)


def _scales(columns: Sequence[PolarColumn]) -> list[tuple[int, list[PolarColumn]]]:
    """Runs of neighbouring columns that share a colour scale: index of the first, and the columns."""
    runs: list[tuple[int, list[PolarColumn]]] = []
    for j, column in enumerate(columns):
        if runs and _look(runs[-1][1][0]) == _look(column):
            runs[-1][1].append(column)
        else:
            runs.append((j, [column]))
    return runs


def _look(column: PolarColumn) -> tuple[Hashable, ...]:
    """What a scale is drawn from."""
    field = column.north
    return field.limits, field.colormap, field.units, field.classes, field.colors


def legend_rows(field: Field, inches: float) -> int:
    return math.ceil(len(field.classes[:MAX_LEGEND]) / _legend_columns(inches))


def _legend_columns(inches: float) -> int:
    return max(1, int(inches / 2.2))


def scale(figure: Figure, box: Box, field: Field, text: str, inches: float) -> None:
    """A colour bar for values, a legend for classes, in ``box`` or below its upper edge."""
    if field.classes:
        known = list(zip(field.classes, field_class_colors(field), strict=True))
        named = known if len(known) <= MAX_LEGEND else known[: MAX_LEGEND - 1]
        handles = [Patch(facecolor=color, label=name) for name, color in named]
        if len(named) < len(known):
            handles.append(Patch(facecolor="none", label=f"and {len(known) - len(named)} more"))
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
        return
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


@cache
def _projection(kind: str) -> ccrs.Projection:
    return ccrs.LambertAzimuthalEqualArea(central_latitude=90 if kind == "north" else -90, globe=EARTH)


@cache
def _polar_lines(kind: str, edge: float, detail: Detail) -> list[NDArray[Any]]:
    """Coastlines (points, 2) in the plane of a polar map; lines that do not reach into the cap are left out."""
    sign = 1 if kind == "north" else -1
    near = [line for line in coastlines(detail) if (sign * line[:, 1]).max() > edge]
    # Beyond a little outside the rim nothing shows, and far away the projection stretches without end.
    return [
        part
        for line in near
        for part in np.split(_project(kind, line), np.flatnonzero(sign * line[:, 1] < edge - 15))
        if len(part) > 1
    ]


@cache
def _polar_graticule(kind: str, edge: float) -> tuple[list[NDArray[Any]], list[tuple[NDArray[Any], str]]]:
    """Parallels every 10 degrees and meridians every 30, and the parallels' labels with their places in the plane."""
    sign = 1 if kind == "north" else -1
    around = np.linspace(-180, 180, 181)
    parallels = [p for p in range(10, 90, 10) if p > edge]
    lines = [np.stack([around, np.full_like(around, sign * p)], -1) for p in parallels]
    # Every meridian goes to 80 degrees, four of them to the pole: the place we look at stays free of clutter.
    lines += [
        np.array([[m, sign * edge], [m, sign * (90 if m % 90 == 0 else 80)]], dtype=float) for m in range(-180, 180, 30)
    ]
    labels = [
        (_project(kind, np.array([[135.0, sign * p]]))[0], f"{p}°{'N' if kind == 'north' else 'S'}") for p in parallels
    ]
    return [_project(kind, line) for line in lines], labels


def _project(kind: str, lonlat: NDArray[Any]) -> NDArray[Any]:
    return _projection(kind).transform_points(PLACES, lonlat[:, 0], lonlat[:, 1])[:, :2]


@cache
def _unit_circle() -> mpath.Path:
    angle = np.linspace(0, 2 * np.pi, 361)  # a polygon: cartopy would reduce a curve to a few corners
    return mpath.Path(0.5 + 0.5 * np.stack([np.cos(angle), np.sin(angle)], -1), closed=True)


def _degrees_east(longitude: int) -> str:
    return f"{abs(longitude)}°" + ("" if longitude % 180 == 0 else "E" if longitude > 0 else "W")


def _png(figure: Figure, dpi: int) -> bytes:
    file = io.BytesIO()
    # Level 1 is three times as fast as the default for files a sixth larger: the picture lives for a second.
    figure.savefig(file, format="png", dpi=dpi, transparent=True, pil_kwargs={"compress_level": COMPRESSION})
    return file.getvalue()
