"""One picture of a run: numbers and maps, and how it travels from a worker to the page.

A message is a plain dictionary; maps travel as raw bytes: float32 for values, the smallest unsigned integer for
class numbers, bytes for shares.  A live frame is about 146 kB of float32 (70 kB of classes), the last one a few MB.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from s2v.fields import Grid

LIVE: Mapping[str, Grid] = {
    "world": Grid.equirectangular(2),
    "north": Grid.polar("north", 101, 50),
    "south": Grid.polar("south", 101, 50),
}
FINE: Mapping[str, Grid] = {
    "world": Grid.equirectangular(1),
    "north": Grid.polar("north", 301, 50),
    "south": Grid.polar("south", 301, 50),
}
LAYERS = LIVE["world"]  # the grid of all layers
SHARES = 255  # a byte stands for this part of a whole


@dataclass(frozen=True)
class Frame:
    """What a run has reached after ``step`` of ``steps`` steps and ``seconds`` seconds of training.

    ``maps`` holds the model's prediction on ``grids`` under the same keys, "world", "north" and "south": float32 in
    the data's units with NaN outside a polar map's disc, or class numbers in an unsigned integer type with 0 there
    (mask with ``grid.inside``).  ``maps`` is empty in a run's history.

    ``layers`` are what else there is of a prediction of classes, on the grid ``LAYERS``, in shares of ``SHARES``:
    "probability" of the class ``watched``; "entropy" as a share of that of knowing nothing (``s2v.evaluation``); in
    the last frame "probabilities" (classes, rows, columns) of all classes.

    ``fine`` tells the last frame of a finished run, on finer grids, from the live ones.  Only it holds ``test``, the
    predictions at the data set's test places, values (n,) or probabilities (n, classes); for presences
    ``background``, those at ``s2v.evaluation.background_places()``; and ``weights``, the model as the bytes of a file
    for ``s2v.load``.  ``taken`` is when, by the worker's clock, in seconds since 1970.
    """

    step: int
    steps: int
    seconds: float
    loss: float
    metrics: Mapping[str, float]
    maps: Mapping[str, NDArray[Any]] = field(default_factory=dict)
    layers: Mapping[str, NDArray[np.uint8]] = field(default_factory=dict)
    watched: int = 0
    fine: bool = False
    test: NDArray[Any] | None = None
    background: NDArray[Any] | None = None
    weights: bytes = b""
    taken: float = 0.0

    @property
    def grids(self) -> Mapping[str, Grid]:
        """The grid of each map."""
        grids = FINE if self.fine else LIVE
        return {name: grids[name] for name in self.maps}

    @property
    def steps_per_second(self) -> float:
        """Mean speed of training so far; 0 before the first step."""
        return self.step / self.seconds if self.seconds > 0 else 0.0

    def probability(self, number: int) -> NDArray[np.float32] | None:
        """The probability of a class on ``LAYERS``, NaN for none; None if this frame does not have it."""
        if "probabilities" in self.layers:
            return np.asarray(self.layers["probabilities"][number] / np.float32(SHARES))
        if "probability" in self.layers and self.watched == number:
            return np.asarray(self.layers["probability"] / np.float32(SHARES))
        return None

    @property
    def uncertainty(self) -> NDArray[np.float32] | None:
        """The entropy on ``LAYERS`` as a share of that of knowing nothing; None if this frame does not have it."""
        if "entropy" not in self.layers:
            return None
        return np.asarray(self.layers["entropy"] / np.float32(SHARES))

    def without_maps(self) -> Frame:
        """The numbers alone."""
        return replace(self, maps={}, layers={}, test=None, background=None, weights=b"")


def pack(frame: Frame) -> dict[str, Any]:
    """A frame as a dictionary of numbers, texts and bytes."""
    return {
        "step": int(frame.step),
        "steps": int(frame.steps),
        "seconds": float(frame.seconds),
        "loss": float(frame.loss),
        "metrics": {name: float(value) for name, value in frame.metrics.items()},
        "maps": {name: _packed(values) for name, values in frame.maps.items()},
        "layers": {name: _packed(values) for name, values in frame.layers.items()},
        "watched": int(frame.watched),
        "fine": bool(frame.fine),
        "test": None if frame.test is None else _packed(frame.test),
        "background": None if frame.background is None else _packed(frame.background),
        "weights": frame.weights,
        "taken": float(frame.taken),
    }


def unpack(packed: Mapping[str, Any]) -> Frame:
    """The frame that ``pack`` was given; its arrays are read-only views of the message's bytes."""
    arrays = {kind: {name: _unpacked(array) for name, array in packed[kind].items()} for kind in ("maps", "layers")}
    places = {name: None if packed[name] is None else _unpacked(packed[name]) for name in ("test", "background")}
    return Frame(**{**packed, **arrays, **places})


def _packed(values: NDArray[Any]) -> tuple[str, tuple[int, ...], bytes]:
    return values.dtype.str, values.shape, values.tobytes()


def _unpacked(packed: tuple[str, tuple[int, ...], bytes]) -> NDArray[Any]:
    dtype, shape, data = packed
    return np.frombuffer(data, dtype).reshape(shape)
