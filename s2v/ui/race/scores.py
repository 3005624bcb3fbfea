"""The score of a race: what it measures, its best possible value, and the table of scores on the page."""

from __future__ import annotations

import html
import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import streamlit as st
from numpy.typing import NDArray

from s2v import data
from s2v.evaluation import MAIN_SCORES, POLAR, MainScore, reached
from s2v.palette import OKABE_ITO
from s2v.ui.race import maps

if TYPE_CHECKING:
    from s2v.engine import Frame, Race, Run

GOAL = 0.9  # the table shows when a contestant first reached this share of the best possible score
Z_90 = 1.645  # standard deviations of a normal distribution to either side hold 90 %
AREAS = ("", "_north", "_south")  # endings of the metrics' names: all places, above 70 N, below 70 S


def score_of(race: Race) -> MainScore:
    """The score that a race is about."""
    return MAIN_SCORES[race.recipe.task]


def validation_score(race: Race, frame: Frame, area: str = "") -> float:
    """The score of a frame at the validation places, which every frame has."""
    return frame.metrics.get(f"{score_of(race).name}{area}", math.nan)


def final_score(race: Race, frame: Frame, area: str = "") -> float:
    """The score of a frame at the test places if it has one, else at the validation places."""
    return frame.metrics.get(f"test_{score_of(race).name}{area}", validation_score(race, frame, area))


def ceiling(race: Race, tested: bool = False) -> float | None:
    """The best possible score at the validation or test places; None if it is unknown or 1."""
    dataset = maps.dataset_of(race)
    best = dataset.bayes if tested or dataset.bayes_val is None else dataset.bayes_val
    return best if best is not None and best < 1 and race.recipe.task == dataset.task else None


def show_scores(race: Race, titles: Sequence[str], style: str = "") -> None:
    """Shows the table of scores, one row for each contestant; ``style`` is more CSS to send with it."""
    if not race.live and not any(run.history for run in race.all_runs):
        return  # it ended before its first frame
    score = score_of(race)
    tested = all(run.history and f"test_{score.name}" in run.history[-1].metrics for run in race.firsts)
    # Where nobody comes near the best possible score, or it is not known, there is no such column.
    goals = [_goal(race, runs[0]) for runs in race.runs]
    st.html(f"{_STYLE}{style}{_table(race, titles, goals)}")
    dataset = maps.dataset_of(race)
    places = f"{len(dataset.test):,} test places" if tested else f"{len(dataset.val):,} held-out places"
    rows = dataset.test if tested else dataset.val
    best = _best(ceiling(race, tested), score, len(rows), race.recipe.task)
    count = len(race.runs[0])
    seeds = f" Means over {count} seeds; steps and times are of the first." if count > 1 else ""
    goal = f" {_goal_meaning(race)}" if any(goals) else ""
    where = f"{dataset.spread}. " if dataset.split == "random" else f"{data.split_title(dataset.split)}. "
    polar = _polar_places(dataset.lonlat[rows])
    st.caption(f"On {places} that no network was trained on, {where}{polar}{score.meaning}{best}{goal}{seeds}")


def _best(limit: float | None, score: MainScore, places: int, task: str) -> str:
    """The best possible score in the long run, and by how much luck with so many places moves a score."""
    if limit is None:
        return ""
    said = f" In the long run {score.text(limit)} is the best possible"
    if task == "regression" or not places:
        return f"{said}; on a few places luck can lift a score above it."
    luck = Z_90 * math.sqrt(limit * (1 - limit) / places)
    return f"{said}; on {places:,} places luck moves a score by about ±{score.text(luck)} (90 %)."


def _polar_places(lonlat: NDArray[Any]) -> str:
    """How many of the places lie near the poles, whose columns of the table are about them."""
    north, south = (int((lonlat[:, 1] * sign > POLAR).sum()) for sign in (1, -1))
    return f"{north:,} of them lie above 70° N and {south:,} below 70° S. "


def _goal_meaning(race: Race) -> str:
    best = ceiling(race)
    of = "the best possible score" if best is not None else "a perfect score"
    return (
        "Last column: when the score on the validation places, which are not the test places, first came to "
        f"{100 * GOAL:.0f} % of {of}."
    )


def _table(race: Race, titles: Sequence[str], goals: Sequence[str]) -> str:
    score, timed = score_of(race), any(goals)
    heads = ["", "step", "steps/s", f"{score.title}, all places", "above 70° N", "below 70° S"]
    best = "the best possible" if ceiling(race) is not None else "perfect"
    heads += [f"at {100 * GOAL:.0f} % of {best}"] if timed else []
    rows = []
    for i, (runs, title) in enumerate(zip(race.runs, titles, strict=True)):
        frame = runs[0].history[-1] if runs[0].history else None
        dot = f'<span style="color:{OKABE_ITO[i % len(OKABE_ITO)]}">●</span> {html.escape(title)}'
        if frame is None:
            rows.append([dot, *["–"] * (len(heads) - 1)])
            continue
        means = [score.text(_mean(race, runs, area)) for area in AREAS]
        speed = f"{frame.steps_per_second:,.0f}" if frame.step else "–"
        step = "–" if runs[0].recipe.predictor else f"{frame.step:,}"
        rows.append([dot, step, speed, *means, *([goals[i] or "–"] if timed else [])])
    head = "".join(f"<th>{head}</th>" for head in heads)
    body = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in rows)
    # For benchmarks, which measure how old the picture is.
    taken = max((run.history[-1].taken for run in race.firsts if run.history), default=0.0)
    return f"<table class='race' data-taken='{taken:.3f}'><tr>{head}</tr>{body}</table>"


def _mean(race: Race, runs: Sequence[Run], area: str) -> float:
    values = [final_score(race, run.history[-1], area) for run in runs if run.history]
    return sum(values) / len(values)


def _goal(race: Race, run: Run) -> str:
    """When a run first reached its goal, as text; empty if it has not."""
    history, best = run.history, ceiling(race)
    if not history:
        return ""
    found = reached(
        [f.step for f in history],
        [f.seconds for f in history],
        [validation_score(race, f) for f in history],
        GOAL * (1.0 if best is None else best),
    )
    step = "no steps" if run.recipe.predictor else f"step {found.step:,.0f}"
    return "" if math.isnan(found.step) else f"{found.seconds:.1f} s, {step}"


_STYLE = """<style>
table.race { width: 100%; border-collapse: collapse; font-variant-numeric: tabular-nums; }
table.race th { text-align: right; font-weight: 400; opacity: .7; font-size: .85rem; padding: .1rem .5rem; }
table.race td { text-align: right; font-size: 1.15rem; padding: .15rem .5rem; white-space: nowrap;
  border-top: 1px solid rgba(128,128,128,.3); }
table.race td:first-child, table.race th:first-child { text-align: left; white-space: normal; }
@media (max-width: 640px) {
  table.race th, table.race td { padding: .1rem .2rem; font-size: .85rem; }
  table.race td:nth-child(3), table.race th:nth-child(3) { display: none; }
}
</style>"""
