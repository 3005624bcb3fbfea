"""Losses, on raw outputs: logits (n, classes) with class numbers (n,), or values.

Those of presences work as published with -log(p + 1e-5), which saturates at 11.5, so that one wild point cannot rule a
step.  Where a place is known to have one class and nothing is known of the others ("presence only"), the losses take
them as absent there, and all classes as absent at background points.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F  # noqa: N812 - the name all of torch uses

_NO_CLASS = -(2**31)  # torch would pass over places of class -100
EPSILON = 1e-5  # sphere2vec losses.py 6-7, sinr losses.py 18-19


def cross_entropy(outputs: Tensor, target: Tensor) -> Tensor:
    """Softmax cross entropy, for exactly one class at each place (locationencoder's AN_loss of several classes)."""
    _check(outputs, target)
    with _explained("target", target, outputs):
        return F.cross_entropy(outputs, target, ignore_index=_NO_CLASS)


def squared_error(outputs: Tensor, target: Tensor) -> Tensor:
    """Mean squared error of values; outputs (n, 1) also go with a target (n,)."""
    if outputs.shape == (*target.shape, 1):
        outputs = outputs.squeeze(-1)
    if outputs.shape != target.shape:
        raise ValueError(f"The outputs have shape {tuple(outputs.shape)}, the target {tuple(target.shape)}: unequal.")
    return F.mse_loss(outputs, target)


def presence_absence(
    outputs: Tensor,
    target: Tensor,
    background: Tensor,
    positive_weight: float | None = None,
    background_weight: float = 1.0,
) -> Tensor:
    """The paper's loss (sphere2vec losses.py 378-470, full_loss): presence here, absence elsewhere.

    Mean over ``outputs`` (n, classes) of -log p for the class seen, times ``positive_weight``, and of -log(1-p) for the
    others, plus ``background_weight`` times the mean of -log(1-q) over the outputs ``background`` (m, classes) at
    ``background_points``.  As published the positive weight is the number of classes, unless given.
    """
    _check(outputs, target, background)
    weight = outputs.shape[1] if positive_weight is None else positive_weight
    seen = _of(outputs, target)
    # All as if absent, then the seen ones put right: one pass over the large array.
    signs, weights = outputs.new_tensor([[1.0, -1.0], [weight, -1.0]])
    seen_more = (_surprise(seen * signs) * weights).sum() / outputs.numel()
    return _surprise(-outputs).mean() + seen_more + background_weight * _surprise(-background).mean()


def an_full(outputs: Tensor, target: Tensor, background: Tensor) -> Tensor:
    """SINR's "assume negative, full" (Cole et al. 2023): ``presence_absence`` with a positive weight of 2048."""
    return presence_absence(outputs, target, background, positive_weight=2048)


def an_slds(
    outputs: Tensor, target: Tensor, other: Tensor | None = None, generator: torch.Generator | None = None
) -> Tensor:
    """SINR's "same location, different species": the class seen is there, one other class is not.

    ``other`` (n,) are these other classes; without it they are drawn evenly among all but the one seen.
    """
    _check(outputs, target)
    if other is None:
        classes = outputs.shape[1]
        if classes < 2:
            raise ValueError("an_slds needs at least 2 classes: it takes another class as absent.")
        other = torch.randint(classes - 1, target.shape, generator=generator, device=target.device)
        other = other + (other >= target)  # skips the class seen
    elif other.shape != target.shape or other.dtype != torch.int64:
        raise ValueError(
            f"The other classes have shape {tuple(other.shape)} and dtype {other.dtype}; they must be int64 of shape "
            f"{tuple(target.shape)}."
        )
    seen, absent = _of(outputs, target), _of(outputs, other, "other")
    return _surprise(seen).mean() + _surprise(-absent).mean()


def an_ssdl(outputs: Tensor, target: Tensor, background: Tensor) -> Tensor:
    """SINR's "same species, different location": the class seen is there, and is not at a background point.

    ``background`` (n, classes) has one point for each of the ``outputs``.
    """
    _check(outputs, target, background)
    if background.shape != outputs.shape:
        raise ValueError(f"an_ssdl needs one background point a place: {len(background)} for {len(outputs)} given.")
    return _surprise(_of(outputs, target)).mean() + _surprise(-_of(background, target)).mean()


def published_test_loss(outputs: Tensor, target: Tensor) -> Tensor:
    """What the published code reports on test data: the mean of -log p of the class seen (trainer_helper.py, test).

    Not for training: presence everywhere makes it vanish.
    """
    _check(outputs, target)
    return _surprise(_of(outputs, target)).mean()


@dataclass(frozen=True)
class Loss:
    """A loss's card.  ``function(outputs, target)``, and with the outputs at background points where it needs them."""

    name: str
    title: str
    function: Callable[..., Tensor]
    background: bool
    reference: str


LOSSES: Mapping[str, Loss] = {
    loss.name: loss
    for loss in (
        Loss("cross_entropy", "Cross entropy", cross_entropy, False, "softmax over the classes"),
        Loss("squared_error", "Squared error", squared_error, False, "mean squared error"),
        Loss(
            "presence_absence",
            "Presence and absence",
            presence_absence,
            True,
            "Mac Aodha et al. 2019; sphere2vec losses.py, full_loss",
        ),
        Loss("an_full", "Assume negative, full", an_full, True, "Cole et al. 2023 (SINR), losses.py an_full"),
        Loss(
            "an_slds", "Same location, different species", an_slds, False, "Cole et al. 2023 (SINR), losses.py an_slds"
        ),
        Loss(
            "an_ssdl", "Same species, different location", an_ssdl, True, "Cole et al. 2023 (SINR), losses.py an_ssdl"
        ),
    )
}

BACKGROUNDS = ("sphere", "published")


def background_points(
    points: int,
    generator: torch.Generator | None = None,
    where: str = "sphere",
    dtype: torch.dtype = torch.float32,
) -> Tensor:
    """Random places (points, 2), longitude first, in degrees, at which nothing was seen.

    ``where="sphere"`` is uniform by area.  ``where="published"`` repeats for teaching what sphere2vec and TorchSpatial
    do (losses.py 44-68): longitudes 0 to 180 and latitudes 0 to 90, evenly in degrees, so one quarter of the globe
    only, with two and a half times the sphere's share above 60 degrees.
    """
    if points < 0 or points != int(points):
        raise ValueError(f"points={points!r} is not a whole number of at least 0.")
    if where not in BACKGROUNDS:
        raise ValueError(f"where={where!r} is not one of {', '.join(BACKGROUNDS)}.")
    # In float64, so that no latitude is rounded to beyond 90.
    u = torch.rand((int(points), 2), generator=generator, dtype=torch.float64)
    if where == "published":
        lonlat = u * torch.tensor([180.0, 90.0], dtype=torch.float64)
    else:
        lonlat = torch.stack([360 * u[:, 0] - 180, torch.asin(2 * u[:, 1] - 1) * (180 / math.pi)], -1)
    return lonlat.to(dtype)


def _surprise(logits: Tensor) -> Tensor:
    """-log(p + 1e-5) of p = sigmoid(logits); of -logits it is that of 1-p, without its rounding."""
    return -torch.log(torch.sigmoid(logits) + EPSILON)


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
    """Torch's own errors about class numbers name neither them nor what is allowed; to look before costs time."""
    try:
        yield
    except (IndexError, RuntimeError):
        least, most = (int(value) for value in classes.aminmax())
        if least >= 0 and most < outputs.shape[1]:
            raise
        raise ValueError(
            f"The {what} has classes from {least} to {most}; the {outputs.shape[1]} outputs stand for classes 0 to "
            f"{outputs.shape[1] - 1}. Does the numbering begin at 1, or does -1 mean unknown? Drop such places first."
        ) from None


def _of(outputs: Tensor, classes: Tensor, what: str = "target") -> Tensor:
    """The outputs (n, 1) of one class at each place."""
    with _explained(what, classes, outputs):
        return outputs.gather(1, classes[:, None])
