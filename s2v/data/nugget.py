"""The part of the variance that does not vanish at distance 0: noise, and detail finer than the spacing of the places.

Geostatisticians call it the nugget of the variogram (Matheron 1963, "Principles of geostatistics", Economic
Geology 58).
"""

from __future__ import annotations

import math

import numpy as np

from s2v import sphere
from s2v.data.dataset import DataSet
from s2v.data.nearest import MAX_SPACED, first_of_each, tree

NEIGHBOURS = 8  # of each place, whose differences are extrapolated to distance 0
MIN_PLACES = 100  # with fewer the nugget is not estimated


def nugget(dataset: DataSet) -> float:
    """The share of the variance of the training values that neighbours do not explain, however close they are.

    The semivariances of the first to the eighth neighbour lie about on a line over the square roots of their distances,
    as they do where detail goes on below the spacing of the places; the line is followed to distance 0.  For classes
    the semivariance is the share of pairs whose classes differ, relative to that of random pairs.

    Parameters
    ----------
    dataset : DataSet
        Only its training places are used; a place that occurs several times counts once.

    Returns
    -------
    float
        From 0, where the values of near places are those of a smooth field, to 1, where they have nothing to do with
        each other.  0 for fewer than 100 places, too few to estimate it, and for values that are all the same.

    Examples
    --------
    >>> from s2v import data
    >>> nugget(data.load("geoid", 2000)), round(nugget(data.load("vmf:U3", 2000)), 1)
    (0.0, 0.6)
    """
    places = dataset.lonlat[dataset.train]
    kept = first_of_each(places)
    here, values = places[kept], dataset.target[dataset.train][kept]
    if len(here) < MIN_PLACES:
        return 0.0
    some = np.arange(0, len(here), math.ceil(len(here) / MAX_SPACED))
    chords, near = tree(here).query(
        sphere.to_unit_vectors(here[some]), k=NEIGHBOURS + 1
    )  # the first is the place itself
    distance = (2 * np.arcsin(np.minimum(chords[:, 1:] / 2, 1))).mean(0)
    own, other = values[some, None], values[near[:, 1:]]
    if dataset.task == "regression":
        sill, differences = float(values.var()), (own - other) ** 2 / 2
    else:
        shares = np.unique(values, return_counts=True)[1] / len(values)
        sill, differences = 1 - float((shares**2).sum()), own != other
    if not sill > 0 or np.ptp(distance) < 1e-3 * distance.mean():
        return 0.0
    intercept = np.polynomial.Polynomial.fit(np.sqrt(distance), differences.mean(0), 1)(0.0)
    return float(np.clip(intercept / sill, 0.0, 1.0))
