"""The results of a race: summary, scores by latitude, paired differences, calibration, training places, downloads."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Sequence
from dataclasses import asdict
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from s2v import data, spreadsheets
from s2v.evaluation import (
    MAIN_SCORES,
    BandScore,
    Calibration,
    Finding,
    Judged,
    Score,
    calibration,
    findings,
    judge,
)
from s2v.evaluation.judged import MIN_PLACES
from s2v.evaluation.ladder import distance_range
from s2v.fields import Field
from s2v.figures import globe
from s2v.models import snippets
from s2v.ui import charts, contestants, copying, pictures, place_files, trained_models
from s2v.ui.messages import explained, plain
from s2v.ui.race import map_files, maps, references, trials, veil
from s2v.ui.race.scores import ceiling

if TYPE_CHECKING:
    from s2v.engine import Frame, Race
    from s2v.figures.charts import Band
    from s2v.models.recipe import Recipe

MAX_PLACES = 1500  # training places on the globe: more would cover the map
MIN_R2 = -1.0  # bars of R2 end here
PRINT_PIXELS = 3000  # width of polar maps
_VERDICTS = "race verdicts"  # of the session, by race


def show_results(race: Race, titles: Sequence[str], veiled: str, offer: Callable[[], None]) -> None:
    """Shows the results of a race that has ended; ``veiled`` says how its maps are.

    ``offer`` shows what to do where the comparison is not fair.
    """
    done = _done(race)
    if done:
        with explained("The result"):
            judged = judge_race(race, titles)
            assert judged is not None
            st.subheader("The result", anchor=False)
            if early := _stopped_early(race):
                st.caption(early)
            st.markdown(_bullets(st.session_state[_VERDICTS][race.id]))
            st.caption(plain(references.remark(race, titles)))
            offer()
            st.caption(_judged_where(race))
            _show_bands(race, judged)
            _show_differences(race, judged)
            if race.recipe.task == "classification":
                _show_calibration(race, titles, done)
            trials.show_table(race, titles)
    with explained("The training places"):
        _show_places(race)
    with explained("The files of the race"):
        _show_downloads(race, titles, done, veiled)


def judge_race(race: Race, titles: Sequence[str]) -> Judged | None:
    """The scores of a race that has ended; None where no contestant has a result.  Keeps the verdict in the session."""
    if not (done := _done(race)):
        return None
    judged = pictures.cached("race judged", (race.id, *titles), lambda: _judged(race, titles, done))
    st.session_state.setdefault(_VERDICTS, {})[race.id] = _verdict(race, titles, judged)
    return judged


def brief(race: Race, titles: Sequence[str]) -> str:
    """The first sentence of the verdict on a race; empty for one without a result."""
    verdicts = st.session_state.setdefault(_VERDICTS, {})
    if race.id not in verdicts:
        judge_race(race, titles)
    found = verdicts.get(race.id)
    return re.split(r"(?<=[.!?]) ", found[0].text)[0] if found else ""


def has_result(race: Race) -> bool:
    """Whether a race has come to a result, whole or of what its networks had learned when it was stopped."""
    return bool(_done(race))


def _judged_where(race: Race) -> str:
    """On which test places a race was judged, and how far they lie from its training places."""
    recipe = race.recipe
    key = (recipe.data, recipe.points, recipe.seed, recipe.split)
    low, middle, high = pictures.cached(
        "race distances", key, lambda: distance_range(data.load(*key).test_distances_km)
    )
    return (
        f"Test places held out {data.split_title(recipe.split)}: to the nearest training place {middle:,.0f} km in the "
        f"median, 90 % between {low:,.0f} and {high:,.0f} km."
        + ("" if recipe.split == "random" else " Intervals over them resample blocks of 500 km.")
    )


def _verdict(race: Race, titles: Sequence[str], judged: Judged) -> list[Finding]:
    held_against = [t for t, run in zip(titles, race.firsts, strict=True) if run.recipe.predictor]
    return findings(judged, ceiling(race, tested=True), held_against)


def _bullets(found: Sequence[Finding]) -> str:
    return "\n".join(f"- **{f.about}**: {plain(f.text)}" if f.about else f"- {plain(f.text)}" for f in found)


def _done(race: Race) -> list[int]:
    """The numbers of the contestants that have a result."""
    return [i for i, runs in enumerate(race.runs) if any(run.latest and run.latest.fine for run in runs)]


def _stopped_early(race: Race) -> str:
    """A sentence on a race that was stopped before its end; empty for any other."""
    reached = [run.step for run in race.all_runs if run.latest and run.latest.fine and not run.recipe.predictor]
    if not reached:
        return ""
    steps, low, high = race.recipe.steps, min(reached), max(reached)
    if low == steps:
        return ""
    at = f"step {low:,}" if low == high else f"steps {low:,} to {high:,}"
    return f"Stopped at {at} of {steps:,}: this is the result of what the networks had learned by then."


def _judged(race: Race, titles: Sequence[str], done: Sequence[int]) -> Judged:
    dataset = maps.dataset_of(race)
    frames = {titles[i]: [run.latest for run in race.runs[i] if run.latest and run.latest.fine] for i in done}
    predictions = {name: [frame.test for frame in ended] for name, ended in frames.items()}
    background = {name: [frame.background for frame in ended] for name, ended in frames.items()}
    rows = dataset.test
    judged = judge(
        race.recipe.task,
        dataset.target[rows],
        predictions,  # type: ignore[arg-type]  # the last frame has them
        dataset.lonlat[rows],
        background=background if race.recipe.task == "presence" else None,  # type: ignore[arg-type]
        groups=dataset.groups_of(dataset.lonlat[rows]),
    )
    at = dataset.by_latitude
    by_latitude = {name: [frame.by_latitude for frame in ended] for name, ended in frames.items()}
    if at is None or race.recipe.task == "presence" or any(p is None for runs in by_latitude.values() for p in runs):
        return judged
    return judged.with_parts_of(
        judge(
            race.recipe.task,
            at.target,
            by_latitude,  # type: ignore[arg-type]
            at.lonlat,
            at.weights,
            groups=dataset.groups_of(at.lonlat),
        )
    )


def _show_bands(race: Race, judged: Judged) -> None:
    title = MAIN_SCORES[judged.task].title
    st.subheader(f"{title} by latitude", anchor=False)
    bands = {name: [_band(score.title, score) for score in judged.bands(name)] for name in judged.names}
    floor = MIN_R2 if judged.metric == "r2" else None
    _show_bars(race, bands, title, "race bands", f"{title} by latitude", floor)
    st.caption(
        f"{_places_of_bands(judged)} The whiskers hold 90 % of the bootstrap samples of the places."
        f"{_small_bands(judged)}"
    )


def _show_differences(race: Race, judged: Judged) -> None:
    pairs = list(combinations(judged.names, 2))
    if not pairs:
        return
    title = MAIN_SCORES[judged.task].title
    with st.expander("Differences between contestants, on the same places", expanded=len(pairs) == 1):
        parts = [("sphere", "all test places"), *((s.title, s.title) for s in judged.bands(judged.names[0]))]
        differences = {
            f"{a} − {b}": [_band(label, judged.difference(a, b, part)) for part, label in parts] for a, b in pairs
        }
        _show_bars(
            race, differences, f"difference in {title}", "race differences", f"Differences in {title} by latitude"
        )
        a, b = pairs[0]
        better = (
            f"Above zero {plain(a)} is better, below zero {plain(b)}."
            if len(pairs) == 1
            else "Above zero the encoder that the legend names first is better, below zero the second."
        )
        st.caption(
            f"{better} Both saw the same places, so the luck of the places is shared and the "
            "intervals are narrower than those of the scores. They are of 90 %, and hold at once for all pairs, and by "
            "latitude for both bands at the poles, or for all eight others. Where one holds zero, no difference can be "
            "told."
            + (
                " These intervals are over the places alone; the result in words also asks whether it is the same "
                "with every seed."
                if any(runs.shape[1] > 1 for runs in judged.runs.values())
                else ""
            )
        )


def _show_bars(
    race: Race, series: dict[str, list[Band]], y_title: str, key: str, alt: str, floor: float | None = None
) -> None:
    from s2v.figures.charts import band_bars, band_rows

    charts.show(
        band_bars(series, y_title=y_title, floor=floor, numbers=len(series) == 1, height=320),
        key=key,
        alt=alt,
        file_name=_chart_file(race, alt),
        table=lambda: band_rows(series, y_title),  # bars may end at the floor
    )


def _chart_file(race: Race, quantity: str) -> str:
    return charts.race_file_name([run.recipe for run in race.firsts], quantity)


def _places_of_bands(judged: Judged) -> str:
    """On which places the latitude bands are judged."""
    counts = [band.count for band in judged.bands(judged.names[0])]
    if sum(counts) == judged.counts[0]:
        return f"On {sum(counts):,} test places, of which few lie in the small bands at the poles."
    each = f"{min(counts):,}" if min(counts) == max(counts) else f"{min(counts):,} to {max(counts):,}"
    return (
        f"On places of their own, {each} in each band, that no network was trained on: so a score here can differ from "
        f"that of the table above, whose columns, those above 70° included, are about {int(judged.counts[0]):,} test "
        "places."
    )


def _small_bands(judged: Judged) -> str:
    """Sentences on the bands that have no places, or too few for a claim."""
    bands = judged.bands(judged.names[0])
    none = [band.title for band in bands if not band.count]
    few = [f"{band.title} ({band.count})" for band in bands if _is_small(band)]
    sentences = [f" No test places lie at {', '.join(none)}." if none else ""]
    sentences += [f" Too few for a claim, and for a bar, lie at {', '.join(few)}." if few else ""]
    return "".join(sentences)


def _is_small(score: Score | BandScore) -> bool:
    return 0 < score.count < MIN_PLACES


def _band(title: str, score: Score | BandScore) -> Band:
    """The bar of a score; there is none of too few places, which would only be read as a result."""
    from s2v.figures.charts import Band

    if _is_small(score):
        return Band(title, float("nan"))
    low, high = score.interval
    known = np.isfinite(low) and np.isfinite(high)
    return Band(title, score.value, low if known else None, high if known else None)


def _show_calibration(race: Race, titles: Sequence[str], done: Sequence[int]) -> None:
    from s2v.figures import race_charts

    found = pictures.cached("race calibration", race.id, lambda: _calibrations(race, titles, done))
    with st.expander("Do the probabilities mean what they say?"):
        charts.show(
            race_charts.calibration_chart(found),
            key="race calibration chart",
            alt="Share of right answers against the probability given to them",
            file_name=_chart_file(race, "calibration"),
        )
        errors = "; ".join(f"{name} {100 * c.error:.1f} %" for name, c in found.items())
        first = " Of the first seed alone." if len(race.runs[0]) > 1 else ""
        st.caption(
            "On the dashed line a class that is given 70 % is right in 70 of 100 places; below it a network is too "
            f"sure of itself. Mean distance from the line (expected calibration error): {plain(errors)}.{first}"
        )


def _calibrations(race: Race, titles: Sequence[str], done: Sequence[int]) -> dict[str, Calibration]:
    dataset = maps.dataset_of(race)
    target = dataset.target[dataset.test]
    latest = {titles[i]: race.firsts[i].latest for i in done}
    return {name: calibration(target, frame.test) for name, frame in latest.items() if frame and frame.test is not None}


def _show_places(race: Race) -> None:
    """Shows the training places as dots on the prediction of the first contestant."""
    frame = race.firsts[0].latest
    if frame is None or not frame.maps:
        return
    dataset = maps.load_dataset(race.recipe.data)
    key = (race.id, frame.step, frame.fine)
    places, held_out, total = pictures.cached("race places", key, lambda: _places(race))
    field = pictures.cached("race places field", key, lambda: _first_prediction(race, frame))
    st.subheader("Where they learned", anchor=False)
    shown = len(places.lonlat)
    share = "" if shown == total else f", {shown:,} of {total:,},"
    st.markdown(
        f"The first prediction, and the training places{share} as dots: point at one to see its value. What lies "
        f"between them, and beyond the last one before a pole, an encoder has to guess. Orange: test places, held out "
        f"{data.split_title(race.recipe.split)}."
    )
    pictures.show_globe(field, "race places globe", 10.0, 62.0, (places, held_out), height=410)
    st.caption(plain(dataset.credit))
    place_files.show(
        lambda: places_table(race.recipe),
        (places, held_out),
        key="race places",
        file_name=charts.file_name(race.recipe.data.partition(",")[0], "places"),
        title=f"{dataset.title}: training places (black) and test places (orange)",
        caption=dataset.credit,
    )


def places_table(recipe: Recipe) -> place_files.Table:
    """The training, validation and test places of a race with what is known of each, and which of them it is."""
    dataset = data.load(recipe.data, recipe.points, recipe.seed, recipe.split)
    parts = {"train": dataset.train, "validation": dataset.val, "test": dataset.test}
    rows = np.concatenate(list(parts.values()))
    part = [name for name, members in parts.items() for _ in members]
    return dataset.lonlat[rows], {**place_files.known(dataset, dataset.target[rows]), "part": part}


def _first_prediction(race: Race, frame: Frame) -> Field:
    """The first contestant's prediction of the world; of a single class its probability, which varies."""
    run = race.firsts[0]
    probability = maps.drawn(run, frame, "world", "probability", 0) if maps.is_single(race) else None
    return probability or maps.predicted(run, frame, "world")


def _places(race: Race) -> tuple[globe.Points, globe.Points, int]:
    """At most ``MAX_PLACES`` training places and as many test places, and how many training places there are."""
    recipe = race.recipe
    dataset = data.load(recipe.data, recipe.points, recipe.seed, recipe.split)
    rows = dataset.train[:MAX_PLACES]
    values = dataset.target[rows]
    labels = (
        [dataset.classes[int(value)] for value in values]
        if dataset.classes
        else [f"{value:,.1f} {dataset.units}".strip() for value in values]
    )
    test = dataset.lonlat[dataset.test[:MAX_PLACES]]
    held_out = globe.Points(test, ["test place, held out"] * len(test), (213, 94, 0), 2)
    return globe.Points(dataset.lonlat[rows], labels, (20, 20, 20), 2), held_out, len(dataset.train)


def _show_downloads(race: Race, titles: Sequence[str], done: Sequence[int], veiled: str) -> None:
    name = race.recipe.data.replace(":", "-")
    with st.container(horizontal=True):
        for label, file, mime, make in (
            ("Recipes (JSON)", f"{name}-race.json", "application/json", lambda: _recipes(race)),
            ("Curves (CSV)", f"{name}-curves.csv", "text/csv", lambda: _curves_table(race, titles)),
            ("World maps (NetCDF)", f"{name}-maps.nc", "application/netcdf", lambda: map_files.netcdf(race, titles)),
            ("Maps (GeoTIFF)", f"{name}-maps.zip", "application/zip", lambda: map_files.geotiffs(race, titles)),
            ("Polar maps (PNG)", f"{name}-polar.png", "image/png", lambda: _polar_png(race, titles, veiled)),
        ):
            st.download_button(label, make, file, mime, on_click="ignore", icon=":material/download:", key=label)
        for i in done:
            run = race.firsts[i]
            if run.latest and run.latest.weights:
                st.download_button(
                    f"{titles[i]} (safetensors)",
                    run.latest.weights,
                    f"{name}-{run.recipe.contestant.name}.safetensors",
                    "application/octet-stream",
                    on_click="ignore",
                    icon=":material/download:",
                    key=f"weights {i}",
                )
    asked, seeds = [run.asked for run in race.firsts], len(race.runs[0])
    copying.show(
        snippets.race_code(asked, seeds, race.own_data),
        snippets.race_commands(asked, seeds, race.own_data),
        "race",
        "As it was started. Scores agree with these but for rounding; a race that was stopped has had fewer steps.",
    )
    models = [model for i in done if (model := trained_models.remember(race.firsts[i]))]
    if models:
        contestants.show_model_link(models[-1])


def _recipes(race: Race) -> bytes:
    return json.dumps([asdict(run.recipe) for run in race.all_runs], indent=1).encode()


def _polar_png(race: Race, titles: Sequence[str], veiled: str) -> bytes:
    columns = maps.poles(race, titles, "prediction", 0)
    return pictures.polar_pair(columns, PRINT_PIXELS, veil=veil.veil_of(race.recipe, veiled))


def _curves_table(race: Race, titles: Sequence[str]) -> bytes:
    """One line for each run and frame: contestant, seed, step, seconds, loss and all metrics."""
    out = io.StringIO()
    frames = [
        (title, run.recipe.seed, frame)
        for title, runs in zip(titles, race.runs, strict=True)
        for run in runs
        for frame in run.history
    ]
    metrics = sorted({name for _, _, frame in frames for name in frame.metrics})
    rows = csv.writer(out, lineterminator="\n")
    rows.writerow(["contestant", "seed", "step", "seconds", "loss", *map(spreadsheets.cell, metrics)])
    for title, seed, frame in frames:
        numbers = [frame.metrics.get(name, float("nan")) for name in metrics]
        rows.writerow([spreadsheets.cell(title), seed, frame.step, frame.seconds, frame.loss, *numbers])
    return out.getvalue().encode()
