"""The spectrum of a Matérn kernel of the chord: how much each frequency of plane waves weighs.  Free of torch."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

MAX_REST = 0.002  # of the spectrum, at either end, that is left out where amplitudes differ
_GRID = 4000


def spectrum(
    shares: NDArray[np.float64], range: float, smoothness: float, weighting: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Frequencies at these shares of their distribution, with their amplitudes.

    The frequency vectors of the kernel in space have a multivariate t distribution, so three times the square of
    ``range`` times frequency, ... has an F distribution of 3 and 2 ``smoothness`` degrees of freedom.
    """
    low, high = (0.0, 1.0) if weighting == 0 else (MAX_REST, 1 - MAX_REST)
    ends = np.log(quantile(np.array([max(low, 1e-9), min(high, 1 - 1e-9)]), range, smoothness))
    if weighting == 0:
        return quantile(shares, range, smoothness), np.ones(len(shares))
    grid = np.linspace(*ends, _GRID)
    mass = np.exp(3 * grid - (smoothness + 1.5) * np.log(2 * smoothness / range**2 + np.exp(2 * grid)))
    drawn = mass ** (1 - weighting)
    total = np.concatenate(([0.0], np.cumsum((drawn[1:] + drawn[:-1]) / 2)))
    at = np.interp(shares * total[-1], total, grid)
    power = np.interp(at, grid, mass**weighting)
    return np.exp(at), np.sqrt(power / power.mean())


def quantile(shares: ArrayLike, range: float, smoothness: float) -> NDArray[Any]:
    """The frequencies below which these shares of the spectrum lie."""
    found: NDArray[Any] = np.sqrt(3 * special.fdtri(3, 2 * smoothness, shares)) / range
    return found
