"""Local ordinary kriging: the best linear unbiased prediction from the nearest training places (Cressie 1993)."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from s2v import sphere
from s2v.data.catalogue import Task
from s2v.predictors.base import LocalPredictor, in_batches
from s2v.predictors.covariance import matern
from s2v.predictors.places import DIGITS, Neighbours, Numbers, Places, arc
from s2v.predictors.spec import Params, PredictorSpec
from s2v.predictors.variogram import Variogram, variogram

MAX_NUMBERS = 1 << 20  # of the covariances that are solved at a time: 8 MB
MAX_KEPT = 1 << 22  # of the distances that are kept for the next setting: 32 MB
MAX_CHECKED = 2000  # training places that are predicted from the others to learn the error, without held-out ones
RANGE_FACTORS = (1.0, 0.3, 0.1, 3.0)  # of the variogram's range
SMOOTHNESSES = (0.5, 1.0, 1.5)
MAX_SMOOTHNESS_GREAT_CIRCLE = 0.5
JITTER = 1e-9  # of the sill: keeps the covariances of places that nearly coincide from being singular

SAME = 10.0 ** (1 - DIGITS)  # chord of places that are one


def ordinary_kriging(between: Numbers, to_place: Numbers, total: float = 1.0) -> tuple[Numbers, Numbers]:
    """Weights of ordinary kriging, which sum to 1, and the kriging variance (Cressie 1993, section 3.2).

    Parameters
    ----------
    between : array (..., k, k)
        Covariances between the observations.
    to_place : array (..., k)
        Covariances between the observations and what is predicted.
    total : float, default 1
        Variance of what is predicted.

    Returns
    -------
    weights : array (..., k)
    variance : array (...,)

    Examples
    --------
    >>> weights, variance = ordinary_kriging(np.eye(2), np.zeros(2))  # nothing is known but the mean of two
    >>> weights, float(variance)
    (array([0.5, 0.5]), 1.5)
    """
    solved = np.linalg.solve(between, np.stack([to_place, np.ones_like(to_place)], -1))
    simple, ones = solved[..., 0], solved[..., 1]
    gap, precision = 1 - simple.sum(-1), ones.sum(-1)
    weights = simple + ones * (gap / precision)[..., None]
    variance = total - (simple * to_place).sum(-1) + gap**2 / precision
    return weights / weights.sum(-1, keepdims=True), np.maximum(variance, 0)


class Kriging(LocalPredictor):
    """Ordinary kriging from the ``k`` nearest training places, with a Matérn covariance.

    ``nugget`` is the share of the sill that is noise of an observation, or varies between places of any distance: what
    is predicted is the field without it.  Without a nugget kriging reproduces its data.

    ``distance`` is the chord, for which every smoothness is valid, or the great circle, for smoothness up to 1/2.

    A place with several rows has their mean, whose noise is the smaller for it.  The sill, which only ``stderr`` needs,
    is such that on held-out places the mean squared error is the mean kriging variance.
    """

    ARRAYS = (*LocalPredictor.ARRAYS, "sill")

    def __init__(self, spec: PredictorSpec, places: Places, params: Params) -> None:
        super().__init__(spec, places, params)
        self.sill = math.nan

    @cached_property
    def variogram(self) -> Variogram | None:
        """The empirical variogram of the training places with a fitted model; None for values that do not differ."""
        return variogram(self._places)

    def stderr(self, lonlat: ArrayLike) -> Numbers:
        """Kriging standard error (...,) of an observation at places (..., 2), in the units of the data.

        Raises
        ------
        ValueError
            As ``predict``, and with a single training place, from which no error can be known.
        """
        if math.isnan(self.sill):
            raise ValueError("Kriging from a single place knows no standard error; it needs two or more.")
        places = sphere.check_lonlat(np.asarray(lonlat, dtype=float))
        errors = in_batches(self._stderr, sphere.to_unit_vectors(places.reshape(-1, 2)), self.batch)
        return errors.reshape(places.shape[:-1])

    def calibrate(self, known: Places, held_out: Places | None) -> None:
        """Find the sill from the errors on held-out places, or on training places that the others predict."""
        if held_out is not None:
            near = known.neighbours(held_out.vectors_of_rows, self.k)
            target = held_out.target
        else:
            known = self._places
            if len(known) < 2:
                return
            near = known.neighbours(known.vectors[:MAX_CHECKED], self.k + 1)
            near = Neighbours(near.distance[:, 1:], near.place[:, 1:])
            target = known.values[:MAX_CHECKED]
        model = Kriging(self.spec, known, self.params)
        squares = variances = 0.0
        for i in range(0, len(target), self.batch):
            prediction, variance = model._solve(System(known, near.rows(slice(i, i + self.batch))))
            squares += float(((target[i : i + self.batch] - prediction) ** 2).sum())
            variances += float(variance.sum())
        self.sill = squares / max(variances, JITTER)

    def arrays(self) -> dict[str, NDArray[Any]]:
        """The training places and targets, and the sill."""
        return {**super().arrays(), "sill": np.array([self.sill])}

    @classmethod
    def from_arrays(
        cls,
        spec: PredictorSpec,
        params: Params,
        task: Task,
        classes: tuple[str, ...],
        arrays: Mapping[str, NDArray[Any]],
    ) -> Kriging:
        """The predictor of ``arrays``, with their sill."""
        found = super().from_arrays(spec, params, task, classes, arrays)
        assert isinstance(found, Kriging)
        sill = arrays["sill"]
        if sill.shape != (1,) or sill[0] < 0 or np.isinf(sill[0]):
            raise ValueError("its sill is not a number of at least 0")
        found.sill = float(sill[0])
        return found

    @property
    def batch(self) -> int:
        """How many places are answered at a time."""
        return max(1, MAX_NUMBERS // min(self.k, len(self._places)) ** 2)

    @classmethod
    def settings(cls, spec: PredictorSpec, places: Places, given: Params) -> list[dict[str, Any]]:
        """Settings around the model that is fitted to the variogram."""
        return settings(spec, variogram(places), given)

    @classmethod
    def answers(
        cls, spec: PredictorSpec, places: Places, settings: Sequence[Params], vectors: Numbers
    ) -> Iterator[Numbers]:
        """What each of the settings predicts; distances are computed once for all of them, if they are not too many."""
        k = int(settings[0]["k"])  # the same in all
        near = places.neighbours(vectors, k)
        kept = System(places, near) if near.place.size * k <= MAX_KEPT else None
        for setting in settings:
            predictor = cls(spec, places, setting)
            yield predictor._predict(vectors) if kept is None else predictor._solve(kept)[0]

    def _from(self, near: Neighbours) -> Numbers:
        return self._solve(System(self._places, near))[0]

    def _stderr(self, vectors: Numbers) -> Numbers:
        variance = self._solve(System(self._places, self._places.neighbours(vectors, self.k)))[1]
        return np.sqrt(variance * self.sill)

    def _solve(self, system: System) -> tuple[Numbers, Numbers]:
        """Predictions (n,), and kriging variances (n,) as shares of the sill."""
        nugget = self.params["nugget"]
        reach, smoothness = self.params["range"] / sphere.EARTH_RADIUS_KM, self.params["smoothness"]
        between, to_place = system.between, system.to_place
        if self.params["distance"] == "great_circle":
            between, to_place = arc(between), arc(to_place)
        covariances = (1 - nugget) * matern(between, reach, smoothness)
        diagonal = 1 - nugget + nugget / system.counts + JITTER
        k = np.arange(diagonal.shape[-1])
        covariances[:, k, k] = diagonal
        weights, variance = ordinary_kriging(covariances, (1 - nugget) * matern(to_place, reach, smoothness))
        middle = system.values.mean(-1)
        prediction = middle + (weights * (system.values - middle[:, None])).sum(-1)
        if nugget == 0:  # exact, where the jitter would be in the way
            here = system.to_place[:, 0] < SAME
            prediction, variance = np.where(here, system.values[:, 0], prediction), np.where(here, 0.0, variance)
        return prediction, variance


class System:
    """What kriging needs to know of some places: their neighbours' values, and all distances as chords.

    Parameters
    ----------
    places : Places
    near : Neighbours
        Of n places, k each.
    """

    def __init__(self, places: Places, near: Neighbours) -> None:
        vectors = places.vectors[near.place]  # (n, k, 3)
        self.values = places.values[near.place]  # (n, k)
        self.counts = places.counts[near.place]
        self.to_place = 2 * np.sin(near.distance / 2)
        self.between = np.sqrt(np.maximum(2 - 2 * (vectors @ vectors.swapaxes(1, 2)), 0))  # (n, k, k)


def settings(spec: PredictorSpec, fitted: Variogram | None, given: Params) -> list[dict[str, Any]]:
    """Settings to try: the model of the variogram, then those around it, the nearest first.

    A variogram shows the sill and the long lags well, and short ones, which decide about neighbours, badly: what it
    says of range, smoothness and nugget is a start.
    """
    allowed = next(p for p in spec.parameters if p.name == "range")

    def in_range(reach: float) -> float:
        return float(np.clip(reach, allowed.low, allowed.high))

    model: dict[str, Any] = {}
    if fitted is not None:
        model = {"range": in_range(fitted.reach), "smoothness": fitted.smoothness, "nugget": fitted.nugget}
    smoothnesses: tuple[float, ...] = SMOOTHNESSES
    if given.get("distance") == "great_circle":
        model["smoothness"] = MAX_SMOOTHNESS_GREAT_CIRCLE
        smoothnesses = (MAX_SMOOTHNESS_GREAT_CIRCLE,)
    start = spec.check({**model, **given})

    def tried(name: str, values: Sequence[float]) -> Sequence[float]:
        return (start[name],) if name in given else values

    found = [
        {**start, "range": reach, "smoothness": smoothness, "nugget": nugget}
        for reach, smoothness, nugget in product(
            tried("range", [in_range(start["range"] * factor) for factor in RANGE_FACTORS]),
            tried("smoothness", smoothnesses),
            tried("nugget", (0.0, 0.01, max(0.1, start["nugget"]))),
        )
    ]

    def far(setting: Params) -> float:
        steps = abs(math.log(setting["range"] / start["range"])), abs(setting["smoothness"] - start["smoothness"])
        return sum(steps) + 4 * abs(setting["nugget"] - start["nugget"])

    return [start, *sorted((setting for setting in found if setting != start), key=far)]
