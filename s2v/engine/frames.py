"""One picture of a run: numbers and maps, and how it travels from a worker to the page.

A message is a plain dictionary; maps travel as raw bytes: float32 for values, the smallest unsigned integer for
class numbers.  A live frame is about 146 kB of float32 (37 kB of classes), the fine one at the end about 1 MB.
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


@dataclass(frozen=True)
class Frame:
    """What a run has reached after ``step`` of ``steps`` steps and ``seconds`` seconds of training.

    ``maps`` holds the model's prediction on ``grids`` under the same keys, "world", "north" and "south": float32 in
    the data's units with NaN outside a polar map's disc, or class numbers in an unsigned integer type with 0 there
    (mask with ``grid.inside``).  ``maps`` is empty in a run's history.  ``fine`` tells the last frame of a finished
    run, on finer grids, from the live ones; only it holds ``weights``, the model as the bytes of a file for
    ``s2v.load``.
    """

    step: int
    steps: int
    seconds: float
    loss: float
    metrics: Mapping[str, float]
    maps: Mapping[str, NDArray[Any]] = field(default_factory=dict)
    fine: bool = False
    weights: bytes = b""

    @property
    def grids(self) -> Mapping[str, Grid]:
        """The grid of each map."""
        grids = FINE if self.fine else LIVE
        return {name: grids[name] for name in self.maps}

    @property
    def steps_per_second(self) -> float:
        """Mean speed of training so far; 0 before the first step."""
        return self.step / self.seconds if self.seconds > 0 else 0.0

    def without_maps(self) -> Frame:
        """The numbers alone."""
        return replace(self, maps={}, weights=b"")


def pack(frame: Frame) -> dict[str, Any]:
    """A frame as a dictionary of numbers, texts and bytes."""
    return {
        "step": int(frame.step),
        "steps": int(frame.steps),
        "seconds": float(frame.seconds),
        "loss": float(frame.loss),
        "metrics": {name: float(value) for name, value in frame.metrics.items()},
        "maps": {name: (values.dtype.str, values.tobytes()) for name, values in frame.maps.items()},
        "fine": bool(frame.fine),
        "weights": frame.weights,
    }


def unpack(packed: Mapping[str, Any]) -> Frame:
    """The frame that ``pack`` was given; its arrays are read-only views of the message's bytes."""
    grids = FINE if packed["fine"] else LIVE
    maps = {
        name: np.frombuffer(data, dtype).reshape(grids[name].shape) for name, (dtype, data) in packed["maps"].items()
    }
    return Frame(**{**packed, "maps": maps})
