"""The suite ``scales``: the scale that follows from the data ("auto") against each encoder's default.

Both are trained alike on the training places of built-in data sets and scored on the test places.  All of it takes
hours on two cores: what is done is kept in a file (``--keep``), and ``--minutes`` ends a run, for another to go on.
"""

from __future__ import annotations

import itertools
import json
import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache, partial
from pathlib import Path
from typing import Any, NamedTuple

from s2v import data, encoders
from s2v.bench.kept import Kept
from s2v.bench.measure import WALL, Clock
from s2v.bench.report import Cell, Report
from s2v.data import DataSet
from s2v.encoders.registry import EncoderConfig
from s2v.evaluation import MAIN_SCORES
from s2v.evaluation.seeds import over_seeds
from s2v.models.loop import DivergedError, train_steps
from s2v.models.recipe import Recipe
from s2v.models.scales import resolved, with_auto

DATA = (
    "relief",
    "geoid",
    "relief:bands",
    "land_cover",
    "land_ocean",
    "checkerboard",
    "languages",
    "cities",
    "cities:population",
    "vmf:U1",
    "vmf:U3",
    "vmf:S4.4",
    "vmf:polar",
)
SIZES = (500, 2000, 20_000)
SPLITS = ("random", "blocks:500")
ENCODERS = ("plane_waves", "sphereM", "spherical_harmonics", "grid")
STEPS = 1000
POINT = 0.01  # of R2 or accuracy
ROW = "data, split, places"
NOTES = (
    "R² of relief, geoid and cities:population, AUC of presences, accuracy of the others, on test places: that of "
    "auto, and how much it is above that of the encoder's default; means over the seeds, with half of the 90 % "
    "interval of the mean difference where there are three seeds.",
    "Last rows: the mean difference over the rows of a size and split, with half of its 90 % interval over those rows.",
    "-: not measured.",
)


class Case(NamedTuple):
    """What is trained twice."""

    seed: int
    points: int
    split: str
    data: str
    encoder: str


class Pair(NamedTuple):
    """The scores on test places with the default scale and with "auto"."""

    default: float
    auto: float

    @property
    def gain(self) -> float:
        return self.auto - self.default


def run(
    points: int | None = None,
    repeat: int = 1,
    clock: Clock = WALL,
    on_progress: Callable[[str], None] = lambda line: None,
    steps: int = STEPS,
    names: Sequence[str] = ENCODERS,
    dataset: str = ",".join(DATA),
    rungs: Sequence[str] = SPLITS,
    minutes: float = math.inf,
    keep: Path | None = None,
) -> Report:
    """Trains the encoders in ``names`` with their default scale and with "auto", with ``repeat`` seeds, on the data
    sets that ``dataset`` lists; ``points`` is one size in place of all."""
    names = [encoders.spec(name).name for name in names]
    without = [name for name in names if not encoders.spec(name).has_scale()]
    if without:
        raise ValueError(f"{', '.join(without)}: without a scale there is nothing to take from the data.")
    sizes, sets = SIZES if points is None else (points,), dataset.split(",")
    cases = [Case(*case) for case in itertools.product(range(repeat), sizes, rungs, sets, names)]
    kept, pairs, left, ends = Kept(keep, "recipe"), {}, 0, time.monotonic() + 60 * minutes
    for case in cases:
        recipe = Recipe(**case._asdict(), steps=steps)
        try:
            known = _load(case.data, case.points, case.seed, case.split)
        except ValueError as error:  # too few places for blocks
            on_progress(f"{case}: {error}")
            continue
        auto = resolved(replace(recipe, encoder_params=_auto(recipe)), known)
        if not (_key(recipe) in kept and _key(auto) in kept) and time.monotonic() > ends:
            left += 1
            continue
        pairs[case] = Pair(*(kept.score(_key(each), partial(_trained, each, known)) for each in (recipe, auto)))
        on_progress(f"{', '.join(map(str, case))}: {pairs[case]}")
    rows = _rows(pairs, sizes, rungs, sets, names)
    about = f"{steps:,} steps, {repeat} seeds" + (
        f", {left} of {len(cases)} pairs of trainings left out" if left else ""
    )
    return Report("scales", about, (ROW, *names), tuple(rows), (*NOTES, *(_sentence(name, pairs) for name in names)))


def _key(recipe: Recipe) -> str:
    return json.dumps(json.loads(recipe.to_json()), sort_keys=True)


def _trained(recipe: Recipe, dataset: DataSet) -> float:
    """The score on the test places; NaN where the training diverged."""
    try:
        *_, last = train_steps(recipe, dataset)
    except DivergedError:
        return math.nan
    return float(last.metrics[f"test_{MAIN_SCORES[recipe.task].name}"])


def _auto(recipe: Recipe) -> Mapping[str, Any]:
    return dict(with_auto(EncoderConfig.of(recipe.encoder, **recipe.encoder_params)).params)


@lru_cache(1)
def _load(name: str, points: int, seed: int, split: str) -> DataSet:
    return data.load(name, points, seed, split)


def _rows(
    pairs: Mapping[Case, Pair], sizes: Sequence[int], splits: Sequence[str], sets: Sequence[str], names: Sequence[str]
) -> list[dict[str, Cell]]:
    rows: list[dict[str, Cell]] = []
    for size, split, name in itertools.product(sizes, splits, sets):
        found = {e: [p for c, p in pairs.items() if c[1:] == (size, split, name, e)] for e in names}
        if any(found.values()):
            rows.append({ROW: f"{name}, {split}, {size:,}", **{e: _text(of_seeds) for e, of_seeds in found.items()}})
    for size, split in itertools.product(sizes, splits):
        gains = {e: [g for c, g in _gains(e, pairs).items() if c[:2] == (size, split)] for e in names}
        if any(gains.values()):
            rows.append({ROW: f"mean, {split}, {size:,}", **{e: _signed(of_sets) for e, of_sets in gains.items()}})
    return rows


def _gains(encoder: str, pairs: Mapping[Case, Pair]) -> dict[tuple[int, str, str], float]:
    """The mean gain over the seeds by size, split and data."""
    return {case: sum(gains) / len(gains) for case, gains in _by_seed(encoder, pairs).items()}


def _by_seed(encoder: str, pairs: Mapping[Case, Pair]) -> dict[tuple[int, str, str], list[float]]:
    """The gain of each seed by size, split and data."""
    found: dict[tuple[int, str, str], list[float]] = {}
    for case, pair in pairs.items():
        if case.encoder == encoder:
            found.setdefault((case.points, case.split, case.data), []).append(pair.gain)
    return found


def _text(of_seeds: Sequence[Pair]) -> str:
    if not of_seeds:
        return "-"
    return f"{sum(pair.auto for pair in of_seeds) / len(of_seeds):.3f}, {_signed([pair.gain for pair in of_seeds])}"


def _signed(gains: Sequence[float]) -> str:
    """The mean with half of its interval, such as "+0.012 ±0.004"."""
    if not gains:
        return "-"
    found = over_seeds(gains)
    half = found.interval[1] - found.mean
    return f"{found.mean:+.3f}" + ("" if math.isnan(half) else f" ±{half:.3f}")


def _sentence(encoder: str, pairs: Mapping[Case, Pair]) -> str:
    """In how many rows auto is better, how many are ties, and where it loses more than a point."""
    gains = _gains(encoder, pairs)
    lost = [f"{name}, {split}, {size:,} ({g:+.3f})" for (size, split, name), g in gains.items() if not g >= -POINT]
    better = sum(gain > 0 for gain in gains.values())
    intervals = [over_seeds(of_seeds).interval for of_seeds in _by_seed(encoder, pairs).values() if len(of_seeds) > 2]
    ties = sum(low <= 0 <= high for low, high in intervals)
    return (
        f"{encoder}: better in {better} of {len(gains)} rows; "
        + (f"{ties} of {len(intervals)} with an interval are ties, it holds 0; " if intervals else "")
        + f"worse by more than {POINT:g} in "
        + (f"{len(lost)}: {'; '.join(lost)}." if lost else "none.")
    )
