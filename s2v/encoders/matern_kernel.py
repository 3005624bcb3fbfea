"""The Matérn kernel on the sphere, as a mixture of Legendre polynomials.  Free of torch.

    k(d) = sum of p_l P_l(cos d),    p_l proportional to (2l + 1) (2 smoothness / range^2 + l (l + 1))^-(smoothness + 1)

(Lang and Schwab 2015; the spectrum of the Whittle-Matérn equation on the sphere, Borovitskiy et al. 2020.)  It is 1 at
distance 0.  Near that it is the Matérn kernel of the plane with the same range and smoothness.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

MAX_REST = 1e-6  # of the probabilities may be left out
MAX_DEGREE = 1000  # and more where that would take higher degrees: a twentieth at the shortest range and smoothness 0.5


@lru_cache(maxsize=64)
def degree_probabilities(range: float, smoothness: float) -> NDArray[np.float64]:
    """How much each degree weighs in the kernel of a range in radians: probabilities, of sum 1.

    The series ends where less than ``MAX_REST`` of it is left, at degree ``MAX_DEGREE`` at the latest; what is left out
    is divided among the others.

    Examples
    --------
    >>> degree_probabilities(1.0, 1.5).round(3)[:4]
    array([0.415, 0.347, 0.133, 0.052])
    """
    low = 2 * smoothness / range**2
    degree = np.arange(MAX_DEGREE + 1)
    weights = (2 * degree + 1) * (low + degree * (degree + 1)) ** -(smoothness + 1)
    rest = (low + (degree + 0.5) * (degree + 1.5)) ** -smoothness / smoothness  # the integral of all that follow
    count = int(np.searchsorted(-rest / (weights.sum() + rest[-1]), -MAX_REST)) + 1
    kept = weights[:count] / weights[:count].sum()
    kept.flags.writeable = False
    return kept


def kernel(distance: ArrayLike, range: float, smoothness: float) -> NDArray[Any]:
    """The kernel at great-circle distances in radians, of a range in radians.

    Examples
    --------
    >>> kernel([0.0, 0.5, 1.0], 0.5, 1.5).round(3)
    array([1.   , 0.501, 0.159])
    """
    found: NDArray[Any] = np.polynomial.legendre.legval(np.cos(distance), degree_probabilities(range, smoothness))
    return found
