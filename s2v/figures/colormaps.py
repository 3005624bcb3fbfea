"""Colours of fields: perceptually uniform, colour-blind-safe colour maps, and missing values.

Every renderer uses the same rule: ``indexed`` turns a field into palette indices, ``colorize`` looks them up.
"""

from __future__ import annotations

from functools import cache

import matplotlib
import numpy as np
from numpy.typing import NDArray

from s2v.errors import shown
from s2v.fields import Field
from s2v.palette import MAX_COLORS, hex_to_rgb

# Lightness rises evenly (sequential) or changes evenly from the middle to both ends (diverging), and no two colours
# differ only as red from green.  Never jet or rainbow: they show edges that are not in the data.
SEQUENTIAL = ("viridis", "cividis", "magma", "inferno", "plasma", "gray")
DIVERGING = ("RdBu_r", "RdBu", "PuOr_r", "PuOr", "BrBG", "BrBG_r", "coolwarm", "vanimo", "berlin")
NAMES = SEQUENTIAL + DIVERGING

MISSING = (158, 158, 158)  # a neutral grey that no coloured map has, visible on light and dark pages

OUTSIDE_INDEX, MISSING_INDEX, FIRST_INDEX = 0, 1, 2  # the rest of a palette's 256 entries carry values
LEVELS = MAX_COLORS


@cache
def table(name: str) -> NDArray[np.uint8]:
    """The 256 colours of a colour map, from the low end to the high.

    Parameters
    ----------
    name : str
        One of ``NAMES``; ``ValueError`` for another.

    Returns
    -------
    (256, 3) uint8 array
        Red, green and blue; read-only.

    Examples
    --------
    >>> table("viridis")[[0, 255]].tolist()
    [[68, 1, 84], [253, 231, 37]]
    """
    if name not in NAMES:
        raise ValueError(f"colormap={shown(name)} is not one of {', '.join(NAMES)}.")
    colors = np.rint(255 * matplotlib.colormaps[name](np.linspace(0, 1, 256))[:, :3]).astype(np.uint8)
    colors.flags.writeable = False
    return colors


def indexed(field: Field) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Palette indices (rows, columns) and the palette (256, 4), RGBA, of a field.

    Values beyond the limits take the colour of the nearer end.  NaN and numbers that are not a class are ``MISSING``.
    Classes whose numbers are ``LEVELS`` apart share an entry.  Cells outside the disc of a polar map are transparent.
    """
    values = np.asarray(field.values)
    palette = np.zeros((256, 4), dtype=np.uint8)
    palette[MISSING_INDEX] = (*MISSING, 255)
    palette[FIRST_INDEX:, 3] = 255
    if field.classes:
        colors = field.class_colors
        palette[FIRST_INDEX : FIRST_INDEX + len(colors[:LEVELS]), :3] = [hex_to_rgb(color) for color in colors[:LEVELS]]
        numbers = np.nan_to_num(values.astype(float), nan=-1.0, posinf=-1.0, neginf=-1.0)
        known = (numbers >= 0) & (numbers < len(colors))
        indices = np.where(known, np.floor(numbers) % LEVELS + FIRST_INDEX, MISSING_INDEX)
    else:
        low, high = field.limits
        palette[FIRST_INDEX:, :3] = table(field.colormap)[np.rint(np.linspace(0, 255, LEVELS)).astype(int)]
        with np.errstate(invalid="ignore", over="ignore"):
            level = np.clip((values.astype(float) - low) / (high - low), 0, 1) * (LEVELS - 1)
        indices = np.where(np.isnan(level), MISSING_INDEX, np.rint(np.nan_to_num(level)) + FIRST_INDEX)
    return np.where(field.grid.inside, indices, OUTSIDE_INDEX).astype(np.uint8), palette


def colorize(field: Field) -> NDArray[np.uint8]:
    """A field as a picture.

    Parameters
    ----------
    field : Field
        On any grid.

    Returns
    -------
    (rows, columns, 4) uint8 array
        Red, green, blue and opacity, 0 to 255, of each cell.

    Examples
    --------
    >>> from s2v.fields import Field, Grid
    >>> field = Field(np.array([[0.0, np.nan]]), Grid("equirectangular", 1, 2), "Example")
    >>> colorize(field).tolist()
    [[[68, 1, 84, 255], [158, 158, 158, 255]]]
    """
    indices, palette = indexed(field)
    return palette[indices]


def line_color(field: Field) -> tuple[int, int, int]:
    """The colour of lines over a field: near black or near white, whichever stands out against its middle colour."""
    if field.classes:
        return (25, 25, 25)
    luma = float(table(field.colormap)[128] @ np.array([0.299, 0.587, 0.114]))
    return (25, 25, 25) if luma > 140 else (250, 250, 250)


def casing_color(field: Field) -> tuple[int, int, int] | None:
    """The colour of a wider line under each line, for fields on which one colour cannot stand out everywhere.

    Sequential colour maps run from dark to light, so that any line colour is lost at one end; None for other fields.
    """
    if field.classes or field.colormap not in SEQUENTIAL:
        return None
    return (25, 25, 25) if line_color(field)[0] > 128 else (250, 250, 250)
