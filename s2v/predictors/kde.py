"""Kernel density on the sphere with a von Mises-Fisher kernel."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike

from s2v import sphere
from s2v.predictors.base import Predictor
from s2v.predictors.densities import presence_probabilities
from s2v.predictors.places import Numbers

MAX_NUMBERS = 1 << 17  # kernels that are computed at a time: 1 MB, which stays in the processor's cache

MIN_EXPONENT = -700.0  # the smallest whose exponential is a normal number: others take processors ten times as long


class KernelDensity(Predictor):
    """The density of each class, the mean of von Mises-Fisher kernels around its training rows, times its share.

    Classes: the share of a class in the sum.  Presences: against places spread evenly over the sphere
    (``presence_probabilities``).  The kernel's concentration is one over the square of the bandwidth in radians.
    """

    TRIED: ClassVar[Mapping[str, Sequence[Any]]] = {
        "bandwidth": (400.0, 200.0, 800.0, 100.0, 1600.0, 280.0, 140.0, 560.0, 50.0, 1100.0, 25.0, 3200.0)
    }

    @property
    def batch(self) -> int:
        """How many places are answered at a time, which bounds the memory."""
        return max(1, MAX_NUMBERS // len(self._places.target))

    @cached_property
    def _centers(self) -> Numbers:
        """Unit vectors of all rows, class after class, as ``kernel_sums`` wants them: (4, rows)."""
        vectors = self._places.by_class[0]
        return np.ascontiguousarray(np.c_[vectors, np.ones(len(vectors))].T)

    def _answer(self, vectors: Numbers) -> Numbers:
        concentration = (sphere.EARTH_RADIUS_KM / self.params["bandwidth"]) ** 2
        _, classes, starts = self._places.by_class
        chord = 2 * np.sin(self._places.neighbours(vectors, 1).distance[:, 0] / 2)
        largest = -concentration * chord**2 / 2
        sums = np.zeros((len(vectors), len(self.classes)))
        sums[:, classes] = kernel_sums(vectors, self._centers, starts, concentration, largest)
        if self.task == "classification":
            return np.asarray(sums / sums.sum(-1, keepdims=True))
        norm = concentration / (-2 * math.pi * math.expm1(-2 * concentration))
        return presence_probabilities(sums * np.exp(largest)[:, None] * norm / len(self._places.target))


def kernel_sums(
    vectors: Numbers, centers: Numbers, starts: ArrayLike, concentration: float, subtracted: ArrayLike = 0.0
) -> Numbers:
    """Sums over groups of centres of exp(concentration * (cosine - 1) - subtracted), a von Mises-Fisher kernel.

    Parameters
    ----------
    vectors : array (n, 3)
        Unit vectors of places.
    centers : array (4, m)
        Unit vectors as columns, group after group, and a last row of ones.
    starts : array (groups,) of int
        The first centre of each group.
    concentration : float
    subtracted : array (n,), default 0
        The largest exponent at each place: far from all centres the sums are then no zeros.

    Returns
    -------
    array (n, groups)

    Examples
    --------
    >>> kernel_sums(np.eye(3)[:1], np.append(np.eye(3), [[1, 1, 1]], axis=0), [0, 1], concentration=1.0).round(3)
    array([[1.   , 0.736]])
    """
    # The exponents are a single product of matrices, concentration x . c - (concentration + subtracted) 1.
    last = -concentration - np.broadcast_to(subtracted, len(vectors))
    exponents = np.c_[concentration * vectors, last] @ centers
    np.maximum(exponents, MIN_EXPONENT, out=exponents)
    return np.add.reduceat(np.exp(exponents, out=exponents), np.asarray(starts), axis=1)
