"""Fitting a reference predictor: its constants are chosen on validation places, within stated seconds."""

from __future__ import annotations

import importlib
import math
import time
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from s2v import evaluation, sphere
from s2v.data.catalogue import Task
from s2v.data.dataset import DataSet
from s2v.data.streams import stream
from s2v.errors import shown
from s2v.predictors.base import Predictor
from s2v.predictors.entries import SPECS
from s2v.predictors.places import Numbers, Places
from s2v.predictors.spec import Params, PredictorSpec

MAX_SECONDS = 10.0  # that the choice of constants may take, unless told otherwise
MAX_HELD_OUT = 1000  # validation places that decide: the differences between settings are far larger than their luck
MIN_PLACES = 10  # with fewer training places, and no validation places, constants keep their defaults

BACKGROUND_STEP = 4  # of the background places of presences every fourth is scored

PREDICTORS = {spec.name: spec for spec in SPECS}


def names(task: Task | None = None) -> list[str]:
    """Names of the reference predictors, simplest first.

    Parameters
    ----------
    task : "regression", "classification" or "presence", optional
        Only those that serve it.

    Returns
    -------
    list of str

    Examples
    --------
    >>> names("regression")[:3]
    ['mean', 'nearest', 'idw']
    """
    return [name for name, spec in PREDICTORS.items() if task is None or task in spec.tasks]


def spec(name: str) -> PredictorSpec:
    """The spec of that name; ``ValueError`` lists the names there are.

    Examples
    --------
    >>> spec("idw").title
    'Inverse distance'
    """
    try:
        return PREDICTORS[name]
    except (KeyError, TypeError):  # TypeError: lists and the like
        raise ValueError(f"predictor={shown(name)} is unknown; there are: {', '.join(PREDICTORS)}.") from None


def implementation(spec: PredictorSpec) -> type[Predictor]:
    """The class of a predictor."""
    module, _, name = spec.implementation.partition(":")
    found: type[Predictor] = getattr(importlib.import_module(module), name)
    return found


def fit(
    name: str,
    dataset: DataSet,
    params: Params | None = None,
    *,
    seconds: float = MAX_SECONDS,
    go_on: Callable[[], bool] = lambda: True,
) -> Predictor:
    """A reference predictor of a data set: what it takes no training to predict.

    Constants that are not given are chosen on the validation places of the data set: the ones with the best main score
    (R2, accuracy or AUC) there.  Without validation places of its own a tenth of the training places decides.

    Parameters
    ----------
    name : str
        One of ``names()``.
    dataset : DataSet
    params : mapping, optional
        Constants of the predictor (``PREDICTORS[name].parameters``) that are not to be chosen.
    seconds : float, default 10
        No further setting is tried after so many of the processor: a busy machine chooses no worse.  Settings are tried
        in a fixed order, the best known first.
    go_on : function, optional
        Called between two settings, where it may wait; no further one is tried once it returns false.

    Returns
    -------
    Predictor
        It predicts as a trained model does: ``predict``, ``predict_proba``.

    Raises
    ------
    ValueError
        For an unknown name, a task that the predictor does not serve, constants out of range, or no training place.

    Examples
    --------
    >>> from s2v import data
    >>> geoid = data.load("geoid", points=1000)
    >>> idw = fit("idw", geoid)
    >>> idw.predict([[15.6, 78.2]]).shape, sorted(idw.params)
    ((1,), ['k', 'power'])
    >>> fit("idw", data.load("land_ocean", points=100))
    Traceback (most recent call last):
    ValueError: The predictor 'idw' does not serve a classification, only a regression.
    """
    started = time.thread_time()
    found = spec(name)
    found.check_task(dataset.task)
    given = found.check_given(params or {})
    if not seconds >= 0:
        raise ValueError(f"seconds={shown(seconds)} is not a number of at least 0.")
    kind = implementation(found)
    train = _rows(dataset, dataset.train)
    known, held_out = _validation(dataset, train)
    trials = []
    settings = kind.settings(found, known, given)
    if len(settings) > 1 and held_out is not None:
        vectors = np.concatenate([held_out.vectors_of_rows, *_background(dataset.task)])
        for setting, answer in zip(settings, kind.answers(found, known, settings, vectors), strict=False):
            trials.append((setting, _score(held_out, answer)))
            if time.thread_time() - started > seconds or not go_on():
                break
    # The first of equally good ones; where nothing can be scored, as with a constant target, the best known.
    best = max(trials, key=lambda trial: -math.inf if math.isnan(trial[1]) else trial[1], default=(settings[0], 0.0))
    predictor = kind(found, train, best[0])
    predictor.calibrate(known, held_out)
    predictor.data, predictor.trials, predictor.seconds = dataset.name, trials, time.thread_time() - started
    return predictor


def _rows(dataset: DataSet, rows: NDArray[np.int64]) -> Places:
    return Places(dataset.task, dataset.classes, dataset.lonlat[rows], dataset.target[rows])


def _validation(dataset: DataSet, train: Places) -> tuple[Places, Places | None]:
    """The places from which settings are tried, and those on which they are scored; None where there are too few.

    Data sets without held-out places of their own name training places as such: on these the nearest place is always
    right.  There a tenth of the training places is held out, and the others predict it.
    """
    order = stream("validation of predictors")
    own = dataset.val[~np.isin(dataset.val, dataset.train)]
    if len(own):
        return train, _rows(dataset, order.permutation(own)[:MAX_HELD_OUT])
    if len(train) < MIN_PLACES:
        return train, None
    return train.without(order.permutation(len(train))[: min(MAX_HELD_OUT, len(train) // 10)])


def _background(task: Task) -> list[Numbers]:
    """Unit vectors of the places with which presences are compared."""
    return [sphere.to_unit_vectors(evaluation.background_places()[::BACKGROUND_STEP])] if task == "presence" else []


def _score(held_out: Places, answer: Numbers) -> float:
    """The main score of the task, of an answer at the held-out rows followed by the background places."""
    target, n = held_out.target, len(held_out.target)
    if held_out.task == "regression":
        return evaluation.r2(target, answer)
    if held_out.task == "classification":
        return evaluation.accuracy(target, answer)
    return float(evaluation.auc(target, answer[:n], answer[n:]).mean())
