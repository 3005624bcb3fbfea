"""Maps of a model while it trains: which places, how often, and in what form they travel."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from s2v.fields import Grid

PAUSE = 0.5  # seconds of training between two live maps, at least
LONGEST_PAUSE = 0.9  # at most this, so that with the drawing itself maps arrive every second
SHARE = 0.08  # of the time may go into maps, as far as the longest pause allows
CHUNK = 16384  # places a call of the model: bounds the memory of the fine maps


def pause(cost: float) -> float:
    """Seconds to train after maps that took ``cost`` seconds to make."""
    return min(max(cost / SHARE, PAUSE), max(LONGEST_PAUSE - cost, PAUSE / 2))


def predict_maps(predict: Callable[[NDArray[Any]], NDArray[Any]], grids: Mapping[str, Grid]) -> dict[str, NDArray[Any]]:
    """Predictions on ``grids``, as ``Frame.maps`` describes them.

    ``predict`` takes places (n, 2) to values (n,), or to probabilities (n, classes), of which the greatest counts.
    """
    places = np.concatenate([grid.lonlat[grid.inside] for grid in grids.values()])
    values = np.concatenate([_compact(predict(places[i : i + CHUNK])) for i in range(0, len(places), CHUNK)])
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
