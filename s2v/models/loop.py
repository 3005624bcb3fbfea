"""The steps of one training: from a model that knows nothing to the last snapshot."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from s2v.data import DataSet
from s2v.evaluation import background_places
from s2v.models.batches import BackgroundFeatures, Batches, EncodedPart, EncodedPlaces, RandomStream
from s2v.models.choices import LOSSES
from s2v.models.device import room, torch_device
from s2v.models.losses import LOSS_FUNCTIONS
from s2v.models.model import LocationModel
from s2v.models.recipe import Recipe
from s2v.models.scales import resolved
from s2v.models.trials import Trial

MAX_UNREAD = 1  # losses, on a CPU; a GPU has room for more: to read one is to wait for its step
MAX_LOSS_GROWTH = 1000.0  # times the loss of the untrained model, or of 1: no training recovers from there


class DivergedError(RuntimeError):
    """The loss exploded or is not finite; the message says at which step, and what to try."""


@dataclass(frozen=True)
class Snapshot:
    """A training run at one moment.

    ``step`` of ``steps`` are done, after ``seconds`` of training, without evaluation and the consumer's time.  ``loss``
    is the mean over the steps since the last snapshot; at step 0 that of the untrained model.  ``metrics`` are those of
    ``s2v.evaluation.evaluate`` on the validation places, for presences against ``background_places()``; the last
    snapshot, ``done``, also has those on the test places, with names that begin with ``test_``.  ``model`` is the model
    itself: it changes as soon as the next snapshot is requested.  ``trials`` are those from which the encoder's scale
    was chosen before the first step; ``model.recipe`` has the numbers in force.
    """

    step: int
    steps: int
    seconds: float
    loss: float
    metrics: dict[str, float]
    model: LocationModel
    done: bool
    trials: tuple[Trial, ...] = ()


class Evaluation:
    """Metrics of a model on the held-out places, as often as wanted while its weights change."""

    def __init__(self, model: LocationModel, dataset: DataSet) -> None:
        self._model, self._dataset = model, dataset
        self.val = EncodedPart(model, dataset, dataset.val)
        self._background = EncodedPlaces(model, background_places()) if model.task == "presence" else None

    def metrics(self, last: bool = False) -> dict[str, float]:
        """``Snapshot.metrics`` of the model as it is now; ``last`` adds those on the test places."""
        metrics = self.val.metrics(self._background)
        if last:
            test = EncodedPart(self._model, self._dataset, self._dataset.test).metrics(self._background)
            metrics |= {f"test_{name}": value for name, value in test.items()}
        return metrics


def train_steps(
    recipe: Recipe,
    dataset: DataSet,
    *,
    every: int | None = None,
    seconds: Callable[[], float] = lambda: math.inf,
    should_stop: Callable[[], bool] = lambda: False,
    pause_at: Callable[[], float] = lambda: math.inf,
    evaluated: bool = True,
    weights: NDArray[np.float64] | None = None,
) -> Iterator[Snapshot]:
    """Snapshots of the training of a recipe on this data set; the arguments are those of ``s2v.train``.

    ``weights`` say how much each place of the data set counts in the loss; only their ratios matter.
    """
    every = every or recipe.steps
    device = torch_device(recipe.device)
    stream = RandomStream(recipe.seed, device)
    with stream:
        model = new_model(recipe, dataset, weights).to(device)
    weight = None if weights is None else _of_mean_one(weights[dataset.train]).to(device)
    most = 1.0 if weight is None else max(1.0, float(weight.max()))
    train = EncodedPart(model, dataset, dataset.train)
    loss_of = objective(recipe, model)
    optimizer = torch.optim.Adam(parameter_groups(model), fused=True)
    batches = Batches(len(dataset.train), recipe.batch, device)

    evaluation = Evaluation(model, dataset) if evaluated else None

    def snapshot(step: int, elapsed: float, loss: float) -> Snapshot:
        learning_rate = one_cycle(step, recipe.steps, recipe.learning_rate)
        if not math.isfinite(sum(parameter.detach().sum().item() for parameter in model.parameters())):
            raise _diverged("a weight is no longer finite", step, learning_rate)
        done = step == recipe.steps
        metrics = evaluation.metrics(last=done) if evaluation else {}
        return Snapshot(step, recipe.steps, elapsed, loss, metrics, model, done)

    unread: list[tuple[int, float, Tensor]] = []

    def read() -> float:
        """The sum of the losses that have not been read yet."""
        total = 0.0
        for step, learning_rate, loss in unread:
            total += _checked(loss.item(), untrained * most, step, learning_rate)
        unread.clear()
        return total

    step, elapsed = 0, 0.0
    model.eval()
    with stream, torch.no_grad():
        val = evaluation.val if evaluation else EncodedPart(model, dataset, dataset.val)
        untrained = float(loss_of(val.features(slice(None)), val.target))
        del val
    model.train()
    yield snapshot(0, 0.0, untrained)
    while step < recipe.steps:
        total, first, started = 0.0, step, time.perf_counter()
        with stream:
            while step < recipe.steps:
                if should_stop():
                    return
                learning_rate = one_cycle(step, recipe.steps, recipe.learning_rate)
                for group in optimizer.param_groups:
                    group["lr"] = group["factor"] * learning_rate
                rows = batches.next()
                loss = loss_of(train.features(rows), train.target[rows], None if weight is None else weight[rows])
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
                with torch.no_grad():
                    model.encoder.after_step()
                step += 1
                unread.append((step, learning_rate, loss.detach()))
                if len(unread) >= room(MAX_UNREAD, device):
                    total += read()
                if step - first >= every or time.perf_counter() - started >= seconds() or step >= pause_at():
                    break
        total += read()
        elapsed += time.perf_counter() - started
        yield snapshot(step, elapsed, total / (step - first))


def parameter_groups(model: LocationModel) -> list[dict[str, Any]]:
    """A model's parameters by the ``factor`` of the recipe's learning rate at which they train, for an optimiser.

    Factors are the encoder's (``Encoder.learning_rates``); all other parameters have 1.

    Examples
    --------
    >>> model = LocationModel(Recipe(encoder="voronoi"), "regression")
    >>> [(group["factor"], len(group["params"])) for group in parameter_groups(model)]
    [(1.0, 9), (2.0, 1)]
    """
    groups: dict[float, list[Tensor]] = {1.0: []}
    for name, parameter in model.named_parameters():
        factor = model.encoder.learning_rates.get(name.removeprefix("encoder."), 1.0)
        groups.setdefault(factor, []).append(parameter)
    return [{"factor": factor, "params": parameters} for factor, parameters in groups.items()]


def one_cycle(step: int, steps: int, peak: float) -> float:
    """Learning rate of a step: half a cosine up to the peak over three tenths of the steps, then half a cosine down.

    Smith and Topin 2018, with the constants of ``torch.optim.lr_scheduler.OneCycleLR``: from peak/25 to peak/250,000.
    """
    low, end, turn = peak / 25, peak / 25e4, 0.3 * steps
    if step < turn:
        return _half_cosine(low, peak, step / turn)
    return _half_cosine(peak, end, (step - turn) / (steps - turn))


def objective(recipe: Recipe, model: LocationModel) -> Callable[..., Tensor]:
    """The recipe's loss as a function of features (n, dim), targets (n,) and, where they differ, weights (n,).

    Other classes and background points are drawn anew in each call, from torch's generator.
    ``ValueError`` where the loss needs more classes than there are.
    """
    name = recipe.loss_in_force
    loss = LOSS_FUNCTIONS[name]
    if len(model.classes) < LOSSES[name].min_classes:
        raise ValueError(
            f"loss={name!r} takes another class as absent, and data={recipe.data!r} has a single one. Choose a loss "
            "with background points, such as 'presence_absence'."
        )

    half = recipe.precision == "bfloat16"

    def outputs_of(features: Tensor) -> Tensor:
        # Without the cache: inside a caller's autocast it would keep the weights of the first step.
        with torch.autocast(features.device.type, torch.bfloat16, enabled=half, cache_enabled=False):
            outputs: Tensor = model.network(features)
        return outputs.float()

    def without_background(features: Tensor, target: Tensor, weight: Tensor | None = None) -> Tensor:
        return loss(outputs_of(features), target, weight=weight)

    background = BackgroundFeatures(recipe, model)

    def with_background(features: Tensor, target: Tensor, weight: Tensor | None = None) -> Tensor:
        outputs = outputs_of(torch.cat((features, background.next(len(target)))))
        return loss(outputs[: len(target)], target, outputs[len(target) :], weight=weight)

    return with_background if LOSSES[name].background else without_background


def new_model(recipe: Recipe, dataset: DataSet, weights: NDArray[np.float64] | None = None) -> LocationModel:
    """The untrained model of a recipe, adapted to the training data: a scale that is "auto", the scale of its outputs,
    its encoder's places."""
    model = LocationModel(resolved(recipe, dataset), recipe.task, dataset.classes)
    target = dataset.target[dataset.train]
    if dataset.task == "regression":
        mean, scale = _mean_and_deviation(target, None if weights is None else weights[dataset.train])
        model.mean.fill_(mean)
        # The deviation of a constant target is rounding: it is learned unscaled.
        model.scale.fill_(scale if scale > 1e-6 * abs(mean) else 1.0)
    model.encoder.fit_places(dataset.lonlat[dataset.train])
    return model


def _of_mean_one(weights: NDArray[np.float64]) -> Tensor:
    return torch.tensor(weights / weights.mean(), dtype=torch.float32)


def _mean_and_deviation(values: NDArray[np.float64], weights: NDArray[np.float64] | None) -> tuple[float, float]:
    if weights is None:
        return float(values.mean()), float(values.std())
    mean = float(np.average(values, weights=weights))
    return mean, math.sqrt(np.average((values - mean) ** 2, weights=weights))


def _checked(loss: float, untrained: float, step: int, learning_rate: float) -> float:
    if not math.isfinite(loss):
        raise _diverged(f"the loss is {loss}", step, learning_rate)
    if loss > MAX_LOSS_GROWTH * max(1.0, untrained):
        raise _diverged(f"the loss has grown from {untrained:.2g} to {loss:.2g}", step, learning_rate)
    return loss


def _diverged(what: str, step: int, learning_rate: float) -> DivergedError:
    return DivergedError(
        f"Training diverged: {what} at step {step}, where the learning rate is {learning_rate:.2g}. "
        "Try a learning rate ten times smaller, or a larger batch."
    )


def _half_cosine(start: float, end: float, share: float) -> float:
    return end + (start - end) * (1 + math.cos(math.pi * share)) / 2
