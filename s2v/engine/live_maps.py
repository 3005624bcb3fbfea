"""Maps of a model while it trains: where they are predicted, how often, and in what form they are sent."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from s2v.engine.frames import LAYER_GRID, SHARE_SCALE
from s2v.evaluation import entropy
from s2v.fields import Grid

if TYPE_CHECKING:
    from s2v.models.model import LocationModel

MAP_SECONDS = 0.35  # of training between two live maps: pages that poll as often draw one each second
CROWDED_MAP_SECONDS = 1.0  # the same where other trainings wait: maps took two fifths of a class's time
MAX_POLAR_SECONDS = 2.0  # age of polar maps that are sent again: half of the time between two drawings of them
BATCH_SIZE = 4096  # places: the network's layers then stay in the processor's cache
MAX_ENCODING_BYTES = 32 * 2**20  # of the world map's encodings, and of those of the polar maps


def map_interval(cost: float, crowded: bool = False) -> float:
    """Seconds of training between two live maps that take ``cost`` seconds each to make: at least twice as many, so
    that maps never take more of a core than the training."""
    return max(CROWDED_MAP_SECONDS if crowded else MAP_SECONDS, 2 * cost)


class Maps(NamedTuple):
    """``Frame.maps`` and ``Frame.layers``."""

    maps: dict[str, NDArray[Any]]
    layers: dict[str, NDArray[np.uint8]]


class LiveMaps:
    """Maps of one model at any moment of its training.

    Polar maps are half of the places and are drawn every few seconds: they are kept for ``MAX_POLAR_SECONDS``.
    """

    def __init__(self, model: LocationModel, grids: Mapping[str, Grid]) -> None:
        self._model = model
        self._predict_world = _CachedPrediction(model, {name: grid for name, grid in grids.items() if name == "world"})
        self._predict_poles = _CachedPrediction(model, {name: grid for name, grid in grids.items() if name != "world"})
        self._poles: dict[str, NDArray[Any]] = {}
        self._poles_time = -math.inf

    def __call__(self, watched_class: int = 0, refresh_all: bool = False) -> Maps:
        """The maps of the model as it is now, and for classes the layers that live frames have.

        With ``refresh_all`` the polar maps are as new as the world map.
        """
        layers = _Layers(watched_class) if self._model.classes else None
        world = self._predict_world(layers)
        if refresh_all or time.monotonic() - self._poles_time >= MAX_POLAR_SECONDS:
            self._poles, self._poles_time = self._predict_poles(), time.monotonic()
        return Maps({**world, **self._poles}, layers.on_grid() if layers else {})


class _CachedPrediction:
    """Predictions of a model at the same places; these are encoded once, unless the encoder itself learns."""

    def __init__(self, model: LocationModel, grids: Mapping[str, Grid]) -> None:
        import torch

        self._model, self._grids = model, grids
        places = _places(grids)
        learned = any(parameter.requires_grad for parameter in model.encoder.parameters())
        self._encodings: list[torch.Tensor] | None = None
        if not learned and len(places) * model.encoder.dim * 4 <= MAX_ENCODING_BYTES:
            with torch.no_grad():
                batches = torch.from_numpy(places).float().to(model.device).split(BATCH_SIZE)
                self._encodings = [model.encoder(batch) for batch in batches]

    def __call__(self, layers: _Layers | None = None) -> dict[str, NDArray[Any]]:
        if self._encodings is None:
            predictions = _in_batches(self._model.predict, _places(self._grids))
        else:
            predictions = (self._model.answer(batch) for batch in self._encodings)
        return _on_grids(predictions, self._grids, layers)


def predict_maps(predict: Callable[[NDArray[Any]], NDArray[Any]], grids: Mapping[str, Grid]) -> dict[str, NDArray[Any]]:
    """Predictions on ``grids``, as ``Frame.maps`` describes them.

    ``predict`` maps places (n, 2) to values (n,), or to probabilities (n, classes), of which the greatest counts.
    """
    return _on_grids(_in_batches(predict, _places(grids)), grids)


def predict_places(predict: Callable[[NDArray[Any]], NDArray[Any]], places: NDArray[Any]) -> NDArray[Any]:
    """Predictions at ``places`` (n, 2), values or class numbers (n,) in the types of ``Frame.maps``."""
    return np.concatenate([_compact(batch) for batch in _in_batches(predict, places)])


def predict_layers(predict: Callable[[NDArray[Any]], NDArray[Any]], classes: int) -> dict[str, NDArray[np.uint8]]:
    """All layers of a prediction of classes, as ``Frame.layers`` describes them for the last frame."""
    places = _places({"world": LAYER_GRID})
    collected = _Layers(0)
    probabilities = np.empty((classes, len(places)), np.uint8)
    begin = 0
    for batch in _in_batches(predict, places):
        collected.add(batch)
        probabilities[:, begin : begin + len(batch)] = _share_bytes(batch).T
        begin += len(batch)
    layers = collected.on_grid()
    layers["probabilities"] = probabilities.reshape(classes, *LAYER_GRID.shape)
    return layers


class _Layers:
    """Collects layers from the probabilities behind the maps, whose first places are those of ``LAYER_GRID``."""

    def __init__(self, watched_class: int) -> None:
        self._watched_class = watched_class
        self._missing = LAYER_GRID.shape[0] * LAYER_GRID.shape[1]
        self._batches: dict[str, list[NDArray[np.uint8]]] = {"probability": [], "entropy": []}

    def add(self, probabilities: NDArray[Any]) -> None:
        probabilities = probabilities[: self._missing]
        self._missing -= len(probabilities)
        watched = probabilities[:, min(self._watched_class, probabilities.shape[1] - 1)]
        self._batches["probability"].append(_share_bytes(watched))
        self._batches["entropy"].append(_share_bytes(entropy(probabilities)))

    def on_grid(self) -> dict[str, NDArray[np.uint8]]:
        return {name: np.concatenate(batches).reshape(LAYER_GRID.shape) for name, batches in self._batches.items()}


def _share_bytes(shares: NDArray[Any]) -> NDArray[np.uint8]:
    return np.asarray(np.nan_to_num(shares).clip(0, 1) * SHARE_SCALE + 0.5).astype(np.uint8)


def _places(grids: Mapping[str, Grid]) -> NDArray[Any]:
    """The places (n, 2) that lie on the maps, one map after the other."""
    return np.concatenate([grid.lonlat[grid.inside] for grid in grids.values()])


def _in_batches(predict: Callable[[NDArray[Any]], NDArray[Any]], places: NDArray[Any]) -> Iterator[NDArray[Any]]:
    return (predict(places[i : i + BATCH_SIZE]) for i in range(0, len(places), BATCH_SIZE))


def _on_grids(
    predictions: Iterable[NDArray[Any]], grids: Mapping[str, Grid], layers: _Layers | None = None
) -> dict[str, NDArray[Any]]:
    batches = []
    for batch in predictions:
        batches.append(_compact(batch))
        if layers:
            layers.add(batch)
    values = np.concatenate(batches)
    maps, begin = {}, 0
    for name, grid in grids.items():
        end = begin + int(grid.inside.sum())
        maps[name] = np.full(grid.shape, np.nan if values.dtype.kind == "f" else 0, values.dtype)
        maps[name][grid.inside] = values[begin:end]
        begin = end
    return maps


def _compact(prediction: NDArray[Any]) -> NDArray[Any]:
    if prediction.ndim == 1:
        return prediction.astype(np.float32)
    return prediction.argmax(-1).astype(np.min_scalar_type(prediction.shape[-1] - 1))
