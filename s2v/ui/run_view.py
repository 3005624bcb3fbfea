"""A training run on the page, while it goes on and afterwards: state, scores, curves, maps, ways out."""

from __future__ import annotations

import math
import time
from collections.abc import Hashable
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
import streamlit as st

from s2v import data, encoders
from s2v.data import DataSet
from s2v.evaluation import by_band
from s2v.fields import Field, Grid
from s2v.figures import globe
from s2v.ui import maps, runs
from s2v.ui.linked_globes import Panel, linked_globes
from s2v.ui.messages import explained, plain

if TYPE_CHECKING:
    from s2v.engine import Frame, Run
    from s2v.figures.charts import Band

POLL = 0.25  # seconds between two looks at a run that goes on: its maps come about every 0.6 seconds
POLES = 4.0  # seconds between two drawings of the polar maps of a run that goes on: they cost the server most
VIEW = (10.0, 62.0, 1.0)  # longitude, latitude, zoom of the globes at first: the north pole is in sight
GLOBE_HEIGHT = 410  # pixels
MOST_PLACES = 1500  # training places on the globe: more would hide it
LIVE_DPI, FINE_DPI = 70, 130
WORDS = {"r2": "R²", "accuracy": "Accuracy"}


def show_run(run: Run) -> None:
    """Shows a run where it is called; keeps itself up to date until the run has ended."""
    st.fragment(_show, run_every=POLL if run.live else None)(run.live)


def show_truth(name: str) -> None:
    """What there is to learn, before the first run."""
    with explained("The data set"):
        dataset = known(name)
        st.subheader(f"What there is to learn: {dataset.title}", anchor=False)
        st.markdown(
            f"{plain(dataset.summary)} Press **Start**: a network sees {dataset.title.lower()} at scattered places "
            "only, and its idea of the whole Earth appears here while it learns."
        )
        whole, pair = st.columns([5, 4], gap="large")
        with whole:
            field = truth(name, Grid.equirectangular(1))
            linked_globes([Panel(field, title=dataset.title)], key="truth globe", camera=VIEW, height=GLOBE_HEIGHT)
        with pair:
            maps.show_polar_pair([("Truth", *_poles(name, *_fine_grids()))], FINE_DPI, f"Polar maps of {dataset.title}")
        st.caption(plain(dataset.credit))


@lru_cache(maxsize=8)
def known(name: str) -> DataSet:
    """The data set of that name; only what does not depend on the training places is used of it."""
    return data.load(name, points=1)


@lru_cache(maxsize=32)
def truth(name: str, grid: Grid) -> Field:
    """The truth on a grid."""
    return known(name).truth(grid)


def _show(was_live: bool) -> None:
    run = runs.current()
    if run is None:  # the server has forgotten the session
        st.rerun()
    if was_live and not run.live:
        st.rerun()  # once more the whole page: buttons change, and this part need not be repeated any more
    frame = run.latest
    _show_state(run)
    if frame is None:
        return
    _show_scores(run)
    with explained("The map of the run"):
        dataset = known(run.recipe.data)
        world = maps.once("train world", (run.id, frame.step, frame.fine), lambda: _world(run, frame))
        st.markdown(f"**{dataset.title}, as {encoders.spec(run.recipe.encoder).title} has learned it**")
        linked_globes(
            [Panel(field, title=title) for title, field in world],
            key="train globes",
            camera=VIEW,
            height=GLOBE_HEIGHT,
            live=not frame.fine,
        )
        _show_curves(run)
        _show_poles(run, frame)
    if not run.live:
        _show_bands(run, frame)
        _show_places(run, frame)
        _show_exits(run, frame)


def _show_state(run: Run) -> None:
    frame = run.history[-1] if run.history else None
    if run.status == "waiting" or (frame is None and run.live):
        st.progress(0.0, text="Waiting for a free worker; the first run after the start of the server takes longest.")
    elif frame is not None:
        speed = f" · {frame.steps_per_second:,.0f} steps a second" if frame.step else ""
        word = {"running": "Training", "finished": "Finished", "stopped": "Stopped"}.get(run.status, "Ended")
        st.progress(
            min(frame.step / frame.steps, 1.0),
            text=f"**{word}**: step {frame.step:,} of {frame.steps:,} · {frame.seconds:.1f} s{speed}",
        )
    if run.status == "failed":
        st.error(plain(run.message), icon=":material/error:")
    elif run.message:
        st.warning(plain(run.message), icon=":material/warning:")


def _show_scores(run: Run) -> None:
    frame = run.history[-1]
    score = _score(frame)
    tested = f"test_{score}" in frame.metrics
    prefix = "test_" if tested else ""
    dataset = known(run.recipe.data)
    places = f"{len(dataset.test):,} test places" if tested else f"{len(dataset.val):,} held-out places"
    about = f"On {places} that the network was not trained on, {dataset.spread}. " + (
        "1 is perfect, 0 is no better than the mean." if score == "r2" else "Share of places with the right class."
    )
    row = st.container(horizontal=True)  # wraps on a narrow page
    for suffix, where in (("", "whole sphere"), ("_north", "above 70° N"), ("_south", "below 70° S")):
        row.metric(f"{WORDS[score]}, {where}", _number(frame.metrics.get(prefix + score + suffix), score), help=about)
    row.metric("Loss", _number(frame.loss, "loss"), help="What the training makes small, over the last steps.")


def _number(value: float | None, kind: str) -> str:
    if value is None or not math.isfinite(value):
        return "–"
    text = f"{100 * value:.1f} %" if kind == "accuracy" else f"{value:.4f}" if kind == "loss" else f"{value:.3f}"
    return text.replace("-", "\N{MINUS SIGN}")


def _show_curves(run: Run) -> None:
    history = run.history
    score = WORDS[_score(history[-1])]
    quality, loss = maps.once("train curves", (run.id, len(history)), lambda: _curves(history))
    bare = {"displayModeBar": False}
    left, right = st.columns(2, gap="large")
    left.plotly_chart(quality, key="train score", config=bare, alt=f"{score} on held-out places against steps")
    right.plotly_chart(loss, key="train loss", config=bare, alt="Loss against steps")


def _curves(history: list[Frame]) -> tuple[Any, Any]:
    from s2v.figures import charts

    steps, total = [frame.step for frame in history], history[-1].steps
    score = _score(history[-1])
    lines = {
        where: (steps, [frame.metrics.get(score + suffix, math.nan) for frame in history])
        for suffix, where in (("", "whole sphere"), ("_north", "above 70° N"))
    }
    quality = charts.curve(
        lines, x_title="step", y_title=WORDS[score], y_range=(0.0, 1.0), x_range=(0, total), height=270
    )
    loss = charts.loss_curve(steps, [frame.loss for frame in history], total_steps=total, height=270)
    return quality, loss


def _show_poles(run: Run, frame: Frame) -> None:
    dark, dpi = maps.is_dark(), FINE_DPI if frame.fine else LIVE_DPI
    key: tuple[Hashable, ...] = (run.id, frame.step, frame.fine)
    if run.live and not frame.fine:
        key = (run.id, int(time.monotonic() / POLES))
    columns = maps.once("train columns", key, lambda: _polar_columns(run, frame))
    picture = maps.once("train poles", (*key, dark), lambda: maps.polar_pair(columns, dpi, dark))
    alt = f"North and south polar maps of {known(run.recipe.data).title}: truth, prediction and error"
    maps.show_png(picture, alt)


def _world(run: Run, frame: Frame) -> list[tuple[str, Field]]:
    real, guess = truth(run.recipe.data, frame.grids["world"]), _predicted(run, frame, "world")
    return [("Truth", real), ("Prediction", guess), ("Error", maps.error(guess, real))]


def _polar_columns(run: Run, frame: Frame) -> list[tuple[str, Field, Field]]:
    real = _poles(run.recipe.data, frame.grids["north"], frame.grids["south"])
    guess = _predicted(run, frame, "north"), _predicted(run, frame, "south")
    wrong = maps.error(guess[0], real[0]), maps.error(guess[1], real[1])
    return [("Truth", *real), ("Prediction", *guess), ("Error", *wrong)]


def _show_bands(run: Run, frame: Frame) -> None:
    from s2v.figures import charts

    with explained("The scores by latitude"):
        bars = maps.once("train bands", (run.id, frame.step, frame.fine), lambda: _bands(run, frame))
        word = WORDS[_score(run.history[-1])]
        st.subheader(f"{word} by latitude", anchor=False)
        figure = charts.band_bars({word: bars}, y_title=word, floor=-1.0, height=320)
        st.plotly_chart(figure, key="train bands chart", config={"displayModeBar": False}, alt=f"{word} by latitude")
        st.caption(
            f"Over all cells of the map of the world ({180 / frame.grids['world'].rows:g}° each), weighted by area. "
            "The bands at the poles are small, and that is where encoders differ."
        )


def _bands(run: Run, frame: Frame) -> list[Band]:
    from s2v.figures.charts import Band

    dataset, grid = known(run.recipe.data), frame.grids["world"]
    target = truth(run.recipe.data, grid).values.ravel()
    there = np.isfinite(target)  # some data are known at some places only
    target, guess = target[there], frame.maps["world"].ravel()[there]
    if dataset.classes:  # a map has no probabilities: all on the class that it shows
        target, guess = target.astype(int), np.eye(len(dataset.classes))[guess]
    places, areas = grid.lonlat.reshape(-1, 2)[there], grid.areas.ravel()[there]
    # No intervals: this is the whole map, not a sample of it.
    scores = by_band(dataset.task, target, guess, places, areas, resamples=1)
    return [Band(score.title, score.value) for score in scores]


def _show_places(run: Run, frame: Frame) -> None:
    """The places that the network was trained on, things rather than a field, on the map that came of them."""
    with explained("The training places"):
        dataset = known(run.recipe.data)
        field, places = maps.once("train places", (run.id, frame.step, frame.fine), lambda: _places(run, frame))
        st.subheader("Where it learned", anchor=False)
        shown = len(places.lonlat)
        share = "" if shown == run.recipe.points else f", {shown:,} of {run.recipe.points:,},"
        st.markdown(
            f"The prediction, and the training places{share} as dots: point at one to see its value. What lies "
            "between them, and beyond the last one before a pole, the encoder has to guess."
        )
        maps.show_globe(field, "train places globe", *VIEW[:2], places, height=GLOBE_HEIGHT)
        st.caption(plain(dataset.credit))


def _places(run: Run, frame: Frame) -> tuple[Field, globe.Points]:
    recipe = run.recipe
    dataset = data.load(recipe.data, recipe.points, recipe.seed)
    rows = dataset.train[:MOST_PLACES]
    values = dataset.target[rows]
    labels = (
        [dataset.classes[int(value)] for value in values]
        if dataset.classes
        else [f"{value:,.1f} {dataset.units}".strip() for value in values]
    )
    return _predicted(run, frame, "world"), globe.Points(dataset.lonlat[rows], labels, (20, 20, 20), 2)


def _show_exits(run: Run, frame: Frame) -> None:
    name = f"{run.recipe.data}-{run.recipe.encoder}"
    # A run that was cut short has sent no weights.
    weights = [("Model (safetensors)", "model.safetensors", "application/octet-stream", lambda: frame.weights)]
    with st.container(horizontal=True):
        for label, suffix, mime, make in (
            ("Polar maps (PNG)", "polar.png", "image/png", lambda: maps.polar_pair(_polar_columns(run, frame), 200)),
            ("World map (PNG)", "world.png", "image/png", lambda: maps.world(_predicted(run, frame, "world"), 200)),
            ("Recipe (JSON)", "recipe.json", "application/json", lambda: run.recipe.to_json().encode()),
            *(weights if frame.weights else []),
        ):
            st.download_button(
                label, make, f"{name}-{suffix}", mime, on_click="ignore", icon=":material/download:", key=label
            )


def _predicted(run: Run, frame: Frame, where: str) -> Field:
    dataset = known(run.recipe.data)
    return dataset.field(frame.maps[where], frame.grids[where], f"{dataset.title}, predicted")


def _score(frame: Frame) -> str:
    return "r2" if "r2" in frame.metrics else "accuracy"


def _fine_grids() -> tuple[Grid, Grid]:
    return Grid.polar("north", 301, 50), Grid.polar("south", 301, 50)


def _poles(name: str, north: Grid, south: Grid) -> tuple[Field, Field]:
    return truth(name, north), truth(name, south)
