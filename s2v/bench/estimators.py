"""The suite ``estimators``: which encoder ``LocationClassifier`` and ``LocationRegressor`` should start with.

Each candidate is fitted as a user does who sets nothing else, on few places and on more, and scored on held-out places
that lie among them or in blocks of their own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from s2v import data
from s2v.bench.measure import WALL, Clock
from s2v.bench.report import Cell, Report
from s2v.data import DataSet
from s2v.evaluation.seeds import over_seeds
from s2v.models.estimators import LocationClassifier, LocationRegressor

DATA = ("relief", "geoid", "land_cover", "languages")
SPLITS = ("random", "blocks:500")
SIZES = (500, 2000)
# sphereM is torn with its published frequencies, the others are not.  The scale is at the spacing unless 0.01 is named.
CANDIDATES: Mapping[str, tuple[str, Mapping[str, Any]]] = {
    "sphereM, 0.01": ("sphereM", {"min_radius": 0.01}),
    "sphereM": ("sphereM", {}),
    "sphereM, odd": ("sphereM", {"frequencies": "odd"}),
    "sphereC, odd": ("sphereC", {"frequencies": "odd"}),
    "plane_waves, 0.01": ("plane_waves", {"min_radius": 0.01}),
    "plane_waves": ("plane_waves", {}),
    "harmonics": ("spherical_harmonics", {}),
    "xyz": ("xyz", {}),
}
FIRST = next(iter(CANDIDATES))

COLUMNS = ("data, split, places", *CANDIDATES)
NOTES = (
    "R² of relief and geoid, accuracy of land_cover and languages, on test places: mean over the seeds, which draw "
    "places, weights and batches.",
    "±: half of the 90 % interval of the mean, by Student's t.",
    f"Last rows: mean of the rows of this size, less that of {FIRST}, paired by seed.",
)


def run(
    repeat: int = 3,
    clock: Clock = WALL,
    on_progress: Callable[[str], None] = lambda line: None,
    steps: int | None = None,
    sizes: Sequence[int] = SIZES,
) -> Report:
    """Fits every candidate with ``repeat`` seeds to each data set, split and size."""
    settings = {} if steps is None else {"steps": steps}
    cases = [(name, split, size) for name in DATA for split in SPLITS for size in sizes]
    scores = np.full((len(cases), len(CANDIDATES), repeat), np.nan)
    for seed in range(repeat):
        for row, (name, split, size) in enumerate(cases):
            dataset = data.load(name, size, seed, split)
            for column, (encoder, params) in enumerate(CANDIDATES.values()):
                scores[row, column, seed] = score(dataset, encoder, params, seed=seed, **settings)
            listed = ", ".join(f"{one:.3f}" for one in scores[row, :, seed])
            on_progress(f"{name}, {split}, {size}, seed {seed}: {listed}")
    rows: list[dict[str, Cell]] = []
    for (name, split, size), of_row in zip(cases, scores, strict=True):
        rows.append(
            {COLUMNS[0]: f"{name}, {split}, {size:,}", **dict(zip(CANDIDATES, map(_text, of_row), strict=True))}
        )
    for size in sizes:
        of_size = scores[[case[2] == size for case in cases]]
        gains = (of_size - of_size[:, :1]).mean(0)
        rows.append(
            {COLUMNS[0]: f"mean of {size:,}, less {FIRST}", **dict(zip(CANDIDATES, map(_text, gains), strict=True))}
        )
    about = f"{repeat} seeds, {steps or 'the default'} steps"
    return Report("estimators", about, COLUMNS, tuple(rows), NOTES)


def score(dataset: DataSet, encoder: str, params: Mapping[str, Any], **settings: Any) -> float:
    """R2 or accuracy on the test places of an estimator that has learned the training places."""
    kind = LocationRegressor if dataset.task == "regression" else LocationClassifier
    model = kind(encoder, encoder_params=params, **settings)
    model.fit(dataset.lonlat[dataset.train], dataset.target[dataset.train])
    return model.score(dataset.lonlat[dataset.test], dataset.target[dataset.test])


def _text(scores: Any) -> str:
    """Mean and half of the interval, such as "0.812 ±0.010"."""
    found = over_seeds(scores)
    return f"{found.mean:.3f} ±{found.interval[1] - found.mean:.3f}"
