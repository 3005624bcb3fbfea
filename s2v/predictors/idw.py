"""Inverse distance weighting (Shepard 1968)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import numpy as np

from s2v.predictors.base import LocalPredictor
from s2v.predictors.places import Neighbours, Numbers


class InverseDistance(LocalPredictor):
    """The mean of the ``k`` nearest training places, weighted by great-circle distance to the power of -``power``.

    At a training place it is the value there; a place with several rows has their mean, and counts once.
    """

    TRIED: ClassVar[Mapping[str, Sequence[Any]]] = {"k": (16, 8, 32, 4), "power": (2.0, 3.0, 4.0)}

    def _from(self, near: Neighbours) -> Numbers:
        weights = inverse_distance_weights(near.distance, self.params["power"])
        return np.asarray((weights * self._places.values[near.place]).sum(-1))


def inverse_distance_weights(distance: Numbers, power: float) -> Numbers:
    """Weights (..., k) in proportion to ``distance ** -power``, which sum to 1.

    Parameters
    ----------
    distance : array (..., k)
        In any unit, in rising order.  Where the first is 0, its weight is 1.
    power : float

    Returns
    -------
    array (..., k)

    Examples
    --------
    >>> inverse_distance_weights(np.array([[1.0, 2.0], [0.0, 3.0]]), power=2.0)
    array([[0.8, 0.2],
           [1. , 0. ]])
    """
    nearest = distance[..., :1]
    # As ratios to the nearest, so that no power is too large for a float.
    ratio = np.divide(nearest, distance, out=np.ones_like(distance), where=distance > 0)
    weights = ratio**power
    return weights / weights.sum(-1, keepdims=True)
