"""The nearest neighbours of a place: shares of classes among them, and densities of presences from their distance."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import numpy as np

from s2v.predictors.base import Predictor
from s2v.predictors.densities import presence_probabilities
from s2v.predictors.places import Numbers

MIN_CHORD = 1e-6  # 6 metres: the density at a presence itself is not infinite


class NearestNeighbours(Predictor):
    """Classes: their shares among the rows of the ``k`` nearest different places.

    A row more, of the shares among all rows, is added to them, so that no class that there is has the probability 0.

    Presences: the k-th nearest of a class lies at the chord c, so that k of its presences lie in a cap of the area
    pi c^2, which is their density (Loftsgaarden and Quesenberry 1965); a class with fewer than k has its farthest.
    """

    TRIED: ClassVar[Mapping[str, Sequence[Any]]] = {"k": (8, 4, 16, 2, 32, 64, 1, 128, 256)}

    def _answer(self, vectors: Numbers) -> Numbers:
        return (
            self._shares(vectors) if self.task == "classification" else presence_probabilities(self._density(vectors))
        )

    def _shares(self, vectors: Numbers) -> Numbers:
        from scipy.sparse import csr_array  # here, because it is slow to import

        place = self._places.neighbours(vectors, self.params["k"]).place
        n, k = place.shape
        which = csr_array((np.ones(n * k), place.ravel(), np.arange(0, n * k + 1, k)), shape=(n, len(self._places)))
        counts = (which @ self._places.class_counts).toarray() + self._places.shares
        return np.asarray(counts / counts.sum(-1, keepdims=True))

    def _density(self, vectors: Numbers) -> Numbers:
        density = np.zeros((len(vectors), len(self.classes)))
        for number, tree in self._places.class_trees.items():
            k = min(self.params["k"], tree.n)
            chord = tree.query(vectors, k=[k])[0][:, 0]
            density[:, number] = k / (math.pi * np.maximum(chord, MIN_CHORD) ** 2)
        return density / len(self._places.target)
