"""The nearest training place."""

from __future__ import annotations

import numpy as np

from s2v.predictors.base import LocalPredictor
from s2v.predictors.places import Neighbours, Numbers


class Nearest(LocalPredictor):
    """The value or the class of the nearest training place by great circle.

    A place with several rows has their mean, or the share of each class among them.
    """

    @property
    def k(self) -> int:
        """One neighbour counts."""
        return 1

    def _from(self, near: Neighbours) -> Numbers:
        place = near.place[:, 0]
        if not self.classes:
            return self._places.values[place]
        return np.asarray(self._places.class_counts[place].toarray() / self._places.counts[place, None])
