"""The empirical variogram of values on the sphere, and a Matérn model fitted to it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from s2v import sphere
from s2v.data.streams import stream
from s2v.predictors.covariance import matern
from s2v.predictors.places import Numbers, Places, arc

LAGS = 20
MAX_LAG = 1.0  # radians: beyond this, few fields of the Earth say anything of each other
MAX_PLACES = 1500  # of which all pairs are formed, for the long lags
NEIGHBOURS = 16  # pairs of these, for the short ones
SMOOTHNESSES = (0.5, 1.0, 1.5, 2.0)
MAX_RANGE = 3.0  # radians
MAX_NUGGET = 0.99  # of the sill
MIN_PAIRS = 30  # of a lag, as Journel and Huijbregts (1978) ask for


@dataclass(frozen=True, eq=False)
class Variogram:
    """Half the mean squared difference of values by great-circle distance, and the model fitted to it.

    Attributes
    ----------
    lags : array (n,)
        Mean distance of the pairs, in kilometres.
    semivariances : array (n,)
        In the square of the data's units.
    counts : array (n,)
        Pairs.
    fitted : array (n,)
        Semivariances of the model.
    sill, nugget, reach, smoothness : float
        Of the model: the semivariance far away, the share of it at distance 0, the range of its Matérn correlation on
        the chord in kilometres, and its smoothness.

    Examples
    --------
    >>> from s2v import data, predictors
    >>> variogram = predictors.fit("kriging", data.load("geoid", points=1000)).variogram
    >>> len(variogram.lags), bool(variogram.semivariances[0] < variogram.semivariances[-1])
    (20, True)
    """

    lags: Numbers
    semivariances: Numbers
    counts: Numbers
    fitted: Numbers
    sill: float
    nugget: float
    reach: float
    smoothness: float


def variogram(places: Places) -> Variogram | None:
    """The variogram of the values at places: Matheron's estimator (Cressie 1993, section 2.4) with a Matérn model.

    The model is fitted by least squares of the logarithms, so that short lags, which decide about neighbours, count as
    much as long ones.

    Parameters
    ----------
    places : Places
        Of a regression.

    Returns
    -------
    Variogram or None
        None for fewer than three lags with pairs, or values that do not differ.
    """
    distance, half_square = _pairs(places)
    if not len(distance) or not half_square.any():
        return None
    edges = np.geomspace(max(np.quantile(distance, 0.001), 1e-6), MAX_LAG, LAGS + 1)
    bin_of = np.clip(np.searchsorted(edges, distance) - 1, 0, LAGS - 1)
    bin_of[distance > MAX_LAG] = LAGS  # left out
    counts = np.bincount(bin_of, minlength=LAGS + 1)[:LAGS].astype(float)
    sums = [np.bincount(bin_of, weights=x, minlength=LAGS + 1)[:LAGS] for x in (distance, half_square)]
    kept = (counts >= min(MIN_PAIRS, len(distance) / LAGS)) & (sums[1] > 0)
    if kept.sum() < 3:
        return None
    lags, semivariances = (total[kept] / counts[kept] for total in sums)
    sill, nugget, reach, smoothness, fitted = _fit(lags, semivariances)
    return Variogram(
        lags * sphere.EARTH_RADIUS_KM,
        semivariances,
        counts[kept],
        fitted,
        sill,
        nugget,
        reach * sphere.EARTH_RADIUS_KM,
        smoothness,
    )


def _pairs(places: Places) -> tuple[Numbers, Numbers]:
    """Great-circle distances of pairs, and half the square of the difference of their values."""
    n = len(places)
    some = stream("places of a variogram").permutation(n)[:MAX_PLACES]
    first, second = (some[i] for i in np.triu_indices(len(some), 1))
    if n > len(some):  # otherwise all pairs are there
        near = places.neighbours(places.vectors[some], NEIGHBOURS + 1).place[:, 1:]
        first, second = np.append(first, np.repeat(some, near.shape[1])), np.append(second, near.ravel())
    distance = arc(_chord(places.vectors[first] - places.vectors[second]))
    difference = places.values[first] - places.values[second]
    return distance, difference**2 / 2


def _chord(difference: Numbers) -> Numbers:
    return np.sqrt((difference**2).sum(-1))


def _fit(lags: Numbers, semivariances: Numbers) -> tuple[float, float, float, float, Numbers]:
    """Sill, nugget, range in radians and smoothness of the Matérn model that comes nearest, and its semivariances."""
    from scipy.optimize import least_squares  # here, because it is slow to import

    chord = 2 * np.sin(lags / 2)

    def model(x: NDArray[np.float64], smoothness: float) -> Numbers:
        return np.exp(x[0]) * (1 - (1 - x[1]) * matern(chord, np.exp(x[2]), smoothness))

    low = [np.log(semivariances.max()) - 7, 0.0, np.log(lags[0] / 10)]
    high = [np.log(semivariances.max()) + 3, MAX_NUGGET, np.log(MAX_RANGE)]
    start = [np.log(semivariances.max()), 0.05, np.clip(np.log(lags.mean() / 3), low[2], high[2])]
    fits = [
        least_squares(lambda x, v: np.log(model(x, v) / semivariances), start, bounds=(low, high), args=(v,))
        for v in SMOOTHNESSES
    ]
    best = int(np.argmin([fit.cost for fit in fits]))
    x, smoothness = fits[best].x, SMOOTHNESSES[best]
    return float(np.exp(x[0])), float(x[1]), float(np.exp(x[2])), smoothness, model(x, smoothness)
