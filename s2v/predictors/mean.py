"""The mean of the training places: what any map must beat."""

from __future__ import annotations

import numpy as np

from s2v.predictors.base import Predictor
from s2v.predictors.places import Numbers


class Mean(Predictor):
    """The mean value, or the share of each class, of all training rows, at every place.

    Probabilities of presences are the shares, too: they rank the classes, and no place above another.
    """

    def _answer(self, vectors: Numbers) -> Numbers:
        level = self._places.shares if self.classes else np.mean(self._places.target, keepdims=True)
        return np.broadcast_to(level, (len(vectors), len(level)) if self.classes else (len(vectors),))
