"""Losses, on raw outputs: logits (n, classes) with class numbers (n,), or values.

Losses of presences use -log(p + 1e-5) as published, which saturates at 11.5, so one outlier cannot dominate a step.
Presence-only data say which class was seen at a place and nothing about the others: these losses take the others as
absent there, and all classes as absent at background points.

``weight`` (n,), of mean 1 over the training places, says how much each place counts; background points count as ever.

A new loss is one function here, under the name of its line in ``choices.py``: ``function(outputs, target, *, weight)``,
or ``function(outputs, target, background, *, weight)`` with the outputs at background points.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

import torch
from torch import Tensor
from torch.nn import functional as F  # noqa: N812 - the name all of torch uses

from s2v.errors import shown
from s2v.models.choices import BACKGROUNDS, LOSSES, implemented

_NO_CLASS = -(2**31)  # by default torch skips places of class -100
EPSILON = 1e-5  # sphere2vec losses.py 6-7, sinr losses.py 18-19


def cross_entropy(outputs: Tensor, target: Tensor, *, weight: Tensor | None = None) -> Tensor:
    """Softmax cross entropy, for exactly one class at each place (locationencoder's AN_loss of several classes)."""
    _check(outputs, target)
    with _explained("target", target, outputs):
        if weight is None:
            return F.cross_entropy(outputs, target, ignore_index=_NO_CLASS)
        return _mean(F.cross_entropy(outputs, target, ignore_index=_NO_CLASS, reduction="none"), weight)


def squared_error(outputs: Tensor, target: Tensor, *, weight: Tensor | None = None) -> Tensor:
    """Mean squared error of values; outputs (n, 1) also go with a target (n,)."""
    if outputs.shape == (*target.shape, 1):
        outputs = outputs.squeeze(-1)
    if outputs.shape != target.shape:
        raise ValueError(f"The outputs have shape {tuple(outputs.shape)}, the target {tuple(target.shape)}: unequal.")
    return F.mse_loss(outputs, target) if weight is None else _mean((outputs - target) ** 2, weight)


def presence_absence(
    outputs: Tensor,
    target: Tensor,
    background: Tensor,
    positive_weight: float | None = None,
    background_weight: float = 1.0,
    *,
    weight: Tensor | None = None,
) -> Tensor:
    """The paper's loss (sphere2vec losses.py 378-470, full_loss): presence here, absence elsewhere.

    Mean over ``outputs`` (n, classes) of -log p for the class seen, times ``positive_weight``, and of -log(1-p) for the
    others, plus ``background_weight`` times the mean of -log(1-q) over the outputs ``background`` (m, classes) at
    ``background_points``.  As published the positive weight is the number of classes, unless given.
    """
    _check(outputs, target, background)
    positive = outputs.shape[1] if positive_weight is None else positive_weight
    seen = _of_class(outputs, target)
    # All classes as absent, then those seen corrected: one pass over the large array.
    constants = torch.tensor([[1.0, -1.0], [positive, -1.0]], dtype=outputs.dtype)
    signs, factors = constants.to(outputs.device, non_blocking=True)  # nothing waits for a GPU
    corrections = _nll(seen * signs) * factors
    if weight is not None:
        corrections = corrections * weight[:, None]
    correction = corrections.sum() / outputs.numel()
    return _mean(_nll(-outputs), weight) + correction + background_weight * _nll(-background).mean()


def an_full(outputs: Tensor, target: Tensor, background: Tensor, *, weight: Tensor | None = None) -> Tensor:
    """SINR's "assume negative, full" (Cole et al. 2023): ``presence_absence`` with a positive weight of 2048."""
    return presence_absence(outputs, target, background, positive_weight=2048, weight=weight)


def an_slds(
    outputs: Tensor,
    target: Tensor,
    other: Tensor | None = None,
    generator: torch.Generator | None = None,
    *,
    weight: Tensor | None = None,
) -> Tensor:
    """SINR's "same location, different species": the class seen is there, one other class is not.

    ``other`` (n,) are these other classes; without it they are drawn evenly among all but the one seen.
    """
    _check(outputs, target)
    if other is None:
        classes = outputs.shape[1]
        if classes < 2:
            raise ValueError("an_slds needs at least 2 classes: it takes another class as absent.")
        drawn = torch.randint(
            classes - 1, target.shape, generator=generator, device=generator.device if generator else None
        )
        other = drawn.to(target.device)  # drawn on the CPU, unless the generator says otherwise
        other = other + (other >= target)  # skips the class seen
    elif other.shape != target.shape or other.dtype != torch.int64:
        raise ValueError(
            f"The other classes have shape {tuple(other.shape)} and dtype {other.dtype}; they must be int64 of shape "
            f"{tuple(target.shape)}."
        )
    seen, absent = _of_class(outputs, target), _of_class(outputs, other, "other")
    return _mean(_nll(seen), weight) + _mean(_nll(-absent), weight)


def an_ssdl(outputs: Tensor, target: Tensor, background: Tensor, *, weight: Tensor | None = None) -> Tensor:
    """SINR's "same species, different location": the class seen is there, and is not at a background point.

    ``background`` (n, classes) has one point for each of the ``outputs``.
    """
    _check(outputs, target, background)
    if background.shape != outputs.shape:
        raise ValueError(f"an_ssdl needs one background point a place: {len(background)} for {len(outputs)} given.")
    return _mean(_nll(_of_class(outputs, target)), weight) + _mean(_nll(-_of_class(background, target)), weight)


def published_test_loss(outputs: Tensor, target: Tensor) -> Tensor:
    """What the published code reports on test data: the mean of -log p of the class seen (trainer_helper.py, test).

    Not for training: presence everywhere makes it vanish.
    """
    _check(outputs, target)
    return _nll(_of_class(outputs, target)).mean()


LOSS_FUNCTIONS: Mapping[str, Callable[..., Tensor]] = implemented(LOSSES, globals(), "losses.py")


def background_points(
    points: int,
    generator: torch.Generator | None = None,
    where: str = "sphere",
    dtype: torch.dtype = torch.float32,
) -> Tensor:
    """Random places (points, 2), longitude first, in degrees, which a loss takes for absences.

    ``where="sphere"`` is uniform by area.  ``where="published"`` repeats for teaching what sphere2vec and TorchSpatial
    do (losses.py 44-68): longitudes 0 to 180 and latitudes 0 to 90, evenly in degrees, so one quarter of the globe
    only, with two and a half times the sphere's share above 60 degrees.
    """
    if points < 0 or points != int(points):
        raise ValueError(f"points={shown(points)} is not a whole number of at least 0.")
    if where not in BACKGROUNDS:
        raise ValueError(f"where={shown(where)} is not one of {', '.join(BACKGROUNDS)}.")
    # In float64, so that no latitude is rounded beyond 90.
    u = torch.rand((int(points), 2), generator=generator, dtype=torch.float64)
    return _LONLAT[where](u).to(dtype)


def _sphere(u: Tensor) -> Tensor:
    return torch.stack([360 * u[:, 0] - 180, torch.asin(2 * u[:, 1] - 1) * (180 / math.pi)], -1)


def _published(u: Tensor) -> Tensor:
    return u * torch.tensor([180.0, 90.0], dtype=torch.float64)


# Uniform numbers (n, 2) -> places.
_LONLAT = implemented(BACKGROUNDS, {"sphere": _sphere, "published": _published}, "_LONLAT in losses.py")


def _nll(logits: Tensor) -> Tensor:
    """-log(p + 1e-5) of p = sigmoid(logits).  For 1-p pass -logits, which does not round."""
    return -torch.log(torch.sigmoid(logits) + EPSILON)


def _mean(terms: Tensor, weight: Tensor | None) -> Tensor:
    """The mean of terms (n, ...), those of a place times its weight."""
    return (
        terms.mean() if weight is None else (terms.flatten(1).mean(1) if terms.ndim > 1 else terms).mul(weight).mean()
    )


def _check(outputs: Tensor, target: Tensor, background: Tensor | None = None) -> None:
    if outputs.ndim != 2 or target.shape != outputs.shape[:1]:
        raise ValueError(
            f"The outputs have shape {tuple(outputs.shape)}, the target {tuple(target.shape)}; they must be "
            "(n, classes) and (n,)."
        )
    if target.dtype != torch.int64:
        raise TypeError(f"The target has dtype {target.dtype}; class numbers must be int64.")
    if background is not None:
        if background.ndim != 2 or background.shape[1] != outputs.shape[1]:
            raise ValueError(f"The background has shape {tuple(background.shape)}; it must be (m, {outputs.shape[1]}).")
        if len(target) and not len(background):
            raise ValueError("There are no background points; this loss needs at least one.")


@contextmanager
def _explained(what: str, classes: Tensor, outputs: Tensor) -> Iterator[None]:
    """Torch's errors about class numbers name neither them nor what is allowed.  Checking beforehand takes time."""
    try:
        yield
    except (IndexError, RuntimeError):
        low, high = (int(value) for value in classes.aminmax())
        if low >= 0 and high < outputs.shape[1]:
            raise
        raise ValueError(
            f"The {what} has classes from {low} to {high}; the {outputs.shape[1]} outputs stand for classes 0 to "
            f"{outputs.shape[1] - 1}. Does the numbering begin at 1, or does -1 mean unknown? Drop such places first."
        ) from None


def _of_class(outputs: Tensor, classes: Tensor, what: str = "target") -> Tensor:
    """The outputs (n, 1) of one class at each place."""
    with _explained(what, classes, outputs):
        return outputs.gather(1, classes[:, None])
