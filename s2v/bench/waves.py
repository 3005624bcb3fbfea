"""The suite ``waves``: which plane waves, with which network, come level with local kriging.

Variants of ``plane_waves`` and ``matern_waves`` are trained on real fields and scored on **validation** places, each at
the best of a few scales around the spacing of the training places; local kriging, whose constants are chosen there, too,
stands beside them.  All of it takes long: what is done is kept in a file (``--keep``), and ``--minutes`` ends a run.
"""

from __future__ import annotations

import itertools
import json
import math
import time
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from s2v import data, encoders, files
from s2v.bench.measure import WALL, Clock
from s2v.bench.report import Cell, Report
from s2v.bench.waves_variants import KRIGING, VARIANTS, Variant
from s2v.data import DataSet
from s2v.evaluation import evaluate
from s2v.evaluation.seeds import over_seeds
from s2v.models.loop import DivergedError, train_steps
from s2v.models.recipe import Recipe
from s2v.models.scales import FromData
from s2v.predictors import fit

DATA = "relief"
SIZES = (500, 2000)
SPLITS = ("random", "blocks:1000")
FACTORS = (0.5, 1.0)  # of the radius that "auto" stands for
STEPS = 100
NAME, WHAT = "variant", "what it is"


class Case(NamedTuple):
    """What is learned."""

    data: str
    points: int
    split: str

    @property
    def title(self) -> str:
        return f"{self.data}, {self.split}, {self.points:,}"


class Found(NamedTuple):
    """A variant's scores on validation places, one for each seed, at the best of the scales."""

    factor: float
    scores: tuple[float, ...]

    @property
    def mean(self) -> float:
        return sum(self.scores) / len(self.scores)


def run(
    points: int | None = None,
    repeat: int = 3,
    clock: Clock = WALL,
    on_progress: Callable[[str], None] = lambda line: None,
    steps: int = STEPS,
    names: Sequence[str] | None = None,
    dataset: str = DATA,
    rungs: Sequence[str] = SPLITS,
    minutes: float = math.inf,
    keep: Path | None = None,
) -> Report:
    """Trains the variants in ``names``, all unless given, with ``repeat`` seeds."""
    variants = [VARIANTS[name] for name in (VARIANTS if names is None else names)]
    sizes = SIZES if points is None else (points,)
    cases = [Case(*case) for case in itertools.product(dataset.split(","), sizes, rungs)]
    kept, ends = Kept(keep), time.monotonic() + 60 * minutes
    left, found = 0, dict[tuple[str, Case], Found]()
    for case, variant in itertools.product(cases, variants):
        at = {f: [Fit(variant, case, steps, seed, f) for seed in range(repeat)] for f in factors(variant)}
        if time.monotonic() > ends and not all(one.key in kept for fits in at.values() for one in fits):
            left += 1
            continue
        scores = {f: tuple(kept.score(one) for one in fits) for f, fits in at.items()}
        found[variant.name, case] = best = max((Found(*item) for item in scores.items()), key=lambda f: f.mean)
        on_progress(f"{case.title}: {variant.name} {best.mean:.4f} at {best.factor:g}; {scores}")
    about = f"{steps:,} steps, {repeat} seeds" + (f"; {left} of {len(cases) * len(variants)} left out" if left else "")
    rows = tuple(_row(variant, cases, found) for variant in variants)
    return Report("waves", about, (NAME, WHAT, *(case.title for case in cases)), rows, ())


class Fit(NamedTuple):
    """One training, or the mean of several, of a variant at a scale; or one fit of kriging."""

    variant: Variant
    case: Case
    steps: int
    seed: int
    factor: float

    @property
    def key(self) -> str:
        v = self.variant
        made = [v.encoder, dict(v.params), {"steps": self.steps, **v.settings}, v.members]
        return json.dumps([*made, *self.case, self.seed, self.factor], sort_keys=True)

    def recipes(self, dataset: DataSet) -> list[Recipe]:
        """One for each member; they differ in their seeds."""
        spec = encoders.spec(self.variant.encoder)
        params = spec.at_radius(FromData.of(dataset).radius * self.factor, self.variant.params)
        settings = {"steps": self.steps, **self.variant.settings}
        return [
            Recipe(
                data=self.case.data,
                points=self.case.points,
                split=self.case.split,
                encoder=spec.name,
                encoder_params={**params, "seed": self.seed + 100 * member},
                seed=self.seed + 100 * member,
                **settings,
            )
            for member in range(self.variant.members)
        ]

    def predict(self, dataset: DataSet, lonlat: NDArray[np.float64]) -> NDArray[np.float64]:
        """The values at places, those of several members averaged."""
        if self.variant is KRIGING:
            return np.asarray(fit("kriging", dataset).predict(lonlat))
        members = []
        for recipe in self.recipes(dataset):
            *_, last = train_steps(recipe, dataset, evaluated=False)
            members.append(last.model.predict(lonlat).astype(float))
        return np.asarray(np.mean(members, 0))


def factors(variant: Variant) -> tuple[float, ...]:
    """The scales to try: none of kriging, which tries its own constants."""
    return (1.0,) if variant is KRIGING else FACTORS


class Kept:
    """Validation scores of fits, those of earlier runs in a file of one line each."""

    def __init__(self, path: Path | None) -> None:
        self._path, self._scores = path, dict[str, float]()
        if path is not None and path.exists():
            for line in path.read_text(encoding="utf-8").splitlines():
                found = json.loads(line)
                self._scores[found["fit"]] = found["score"]

    def __contains__(self, key: str) -> bool:
        return key in self._scores

    def score(self, one: Fit) -> float:
        """R2 on validation places; NaN where the training diverged."""
        if one.key not in self:
            self._scores[one.key] = _validated(one)
            if self._path is not None:
                lines = [json.dumps({"fit": key, "score": score}) + "\n" for key, score in self._scores.items()]
                files.write_bytes(self._path, "".join(lines).encode())
        return self._scores[one.key]


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


def _row(variant: Variant, cases: Sequence[Case], found: Mapping[tuple[str, Case], Found]) -> dict[str, Cell]:
    return {
        NAME: variant.name,
        WHAT: variant.what,
        **{case.title: _text(found.get((variant.name, case))) for case in cases},
    }


def _text(found: Found | None) -> str:
    if found is None:
        return "-"
    seeds = over_seeds(found.scores)
    half = seeds.interval[1] - seeds.mean
    return f"{seeds.mean:.3f}" + ("" if math.isnan(half) else f" ±{half:.3f}") + f" ({found.factor:g})"
