"""The suite ``ladder``: scores of encoders and reference predictors against the distance of the held-out places.

Every rung of ``s2v.data.LADDER``, then the controls.  Held-out places, seeds and the training of networks are those of
the Train page; a reference predictor has its constants chosen on the validation places of the rung.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from s2v import data, encoders
from s2v.bench.learning import recipe
from s2v.bench.measure import WALL, Clock
from s2v.bench.report import Cell, Report
from s2v.data import DataSet
from s2v.encoders.registry import EncoderConfig
from s2v.errors import user_message
from s2v.evaluation import Judged, judge, verdict
from s2v.evaluation.judged import BAND_TITLES
from s2v.evaluation.ladder import Ladder, RungResult, distance_range
from s2v.evaluation.phrases import with_interval
from s2v.models.recipe import Recipe
from s2v.models.scales import with_auto
from s2v.models.training import train
from s2v.predictors import fit
from s2v.predictors import names as names_for

ENCODERS = ("plane_waves", "sphereM", "grid")
TRIALS = 5  # of an encoder's scale, on the validation places of the rung, like the constants of a predictor
BANDS = BAND_TITLES[0], BAND_TITLES[-1]  # near the poles
COLUMNS = (
    "rung",
    "contestant",
    "median km",
    "training places",
    "score",
    "90 % over places",
    "90 % over seeds",
    *BANDS,
)
NOTES = (
    "Score: R2 of values, accuracy of classes, on test places; the mean over the seeds.  Median km: from the test "
    "places to the nearest training place.",
    "Intervals over places resample blocks of 500 km where places are held out together; over seeds by Student's t.",
    "Near the poles: scores with intervals over places; where the truth is known everywhere, on places for that, else "
    "where enough test places lie there.",
)

Predict = Callable[[NDArray[np.float64]], NDArray[Any]]


def run(
    points: int | None = None,
    repeat: int = 3,
    clock: Clock = WALL,
    on_progress: Callable[[str], None] = lambda line: None,
    steps: int = Recipe.steps,
    names: Sequence[str] | None = None,
    dataset: str = "relief",
    predictors: Sequence[str] | None = None,
    trials: int = TRIALS,
    rungs: Sequence[str] = data.CLIMB,
) -> Report:
    """Climbs the ladder with the encoders in ``names`` and these reference ``predictors``, with ``repeat`` seeds."""
    if repeat < 1:
        raise ValueError(f"repeat={repeat} is not a whole number of at least 1.")
    points = data.entry(dataset).points if points is None else points
    base = Recipe(data=dataset, encoder="xyz", points=points, steps=steps, trials=trials)
    if base.task == "presence":
        raise ValueError(f"data={dataset!r}: presences have no absences to be judged by. Choose values or classes.")
    chosen = [encoders.spec(name).name for name in (ENCODERS if names is None else names) if name]
    known = names_for(base.task)
    references = [name for name in (known if predictors is None else predictors) if name]
    for name in references:
        if name not in known:
            raise ValueError(f"predictor {name!r} is not one of {', '.join(known)}, which are those for {base.task}.")
    if not chosen and not references:
        raise ValueError("There is no contestant: name encoders, predictors or both.")
    ladder = Ladder([*references, *chosen])
    verdicts = []
    for split in rungs:
        rung = _climb(data.check_split(split), base, chosen, references, repeat)
        ladder.rungs.append(rung)
        on_progress(_line(rung))
        if rung.judged is not None and len(rung.judged.names) > 1:
            verdicts.append(f"{split}: {verdict(rung.judged, references=references)}")
    scale = f"{trials} trials of each encoder's scale" if trials else "each encoder's scale from the data"
    about = f"{dataset} with {points:,} training places, {steps:,} steps, {scale}"
    judged = {rung.split: rung.judged for rung in ladder.rungs}
    rows = tuple(_row(row, judged[str(row["split"])]) for row in ladder.rows())
    return Report(
        "ladder",
        f"{about}, {repeat} seeds, {clock.title}",
        COLUMNS,
        rows,
        (*NOTES, *ladder.sentences(), *verdicts),
        name_columns=2,
    )


def _climb(split: str, base: Recipe, names: Sequence[str], references: Sequence[str], seeds: int) -> RungResult:
    title, kind = data.split_title(split), data.rung(split).kind
    models: dict[str, list[Predict]] = {}
    messages: dict[str, str] = {}
    distances: list[NDArray[np.float64]] = []
    training = 0
    for seed in range(seeds):
        try:
            dataset = data.load(base.data, base.points, seed, split)
        except ValueError as error:
            return RungResult(split, title, kind, messages={"": user_message(error) or str(error)})
        distances.append(dataset.test_distances_km)
        training = len(dataset.train)
        for name in (*references, *names):
            if name in messages:
                continue
            try:
                model = _fitted(name, dataset) if name in references else _trained(name, base, split, seed, dataset)
                models.setdefault(name, []).append(model)
            except Exception as error:  # the others go on
                messages[name] = user_message(error) or f"{name} failed ({type(error).__name__}): {error}"
                models.pop(name, None)
    far = distance_range(np.concatenate(distances))
    judged = judged_models(dataset, models) if models else None
    return RungResult(split, title, kind, far, training, judged, messages)


def judged_models(dataset: DataSet, models: Mapping[str, Sequence[Predict]]) -> Judged:
    """The result on the test places; where the truth is known everywhere, scores by latitude are of places for that."""

    def on(places: NDArray[np.float64], target: NDArray[Any], weights: NDArray[np.float64] | None = None) -> Judged:
        predictions = {name: [predict(places) for predict in runs] for name, runs in models.items()}
        return judge(dataset.task, target, predictions, places, weights, groups=dataset.groups_of(places))

    judged = on(dataset.lonlat[dataset.test], dataset.target[dataset.test])
    bands = dataset.by_latitude
    return judged if bands is None else judged.with_parts_of(on(bands.lonlat, bands.target, bands.weights))


def _fitted(name: str, dataset: DataSet) -> Predict:
    return fit(name, dataset).predict


def _trained(name: str, base: Recipe, split: str, seed: int, dataset: DataSet) -> Predict:
    own = recipe(name, steps=base.steps, points=base.points, seed=seed, trials=base.trials)
    params = dict(with_auto(EncoderConfig.of(name, **own.encoder_params)).params)
    settings = replace(own, data=base.data, split=split, encoder_params=params)
    *_, last = train(settings, every=settings.steps, evaluated=False, dataset=dataset)
    return last.model.predict


def _line(rung: RungResult) -> str:
    if rung.judged is None:
        return f"{rung.split}: {next(iter(rung.messages.values()), 'no contestant has a score')}"
    scores = ", ".join(f"{name} {rung.judged.score(name).value:.3f}" for name in rung.judged.names)
    left_out = "".join(f"; {message}" for message in rung.messages.values())
    return f"{rung.split} ({rung.km:,.0f} km): {scores}{left_out}"


def _row(row: dict[str, str | float | int], judged: Judged | None) -> dict[str, Cell]:
    def between(low: str, high: str) -> str:
        ends = float(row[low]), float(row[high])
        return "-" if any(map(math.isnan, ends)) else f"{ends[0]:.3f} to {ends[1]:.3f}"

    score, km = float(row["score"]), float(row["median km"])

    def near_pole(band: str) -> str:
        if judged is None or row["contestant"] not in judged.names:
            return "-"
        score = judged.score(str(row["contestant"]), band)
        return "-" if math.isnan(score.interval[0]) else with_interval(score)

    return {
        "rung": row["split"],
        "contestant": row["contestant"],
        "median km": "-" if math.isnan(km) else f"{km:,.0f}",
        "training places": row["training places"],
        "score": str(row["message"]) if math.isnan(score) else f"{score:.3f}",
        "90 % over places": between("low", "high"),
        "90 % over seeds": between("low over seeds", "high over seeds"),
        **{band: near_pole(band) for band in BANDS},
    }
