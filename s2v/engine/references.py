"""A reference predictor on a worker: fitted at once, then asked for the same maps and predictions as a trained model.

Free of torch.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from s2v import data
from s2v.data import DataSet
from s2v.engine.frames import FINE_GRIDS, LIVE_GRIDS, STDERR_GRIDS, Frame
from s2v.engine.live_maps import predict_layers, predict_maps, predict_places
from s2v.evaluation import background_places
from s2v.fields import Grid
from s2v.models import predictor_file
from s2v.models.recipe import Recipe
from s2v.models.reference import fit_reference, reference_metrics

# Names of metrics, and how many standard errors to either side they ask for.
COVERAGES = {"test_within_stderr": 1.0, "test_within_90": 1.6449}
PIECE = 4096  # places that are predicted in one go


class CancelledError(Exception):
    """The run was cancelled between two pieces of its work."""


def run_reference(
    recipe: Recipe,
    show: Callable[[Frame], None],
    go_on: Callable[[], bool] = lambda: True,
    with_maps: bool = True,
) -> None:
    """Fit the predictor of a recipe, and show a frame of it: with coarse maps at once, then the last one.

    ``go_on`` is called between pieces of the work, and may wait; where it returns false, ``CancelledError`` is raised.
    """
    dataset = data.load(recipe.data, recipe.points, recipe.seed, recipe.split)
    model = fit_reference(recipe, dataset, go_on)
    predict = _in_pieces(lambda places: model.predict(places).astype(np.float32), go_on)
    stderr = _in_pieces(model.stderr, go_on)
    numbers = Frame(
        step=0,
        steps=0,
        seconds=model.seconds,
        loss=float("nan"),
        metrics={name: float(value) for name, value in reference_metrics(recipe, dataset, predict).items()},
        tried=len(model.trials),
        chosen=model.params,
    )

    layers = predict_layers(predict, len(model.classes)) if with_maps and model.classes else {}

    def drawn(grids: Mapping[str, Grid], error_grids: Mapping[str, Grid]) -> Frame:
        frame = replace(numbers, taken=time.time())
        if not with_maps:
            return frame
        errors = predict_maps(stderr, error_grids) if model.spec.has_stderr else {}
        return replace(frame, maps=predict_maps(predict, grids), layers=layers, stderr=errors)

    if with_maps:
        show(drawn(LIVE_GRIDS, LIVE_GRIDS))
    places, test = dataset.by_latitude, predict(dataset.lonlat[dataset.test])
    show(
        replace(
            drawn(FINE_GRIDS, STDERR_GRIDS),
            fine=True,
            metrics=dict(numbers.metrics) | (_coverage(dataset, test, stderr) if model.spec.has_stderr else {}),
            test=test,
            by_latitude=predict_places(predict, places.lonlat) if places else None,
            background=predict(background_places()) if model.task == "presence" else None,
            weights=predictor_file.dumps(model, recipe.to_json()),
        )
    )


def _coverage(dataset: DataSet, test: NDArray[Any], stderr: Callable[[NDArray[Any]], NDArray[Any]]) -> dict[str, float]:
    """The share of test places within one standard error of the prediction, and within a 90 % interval."""
    off = abs(dataset.target[dataset.test] - test)
    errors = stderr(dataset.lonlat[dataset.test])
    known = np.isfinite(off)
    return {
        name: float((off <= width * errors)[known].mean()) if known.any() else float("nan")
        for name, width in COVERAGES.items()
    }


def _in_pieces(
    predict: Callable[[NDArray[Any]], Any], go_on: Callable[[], bool]
) -> Callable[[NDArray[Any]], NDArray[Any]]:
    """``predict`` for places (n, 2), a piece of them at a time."""

    def pieces(lonlat: NDArray[Any]) -> Iterable[NDArray[Any]]:
        for start in range(0, max(1, len(lonlat)), PIECE):
            if not go_on():
                raise CancelledError
            yield predict(lonlat[start : start + PIECE])

    return lambda lonlat: np.concatenate(list(pieces(lonlat)))
