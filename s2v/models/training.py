"""A recipe in, a generator of snapshots out.  No interface, no threads, no cluster."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from s2v import data
from s2v.data import DataSet, check_name
from s2v.evaluation import background_places
from s2v.models.batches import BackgroundFeatures, Batches, EncodedPart, EncodedPlaces, RandomStream
from s2v.models.choices import LOSSES
from s2v.models.losses import LOSS_FUNCTIONS
from s2v.models.model import LocationModel
from s2v.models.recipe import Recipe

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
    itself: it changes as soon as the next snapshot is requested.
    """

    step: int
    steps: int
    seconds: float
    loss: float
    metrics: dict[str, float]
    model: LocationModel
    done: bool


def train(
    recipe: Recipe,
    *,
    every: int | None = None,
    seconds: float | Callable[[], float] | None = None,
    should_stop: Callable[[], bool] | None = None,
    pause_at: Callable[[], int] | None = None,
    dataset: DataSet | None = None,
    evaluated: bool = True,
) -> Iterator[Snapshot]:
    """Train a model, with a snapshot at step 0, at regular intervals and at the end.

    The result depends on the recipe and the data alone: not on when snapshots are taken, nor on random numbers that
    others draw meanwhile.  Torch's random state is left as it was.  The generator may be closed at any time.

    Parameters
    ----------
    recipe : Recipe
        What to train.  Losses of presences that need background points get as many new ones per step as the batch has
        places.
    every : int, steps, default a twentieth of all steps
        Interval between snapshots.
    seconds : float or function, seconds of training, optional
        Interval by the clock instead.  A function is called after each step and must be quick.
    should_stop : function, optional
        Called before each step; where it returns true, the generator ends without another snapshot.
    pause_at : function, optional
        Called after each step; at the step that it returns there is a snapshot.  Training waits until the next snapshot
        is requested, so this is how to pause, or to go step by step.
    dataset : DataSet, optional
        Takes the place of the data that the recipe names, and must have that name: "own:regression" and so on for the
        data sets of ``s2v.data.own`` and ``s2v.data.read_points``.  ``points`` and ``split`` of the recipe then have
        no effect.
    evaluated : bool, default True
        Whether snapshots have metrics.  Without them training is faster; an ``Evaluation`` of a copy of the model gives
        them elsewhere.

    Returns
    -------
    iterator of Snapshot

    Raises
    ------
    ValueError
        At once for a bad interval or a data set of another name; while running for data that cannot be split or learned
        as the recipe asks.
    DivergedError
        Where the loss explodes.
    s2v.assets.AssetError
        Where a file of the data set is missing or damaged.

    Examples
    --------
    >>> import s2v
    >>> recipe = s2v.Recipe(data="checkerboard", encoder="xyz", points=200, steps=20)
    >>> for snapshot in s2v.train(recipe, every=10):
    ...     print(snapshot.step, snapshot.done)
    0 False
    10 False
    20 True
    >>> snapshot.model.predict([[15.6, 78.2], [-70.0, -30.0]]).shape
    (2, 16)
    """
    if every is not None and seconds is not None:
        raise ValueError("Both every and seconds provided; only one is allowed.")
    if every is not None and every < 1:
        raise ValueError(f"every={every}: a snapshot can be taken after 1 step at the earliest.")
    if seconds is not None and not callable(seconds) and not seconds > 0:
        raise ValueError(f"seconds={seconds}: the time between snapshots must be positive.")
    if seconds is None:
        every = every or max(1, recipe.steps // 20)
    if dataset is not None and dataset.name != check_name(recipe.data):
        raise ValueError(
            f"The data set is {dataset.name!r}, and the recipe is of {recipe.data!r}: make the recipe with "
            f"data={dataset.name!r}."
        )
    interval = seconds if callable(seconds) else lambda: seconds or math.inf
    end = recipe.steps
    return _train(
        recipe,
        dataset,
        evaluated,
        every or end,
        interval,
        should_stop or (lambda: False),
        pause_at or (lambda: end),
    )


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


def _train(
    recipe: Recipe,
    dataset: DataSet | None,
    evaluated: bool,
    every: int,
    interval: Callable[[], float],
    should_stop: Callable[[], bool],
    pause_at: Callable[[], int],
) -> Iterator[Snapshot]:
    if dataset is None:
        dataset = data.load(recipe.data, recipe.points, recipe.seed, recipe.split)
    stream = RandomStream(recipe.seed)
    with stream:
        model = new_model(recipe, dataset)
    train = EncodedPart(model, dataset, dataset.train)
    loss_of = objective(recipe, model)
    optimizer = torch.optim.Adam(model.parameters(), fused=True)
    batches = Batches(len(dataset.train), recipe.batch)

    evaluation = Evaluation(model, dataset) if evaluated else None

    def snapshot(step: int, elapsed: float, loss: float) -> Snapshot:
        learning_rate = one_cycle(step, recipe.steps, recipe.learning_rate)
        if not math.isfinite(sum(parameter.detach().sum().item() for parameter in model.parameters())):
            raise _diverged("a weight is no longer finite", step, learning_rate)
        done = step == recipe.steps
        metrics = evaluation.metrics(last=done) if evaluation else {}
        return Snapshot(step, recipe.steps, elapsed, loss, metrics, model, done)

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
                optimizer.param_groups[0]["lr"] = learning_rate
                rows = batches.next()
                loss = loss_of(train.features(rows), train.target[rows])
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
                step += 1
                total += _checked(loss.item(), untrained, step, learning_rate)
                if step - first >= every or time.perf_counter() - started >= interval() or step >= pause_at():
                    break
        elapsed += time.perf_counter() - started
        yield snapshot(step, elapsed, total / (step - first))


def one_cycle(step: int, steps: int, peak: float) -> float:
    """Learning rate of a step: half a cosine up to the peak over three tenths of the steps, then half a cosine down.

    Smith and Topin 2018, with the constants of ``torch.optim.lr_scheduler.OneCycleLR``: from peak/25 to peak/250,000.
    """
    low, end, turn = peak / 25, peak / 25e4, 0.3 * steps
    if step < turn:
        return _half_cosine(low, peak, step / turn)
    return _half_cosine(peak, end, (step - turn) / (steps - turn))


def objective(recipe: Recipe, model: LocationModel) -> Callable[[Tensor, Tensor], Tensor]:
    """The recipe's loss as a function of features (n, dim) and targets (n,).

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

    def without_background(features: Tensor, target: Tensor) -> Tensor:
        return loss(outputs_of(features), target)

    background = BackgroundFeatures(recipe, model)

    def with_background(features: Tensor, target: Tensor) -> Tensor:
        outputs = outputs_of(torch.cat((features, background.next(len(target)))))
        return loss(outputs[: len(target)], target, outputs[len(target) :])

    return with_background if LOSSES[name].background else without_background


def new_model(recipe: Recipe, dataset: DataSet) -> LocationModel:
    """The untrained model of a recipe, adapted to the training data: the scale of its outputs, its encoder's places."""
    model = LocationModel(recipe, recipe.task, dataset.classes)
    target = dataset.target[dataset.train]
    if dataset.task == "regression":
        mean, scale = float(target.mean()), float(target.std())
        model.mean.fill_(mean)
        # The deviation of a constant target is rounding: it is learned unscaled.
        model.scale.fill_(scale if scale > 1e-6 * abs(mean) else 1.0)
    model.encoder.fit_places(dataset.lonlat[dataset.train])
    return model


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
