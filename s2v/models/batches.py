"""What a training step takes: random numbers, batches, and places with their features."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from s2v.data import DataSet
from s2v.encoders.base import Encoder
from s2v.evaluation import Background, background_places, evaluate
from s2v.models.device import CPU, room
from s2v.models.losses import background_points
from s2v.models.model import LocationModel
from s2v.models.recipe import Recipe

# On a CPU; s2v.models.device.room says how much more on a GPU.
MAX_ENCODING_BYTES = 128 * 2**20  # features of training or held-out places are kept up to this size
MAX_BACKGROUND_FEATURES = 2**20  # numbers encoded together, for several steps


class RandomStream:
    """Torch's random numbers from a separate seed inside ``with``; outside, torch's random state is unchanged.

    What a training draws it draws on the CPU, so that it is the same on a GPU, to which it is then moved.  Only the
    masks of dropout come from the generator of the ``device``.
    """

    def __init__(self, seed: int, device: torch.device = CPU) -> None:
        self._generators = [torch.default_generator]
        if device.type == "cuda":
            torch.cuda.init()
            self._generators.append(torch.cuda.default_generators[device.index or torch.cuda.current_device()])
        self._states = [torch.Generator(each.device).manual_seed(seed).get_state() for each in self._generators]

    def __enter__(self) -> None:
        self._outside = self._exchange(self._states)

    def __exit__(self, *error: object) -> None:
        self._states = self._exchange(self._outside)

    def _exchange(self, states: list[Tensor]) -> list[Tensor]:
        before = [each.get_state() for each in self._generators]
        for generator, state in zip(self._generators, states, strict=True):
            generator.set_state(state)
        return before


class Batches:
    """The numbers of the places in each batch: slices of a permutation, then of a new one.

    Permutations are drawn on the CPU, then moved to the ``device`` as wholes.
    """

    def __init__(self, places: int, batch: int, device: torch.device = CPU) -> None:
        self._places, self._batch, self._device = places, min(batch, places), device
        self._order, self._next = torch.empty(0, dtype=torch.int64), 0

    def next(self) -> Tensor:
        """Place numbers (batch,), all different; the few left over at the end of a permutation are dropped."""
        if self._next + self._batch > len(self._order):
            self._order, self._next = torch.randperm(self._places).to(self._device), 0
        self._next += self._batch
        return self._order[self._next - self._batch : self._next]


class EncodedPlaces:
    """Places with their features, which are computed once where the encoder is fixed and they fit in memory."""

    def __init__(self, model: LocationModel, lonlat: NDArray[np.float64]) -> None:
        self._model, self._lonlat = model, lonlat
        self._tensor = torch.tensor(lonlat, dtype=torch.float32, device=model.device)
        fits = len(lonlat) * model.encoder.dim * 4 <= room(MAX_ENCODING_BYTES, model.device)
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
        self.target = torch.from_numpy(target).to(model.device)
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
        self._encoder, self._where, self._device = model.encoder, recipe.background, model.device
        self._ready = torch.empty(0, model.encoder.dim)

    def next(self, places: int) -> Tensor:
        """Features (places, dim) of points not returned before."""
        if places > len(self._ready):
            steps = room(MAX_BACKGROUND_FEATURES, self._device) // (places * self._encoder.dim)
            if steps < 2 or _is_learned(self._encoder):
                return self._draw(places)
            self._ready = self._draw(steps * places)
        features, self._ready = self._ready[:places], self._ready[places:]
        return features

    def _draw(self, places: int) -> Tensor:
        features: Tensor = self._encoder(background_points(places, where=self._where).to(self._device))
        return features.contiguous()


def _is_learned(encoder: Encoder) -> bool:
    return any(parameter.requires_grad for parameter in encoder.parameters())
