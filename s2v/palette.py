"""Colours of classes."""

from __future__ import annotations

from itertools import cycle, islice
from typing import Any

import numpy as np
from numpy.typing import NDArray

from s2v.errors import shown

# Okabe and Ito 2008, "Color universal design", without black: distinct under all common kinds of colour blindness.
OKABE_ITO = ("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#f0e442", "#999999")

MAX_COLORS = 254  # of classes: a palette of bytes has 256 entries, two of them for what is missing or outside


def class_colors(count: int) -> tuple[str, ...]:
    """Colours for classes that have none.

    Up to 8 come from the palette of Okabe and Ito, which suits colour-blind readers.  No palette keeps more than about
    ten classes apart for everyone; beyond 8 the hues advance by the golden angle at three levels of lightness.  As many
    as a picture with a palette of bytes holds, ``MAX_COLORS``, have a colour each; then the colours begin anew.

    Parameters
    ----------
    count : int
        At least 1; ``ValueError`` otherwise.

    Returns
    -------
    tuple of str
        ``count`` colours, #rrggbb.

    Examples
    --------
    >>> class_colors(2)
    ('#0072b2', '#e69f00')
    """
    if count < 1:
        raise ValueError(f"count={count}: a palette needs at least one class.")
    if count <= len(OKABE_ITO):
        return OKABE_ITO[:count]
    i = np.arange(min(count, MAX_COLORS))
    rgb = _oklch(np.array([0.72, 0.52, 0.86])[i % 3], np.full(len(i), 0.11), 2 * np.pi * np.remainder(0.618034 * i, 1))
    return tuple(islice(cycle(f"#{r:02x}{g:02x}{b:02x}" for r, g, b in rgb), count))


def hex_to_rgb(color: str) -> tuple[int, int, int]:
    """(red, green, blue), 0 to 255, of "#rrggbb"."""
    if len(color) != 7 or color[0] != "#":
        raise ValueError(f"color={shown(color)} is not of the form #rrggbb.")
    return int(color[1:3], 16), int(color[3:5], 16), int(color[5:7], 16)


def _oklch(lightness: NDArray[Any], chroma: NDArray[Any], hue: NDArray[Any]) -> NDArray[np.uint8]:
    """sRGB (n, 3), 0 to 255, of OKLCh colours (Ottosson 2020, "A perceptual color space for image processing")."""
    a, b = chroma * np.cos(hue), chroma * np.sin(hue)
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    medium = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    linear = np.stack(
        [
            4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short,
            -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short,
            -0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short,
        ],
        -1,
    ).clip(0, 1)
    srgb = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
    return np.rint(255 * srgb).astype(np.uint8)
