"""A veil over maps where they are a guess: far from all training places.

A neutral grey under fine dark lines.  The grey is that of missing values, which no coloured map has; the lines tell the
veil from any flat colour, for colour-blind readers, too.  Coastlines and graticules lie over it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from s2v import sphere
from s2v.data import distance_field, spacing
from s2v.errors import shown
from s2v.fields import Field, Grid
from s2v.figures.colormaps import MISSING

MIN_KM, MAX_KM = 1.0, float(np.pi * sphere.EARTH_RADIUS_KM)
ONE_PLACE_KM = 1000.0  # for a single training place, which has no spacing
BEGINS = 0.5  # of the distance: nearer to the data a map is clear
GREY, OPACITY = MISSING, 0.8
LINES, LINE_OPACITY = (40, 40, 40), 0.45
LINE_SPACING, LINE_WIDTH = 7.0, 1.3  # in 1/96 inch, a pixel of a page


@dataclass(frozen=True, eq=False)  # compared by identity, so that its pictures can be cached
class Veil:
    """What lies over a map: nothing near the training places, most beyond ``km`` from them, growing evenly in between.

    Parameters
    ----------
    distance : s2v.fields.Field
        Kilometres to the nearest training place, on an equirectangular grid (``s2v.data.distance_field``).
    km : float
        Where the veil is whole; it begins at half of that.

    Raises
    ------
    ValueError
        For a distance that no two places on the Earth have, or a polar field.

    Examples
    --------
    >>> veil = Veil.of([[0.0, 90.0], [0.0, 80.0]])
    >>> veil.km, veil.meaning
    (1100.0, 'Veiled: a guess, over 1,100 km from the nearest training place')
    >>> veil.strength([[0.0, 85.0], [0.0, 72.5], [0.0, -90.0]]).round(2)
    array([0.  , 0.52, 1.  ])
    """

    distance: Field
    km: float

    def __post_init__(self) -> None:
        check_km(self.km)
        if self.distance.grid.kind != "equirectangular":
            raise ValueError(f"A veil needs distances on an equirectangular grid, not a {self.distance.grid.kind} one.")

    @classmethod
    def of(cls, places: ArrayLike, km: float | None = None) -> Veil:
        """The veil of training places (n, 2), in degrees; beyond ``usual_km`` of them unless ``km`` is given."""
        return cls(distance_field(places), usual_km(places) if km is None else km)

    @property
    def meaning(self) -> str:
        """What a legend says of it."""
        return f"Veiled: a guess, over {self.km:,g} km from the nearest training place"

    @property
    def brief(self) -> str:
        """The same for a narrow legend."""
        return f"Veiled: over {self.km:,g} km from any data"

    def strength(self, lonlat: ArrayLike) -> NDArray[Any]:
        """How much of the veil lies over places (..., 2): 0 (none) to 1 (all)."""
        share = self.distance.sample(lonlat) / self.km
        return np.asarray(np.clip((share - BEGINS) / (1 - BEGINS), 0, 1))


def check_km(km: float) -> float:
    """The distance of a veil; ``ValueError`` for one that no two places have."""
    if not MIN_KM <= km <= MAX_KM:
        raise ValueError(f"A veil at {shown(km)} km: allowed are {MIN_KM:g} to {MAX_KM:,.0f} km.")
    return float(km)


def usual_km(places: ArrayLike) -> float:
    """The distance of a veil that training places (n, 2) ask for: their ``s2v.data.spacing``, in two digits."""
    found = spacing(places)
    return ONE_PLACE_KM if math.isnan(found) else max(MIN_KM, float(f"{found:.2g}"))


def shade(strength: NDArray[Any], scale: float) -> NDArray[np.uint8]:
    """The veil as a picture to be laid over a map.

    Parameters
    ----------
    strength : (rows, columns) array
        Of each pixel, 0 to 1, as ``Veil.strength`` gives it.
    scale : float
        Pixels in 1/96 inch.

    Returns
    -------
    (rows, columns, 4) uint8 array
        Red, green, blue and opacity.

    Examples
    --------
    >>> shade(np.array([[0.0, 1.0]]), 1.0)[0, :, 3]
    array([  0, 204], dtype=uint8)
    """
    row, column = np.indices(strength.shape)
    along = (row + column) / (math.sqrt(2) * scale)
    beside = np.abs(np.remainder(along, LINE_SPACING) - LINE_SPACING / 2)
    line = LINE_OPACITY * strength * np.clip((LINE_WIDTH / 2 - beside) * scale + 0.5, 0, 1)
    grey = OPACITY * strength * (1 - line)  # what the lines leave of it
    total = line + grey
    colors = (line[..., None] * LINES + grey[..., None] * GREY) / np.maximum(total, 1e-9)[..., None]
    return np.rint(np.concatenate([colors, 255 * total[..., None]], -1)).astype(np.uint8)


@lru_cache(maxsize=8)
def shade_of_grid(veil: Veil, grid: Grid, pixels: int, scale: float) -> NDArray[np.uint8]:
    """``shade`` (pixels, pixels, 4) of a polar grid's cap; such a map is made again and again with the same one."""
    fine = replace(grid, rows=pixels, columns=pixels)  # not an argument: the cache would keep all its places
    picture = shade(veil.strength(fine.lonlat), scale)
    picture.flags.writeable = False
    return picture
