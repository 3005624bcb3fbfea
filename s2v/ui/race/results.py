"""What came of a race: the result in words, scores by latitude, paired differences, calibration, ways out."""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from dataclasses import asdict
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np
import streamlit as st

from s2v import data
from s2v.evaluation import Calibration, Judged, calibration, judge, verdict
from s2v.evaluation.judging import MIN_PLACES
from s2v.fields import Field, Grid
from s2v.figures import globe
from s2v.ui import pictures, trained_models
from s2v.ui.messages import explained, plain
from s2v.ui.race import curves as race_curves
from s2v.ui.race import maps as race_maps

if TYPE_CHECKING:
    from s2v.engine import Frame, Race
    from s2v.figures.charts import Band

MAX_PLACES = 1500  # training places on the globe: more would hide it
BARE = {"displayModeBar": False}


def show(race: Race, called: Sequence[str]) -> None:
    """Shows what came of a race that has ended, where it is called."""
    done = [i for i, runs in enumerate(race.runs) if any(run.latest and run.latest.fine for run in runs)]
    if done:
        with explained("The result"):
            judged = pictures.once("race judged", race.id, lambda: _judged(race, called, done))
            st.subheader("The result", anchor=False)
            st.markdown(plain(verdict(judged, race_curves.ceiling(race, tested=True))))
            _show_bands(judged)
            if race.recipe.task == "classification":
                _show_calibration(race, called, done)
    with explained("The training places"):
        _show_places(race)
    with explained("The files of the race"):
        _show_exits(race, called, done)


def distribution(name: str) -> Any:
    """A chart of how often each value or class of a data set occurs, by area where it is known everywhere."""
    from s2v.figures import charts

    dataset = race_maps.known(name)
    grid = Grid.equirectangular(2)
    values = race_maps.truth(name, grid).values.ravel()
    areas = grid.areas.ravel()
    there = np.isfinite(values)
    if dataset.classes:
        shares = np.bincount(values[there].astype(int), weights=areas[there], minlength=len(dataset.classes))
        shares = 100 * shares / shares.sum()
        order = np.argsort(-shares)[:20]
        rest = f" ({len(order)} largest)" if len(order) < len(shares) else ""
        return charts.bars(
            [dataset.classes[i] for i in order],
            shares[order],
            [dataset.colors[i] for i in order] if dataset.colors else None,
            y_title=f"% of the area{rest}",
        )
    counts, edges = np.histogram(values[there], bins=40, weights=areas[there])
    middles = (edges[1:] + edges[:-1]) / 2
    return charts.bars(
        middles, 100 * counts / counts.sum(), None, x_title=dataset.units or "value", y_title="% of the area"
    )


def _judged(race: Race, called: Sequence[str], done: Sequence[int]) -> Judged:
    dataset = race_curves.data_of(race)
    ended = {called[i]: [run.latest for run in race.runs[i] if run.latest and run.latest.fine] for i in done}
    predictions = {name: [frame.test for frame in frames] for name, frames in ended.items()}
    background = {name: [frame.background for frame in frames] for name, frames in ended.items()}
    rows = dataset.test
    return judge(
        race.recipe.task,
        dataset.target[rows],
        predictions,  # type: ignore[arg-type]  # the last frame has them
        dataset.lonlat[rows],
        background=background if race.recipe.task == "presence" else None,  # type: ignore[arg-type]
    )


def _show_bands(judged: Judged) -> None:
    from s2v.figures import charts

    word = race_curves.SCORES[judged.task].title
    st.subheader(f"{word} by latitude", anchor=False)
    floor = -1.0 if judged.measure == "r2" else None
    figure = charts.band_bars(
        {name: [_band(s.title, s) for s in judged.bands(name)] for name in judged.names},
        y_title=word,
        floor=floor,
        height=320,
    )
    st.plotly_chart(figure, key="race bands", config=BARE, alt=f"{word} by latitude")
    st.caption(
        f"On {int(judged.counts[0]):,} test places; the whiskers hold 90 % of the bootstrap samples of the places. "
        f"The bands at the poles are small, and that is where encoders differ.{_few(judged)}"
    )
    pairs = list(combinations(judged.names, 2))
    if not pairs:
        return
    with st.expander("Differences between contestants, on the same places", expanded=len(pairs) == 1):
        parts = ["sphere", *(s.title for s in judged.bands(judged.names[0]))]
        titles = ["whole sphere", *parts[1:]]
        differences = {
            f"{a} − {b}": [
                _band(title, judged.difference(a, b, part)) for title, part in zip(titles, parts, strict=True)
            ]
            for a, b in pairs
        }
        figure = charts.band_bars(differences, y_title=f"difference in {word}", floor=floor, height=320)
        st.plotly_chart(figure, key="race differences", config=BARE, alt=f"Differences in {word} by latitude")
        st.caption(
            "Above zero the first is better. Both saw the same places, so the luck of the places is shared and the "
            "intervals (90 %, for all pairs together) are narrower than those of the scores. Where one holds zero, no "
            "difference can be told."
            + (
                " These intervals are over the places alone; the result in words also asks whether it is the same "
                "with every seed."
                if any(runs.shape[1] > 1 for runs in judged.runs.values())
                else ""
            )
        )


def _few(judged: Judged) -> str:
    """Which bands have no places, or too few for a claim, in sentences."""
    bands = judged.bands(judged.names[0])
    none = [band.title for band in bands if not band.count]
    few = [f"{band.title} ({band.count})" for band in bands if 0 < band.count < MIN_PLACES]
    sentences = [f" No test places lie at {', '.join(none)}." if none else ""]
    sentences += [f" Too few for a claim lie at {', '.join(few)}." if few else ""]
    return "".join(sentences)


def _band(title: str, score: Any) -> Band:
    from s2v.figures.charts import Band

    low, high = score.interval
    known = np.isfinite(low) and np.isfinite(high)
    return Band(title, score.value, low if known else None, high if known else None)


def _show_calibration(race: Race, called: Sequence[str], done: Sequence[int]) -> None:
    from s2v.figures import race_charts

    found = pictures.once("race calibration", race.id, lambda: _calibrations(race, called, done))
    with st.expander("Do the probabilities mean what they say?"):
        st.plotly_chart(
            race_charts.calibration_chart(found),
            key="race calibration chart",
            config=BARE,
            alt="Share of right answers against the probability given to them",
        )
        errors = "; ".join(f"{name} {100 * c.error:.1f} %" for name, c in found.items())
        first = " Of the first seed alone." if len(race.runs[0]) > 1 else ""
        st.caption(
            "On the dashed line a class that is given 70 % is right in 70 of 100 places; below it a network is too "
            f"sure of itself. Mean distance from the line (expected calibration error): {plain(errors)}.{first}"
        )


def _calibrations(race: Race, called: Sequence[str], done: Sequence[int]) -> dict[str, Calibration]:
    dataset = race_curves.data_of(race)
    target = dataset.target[dataset.test]
    latest = {called[i]: race.firsts[i].latest for i in done}
    return {name: calibration(target, frame.test) for name, frame in latest.items() if frame and frame.test is not None}


def _show_places(race: Race) -> None:
    """The places that the networks were trained on, things rather than a field, on the map of the first one."""
    run = race.firsts[0]
    frame = run.latest
    if frame is None or not frame.maps:
        return
    dataset = race_maps.known(race.recipe.data)
    key = (race.id, frame.step, frame.fine)
    places, total = pictures.once("race places", key, lambda: _places(race))
    field = pictures.once("race places field", key, lambda: _first_answer(race, frame))
    st.subheader("Where they learned", anchor=False)
    shown = len(places.lonlat)
    share = "" if shown == total else f", {shown:,} of {total:,},"
    st.markdown(
        f"The first prediction, and the training places{share} as dots: point at one to see its value. What lies "
        "between them, and beyond the last one before a pole, an encoder has to guess."
    )
    pictures.show_globe(field, "race places globe", 10.0, 62.0, places, height=410)
    st.caption(plain(dataset.credit))


def _first_answer(race: Race, frame: Frame) -> Field:
    """What the first contestant says of the world: of a single class where it is, as it is the answer everywhere."""
    run = race.firsts[0]
    share = race_maps.drawn(run, frame, "world", "probability", 0) if race_maps.is_single(race) else None
    return share or race_maps.predicted(run, frame, "world")


def _places(race: Race) -> tuple[globe.Points, int]:
    """Training places, some of them where there are many, and how many there are."""
    recipe = race.recipe
    dataset = data.load(recipe.data, recipe.points, recipe.seed, recipe.split)
    rows = dataset.train[:MAX_PLACES]
    values = dataset.target[rows]
    labels = (
        [dataset.classes[int(value)] for value in values]
        if dataset.classes
        else [f"{value:,.1f} {dataset.units}".strip() for value in values]
    )
    return globe.Points(dataset.lonlat[rows], labels, (20, 20, 20), 2), len(dataset.train)


def _show_exits(race: Race, called: Sequence[str], done: Sequence[int]) -> None:
    name = race.recipe.data.replace(":", "-")
    with st.container(horizontal=True):
        for label, file, mime, make in (
            ("Recipes (JSON)", f"{name}-race.json", "application/json", lambda: _recipes(race)),
            ("Curves (CSV)", f"{name}-curves.csv", "text/csv", lambda: _curves_table(race, called)),
            ("Polar maps (PNG)", f"{name}-polar.png", "image/png", lambda: _polar_png(race, called)),
        ):
            st.download_button(label, make, file, mime, on_click="ignore", icon=":material/download:", key=label)
        for i in done:
            run = race.firsts[i]
            if run.latest and run.latest.weights:
                st.download_button(
                    f"{called[i]} (safetensors)",
                    run.latest.weights,
                    f"{name}-{run.recipe.encoder}.safetensors",
                    "application/octet-stream",
                    on_click="ignore",
                    icon=":material/download:",
                    key=f"weights {i}",
                )
    for i in done:
        trained_models.remember(race.firsts[i])
    if done:
        trained_models.link(race.firsts[done[-1]])


def _recipes(race: Race) -> bytes:
    return json.dumps([asdict(run.recipe) for run in race.all_runs], indent=1).encode()


def _polar_png(race: Race, called: Sequence[str]) -> bytes:
    return pictures.polar_pair(race_maps.poles(race, called, "prediction", 0), 200)


def _curves_table(race: Race, called: Sequence[str]) -> bytes:
    """One line for each run and frame: contestant, seed, step, seconds, loss and all metrics."""
    out = io.StringIO()
    frames = [
        (title, run.recipe.seed, frame)
        for title, runs in zip(called, race.runs, strict=True)
        for run in runs
        for frame in run.history
    ]
    metrics = sorted({name for _, _, frame in frames for name in frame.metrics})
    print("contestant,seed,step,seconds,loss", *metrics, sep=",", file=out)
    for title, seed, frame in frames:
        numbers = [frame.metrics.get(name, float("nan")) for name in metrics]
        quoted = '"' + title.replace('"', '""') + '"'
        print(quoted, seed, frame.step, frame.seconds, frame.loss, *numbers, sep=",", file=out)
    return out.getvalue().encode()
