"""Looks at a model while it goes on training: what a frame needs is computed from a copy, in a thread of its own.

Imported on workers alone, since it needs torch.
"""

from __future__ import annotations

import copy
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace

import torch

from s2v.data import DataSet
from s2v.engine.frames import FINE, LIVE, Frame
from s2v.engine.live_maps import LiveMaps, Maps, pause, predict_layers, predict_maps
from s2v.evaluation import background_places
from s2v.models.model import LocationModel
from s2v.models.training import Evaluation, Snapshot

# One for all trainings of a worker: they train one at a time, too.
_thread = ThreadPoolExecutor(1, "s2v-observer", initializer=lambda: torch.set_num_threads(1))


class Observer:
    """Shows frames of one training; all methods are for the thread that trains.

    ``show`` gets each frame, most of them in the observer's own thread.
    """

    def __init__(self, model: LocationModel, dataset: DataSet, with_maps: bool, show: Callable[[Frame], None]) -> None:
        self._model, self._with_maps, self._show = copy.deepcopy(model).eval(), with_maps, show
        self._evaluation = Evaluation(self._model, dataset)
        self._dataset = dataset
        self._maps = LiveMaps(self._model, LIVE) if with_maps else None
        self._cost = 0.0
        self._frame: Future[Frame] | None = None

    def look(self, snapshot: Snapshot, watched: int, all_anew: bool) -> None:
        """Shows a frame of the model as it is now, soon; first waits for the one before."""
        self.wait()
        self._model.load_state_dict(snapshot.model.state_dict())
        self._frame = _thread.submit(self._look, snapshot, watched, all_anew)

    def pause(self, crowded: bool) -> float:
        """Seconds of training from the last look to the next; infinite while that look goes on."""
        if self._frame is not None and not self._frame.done():
            return float("inf")
        return pause(self._cost, crowded)

    def wait(self) -> Frame | None:
        """The last frame, once it has been shown; raises what went wrong with it."""
        return self._frame.result() if self._frame else None

    def last(self, weights: bytes) -> None:
        """Shows the frame of the finished training, with finer maps and with what else it alone has."""
        frame, model = self.wait(), self._model
        if frame is None:
            return
        if self._with_maps:
            layers = predict_layers(model.predict, len(model.classes)) if model.classes else {}
            frame = replace(frame, maps=predict_maps(model.predict, FINE), layers=layers)
        test = model.predict(self._dataset.lonlat[self._dataset.test])
        background = model.predict(background_places()) if model.task == "presence" else None
        self._show(replace(frame, fine=True, test=test, background=background, weights=weights))

    def _look(self, snapshot: Snapshot, watched: int, all_anew: bool) -> Frame:
        begin, taken = time.perf_counter(), time.time()
        metrics = self._evaluation.metrics(last=snapshot.done)
        made = self._maps(watched, all_anew) if self._maps else Maps({}, {})
        numbers = (snapshot.step, snapshot.steps, snapshot.seconds, snapshot.loss, metrics)
        frame = Frame(*numbers, *made, watched, taken=taken)
        self._cost = time.perf_counter() - begin
        self._show(frame)
        return frame
