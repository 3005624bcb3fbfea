"""Data sets that are known everywhere: a function of the place, with or without noise, at places uniform by area."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from s2v import sphere
from s2v.data.catalogue import CATALOGUE
from s2v.data.dataset import TEST_PLACES, VALIDATION_PLACES, DataSet, Description, Request, Values, assemble
from s2v.data.parts import draw
from s2v.data.streams import stream


def known_everywhere(request: Request, source: Values, description: Description) -> DataSet:
    """A data set of places uniform on the sphere by area, whose target is the truth at them plus noise.

    Training places and their noise follow the seed, and more of them continue the same streams; held-out ones are
    always the same.

    Parameters
    ----------
    request : Request
        As ``load(request)`` of a family is given it.
    source : callable
        ``source(lonlat)``: the truth (...,) at places (..., 2), float64 or int64 class numbers.
    description : Description
        Its ``noise`` is added; ``bayes`` (and ``bayes_val``, ``bayes_predict``) follow from it unless they are given.

    Returns
    -------
    DataSet

    Raises
    ------
    ValueError
        For noise below 0, and for a share of other labels above 1 or with fewer than two classes.

    Examples
    --------
    A new data set: a file with such a function, and a line in ``catalogue.py``.

    >>> def load(request: Request) -> DataSet:
    ...     return known_everywhere(
    ...         request,
    ...         lambda lonlat: np.sin(np.deg2rad(lonlat[..., 1])),
    ...         Description(credit="Made here.", summary="Height above the equator.", limits=(-1, 1), noise=0.5),
    ...     )
    >>> d = load(Request("geoid", "geoid", {}, points=1000, seed=0, split="random"))
    >>> round(d.bayes, 2)  # the variance of the sine is 1/3, that of the noise 1/4
    0.57
    """
    _check(description)
    counts = request.points, VALIDATION_PLACES, TEST_PLACES
    lonlat, *parts = draw(sphere.random_points, counts, request.seed, request.split)
    truth = source(lonlat)
    streams = (
        stream("noise at training places", request.seed),
        stream("noise at validation places"),
        stream("noise at test places"),
    )
    drawn = np.split(truth, np.cumsum(counts)[:-1])  # also what the split drops, so that the rest keeps its noise
    target = np.concatenate([_with_noise(part, description, rng) for part, rng in zip(drawn, streams, strict=True)])
    if description.bayes is None and CATALOGUE[request.base].task != "presence":
        val, test = (_ceiling(truth[part], description) for part in parts[1:])
        predict = _posterior(source, description) if description.classes and description.noise else None
        description = replace(
            description,
            bayes=test,
            bayes_val=description.bayes_val if val == test else val,
            bayes_predict=description.bayes_predict or predict,
        )

    def observe(lonlat: NDArray[np.float64], rng: np.random.Generator) -> NDArray[Any]:
        return _with_noise(source(lonlat), description, rng)

    return assemble(request, description, lonlat, target, parts, source, observe)


def _check(description: Description) -> None:
    noise, classes = description.noise, len(description.classes)
    if not 0 <= noise < np.inf or (classes and noise > 1) or (classes == 1 and noise):
        raise ValueError(
            f"noise={noise}: allowed is a standard deviation of at least 0 or, with two or more classes, a share of "
            "labels from 0 to 1."
        )


def _with_noise(truth: NDArray[Any], description: Description, rng: np.random.Generator) -> NDArray[Any]:
    """The truth (n,) with noise; row by row from the stream, so that more rows continue it."""
    if not description.noise:
        return truth
    if not description.classes:
        return truth + description.noise * rng.standard_normal(len(truth))
    u, classes = rng.random((len(truth), 2)), len(description.classes)
    other = (truth + 1 + (u[:, 1] * (classes - 1)).astype(np.int64)) % classes
    return np.where(u[:, 0] < description.noise, other, truth)


def _ceiling(truth: NDArray[Any], description: Description) -> float:
    """The best score in the long run at places of this truth (n,)."""
    if not description.noise:
        return 1.0
    if description.classes:
        return max(1 - description.noise, description.noise / (len(description.classes) - 1))
    variance = float(truth.var())
    return variance / (variance + description.noise**2)


def _posterior(source: Values, description: Description) -> Values:
    classes = len(description.classes)
    other = description.noise / (classes - 1)

    def posterior(lonlat: NDArray[np.float64]) -> NDArray[np.float64]:
        is_true = np.eye(classes, dtype=bool)[source(lonlat)]
        return np.where(is_true, 1 - description.noise, other)

    return posterior
