"""Maps of a model while it trains: which places, how often, and in what form they travel."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from s2v.fields import Grid

if TYPE_CHECKING:
    from s2v.model import LocationModel

PAUSE = 0.5  # seconds of training between two live maps, at least
LONGEST_PAUSE = 0.6  # at most this, so that a page that looks for them every quarter of a second shows one each second
SHARE = 0.08  # of the time may go into maps, as far as the longest pause allows
CHUNK = 4096  # places at once: the network's layers then stay in the processor's cache
ENCODINGS_KEPT = 256 * 2**20  # bytes


def pause(cost: float) -> float:
    """Seconds to train after maps that took ``cost`` seconds to make: never less than they took."""
    return min(max(cost / SHARE, PAUSE), max(LONGEST_PAUSE - cost, cost))


class LiveMaps:
    """Maps of one model again and again: the places are encoded once, unless the encoder itself learns."""

    def __init__(self, model: LocationModel, grids: Mapping[str, Grid]) -> None:
        import torch

        self._model, self._grids = model, grids
        places = _places(grids)
        learned = any(parameter.requires_grad for parameter in model.encoder.parameters())
        self._encodings: list[torch.Tensor] | None = None
        if not learned and len(places) * model.encoder.dim * 4 <= ENCODINGS_KEPT:
            with torch.no_grad():
                self._encodings = [model.encoder(part) for part in torch.from_numpy(places).float().split(CHUNK)]

    def __call__(self) -> dict[str, NDArray[Any]]:
        """The maps of the model as it is now."""
        if self._encodings is None:
            return predict_maps(self._model.predict, self._grids)
        return _on_grids((self._model.answer(part) for part in self._encodings), self._grids)


def predict_maps(predict: Callable[[NDArray[Any]], NDArray[Any]], grids: Mapping[str, Grid]) -> dict[str, NDArray[Any]]:
    """Predictions on ``grids``, as ``Frame.maps`` describes them.

    ``predict`` takes places (n, 2) to values (n,), or to probabilities (n, classes), of which the greatest counts.
    """
    places = _places(grids)
    return _on_grids((predict(places[i : i + CHUNK]) for i in range(0, len(places), CHUNK)), grids)


def _places(grids: Mapping[str, Grid]) -> NDArray[Any]:
    """The places (n, 2) that lie on the maps, one map after the other."""
    return np.concatenate([grid.lonlat[grid.inside] for grid in grids.values()])


def _on_grids(predictions: Iterable[NDArray[Any]], grids: Mapping[str, Grid]) -> dict[str, NDArray[Any]]:
    values = np.concatenate([_compact(part) for part in predictions])
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
