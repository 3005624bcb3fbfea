"""What a training step takes: random numbers, batches, and places with their features."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from s2v.data import DataSet
from s2v.encoders.base import Encoder
from s2v.evaluation import Background, background_places, evaluate
from s2v.models.losses import background_points
from s2v.models.model import LocationModel
from s2v.models.recipe import Recipe

MAX_ENCODING_BYTES = 128 * 2**20  # features of training or held-out places are kept up to this size
MAX_BACKGROUND_FEATURES = 2**20  # numbers encoded together, for several steps


class RandomStream:
    """Torch's random numbers from a separate seed inside ``with``; outside, torch's random state is unchanged."""

    def __init__(self, seed: int) -> None:
        self._state = torch.Generator().manual_seed(seed).get_state()

    def __enter__(self) -> None:
        self._outside = torch.get_rng_state()
        torch.set_rng_state(self._state)

    def __exit__(self, *error: object) -> None:
        self._state = torch.get_rng_state()
        torch.set_rng_state(self._outside)


class Batches:
    """The numbers of the places in each batch: slices of a permutation, then of a new one."""

    def __init__(self, places: int, batch: int) -> None:
        self._places, self._batch = places, min(batch, places)
        self._order, self._next = torch.empty(0, dtype=torch.int64), 0

    def next(self) -> Tensor:
        """Place numbers (batch,), all different; the few left over at the end of a permutation are dropped."""
        if self._next + self._batch > len(self._order):
            self._order, self._next = torch.randperm(self._places), 0
        self._next += self._batch
        return self._order[self._next - self._batch : self._next]


class EncodedPlaces:
    """Places with their features, which are computed once where the encoder is fixed and they fit in memory."""

    def __init__(self, model: LocationModel, lonlat: NDArray[np.float64]) -> None:
        self._model, self._lonlat = model, lonlat
        self._tensor = torch.tensor(lonlat, dtype=torch.float32)
        fits = len(lonlat) * model.encoder.dim * 4 <= MAX_ENCODING_BYTES
        with torch.no_grad():
            self._features: Tensor | None = None
            if fits and not _is_learned(model.encoder):
                # Batches gather rows, so the features of a place lie side by side.
                self._features = model.encoder(self._tensor).contiguous()

    def features(self, rows: Tensor | slice) -> Tensor:
        """Features (rows, dim) of some of the places."""
        if self._features is None:
            features: Tensor = self._model.encoder(self._tensor[rows])
            return features
        return self._features[rows]

    def prediction(self) -> NDArray[np.float32]:
        """The model's values or probabilities at all places."""
        if self._features is None:
            return self._model.predict(self._lonlat)
        return self._model.answer(self._features)


class EncodedPart:
    """The training, validation or test places of a data set with their features and targets.

    ``target`` is what the network learns: class numbers, or values with mean 0 and standard deviation 1.
    """

    def __init__(self, model: LocationModel, dataset: DataSet, rows: NDArray[np.int64]) -> None:
        self._model, self._dataset, self._rows = model, dataset, rows
        self._places = EncodedPlaces(model, dataset.lonlat[rows])
        target = dataset.target[rows]
        if dataset.task == "regression":
            target = ((target - float(model.mean)) / float(model.scale)).astype(np.float32)
        self.target = torch.from_numpy(target)
        self.features = self._places.features

    def metrics(self, background: EncodedPlaces | None) -> dict[str, float]:
        """Metrics of the model as it is now; presences are compared with those at ``background_places()``."""
        dataset, rows = self._dataset, self._rows
        absent = Background(background_places(), background.prediction()) if background else None
        prediction = self._places.prediction()
        return evaluate(self._model.task, dataset.target[rows], prediction, dataset.lonlat[rows], background=absent)


class BackgroundFeatures:
    """Features of background points: new points for each step, drawn and encoded for several steps at once."""

    def __init__(self, recipe: Recipe, model: LocationModel) -> None:
        self._encoder, self._where = model.encoder, recipe.background
        self._ready = torch.empty(0, model.encoder.dim)

    def next(self, places: int) -> Tensor:
        """Features (places, dim) of points not returned before."""
        if places > len(self._ready):
            steps = MAX_BACKGROUND_FEATURES // (places * self._encoder.dim)
            if steps < 2 or _is_learned(self._encoder):
                return self._draw(places)
            self._ready = self._draw(steps * places)
        features, self._ready = self._ready[:places], self._ready[places:]
        return features

    def _draw(self, places: int) -> Tensor:
        features: Tensor = self._encoder(background_points(places, where=self._where))
        return features.contiguous()


def _is_learned(encoder: Encoder) -> bool:
    return any(parameter.requires_grad for parameter in encoder.parameters())
