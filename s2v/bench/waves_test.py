"""The suite ``waves_test``: the plane waves chosen by the suite ``waves``, once, on **test** places.

``matern_waves``, ``plane_waves`` of the same width and local kriging learn the same places with three seeds; encoders
have the same network, training and choice of the scale, on validation places.  Rows that are done are kept in a file
(``--keep``, the one of ``waves``), and ``--minutes`` ends a run, for another to go on.
"""

from __future__ import annotations

import itertools
import json
import math
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from s2v import files
from s2v.bench.kept import Kept
from s2v.bench.measure import WALL, Clock
from s2v.bench.report import Report
from s2v.bench.waves import KEY, SPLITS, Case, Fit, best_factor, load, sizes
from s2v.bench.waves_variants import CHOSEN, KRIGING
from s2v.evaluation import judge
from s2v.evaluation.judged import Judged
from s2v.evaluation.phrases import gain, with_interval

SEEDS_FOR_SCALE = {20_000: 2}  # by the number of places; all seeds where it is not listed
COLUMNS = ("data, split, places", "contestant", "R²", "scale", "less kriging", "against kriging", "less plane_waves")
NOTES = (
    'R²: on test places, with its 90 % interval over places. Scale: smallest radius, in units of the one that "auto" '
    "stands for, with the best score on validation places.",
    "Less kriging, less plane_waves: the difference on the same places, with 90 % intervals over places and over "
    "seeds, wide enough for all three pairs. Level: neither is ahead by both intervals.",
)


def run(
    points: int | None = None,
    repeat: int = 3,
    clock: Clock = WALL,
    on_progress: Callable[[str], None] = lambda line: None,
    dataset: str = "relief",
    rungs: Sequence[str] = SPLITS,
    minutes: float = math.inf,
    keep: Path | None = None,
) -> Report:
    """Compares them with ``points`` places (500, 2,000 or 20,000; all unless given) and ``repeat`` seeds."""
    cases = [Case(*case) for case in itertools.product(dataset.split(","), sizes(points), rungs)]
    ends, rows, left = time.monotonic() + 60 * minutes, [], 0
    done, path = _done(keep)
    for case in cases:
        key = f"{case.title}, {repeat}"
        if key not in done:
            if time.monotonic() > ends:
                left += 1
                continue
            done[key] = _compared(case, repeat, Kept(keep, KEY))
            if path is not None:
                files.write_bytes(path, json.dumps(done, indent=1).encode())
        rows += done[key]
        on_progress("\n".join(map(str, done[key])))
    about = f"{repeat} seeds" + (f"; {left} of {len(cases)} settings left out" if left else "")
    return Report("waves_test", about, COLUMNS, tuple(rows), NOTES, name_columns=2)


def _done(keep: Path | None) -> tuple[dict[str, list[dict[str, Any]]], Path | None]:
    if keep is None:
        return {}, None
    path = keep.with_suffix(".test.json")
    return (json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}), path


def _compared(case: Case, repeat: int, kept: Kept) -> list[dict[str, Any]]:
    contestants = {variant.encoder: variant for variant in (KRIGING, *CHOSEN[case.points])}
    seeds = SEEDS_FOR_SCALE.get(case.points, repeat)
    factors = {name: best_factor(variant, case, seeds, kept) for name, variant in contestants.items()}
    predictions: dict[str, list[Any]] = {}
    for name, variant in contestants.items():
        for seed in range(repeat):
            known = load(case, seed)
            fit = Fit(variant, case, seed, factors[name])
            predictions.setdefault(name, []).append(fit.predict(known, known.lonlat[known.test]))
    lonlat = known.lonlat[known.test]
    judged = judge("regression", known.target[known.test], predictions, lonlat, groups=known.groups_of(lonlat))
    return [_row(case, name, factors[name], judged) for name in contestants]


def _row(case: Case, name: str, factor: float, judged: Judged) -> dict[str, Any]:
    return {
        "data, split, places": case.title,
        "contestant": name,
        "R²": with_interval(judged.score(name)),
        "scale": "-" if name == "kriging" else f"{factor:g}",
        "less kriging": "-" if name == "kriging" else gain(judged, name, "kriging"),
        "against kriging": "-" if name == "kriging" else _standing(judged, name, "kriging"),
        "less plane_waves": gain(judged, name, "plane_waves") if name == "matern_waves" else "-",
    }


def _standing(judged: Judged, name: str, other: str) -> str:
    if judged.ahead(name, other):
        return "ahead"
    return "behind" if judged.ahead(other, name) else "level"
