"""The Matérn covariance on the sphere.

A covariance that is valid in space is valid on the sphere as a function of the chord, for every smoothness; as a
function of the great-circle distance the Matérn covariance is valid up to a smoothness of 1/2 only (Gneiting 2013,
Bernoulli 19, theorem 7; Guinness and Fuentes 2016, J. Multivariate Analysis 143; Jeong and Jun 2015, Spatial Statistics
11, compare the two).
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

Numbers = NDArray[np.float64]


def matern(distance: ArrayLike, reach: float, smoothness: float) -> Numbers:
    """The Matérn correlation, 1 at distance 0.

    2^(1-v) / Gamma(v) t^v K_v(t) with t = sqrt(2 v) distance / reach (Stein 1999, Interpolation of Spatial Data;
    Rasmussen and Williams 2006, eq. 4.14).  Halves and whole numbers up to 5/2 are quick, others take ten times as
    long.

    Parameters
    ----------
    distance : array (...,)
        Chords or great circles, in the unit of ``reach``.
    reach : float
        The range: at this distance the correlation is 0.37 for a smoothness of 1/2, 0.52 for 5/2.
    smoothness : float
        v: the field is differentiable as often as whole numbers below it.

    Returns
    -------
    array (...,)

    Examples
    --------
    >>> matern([0.0, 1.0, 2.0], reach=1.0, smoothness=0.5).round(3)
    array([1.   , 0.368, 0.135])
    >>> round(float(matern(1.0, reach=1.0, smoothness=2.5)), 3)
    0.524
    """
    from scipy import special  # here, because it is slow to import

    t = np.asarray(distance, dtype=float) * (math.sqrt(2 * smoothness) / reach)
    if smoothness == 0.5:
        return np.exp(-t)
    if smoothness == 1.5:
        return np.asarray((1 + t) * np.exp(-t))
    if smoothness == 2.5:
        return np.asarray((1 + t + t * t / 3) * np.exp(-t))
    t = np.maximum(t, 1e-12)  # at 0 the Bessel function is infinite, the correlation 1
    if smoothness == 1:
        return np.asarray(t * special.k1(t))
    if smoothness == 2:
        return np.asarray(t * t / 2 * special.k0(t) + t * special.k1(t))
    with np.errstate(over="ignore", invalid="ignore"):
        scaled = t**smoothness * special.kv(smoothness, t) * (2 ** (1 - smoothness) / math.gamma(smoothness))
    return np.where(np.isfinite(scaled), np.minimum(scaled, 1), 1.0)
