"""Places for scores by latitude: as many in every band, so that the small ones at the poles have enough for a claim."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from s2v import sphere
from s2v.evaluation.metrics import BANDS

PLACES_EACH = 2000  # places in each of BANDS

Numbers = NDArray[np.float64]


@lru_cache(maxsize=2)
def latitude_places(each: int = PLACES_EACH) -> tuple[Numbers, Numbers]:
    """Places that cover each latitude band evenly by area, the same number in each; always the same.

    Parameters
    ----------
    each : int, default 2000
        Places in each of ``BANDS``.

    Returns
    -------
    lonlat : array (bands * each, 2)
        Degrees, longitude first; band by band, north to south.
    weights : array (bands * each,)
        Share of the sphere that each place stands for.

    Examples
    --------
    >>> lonlat, weights = latitude_places(100)
    >>> lonlat.shape, bool((lonlat[:100, 1] > 85).all()), round(float(weights.sum()), 6)
    ((1000, 2), True, 1.0)
    """
    i = np.arange(each)
    longitude = 360 * np.remainder(i * (np.sqrt(5) - 1) / 2, 1) - 180  # the golden angle, as in a Fibonacci lattice
    places, weights = [], []
    for band in BANDS:
        top, bottom = np.sin(np.deg2rad(band))
        latitude = np.rad2deg(np.arcsin(top + (i + 0.5) / each * (bottom - top)))
        places.append(np.stack([longitude, latitude], axis=-1))
        weights.append(np.full(each, abs(sphere.cap_area(band[0]) - sphere.cap_area(band[1])) / each))
    found = np.concatenate(places), np.concatenate(weights)
    for array in found:
        array.setflags(write=False)
    return found
