"""The empirical variogram of data on the sphere, and a Matérn model fitted to that of values."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from s2v import isotropic, sphere
from s2v.data.dataset import DataSet
from s2v.data.nearest import mean_spacing
from s2v.data.streams import stream
from s2v.predictors.covariance import matern
from s2v.predictors.places import Indices, Numbers, Places, arc

LAGS = 20
ALL_LAGS = 25  # up to the antipodes
MAX_LAG = 1.0  # radians: beyond this, few fields of the Earth say anything of each other
MAX_PLACES = 1500  # of which all pairs are formed, for the long lags
NEIGHBOURS = 16  # pairs of these, for the short ones
SMOOTHNESSES = (0.5, 1.0, 1.5, 2.0)
MAX_RANGE = 3.0  # radians
MAX_NUGGET = 0.99  # of the sill
MIN_PAIRS = 30  # of a lag, as Journel and Huijbregts (1978) ask for

Pairs = tuple[Numbers, Numbers]  # distances, and half the squares of the differences


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
    (near, near_squares), (far, far_squares) = _pairs(places)
    distance, half_square = np.append(far, near), np.append(far_squares, near_squares)
    if not len(distance) or not half_square.any():
        return None
    lags, semivariances, counts = _by_lag(distance, half_square, MAX_LAG)
    kept = semivariances > 0
    if kept.sum() < 3:
        return None
    lags, semivariances = lags[kept], semivariances[kept]
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


@dataclass(frozen=True, eq=False)
class Empirical:
    """The empirical variogram of data, from the shortest distances between places to the antipodes.

    Attributes
    ----------
    lags : array (n,)
        Mean distance of the pairs, in kilometres.
    semivariances : array (n,)
        Half the mean squared difference.  For classes, that of their indicators, summed: the share of pairs that
        differ.
    counts : array (n,)
        Numbers of pairs.
    sill : float
        The mean over pairs at any distance: the variance of values; for classes the share of pairs that differ.
    half_sill : float
        The distance in kilometres at which the variogram, made monotone, reaches half its sill; the shortest lag where
        the variogram starts above that.
    spacing : float
        How far the places are apart, in kilometres (``s2v.data.nearest.mean_spacing``).

    Examples
    --------
    >>> from s2v import data
    >>> found = empirical_variogram(data.load("geoid", points=500))
    >>> len(found.lags), bool(found.relative[0] < 0.1)
    (25, True)
    """

    lags: Numbers
    semivariances: Numbers
    counts: Numbers
    sill: float
    half_sill: float
    spacing: float

    @property
    def relative(self) -> Numbers:
        """Semivariances (n,) as shares of the sill."""
        return self.semivariances / self.sill


def empirical_variogram(dataset: DataSet) -> Empirical:
    """The empirical variogram of the training places of a data set: Matheron's estimator by great-circle distance.

    All pairs of at most 1,500 places, and of each of these with its 16 nearest neighbours.  A place with several rows
    counts once, with the mean of its values, or the shares of its classes.

    Parameters
    ----------
    dataset : DataSet
        Of values, or of classes, which become indicator variables, 1 where a place is of the class (Journel 1983,
        Mathematical Geology 15).

    Returns
    -------
    Empirical

    Raises
    ------
    ValueError
        For fewer than three different training places, or data that do not differ.

    Examples
    --------
    >>> from s2v import data, predictors
    >>> found = predictors.empirical_variogram(data.load("land_ocean", points=2000))
    >>> bool(found.half_sill < 2500), bool(found.relative[0] < 0.3)
    (True, True)
    """
    which = dataset.train
    places = Places(dataset.task, dataset.classes, dataset.lonlat[which], dataset.target[which])
    if len(places) < 3:
        raise ValueError(f"A variogram needs three different places; there is {len(places)} among the training places.")
    (near, near_squares), (far, far_squares) = _pairs(places)
    sill = float(far_squares.mean())
    if not sill > 0:
        raise ValueError("All training places have the same value or class: there is no variogram of it.")
    lags, semivariances, counts = _by_lag(np.append(far, near), np.append(far_squares, near_squares), np.pi, ALL_LAGS)
    half_sill = _half_sill(lags, semivariances / sill, counts)
    km = sphere.EARTH_RADIUS_KM
    return Empirical(
        lags * km, semivariances, counts, sill, half_sill * km, mean_spacing(dataset.lonlat[dataset.train]) * km
    )


def _half_sill(lags: Numbers, relative: Numbers, counts: Numbers) -> float:
    """Where a variogram reaches one half, without the ups and downs of single lags."""
    from scipy.optimize import isotonic_regression  # here, because it is slow to import

    rising = isotonic_regression(relative, weights=counts).x
    return max(isotropic.half_width(lags, 1 - rising), float(lags[0]))


def _pairs(places: Places) -> tuple[Pairs, Pairs]:
    """Pairs of neighbours, and all pairs of some places.  The first are none where the second are all that there are.

    Differences of classes are those of their indicators, one for each class, whose squares are summed.
    """
    n = len(places)
    some = stream("places of a variogram").permutation(n)[:MAX_PLACES]

    def pairs(first: Indices, second: Indices) -> Pairs:
        distance = arc(_chord(places.vectors[first] - places.vectors[second]))
        return distance, _half_squares(places, first, second)

    none: Indices = some[:0]
    far = pairs(*(some[i] for i in np.triu_indices(len(some), 1)))
    if n == len(some):
        return pairs(none, none), far
    near = places.neighbours(places.vectors[some], NEIGHBOURS + 1).place[:, 1:]
    return pairs(np.repeat(some, near.shape[1]), near.ravel()), far


def _half_squares(places: Places, first: Indices, second: Indices) -> Numbers:
    """Half the expected squared difference of an observation at one place and one at another."""
    if places.task == "regression":
        half: Numbers = (places.values[first] - places.values[second]) ** 2 / 2
        return half
    from scipy.sparse import diags_array  # here, because it is slow to import

    shares = (diags_array(1 / places.counts) @ places.class_counts).tocsr()
    # For one class at each place: 0 for the same, 1 for another.
    return 1 - np.asarray(shares[first].multiply(shares[second]).sum(1)).ravel()


def _by_lag(distance: Numbers, half_square: Numbers, longest: float, lags: int = LAGS) -> tuple[Numbers, ...]:
    """Mean distances, semivariances and counts of the pairs of each lag that has enough of them."""
    edges = np.geomspace(max(np.quantile(distance, 0.001), 1e-6), longest, lags + 1)
    bin_of = np.clip(np.searchsorted(edges, distance) - 1, 0, lags - 1)
    bin_of[distance > longest] = lags  # left out
    counts = np.bincount(bin_of, minlength=lags + 1)[:lags].astype(float)
    kept = counts >= max(1, min(MIN_PAIRS, len(distance) / lags))
    sums = (np.bincount(bin_of, weights=x, minlength=lags + 1)[:lags][kept] for x in (distance, half_square))
    return *(total / counts[kept] for total in sums), counts[kept]


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
