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

from s2v import data, evaluation
from s2v.data import DataSet
from s2v.losses import cross_entropy, squared_error
from s2v.model import LocationModel
from s2v.recipe import Recipe

ENCODINGS_KEPT = 512 * 2**20  # bytes: encodings of the training places are kept up to this size


class DivergedError(RuntimeError):
    """The loss is no longer a number; the message says at which step and what to try."""


@dataclass(frozen=True)
class Snapshot:
    """A training run at one moment.

    ``step`` of ``steps`` are done, after ``seconds`` of training (evaluation and the consumer's time are not
    counted).  ``loss`` is the mean over the steps since the last snapshot; at step 0 that of the untrained model.
    ``metrics`` are those of ``s2v.evaluation.evaluate`` on the validation places; the last snapshot, ``done``, has
    those on the test places too, with names that begin with ``test_``.  ``model`` is the model itself: it changes as
    soon as the next snapshot is asked for.
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
) -> Iterator[Snapshot]:
    """Train, handing out a ``Snapshot`` at step 0, then after each ``every`` steps, and at the end.

    ``every`` is a twentieth of the steps unless given; ``seconds`` asks for snapshots by the clock instead, each
    that many seconds of training; a function is asked for them anew after each snapshot.  ``should_stop`` is asked
    before each step, so it must be quick: once it says so, the generator ends without another snapshot.  ``pause_at``
    is asked after each step: once that many are done, there is a snapshot, and who wants a pause or steps one by one
    asks for the next one later.

    The result depends on the recipe alone: not on when snapshots are taken, nor on random numbers drawn by others
    meanwhile, and torch's own random state is left as it was.  The generator may be closed at any time.

    Raises ``ValueError`` for a bad interval or presence-only data, at once; while running ``DivergedError``, or
    ``s2v.assets.AssetError`` where the data are missing or damaged.
    """
    if every is not None and seconds is not None:
        raise ValueError("Both every and seconds provided; only one is allowed.")
    if every is not None and every < 1:
        raise ValueError(f"every={every}: a snapshot can be taken after 1 step at the earliest.")
    if seconds is not None and not callable(seconds) and not seconds > 0:
        raise ValueError(f"seconds={seconds}: the time between snapshots must be positive.")
    if seconds is None:
        every = every or max(1, recipe.steps // 20)
    if data.entry(recipe.data).task == "presence":
        raise ValueError(
            f"data={recipe.data!r} holds presences only, and training on those is not there yet. Choose a data set of "
            "classes or values, such as 'cities' or 'languages'."
        )
    interval = seconds if callable(seconds) else lambda: seconds or math.inf
    end = recipe.steps
    return _train(recipe, every or end, interval, should_stop or (lambda: False), pause_at or (lambda: end))


def _train(
    recipe: Recipe,
    every: int,
    interval: Callable[[], float],
    should_stop: Callable[[], bool],
    pause_at: Callable[[], int],
) -> Iterator[Snapshot]:
    dataset = data.load(recipe.data, recipe.points, recipe.seed)
    stream = RandomStream(recipe.seed)
    with stream:
        model = new_model(recipe, dataset)
    train, val = (_Part(model, dataset, rows) for rows in (dataset.train, dataset.val))
    loss_of = squared_error if dataset.task == "regression" else cross_entropy
    optimizer = torch.optim.Adam(model.parameters(), fused=True)
    batches = Batches(len(dataset.train), recipe.batch)

    def snapshot(step: int, elapsed: float, loss: float) -> Snapshot:
        metrics = val.metrics()
        if step == recipe.steps:
            test = _Part(model, dataset, dataset.test).metrics()
            metrics |= {f"test_{name}": value for name, value in test.items()}
        return Snapshot(step, recipe.steps, elapsed, loss, metrics, model, done=step == recipe.steps)

    step, elapsed = 0, 0.0
    with torch.no_grad():
        untrained = float(loss_of(model.eval().network(val.features(slice(None))), val.target))
    model.train()
    yield snapshot(0, 0.0, untrained)
    while step < recipe.steps:
        limit = interval()
        total, first, started = 0.0, step, time.perf_counter()
        with stream:
            while step < recipe.steps:
                if should_stop():
                    return
                learning_rate = one_cycle(step, recipe.steps, recipe.learning_rate)
                optimizer.param_groups[0]["lr"] = learning_rate
                rows = batches.next()
                loss = loss_of(model.network(train.features(rows)), train.target[rows])
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
                step += 1
                total += _finite(loss.item(), step, learning_rate)
                if step - first >= every or time.perf_counter() - started >= limit or step >= pause_at():
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


def new_model(recipe: Recipe, dataset: DataSet) -> LocationModel:
    """The untrained model of a recipe, with what it takes from the training data before the first step."""
    model = LocationModel(recipe, dataset.task, dataset.classes)
    target = dataset.target[dataset.train]
    if dataset.task == "regression":
        model.mean.fill_(float(target.mean()))
        model.scale.fill_(float(target.std()) or 1.0)  # a constant target is learned as it is
    if recipe.encoder == "rbf":  # as published, the anchors are training places
        rng = np.random.default_rng(recipe.encoder_params["seed"])
        anchors = recipe.encoder_params["anchors"]
        chosen = rng.choice(dataset.train, anchors, replace=anchors > len(dataset.train))
        centers = model.get_buffer("encoder.centers")
        centers.copy_(torch.from_numpy(dataset.lonlat[chosen]))
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
        self._lonlat = torch.from_numpy(dataset.lonlat[rows]).float()
        target = dataset.target[rows]
        if dataset.task == "regression":
            target = ((target - float(model.mean)) / float(model.scale)).astype(np.float32)
        self.target = torch.from_numpy(target)
        learned = any(parameter.requires_grad for parameter in model.encoder.parameters())
        fits = len(rows) * model.encoder.dim * 4 <= ENCODINGS_KEPT
        with torch.no_grad():
            self._encodings: Tensor | None = model.encoder(self._lonlat) if fits and not learned else None

    def features(self, rows: Tensor | slice) -> Tensor:
        """Features (rows, dim) of some places of this part."""
        if self._encodings is None:
            features: Tensor = self._model.encoder(self._lonlat[rows])
            return features
        return self._encodings[rows]

    def prediction(self) -> NDArray[np.float32]:
        """Values or probabilities at all places of this part."""
        if self._encodings is None:
            return self._model.predict(self._dataset.lonlat[self._rows])
        return self._model.answer(self._encodings)

    def metrics(self) -> dict[str, float]:
        """Metrics of the model as it is now."""
        dataset, rows = self._dataset, self._rows
        return evaluation.evaluate(dataset.task, dataset.target[rows], self.prediction(), dataset.lonlat[rows])


def _finite(loss: float, step: int, learning_rate: float) -> float:
    if math.isfinite(loss):
        return loss
    raise DivergedError(
        f"Training diverged: the loss is {loss} at step {step}, where the learning rate is {learning_rate:.2g}. "
        "Try a learning rate ten times smaller, or a larger batch."
    )


def _half_cosine(start: float, end: float, share: float) -> float:
    return end + (start - end) * (1 + math.cos(math.pi * share)) / 2
