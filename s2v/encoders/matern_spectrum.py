"""The part of a Matérn kernel's spectrum between two radii: how much each frequency of plane waves weighs.

In space the kernel's spectral density falls with frequency f as (1/r^2 + f^2)^-(smoothness + 3/2), with r the
``max_radius``; a shell of frequencies holds f^2 times as much, an octave f^3 times (Rasmussen and Williams 2006,
equation 4.15, with its length scale = sqrt(2 smoothness) r).  Free of torch.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

LOWEST = 0.5  # times 1 / max_radius: longer waves hardly differ from a constant
_POINTS = 4000  # of the grid of frequencies, even in their logarithm
_MOST = 1 << 22  # numbers at a time


def spectrum(
    shares: ArrayLike, min_radius: float, max_radius: float, smoothness: float, weighting: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Frequencies at these shares of their distribution, with amplitudes whose squares have the mean 1.

    What an octave weighs in the kernel is, to the power ``weighting``, the square of its waves' amplitudes; the rest is
    how often a frequency in it is drawn.

    Examples
    --------
    >>> frequencies, amplitudes = spectrum([0.0, 0.5, 1.0], 0.1, 1.0, smoothness=1.0, weighting=1.0)
    >>> frequencies.round(2), amplitudes.round(2)
    (array([ 0.5 ,  2.24, 10.  ]), array([1.02, 1.35, 0.37]))
    """
    grid, weight = _octaves(min_radius, max_radius, smoothness)
    drawn = weight ** (1 - weighting)
    below = np.concatenate(([0.0], np.cumsum((drawn[1:] + drawn[:-1]) / 2)))
    found = np.interp(np.asarray(shares, dtype=float) * below[-1], below, grid)
    power = np.interp(found, grid, weight**weighting)
    return np.exp(found), np.sqrt(power / power.mean())


def kernel(distance: ArrayLike, min_radius: float, max_radius: float, smoothness: float) -> NDArray[np.float64]:
    """The kernel at great-circle distances in radians: the mean of sinc(f chord) over that part of the spectrum.

    Examples
    --------
    >>> kernel([0.0, 0.5, 1.0], 0.01, 1.0, smoothness=0.5).round(3)
    array([1.   , 0.601, 0.363])
    """
    grid, weight = _octaves(min_radius, max_radius, smoothness)
    chord = 2 * np.sin(np.asarray(distance, dtype=float) / 2)
    flat = chord.reshape(-1, 1)
    parts = np.array_split(flat, len(flat) * _POINTS // _MOST + 1)
    values = [np.sinc(np.exp(grid) * part / np.pi) @ weight for part in parts]
    return np.asarray(np.concatenate(values).reshape(chord.shape) / weight.sum())


def _octaves(min_radius: float, max_radius: float, smoothness: float) -> tuple[NDArray[np.float64], ...]:
    """Logarithms of frequencies, evenly spaced, and what the neighbourhood of each weighs."""
    grid = np.linspace(np.log(LOWEST / max_radius), -np.log(min(min_radius, max_radius)), _POINTS)
    weight = np.exp(3 * grid - (smoothness + 1.5) * np.logaddexp(-2 * np.log(max_radius), 2 * grid))
    return grid, weight / weight.max()
