"""Places on a flat map of the whole Earth, for print: the picture of a globe of points."""

from __future__ import annotations

import io
import math
import textwrap
from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure

from s2v.errors import shown
from s2v.figures.globe import Points
from s2v.figures.layouts import Projection, check_dpi
from s2v.figures.projections import coast, graticule, plane

FORMATS = ("png", "svg")
INCHES = 9.0
LEGEND_LINE, LEGEND_COLUMNS, MAX_NAME = 0.2, 4, 40  # inches a line, groups in one, letters of a name
TITLE, CAPTION_LINE, CAPTION_LETTERS = 0.45, 0.17, 130  # inches above the map, inches a line, letters in one
POINTS_A_PIXEL = 0.75  # typographic points in a pixel of a screen


def printed_places(
    groups: Sequence[Points],
    format: str = "png",
    *,
    names: Sequence[str] = (),
    title: str = "",
    caption: str = "",
    dpi: int = 150,
) -> bytes:
    """The bytes of a picture of places on the Equal Earth projection, dark on white.

    Parameters
    ----------
    groups : sequence of Points
        Later ones lie above earlier ones; each in its colour.
    format : {"png", "svg"}
    names : sequence of str, optional
        Of the groups, for the legend; without them there is none.
    title, caption : str
        Above and below the map.
    dpi : int
        Pixels an inch, 30 to 600.

    Returns
    -------
    bytes

    Raises
    ------
    ValueError
        For another format or number of pixels.

    Examples
    --------
    >>> group = Points(np.array([[15.6, 78.2], [-180.0, -90.0]]), ["Longyearbyen", "the South Pole"])
    >>> printed_places([group], dpi=30)[1:4]
    b'PNG'
    """
    if format not in FORMATS:
        raise ValueError(f"format={shown(format)} is not one of {', '.join(FORMATS)}.")
    check_dpi(dpi)
    flat, lines = plane(Projection()), textwrap.wrap(caption, CAPTION_LETTERS)
    legend = LEGEND_LINE * math.ceil(len(names) / LEGEND_COLUMNS)
    map_height, foot = (INCHES - 0.1) * flat.height, 0.1 + legend + CAPTION_LINE * len(lines)
    height = TITLE + map_height + foot
    figure = Figure(figsize=(INCHES, height), dpi=dpi)
    FigureCanvasAgg(figure)
    axes: Axes = figure.add_axes((0.05 / INCHES, foot / height, 1 - 0.1 / INCHES, map_height / height))
    axes.set_axis_off()
    axes.add_collection(LineCollection(graticule(flat), colors="#d8dde0", linewidths=0.5, zorder=0))
    axes.add_collection(LineCollection(coast(flat, "110m"), colors="#8a979e", linewidths=0.6, zorder=1))
    axes.plot(*flat.outline.T, color="#1c1c1c", linewidth=0.8, zorder=2)
    dots = []
    for group in groups:
        size = (2 * POINTS_A_PIXEL * group.radius_pixels) ** 2
        color = [np.array(group.color) / 255]
        x, y = flat.project(group.lonlat).T
        dots.append(axes.scatter(x, y, s=size, c=color, linewidths=0, alpha=0.8, zorder=3))
    axes.set_xlim(flat.box[0], flat.box[1])
    axes.set_ylim(flat.box[2], flat.box[3])
    if names:
        at = (0.5, (CAPTION_LINE * len(lines) + 0.05) / height)
        texts = [name[:MAX_NAME] for name in names]
        drawn = figure.legend(
            dots,
            texts,
            loc="lower center",
            bbox_to_anchor=at,
            ncols=LEGEND_COLUMNS,
            fontsize=8,
            frameon=False,
            borderpad=0,
            labelspacing=0.35,
            handletextpad=0.2,
            markerscale=2,
        )
        for text in drawn.get_texts():
            text.set_parse_math(False)
    # With `parse_math` a dollar sign in a name would start a formula.
    figure.text(0.5, 1 - 0.22 / height, title, parse_math=False, size=13, ha="center", va="center")
    for i, line in enumerate(lines):
        y = (len(lines) - i - 0.4) * CAPTION_LINE / height
        figure.text(0.1 / INCHES, y, line, parse_math=False, size=8, va="center")
    file = io.BytesIO()
    figure.savefig(file, format=format, dpi=dpi, facecolor="white")
    return file.getvalue()
