"""The state of a run at one step: numbers and maps, about 146 kB of them (70 kB of classes), at the end a few MB."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from s2v.fields import Grid

LIVE_GRIDS: Mapping[str, Grid] = {
    "world": Grid.equirectangular(2),
    "north": Grid.polar("north", 101, 50),
    "south": Grid.polar("south", 101, 50),
}
FINE_GRIDS: Mapping[str, Grid] = {
    "world": Grid.equirectangular(1),
    "north": Grid.polar("north", 301, 50),
    "south": Grid.polar("south", 301, 50),
}
# Of standard errors in the last frame.  They change from training place to training place, which 2 degrees do not show:
# a map of them then has spokes around the poles.
STDERR_GRIDS: Mapping[str, Grid] = {**LIVE_GRIDS, "world": FINE_GRIDS["world"]}
LAYER_GRID = LIVE_GRIDS["world"]  # of all layers
MAX_LANDMARKS = 1024  # of an encoder in a frame: 8 kB
SHARE_SCALE = 255  # the byte that stands for a share of 1


@dataclass(frozen=True)
class Frame:
    """The state of a run after ``step`` of ``steps`` steps and ``seconds`` seconds of training.

    ``maps`` holds the model's prediction on ``grids`` under the same keys, "world", "north" and "south": float32 in
    the data's units with NaN outside a polar map's disc, or class numbers in an unsigned integer type with 0 there
    (mask with ``grid.inside``).  ``maps`` is empty in a run's history.

    ``layers`` holds more of a prediction of classes, on ``LAYER_GRID``, as shares times ``SHARE_SCALE`` in bytes:
    "probability" of the class with the number ``watched_class``; "entropy" relative to that of a uniform guess
    (``s2v.evaluation``); in the last frame "probabilities" (classes, rows, columns) of all classes.

    ``fine`` marks the last frame of a run that has finished, or was stopped by ``Race.finish``, on finer grids.  Only
    that frame holds ``test``, the predictions at the data set's test places, values (n,) or probabilities (n, classes);
    ``by_latitude``, values or class numbers (n,) at those of ``DataSet.by_latitude`` where it has any; for presences
    ``background``, the probabilities at ``s2v.evaluation.background_places()``; and ``weights``, the model as the bytes
    of a file for ``s2v.load``.

    A reference predictor takes no steps: its frames have ``step`` and ``steps`` 0, the ``seconds`` that its fit took,
    and a ``loss`` of NaN.  ``stderr``, of one that has it, is the standard error of its prediction, on
    ``stderr_grids`` and in the data's units.  ``tried`` is how many settings it has tried on the validation places, and
    ``chosen`` are those that it took.

    ``landmarks`` are places (n, 2) that the encoder is made of, such as sites that it learns, as they are now
    (``Encoder.landmarks``); of more than ``MAX_LANDMARKS`` every second, every third and so on.

    ``taken`` is the time of the frame by the worker's clock, in seconds since 1970.
    """

    step: int
    steps: int
    seconds: float
    loss: float
    metrics: Mapping[str, float]
    maps: Mapping[str, NDArray[Any]] = field(default_factory=dict)
    layers: Mapping[str, NDArray[np.uint8]] = field(default_factory=dict)
    watched_class: int = 0
    fine: bool = False
    test: NDArray[Any] | None = None
    background: NDArray[Any] | None = None
    weights: bytes = b""
    taken: float = 0.0
    by_latitude: NDArray[Any] | None = None
    stderr: Mapping[str, NDArray[np.float32]] = field(default_factory=dict)
    landmarks: NDArray[np.float32] | None = None
    tried: int = 0
    chosen: Mapping[str, Any] = field(default_factory=dict)

    @property
    def grids(self) -> Mapping[str, Grid]:
        """The grid of each map."""
        grids = FINE_GRIDS if self.fine else LIVE_GRIDS
        return {name: grids[name] for name in self.maps}

    @property
    def stderr_grids(self) -> Mapping[str, Grid]:
        """The grid of each map of standard errors."""
        grids = STDERR_GRIDS if self.fine else LIVE_GRIDS
        return {name: grids[name] for name in self.stderr}

    @property
    def steps_per_second(self) -> float:
        """Mean speed of training so far; 0 before the first step."""
        return self.step / self.seconds if self.seconds > 0 else 0.0

    def probability(self, number: int) -> NDArray[np.float32] | None:
        """The probability of the class with this number on ``LAYER_GRID``; None if this frame does not have it."""
        if "probabilities" in self.layers:
            return np.asarray(self.layers["probabilities"][number] / np.float32(SHARE_SCALE))
        if "probability" in self.layers and self.watched_class == number:
            return np.asarray(self.layers["probability"] / np.float32(SHARE_SCALE))
        return None

    @property
    def uncertainty(self) -> NDArray[np.float32] | None:
        """The entropy on ``LAYER_GRID`` relative to that of a uniform guess; None if this frame does not have it."""
        if "entropy" not in self.layers:
            return None
        return np.asarray(self.layers["entropy"] / np.float32(SHARE_SCALE))

    def without_maps(self) -> Frame:
        """The numbers alone."""
        maps: dict[str, Any] = {"maps": {}, "layers": {}, "stderr": {}, "landmarks": None}
        return replace(self, **maps, test=None, by_latitude=None, background=None, weights=b"")
