"""Makes frames of a model while it trains: from a copy, in another thread.

Imported on workers only, since it needs torch.
"""

from __future__ import annotations

import copy
import math
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import torch
from numpy.typing import NDArray

from s2v.data import DataSet
from s2v.engine.frames import FINE_GRIDS, LIVE_GRIDS, MAX_LANDMARKS, Frame
from s2v.engine.live_maps import LiveMaps, Maps, map_interval, predict_layers, predict_maps, predict_places
from s2v.evaluation import background_places
from s2v.models.model import LocationModel
from s2v.models.training import Evaluation, Snapshot

# One thread for all trainings of a worker: they train one at a time, too.
_thread = ThreadPoolExecutor(1, "s2v-observer", initializer=lambda: torch.set_num_threads(1))


class Observer:
    """Shows frames of one training; only the thread that trains calls its methods.

    ``show`` gets each frame, mostly in the observer's own thread.
    """

    def __init__(self, model: LocationModel, dataset: DataSet, with_maps: bool, show: Callable[[Frame], None]) -> None:
        self._model, self._with_maps, self._show = copy.deepcopy(model).eval(), with_maps, show
        self._evaluation = Evaluation(self._model, dataset)
        self._dataset = dataset
        self._maps = LiveMaps(self._model, LIVE_GRIDS) if with_maps else None
        self._cost = 0.0  # seconds that the last frame took
        self._frame: Future[Frame] | None = None

    def observe(self, snapshot: Snapshot, watched_class: int, refresh_all: bool) -> None:
        """Wait for the frame before, copy the model as it is now, and have its frame made and shown."""
        self.wait()
        self._model.load_state_dict(snapshot.model.state_dict())
        self._frame = _thread.submit(self._make_frame, snapshot, watched_class, refresh_all)

    def interval(self, crowded: bool) -> float:
        """Seconds of training from the last frame to the next; infinite while the last one is being made."""
        if self._frame is not None and not self._frame.done():
            return float("inf")
        return map_interval(self._cost, crowded)

    def wait(self) -> Frame | None:
        """The last frame, once it has been shown; raises its error if that failed."""
        return self._frame.result() if self._frame else None

    def finish(self, weights: bytes) -> None:
        """Show the last frame, with finer maps and all that only the last frame has; the training may end early."""
        frame, model = self.wait(), self._model
        if frame is None:
            return
        if frame.step < frame.steps:
            frame = replace(frame, metrics=self._metrics(last=True))
        if self._with_maps:
            layers = predict_layers(model.predict, len(model.classes)) if model.classes else {}
            frame = replace(frame, maps=predict_maps(model.predict, FINE_GRIDS), layers=layers)
        test = model.predict(self._dataset.lonlat[self._dataset.test])
        background = model.predict(background_places()) if model.task == "presence" else None
        places = self._dataset.by_latitude
        by_latitude = predict_places(model.predict, places.lonlat) if places else None
        self._show(
            replace(frame, fine=True, test=test, by_latitude=by_latitude, background=background, weights=weights)
        )

    def _metrics(self, last: bool) -> dict[str, float]:
        return {name: float(value) for name, value in self._evaluation.metrics(last=last).items()}

    def _make_frame(self, snapshot: Snapshot, watched_class: int, refresh_all: bool) -> Frame:
        begin, taken = time.perf_counter(), time.time()
        metrics = self._metrics(last=snapshot.done)
        maps, layers = self._maps(watched_class, refresh_all) if self._maps else Maps({}, {})
        frame = Frame(
            step=snapshot.step,
            steps=snapshot.steps,
            seconds=snapshot.seconds,
            loss=float(snapshot.loss),
            metrics=metrics,
            maps=maps,
            layers=layers,
            watched_class=watched_class,
            taken=taken,
            landmarks=_landmarks(self._model) if self._with_maps else None,
        )
        self._cost = time.perf_counter() - begin
        self._show(frame)
        return frame


def _landmarks(model: LocationModel) -> NDArray[np.float32] | None:
    places = model.encoder.landmarks()
    if places is None:
        return None
    return places[:: math.ceil(len(places) / MAX_LANDMARKS)].astype(np.float32)
