"""A round kernel of any width, to compare encoders with: similarity that depends on great-circle distance alone.

It is the von Mises-Fisher density less its mean over the sphere, scaled to 1 at distance 0::

    k(d) = (exp(-kappa * g) - m) / (1 - m),    g = 1 - cos d,    m = (1 - exp(-2 * kappa)) / (2 * kappa)

The concentration ``kappa`` follows from the half-width, the distance at which k is one half.  Reasons for this family:
k falls with distance and never rises again, so what an encoder adds to it, such as a squeezed patch or a second bump,
is the encoder's own; it is positive definite, so some code on the sphere has it; it is exact for the encoder xyz, since
at a half-width of 60 degrees ``kappa`` is 0 and k is the cosine of the distance; and a narrow one is a Gaussian, as the
heat kernel is (Mardia and Jupp, Directional Statistics, 2000, section 9.3.2).  Kernels wider than 60 degrees are the
cosine mixed with a constant, k(d) = 1 - g(d) / (2 g(half-width)), for a kernel of mean 0 is no wider.

Free of torch.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from s2v.errors import shown

Values = NDArray[Any]

_SERIES = 1e-4  # concentrations below are computed as the first terms of a series


def kernel(distance: ArrayLike, half_width: float) -> Values:
    """Similarity at great-circle distances, one half at ``half_width``.

    Parameters
    ----------
    distance : array_like, shape (...,)
        Great-circle distances in radians, 0 to pi.
    half_width : float
        Radians.  At 0 the kernel is 1 at distance 0 and 0 elsewhere; NaN, for a kernel that never falls to one half,
        is 1 everywhere.

    Returns
    -------
    array, shape (...,)

    Raises
    ------
    ValueError
        For another half-width.

    Examples
    --------
    >>> import numpy as np
    >>> from s2v import isotropic
    >>> isotropic.kernel(np.deg2rad([0, 10, 20, 180]), np.deg2rad(10)).round(2)
    array([ 1.  ,  0.5 ,  0.06, -0.01])
    >>> isotropic.kernel(np.deg2rad([0, 60, 180]), np.deg2rad(60)).round(2)
    array([ 1. ,  0.5, -1. ])
    """
    if not (math.isnan(half_width) or 0 <= half_width <= math.pi):
        raise ValueError(f"half_width={shown(half_width)} is not an angle from 0 to pi radians.")
    values = np.asarray(distance, dtype=float)
    if math.isnan(half_width):
        return np.ones_like(values)
    if half_width == 0:
        return (values == 0).astype(float)
    gap, half_gap = 2 * np.sin(values / 2) ** 2, 2 * math.sin(half_width / 2) ** 2
    result: Values = 1 - gap / (2 * half_gap) if half_gap >= 0.5 else _kernel(gap, concentration(half_width))
    return result


def concentration(half_width: float) -> float:
    """The concentration kappa of the kernel with this half-width: 0 at 60 degrees, higher for narrower ones.

    Parameters
    ----------
    half_width : float
        Radians, above 0 and at most pi / 3.

    Returns
    -------
    float

    Raises
    ------
    ValueError
        For another half-width.

    Examples
    --------
    >>> import numpy as np
    >>> from s2v import isotropic
    >>> round(isotropic.concentration(np.deg2rad(10)), 1)
    44.9
    """
    if not 0 < half_width <= math.pi / 3:
        raise ValueError(f"half_width={shown(half_width)} is not an angle above 0 and at most pi / 3 radians.")
    gap = 2 * math.sin(half_width / 2) ** 2
    low, high = 0.0, 1 + math.log(2) / gap  # the density itself, without the mean, would have log(2) / gap
    while low < (middle := (low + high) / 2) < high:
        low, high = (middle, high) if _kernel(np.array(gap), middle) > 0.5 else (low, middle)
    return middle


def half_width(distance: ArrayLike, values: ArrayLike) -> float:
    """The distance at which a kernel first falls below one half, by linear interpolation.

    Parameters
    ----------
    distance, values : array_like, shape (n,)
        Rising distances, and the kernel there.

    Returns
    -------
    float
        In the unit of ``distance``: 0 if the kernel is below one half from the first, NaN if it never is.

    Examples
    --------
    >>> from s2v import isotropic
    >>> isotropic.half_width([0, 1, 2], [1, 0.75, 0.25])
    1.5
    """
    along, heights = np.asarray(distance, dtype=float), np.asarray(values, dtype=float)
    below = np.flatnonzero(heights < 0.5)
    if not len(below):
        return math.nan
    i = int(below[0])
    if i == 0:
        return 0.0
    share = (heights[i - 1] - 0.5) / (heights[i - 1] - heights[i])
    return float(along[i - 1] + share * (along[i] - along[i - 1]))


def _kernel(gap: Values, kappa: float) -> Values:
    """The kernel where 1 - cos(distance) is ``gap``."""
    if kappa < _SERIES:  # both differences below would lose their digits
        return (1 - gap) + kappa * (gap**2 / 2 - 2 * gap / 3)
    mean = -math.expm1(-2 * kappa) / (2 * kappa)
    result: Values = (np.exp(-kappa * gap) - mean) / (1 - mean)
    return result
