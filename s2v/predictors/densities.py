"""From densities of presences to the probabilities that models of presences predict."""

from __future__ import annotations

import math

import numpy as np

from s2v.predictors.places import Numbers


def presence_probabilities(densities: Numbers) -> Numbers:
    """Probability of each class at places, from the density of its presences there.

    It is what a network learns in the long run under the paper's loss, ``presence_absence`` in ``s2v.models.losses``.
    With the density d of a class, D of all classes, b = 1 / (4 pi) of background places, and the weight w of presences,
    the number of classes, that loss is smallest at w d / (w d + D - d + b); for a single class at d / (d + b).

    Parameters
    ----------
    densities : array (..., classes)
        Per steradian, so that all of them together integrate to 1 over the sphere.

    Returns
    -------
    array (..., classes)
        From 0 to 1.

    Examples
    --------
    >>> presence_probabilities(np.array([[1 / (4 * math.pi)], [0.0]]))  # as dense as the background; none at all
    array([[0.5],
           [0. ]])
    """
    weight = densities.shape[-1]
    others = densities.sum(-1, keepdims=True) - densities
    return np.asarray(weight * densities / (weight * densities + np.maximum(others, 0) + 1 / (4 * math.pi)))
