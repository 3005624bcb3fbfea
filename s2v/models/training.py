"""A recipe in, a generator of snapshots out.  No interface, no threads, no cluster; readable in a sitting."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from s2v import data
from s2v.data import DataSet, check_name
from s2v.encoders.base import Encoder
from s2v.evaluation import Background, background_places, evaluate
from s2v.models.losses import LOSSES, background_points
from s2v.models.model import LocationModel
from s2v.models.recipe import Recipe

WILD = 1000.0  # times the loss of the untrained model, or of 1: no training comes back from there
FEATURES_AHEAD = 2**20  # numbers: more features of background points are not made together, but for a single step
MAX_ENCODINGS = 128 * 2**20  # bytes: encodings of training or held-out places are kept up to this size


class DivergedError(RuntimeError):
    """The loss is beyond all measure, or no number any more; the message says at which step and what to try."""


@dataclass(frozen=True)
class Snapshot:
    """A training run at one moment.

    ``step`` of ``steps`` are done, after ``seconds`` of training (evaluation and the consumer's time are not
    counted).  ``loss`` is the mean over the steps since the last snapshot; at step 0 that of the untrained model.
    ``metrics`` are those of ``s2v.evaluation.evaluate`` on the validation places, for presences against
    ``background_places()``; the last snapshot, ``done``, has those on the test places too, with names that begin with
    ``test_``.  ``model`` is the model itself: it changes as soon as the next snapshot is asked for.
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
    """Train, handing out a ``Snapshot`` at step 0, then after each ``every`` steps, and at the end.

    ``every`` is a twentieth of the steps unless given; ``seconds`` asks for snapshots by the clock instead, each
    that many seconds of training.  ``should_stop`` is asked before each step: once it says so, the generator ends
    without another snapshot.  ``pause_at`` is asked after each step: once that many are done, there is a snapshot, and
    who wants a pause or steps one by one asks for the next one later.  ``seconds`` may be a function that is asked
    after each step, too.  All of them must be quick.

    The result depends on the recipe and the data alone: not on when snapshots are taken, nor on random numbers drawn
    by others meanwhile, and torch's own random state is left as it was.  The generator may be closed at any time.

    ``dataset`` takes the place of the data that the recipe names, and has its name: that of places of your own (see
    ``s2v.data.own`` and ``s2v.data.read_points``) is "own:" and the task.  Its parts are as they are: ``points`` and
    ``split`` of the recipe change nothing then.

    Not ``evaluated`` snapshots have no metrics: who does not want to hold up the training has them from an
    ``Evaluation`` of a copy of the model.

    Losses of presences that need background points (``s2v.models.losses``) get as many as the batch has places, drawn
    anew for each step.

    Raises ``ValueError`` for a bad interval and for a data set of another name at once; while running
    ``DivergedError``, ``ValueError`` for data that cannot be split or learned as the recipe asks, or
    ``s2v.assets.AssetError`` where they are missing or damaged.
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
        *(recipe, dataset, evaluated, every or end),
        *(interval, should_stop or (lambda: False), pause_at or (lambda: end)),
    )


class Evaluation:
    """Metrics of a model, again and again, as its weights change."""

    def __init__(self, model: LocationModel, dataset: DataSet) -> None:
        self._model, self._dataset = model, dataset
        self.val = _Part(model, dataset, dataset.val)
        self._elsewhere = _Places(model, background_places()) if model.task == "presence" else None

    def metrics(self, last: bool = False) -> dict[str, float]:
        """``Snapshot.metrics`` of the model as it is now, of the ``last`` snapshot on request."""
        metrics = self.val.metrics(self._elsewhere)
        if last:
            test = _Part(self._model, self._dataset, self._dataset.test).metrics(self._elsewhere)
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
    train = _Part(model, dataset, dataset.train)
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
        val = evaluation.val if evaluation else _Part(model, dataset, dataset.val)
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
                total += _sane(loss.item(), untrained, step, learning_rate)
                if step - first >= every or time.perf_counter() - started >= interval() or step >= pause_at():
                    break
        elapsed += time.perf_counter() - started
        yield snapshot(step, elapsed, total / (step - first))


def one_cycle(step: int, steps: int, peak: float) -> float:
    """Learning rate of a step: half a cosine up to the peak over three tenths of the steps, then half a cosine down.

    Smith and Topin 2018, with the numbers of ``torch.optim.lr_scheduler.OneCycleLR``: from peak/25 to almost nothing.
    """
    low, end, turn = peak / 25, peak / 25e4, 0.3 * steps
    if step < turn:
        return _half_cosine(low, peak, step / turn)
    return _half_cosine(peak, end, (step - turn) / (steps - turn))


def objective(recipe: Recipe, model: LocationModel) -> Callable[[Tensor, Tensor], Tensor]:
    """The recipe's loss as a function of features (n, dim) and targets (n,).

    What it needs at random comes from torch's generator: other classes in each call, background points, which are new
    ones in each call, for several calls together.
    ``ValueError`` where the loss needs more classes than there are.
    """
    loss = LOSSES[recipe.loss_in_force]
    if loss.name == "an_slds" and len(model.classes) < 2:
        raise ValueError(
            f"loss='an_slds' takes another class as absent, and data={recipe.data!r} has a single one. Choose a loss "
            "with background points, such as 'presence_absence'."
        )

    def outputs_of(features: Tensor) -> Tensor:
        half = recipe.precision == "bfloat16"
        # Without the cache: inside of a caller's own autocast it would keep the weights of the first step.
        with torch.autocast(features.device.type, torch.bfloat16, enabled=half, cache_enabled=False):
            outputs: Tensor = model.network(features)
        return outputs.float()

    def without_background(features: Tensor, target: Tensor) -> Tensor:
        return loss.function(outputs_of(features), target)

    elsewhere = _Elsewhere(recipe, model)

    def with_background(features: Tensor, target: Tensor) -> Tensor:
        outputs = outputs_of(torch.cat((features, elsewhere.features(len(target)))))
        return loss.function(outputs[: len(target)], target, outputs[len(target) :])

    return with_background if loss.background else without_background


def new_model(recipe: Recipe, dataset: DataSet) -> LocationModel:
    """The untrained model of a recipe, with what it takes from the training data before the first step."""
    model = LocationModel(recipe, recipe.task, dataset.classes)
    target = dataset.target[dataset.train]
    if dataset.task == "regression":
        mean, scale = float(target.mean()), float(target.std())
        model.mean.fill_(mean)
        # A constant target is learned as it is; what is left of its deviation is rounding.
        model.scale.fill_(scale if scale > 1e-6 * abs(mean) else 1.0)
    model.encoder.fit_places(dataset.lonlat[dataset.train])
    return model


class RandomStream:
    """torch's random numbers from a seed of our own, inside ``with``; outside, nothing has happened."""

    def __init__(self, seed: int) -> None:
        self._state = torch.Generator().manual_seed(seed).get_state()

    def __enter__(self) -> None:
        self._outside = torch.get_rng_state()
        torch.set_rng_state(self._state)

    def __exit__(self, *error: object) -> None:
        self._state = torch.get_rng_state()
        torch.set_rng_state(self._outside)


class Batches:
    """Numbers of the next batch's places: slices of a permutation, and a new permutation when it is used up."""

    def __init__(self, places: int, batch: int) -> None:
        self._places, self._batch = places, min(batch, places)
        self._order, self._next = torch.empty(0, dtype=torch.int64), 0

    def next(self) -> Tensor:
        """Place numbers (batch,), all different; the few left over at the end of a permutation are dropped."""
        if self._next + self._batch > len(self._order):
            self._order, self._next = torch.randperm(self._places), 0
        self._next += self._batch
        return self._order[self._next - self._batch : self._next]


class _Part:
    """Some places of a data set as the network sees them; their encodings are computed once where they can be."""

    def __init__(self, model: LocationModel, dataset: DataSet, rows: NDArray[np.int64]) -> None:
        self._model, self._dataset, self._rows = model, dataset, rows
        self._places = _Places(model, dataset.lonlat[rows])
        target = dataset.target[rows]
        if dataset.task == "regression":
            target = ((target - float(model.mean)) / float(model.scale)).astype(np.float32)
        self.target = torch.from_numpy(target)
        self.features = self._places.features

    def metrics(self, elsewhere: _Places | None) -> dict[str, float]:
        """Metrics of the model as it is now."""
        dataset, rows, model = self._dataset, self._rows, self._model
        prediction = self._places.prediction()
        background = Background(background_places(), elsewhere.prediction()) if elsewhere else None
        return evaluate(model.task, dataset.target[rows], prediction, dataset.lonlat[rows], background=background)


class _Places:
    """Places as the network sees them; their encodings are computed once where they can be."""

    def __init__(self, model: LocationModel, lonlat: NDArray[np.float64]) -> None:
        self._model, self._lonlat = model, lonlat
        self._tensor = torch.tensor(lonlat, dtype=torch.float32)
        fits = len(lonlat) * model.encoder.dim * 4 <= MAX_ENCODINGS
        with torch.no_grad():
            self._encodings: Tensor | None = None
            if fits and not _is_learned(model.encoder):  # those of a place side by side, as batches gather them
                self._encodings = model.encoder(self._tensor).contiguous()

    def features(self, rows: Tensor | slice) -> Tensor:
        """Features (rows, dim) of some of the places."""
        if self._encodings is None:
            features: Tensor = self._model.encoder(self._tensor[rows])
            return features
        return self._encodings[rows]

    def prediction(self) -> NDArray[np.float32]:
        """Values or probabilities at all places."""
        if self._encodings is None:
            return self._model.predict(self._lonlat)
        return self._model.answer(self._encodings)


class _Elsewhere:
    """Background points as the network sees them: new ones each time, drawn and encoded for several steps at once."""

    def __init__(self, recipe: Recipe, model: LocationModel) -> None:
        self._encoder, self._where = model.encoder, recipe.background
        self._ahead = torch.empty(0, model.encoder.dim)

    def features(self, places: int) -> Tensor:
        """Features (places, dim)."""
        if places > len(self._ahead):
            steps = FEATURES_AHEAD // (places * self._encoder.dim)
            if steps < 2 or _is_learned(self._encoder):
                return self._encoded(places)
            self._ahead = self._encoded(steps * places)
        features, self._ahead = self._ahead[:places], self._ahead[places:]
        return features

    def _encoded(self, places: int) -> Tensor:
        features: Tensor = self._encoder(background_points(places, where=self._where))
        return features.contiguous()


def _is_learned(encoder: Encoder) -> bool:
    return any(parameter.requires_grad for parameter in encoder.parameters())


def _sane(loss: float, untrained: float, step: int, learning_rate: float) -> float:
    if not math.isfinite(loss):
        raise _diverged(f"the loss is {loss}", step, learning_rate)
    if loss > WILD * max(1.0, untrained):
        raise _diverged(f"the loss has grown from {untrained:.2g} to {loss:.2g}", step, learning_rate)
    return loss


def _diverged(what: str, step: int, learning_rate: float) -> DivergedError:
    return DivergedError(
        f"Training diverged: {what} at step {step}, where the learning rate is {learning_rate:.2g}. "
        "Try a learning rate ten times smaller, or a larger batch."
    )


def _half_cosine(start: float, end: float, share: float) -> float:
    return end + (start - end) * (1 + math.cos(math.pi * share)) / 2
