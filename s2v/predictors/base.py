"""What every reference predictor shares: places in, predictions out, as a trained ``LocationModel`` gives them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import product
from typing import Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from s2v import sphere
from s2v.data.catalogue import Task
from s2v.errors import shown
from s2v.predictors.places import Neighbours, Numbers, Places
from s2v.predictors.spec import Params, PredictorSpec

Trial = tuple[dict[str, Any], float]


class Predictor:
    """A fitted reference predictor; ``s2v.predictors.fit`` makes it.

    A subclass answers places as unit vectors (n, 3) in ``_answer``; ``TRIED`` lists the constants that ``fit`` tries.

    Parameters
    ----------
    spec : PredictorSpec
    places : Places
        What it knows.
    params : mapping
        All its constants.

    Attributes
    ----------
    name : str
    spec : PredictorSpec
    params : dict
        The constants in force, chosen or given.
    task : "regression", "classification" or "presence"
    classes : tuple of str
    data : str
        Name of the data set that it was fitted to; empty if it has none.
    trials : list of (dict, float)
        The constants that were tried, each with its score on validation places (R2, accuracy or AUC); empty where there
        was nothing to choose.
    seconds : float
        Of the processor, that ``fit`` took.

    Examples
    --------
    >>> from s2v import data, predictors
    >>> idw = predictors.fit("idw", data.load("geoid", points=500))
    >>> idw.predict([[15.6, 78.2], [-70.0, -30.0]]).shape, len(idw.trials)
    ((2,), 12)
    """

    ARRAYS: ClassVar[tuple[str, ...]] = ("lonlat", "target")
    TRIED: ClassVar[Mapping[str, Sequence[Any]]] = {}

    def __init__(self, spec: PredictorSpec, places: Places, params: Params) -> None:
        self.spec, self.params = spec, dict(params)
        self.data = ""
        self.trials: list[Trial] = []
        self.seconds = 0.0
        self._places = places

    @property
    def batch(self) -> int:
        """How many places are answered at a time, which bounds the memory."""
        return 4096

    @property
    def name(self) -> str:
        """The predictor's name."""
        return self.spec.name

    @property
    def task(self) -> Task:
        """The task of the data that it was fitted to."""
        return self._places.task

    @property
    def classes(self) -> tuple[str, ...]:
        """Names of the classes; none for a regression."""
        return self._places.classes

    @property
    def lonlat(self) -> Numbers:
        """The training places (n, 2), degrees, longitude first."""
        return self._places.lonlat

    def predict(self, lonlat: ArrayLike) -> Numbers:
        """Values or probabilities at any number of places, as ``LocationModel.predict``.

        Parameters
        ----------
        lonlat : (..., 2) array, degrees, longitude first

        Returns
        -------
        float64 array
            Values (...,) in the units of the data, or probabilities (..., classes).  Those of a classification sum to
            1; those of presences are independent, each from 0 to 1.

        Raises
        ------
        ValueError
            For another shape, a number that is not finite, or a latitude beyond 90 degrees.
        """
        places = sphere.check_lonlat(np.asarray(lonlat, dtype=float))
        answers = self._predict(sphere.to_unit_vectors(places.reshape(-1, 2)))
        return answers.reshape(places.shape[:-1] + answers.shape[1:])

    def predict_proba(self, lonlat: ArrayLike) -> Numbers:
        """Probabilities (..., classes) at places (..., 2), as ``predict``; ``ValueError`` for a regression."""
        if self.task == "regression":
            raise ValueError("This predictor is of a regression and has no probabilities; predict gives its values.")
        return self.predict(lonlat)

    def stderr(self, lonlat: ArrayLike) -> Numbers | None:
        """Standard error (...,) of the prediction of an observation, in the units of the data.

        None for predictors that do not know it (``spec.has_stderr``).
        """
        return None

    def arrays(self) -> dict[str, NDArray[Any]]:
        """What ``from_arrays`` needs beside the constants, as arrays by name: the training places and targets."""
        return {"lonlat": self._places.lonlat, "target": self._places.target}

    @classmethod
    def from_arrays(
        cls,
        spec: PredictorSpec,
        params: Params,
        task: Task,
        classes: tuple[str, ...],
        arrays: Mapping[str, NDArray[Any]],
    ) -> Predictor:
        """The predictor of ``arrays``, without fitting anything; ``ValueError`` for arrays that are not its own."""
        spec.check_task(task)
        if (task == "regression") != (not classes):
            raise ValueError(f"{len(classes)} classes do not go with a {task}")
        if arrays.keys() != set(cls.ARRAYS):
            raise ValueError(f"its arrays are {', '.join(map(shown, arrays)) or 'none'}, not {', '.join(cls.ARRAYS)}")
        lonlat, target = arrays["lonlat"], arrays["target"]
        wanted = np.float64 if task == "regression" else np.int64
        shapes = lonlat.shape == (target.size, 2) and target.ndim == 1
        if not shapes or lonlat.dtype != np.float64 or target.dtype != wanted:
            raise ValueError(
                f"{lonlat.dtype} places of shape {lonlat.shape} and {target.dtype} targets of shape {target.shape} are "
                f"not those of a {task}"
            )
        if not np.isfinite(target).all() or (classes and not ((target >= 0) & (target < len(classes))).all()):
            raise ValueError("some targets are not finite, or of no class")
        return cls(spec, Places(task, classes, sphere.check_lonlat(lonlat), target), spec.check(params))

    @classmethod
    def settings(cls, spec: PredictorSpec, places: Places, given: Params) -> list[dict[str, Any]]:
        """All constants of each setting to try, the best known first; ``given`` ones are in all of them."""
        default = spec.check(given)
        tried = {name: (value,) if name in given else cls.TRIED.get(name, (value,)) for name, value in default.items()}
        settings = [dict(zip(tried, values, strict=True)) for values in product(*tried.values())]
        return [default, *(setting for setting in settings if setting != default)]

    @classmethod
    def answers(
        cls, spec: PredictorSpec, places: Places, settings: Sequence[Params], vectors: Numbers
    ) -> Iterator[Numbers]:
        """What each of the settings predicts at places given as unit vectors (n, 3)."""
        for setting in settings:
            yield cls(spec, places, setting)._predict(vectors)

    def calibrate(self, known: Places, held_out: Places | None) -> None:
        """Learn from held-out places how large the errors of predictions from the ``known`` ones are."""

    def _answer(self, vectors: Numbers) -> Numbers:
        """Values (n,) or probabilities (n, classes) at places given as unit vectors (n, 3)."""
        raise NotImplementedError

    def _predict(self, vectors: Numbers) -> Numbers:
        """``_answer`` at any number of places."""
        shape = (len(self.classes),) if self.classes else ()
        return in_batches(self._answer, vectors, self.batch, shape)


def in_batches(
    answer: Callable[[Numbers], Numbers], vectors: Numbers, batch: int, shape: tuple[int, ...] = ()
) -> Numbers:
    """Answers (n, *shape) at places given as unit vectors (n, 3), a batch at a time."""
    answers = np.empty((len(vectors), *shape))
    for i in range(0, len(vectors), batch):
        answers[i : i + batch] = answer(vectors[i : i + batch])
    return answers


class LocalPredictor(Predictor):
    """A predictor that looks at the ``k`` nearest training places; a subclass answers them in ``_from``."""

    @classmethod
    def answers(
        cls, spec: PredictorSpec, places: Places, settings: Sequence[Params], vectors: Numbers
    ) -> Iterator[Numbers]:
        """What each of the settings predicts; neighbours are looked up once for all of them."""
        near = places.neighbours(vectors, max(cls(spec, places, setting).k for setting in settings))
        for setting in settings:
            predictor = cls(spec, places, setting)
            yield predictor._from(near.first(predictor.k))

    @property
    def k(self) -> int:
        """How many neighbours count."""
        return int(self.params["k"])

    def _answer(self, vectors: Numbers) -> Numbers:
        return self._from(self._places.neighbours(vectors, self.k))

    def _from(self, near: Neighbours) -> Numbers:
        """Values (n,) or probabilities (n, classes) from the neighbours of n places."""
        raise NotImplementedError
