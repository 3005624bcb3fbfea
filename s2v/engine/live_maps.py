"""Maps of a model while it trains: which places, how often, and in what form they travel."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from s2v.engine.frames import LAYERS, SHARES
from s2v.evaluation import entropy
from s2v.fields import Grid

if TYPE_CHECKING:
    from s2v.models.model import LocationModel

PAUSE = 0.35  # seconds of training from one live map to the next: pages that look about as often show one each second
TURN = 1.0  # the same where others wait: maps took two fifths of a class's time
CHUNK = 4096  # places at once: the network's layers then stay in the processor's cache
MAX_ENCODINGS = 32 * 2**20  # bytes, of the world and of the poles each
CAPS = 2.0  # seconds for which maps of the poles are kept: half of the pages' pause between two drawings of them


def pause(cost: float, crowded: bool = False) -> float:
    """Seconds of training from one live map to the next, which takes ``cost`` seconds beside it: at most half of them,
    so that maps never take more of a core than the training."""
    return max(TURN if crowded else PAUSE, 2 * cost)


class Maps(NamedTuple):
    """``Frame.maps`` and ``Frame.layers``."""

    maps: dict[str, NDArray[Any]]
    layers: dict[str, NDArray[np.uint8]]


class LiveMaps:
    """Maps of one model again and again.

    Those of the poles, which are half of the places and are drawn every few seconds, are kept for ``CAPS`` seconds.
    """

    def __init__(self, model: LocationModel, grids: Mapping[str, Grid]) -> None:
        self._model = model
        self._world = _Again(model, {name: grid for name, grid in grids.items() if name == "world"})
        self._caps = _Again(model, {name: grid for name, grid in grids.items() if name != "world"})
        self._kept: dict[str, NDArray[Any]] = {}
        self._since = -math.inf

    def __call__(self, watched: int = 0, all_anew: bool = False) -> Maps:
        """The maps of the model as it is now, and of classes those layers that are made live.

        ``all_anew``: those of the poles are not older than the others.
        """
        share = _Layers(watched) if self._model.classes else None
        world = self._world(share)
        if all_anew or time.monotonic() - self._since >= CAPS:
            self._kept, self._since = self._caps(), time.monotonic()
        return Maps({**world, **self._kept}, share.on_grid() if share else {})


class _Again:
    """Predictions of a model at the same places; they are encoded once, unless the encoder itself learns."""

    def __init__(self, model: LocationModel, grids: Mapping[str, Grid]) -> None:
        import torch

        self._model, self._grids = model, grids
        places = _places(grids)
        learned = any(parameter.requires_grad for parameter in model.encoder.parameters())
        self._encodings: list[torch.Tensor] | None = None
        if not learned and len(places) * model.encoder.dim * 4 <= MAX_ENCODINGS:
            with torch.no_grad():
                self._encodings = [model.encoder(part) for part in torch.from_numpy(places).float().split(CHUNK)]

    def __call__(self, share: _Layers | None = None) -> dict[str, NDArray[Any]]:
        if self._encodings is None:
            predictions = _in_chunks(self._model.predict, _places(self._grids))
        else:
            predictions = (self._model.answer(part) for part in self._encodings)
        return _on_grids(predictions, self._grids, share)


def predict_maps(predict: Callable[[NDArray[Any]], NDArray[Any]], grids: Mapping[str, Grid]) -> dict[str, NDArray[Any]]:
    """Predictions on ``grids``, as ``Frame.maps`` describes them.

    ``predict`` takes places (n, 2) to values (n,), or to probabilities (n, classes), of which the greatest counts.
    """
    return _on_grids(_in_chunks(predict, _places(grids)), grids)


def predict_layers(predict: Callable[[NDArray[Any]], NDArray[Any]], classes: int) -> dict[str, NDArray[np.uint8]]:
    """All layers of a prediction of classes, as ``Frame.layers`` describes them for the last frame."""
    places = _places({"world": LAYERS})
    share = _Layers(0)
    probabilities = np.empty((classes, len(places)), np.uint8)
    begin = 0
    for part in _in_chunks(predict, places):
        share.take(part)
        probabilities[:, begin : begin + len(part)] = _share(part).T
        begin += len(part)
    layers = share.on_grid()
    layers["probabilities"] = probabilities.reshape(classes, *LAYERS.shape)
    return layers


class _Layers:
    """Collects layers from the probabilities that maps are made of, whose first places are those of ``LAYERS``."""

    def __init__(self, watched: int) -> None:
        self._watched = watched
        self._left = LAYERS.shape[0] * LAYERS.shape[1]
        self._parts: dict[str, list[NDArray[np.uint8]]] = {"probability": [], "entropy": []}

    def take(self, probabilities: NDArray[Any]) -> None:
        probabilities = probabilities[: self._left]
        self._left -= len(probabilities)
        self._parts["probability"].append(_share(probabilities[:, min(self._watched, probabilities.shape[1] - 1)]))
        self._parts["entropy"].append(_share(entropy(probabilities)))

    def on_grid(self) -> dict[str, NDArray[np.uint8]]:
        return {name: np.concatenate(parts).reshape(LAYERS.shape) for name, parts in self._parts.items()}


def _share(values: NDArray[Any]) -> NDArray[np.uint8]:
    return np.asarray(np.nan_to_num(values).clip(0, 1) * SHARES + 0.5).astype(np.uint8)


def _places(grids: Mapping[str, Grid]) -> NDArray[Any]:
    """The places (n, 2) that lie on the maps, one map after the other."""
    return np.concatenate([grid.lonlat[grid.inside] for grid in grids.values()])


def _in_chunks(predict: Callable[[NDArray[Any]], NDArray[Any]], places: NDArray[Any]) -> Iterator[NDArray[Any]]:
    return (predict(places[i : i + CHUNK]) for i in range(0, len(places), CHUNK))


def _on_grids(
    predictions: Iterable[NDArray[Any]], grids: Mapping[str, Grid], share: _Layers | None = None
) -> dict[str, NDArray[Any]]:
    parts = []
    for part in predictions:
        parts.append(_compact(part))
        if share:
            share.take(part)
    values = np.concatenate(parts)
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
