"""The suite ``waves``: which plane waves, with which network and training, come level with local kriging.

Variants of ``plane_waves`` and ``matern_waves`` learn relief and are scored on **validation** places, at each of a few
scales around the one that "auto" stands for; local kriging, whose constants are chosen there, too, stands beside them.
What is done is kept in a file (``--keep``), and ``--minutes`` ends a run, for another to go on.
"""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache, partial
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from s2v import data, encoders
from s2v.bench.kept import Kept
from s2v.bench.measure import WALL, Clock
from s2v.bench.report import Cell, Report
from s2v.bench.waves_variants import KRIGING, TRIED, Variant
from s2v.data import DataSet
from s2v.evaluation import evaluate
from s2v.evaluation.seeds import over_seeds
from s2v.models.loop import DivergedError, train_steps
from s2v.models.recipe import Recipe
from s2v.models.scales import FromData
from s2v.predictors import fit

DATA = "relief"
SPLITS = ("random", "blocks:1000")
FACTORS: Mapping[int, tuple[float, ...]] = {
    500: (0.15, 0.25, 0.5, 1.0),
    2000: (0.25, 0.5, 1.0),
    20_000: (0.5, 1.0, 2.0),
}  # of the radius that "auto" stands for, by the number of places
ALL_FACTORS = sorted({factor for each in FACTORS.values() for factor in each})
NAME, KEY = "data, split, places", "fit"  # column of the table, and of the file of kept scores
NOTES = (
    'R² on validation places, the mean over the seeds, at each factor of the radius that "auto" stands for; ± is half '
    "of its 90 % interval over the seeds, mostly luck of the places, which all variants share.",
    "Less kriging: the best of these less that of kriging, seed by seed, with half of its 90 % interval.",
    "-: not measured.",
)


class Case(NamedTuple):
    """What is learned."""

    data: str
    points: int
    split: str

    @property
    def title(self) -> str:
        return f"{self.data}, {self.split}, {self.points:,}"


class Fit(NamedTuple):
    """A training of a variant at a scale, or the mean of several; or a fit of kriging."""

    variant: Variant
    case: Case
    seed: int
    factor: float

    @property
    def key(self) -> str:
        v = self.variant
        made = [v.encoder, dict(v.params), dict(v.settings), v.members]
        return json.dumps([*made, *self.case, self.seed, self.factor], sort_keys=True)

    def predict(self, dataset: DataSet, lonlat: NDArray[np.float64]) -> NDArray[np.float64]:
        """The values at places, those of several members averaged."""
        if self.variant.encoder == KRIGING.encoder:
            return np.asarray(fit("kriging", dataset).predict(lonlat), dtype=float)
        members = []
        for recipe in self._recipes(dataset):
            *_, last = train_steps(recipe, dataset, evaluated=False)
            members.append(last.model.predict(lonlat))
        return np.asarray(np.mean(members, 0, dtype=float))

    def _recipes(self, dataset: DataSet) -> list[Recipe]:
        radius = FromData.of(dataset).radius * self.factor
        spec = encoders.spec(self.variant.encoder)
        params, (name, points, split) = spec.at_radius(radius, self.variant.params), self.case
        given = {"data": name, "points": points, "split": split, "encoder": spec.name, **self.variant.settings}
        seeds = (self.seed + 100 * member for member in range(self.variant.members))
        return [Recipe(**given, encoder_params={**params, "seed": seed}, seed=seed) for seed in seeds]


def run(
    points: int | None = None,
    repeat: int = 3,
    clock: Clock = WALL,
    on_progress: Callable[[str], None] = lambda line: None,
    dataset: str = DATA,
    rungs: Sequence[str] = SPLITS,
    minutes: float = math.inf,
    keep: Path | None = None,
) -> Report:
    """Trains the variants for ``points`` places (500, 2,000 or 20,000; all unless given) with ``repeat`` seeds."""
    kept, ends, left = Kept(keep, KEY), time.monotonic() + 60 * minutes, 0
    rows: list[dict[str, Cell]] = []
    for size in sizes(points):
        for case in (Case(name, size, split) for name in dataset.split(",") for split in rungs):
            reference = scores(kept, KRIGING, case, repeat, 1.0, late=time.monotonic() > ends)
            for variant in (KRIGING, *TRIED[size]):
                late = time.monotonic() > ends
                found = {f: scores(kept, variant, case, repeat, f, late) for f in factors(variant, size)}
                left += any(len(of_seeds) < repeat for of_seeds in found.values())
                rows.append(_row(case, variant, found, reference))
                on_progress(str(rows[-1]))
    about = f"{repeat} seeds" + (f"; {left} of {len(rows)} rows not whole" if left else "")
    columns = (NAME, "variant", *(f"{factor:g}" for factor in ALL_FACTORS))
    return Report("waves", about, (*columns, "less kriging"), tuple(rows), NOTES, name_columns=2)


def sizes(points: int | None) -> tuple[int, ...]:
    """The numbers of training places to try; ``ValueError`` for one without variants."""
    if points is not None and points not in TRIED:
        raise ValueError(f"points={points}: there are variants for {', '.join(map(str, TRIED))} places.")
    return tuple(TRIED) if points is None else (points,)


def factors(variant: Variant, size: int) -> tuple[float, ...]:
    """The scales to try: one of kriging, which chooses its own constants."""
    return (1.0,) if variant.encoder == KRIGING.encoder else FACTORS[size]


def scores(
    kept: Kept, variant: Variant, case: Case, seeds: int, factor: float, late: bool = False
) -> tuple[float, ...]:
    """R2 on validation places with each seed, NaN where a training diverged; only what is known when it is late."""
    fits = [Fit(variant, case, seed, factor) for seed in range(seeds)]
    return tuple(kept.score(one.key, partial(_validated, one)) for one in fits if not late or one.key in kept)


def best_factor(variant: Variant, case: Case, seeds: int, kept: Kept) -> float:
    """The scale with the best mean score on validation places."""
    return max(factors(variant, case.points), key=lambda f: float(np.mean(scores(kept, variant, case, seeds, f))))


def _validated(one: Fit) -> float:
    dataset = load(one.case, one.seed)
    lonlat, target = dataset.lonlat[dataset.val], dataset.target[dataset.val]
    try:
        prediction = one.predict(dataset, lonlat)
    except DivergedError:
        return math.nan
    return float(evaluate("regression", target, prediction, lonlat)["r2"])


@lru_cache(4)
def load(case: Case, seed: int) -> DataSet:
    """The places of a case and a seed."""
    return data.load(case.data, case.points, seed, case.split)


def _row(
    case: Case, variant: Variant, scores: Mapping[float, Sequence[float]], reference: Sequence[float]
) -> dict[str, Cell]:
    best = max(scores.values(), key=lambda found: float(np.mean(found)) if found else -math.inf)
    gains = [one - other for one, other in zip(best, reference, strict=False)]
    known = variant.encoder != KRIGING.encoder
    return {
        NAME: case.title,
        "variant": variant.name,
        **{f"{factor:g}": _text(scores.get(factor, ())) for factor in ALL_FACTORS},
        "less kriging": _text(gains, "+") if known else "-",
    }


def _text(scores: Sequence[float], sign: str = "") -> str:
    """The mean with half of its interval and how many seeds there are, if fewer than three."""
    if not scores:
        return "-"
    found = over_seeds(scores)
    half = found.interval[1] - found.mean
    return f"{found.mean:{sign}.3f} " + (f"({len(scores)})" if math.isnan(half) else f"±{half:.3f}")
