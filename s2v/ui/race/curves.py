"""The curves of a race: score and loss of each contestant, with those of this session's earlier races."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import streamlit as st

from s2v.evaluation import gap_to_ceiling
from s2v.figures.race_charts import Track
from s2v.palette import OKABE_ITO
from s2v.ui.race.scores import ceiling, score_of, validation_score

if TYPE_CHECKING:
    from s2v.engine import Frame, Race, Run

Axis = Literal["step", "seconds"]
Value = Callable[["Frame"], float]

KINDS = {"score": "Score", "gap": "Gap to the best"}
AXES: dict[Axis, str] = {"step": "Steps", "seconds": "Seconds"}
MAX_EARLIER = 3  # earlier races whose curves are shown
_EARLIER = "earlier races"


@dataclass(frozen=True)
class EarlierRace:
    """The curves of a race that another one has replaced: histories by the contestants' titles."""

    id: str
    number: int
    data: str
    task: str
    histories: dict[str, list[Frame]]


def charts(race: Race, titles: Sequence[str], kind: str, axis: Axis) -> dict[str, Any]:
    """The charts "score" (or with ``kind="gap"`` its gap to the best possible) and "loss" against an axis."""
    from s2v.figures.race_charts import race_chart

    score, best = score_of(race), ceiling(race)
    end = race.recipe.steps if race.live else max(run.step for run in race.firsts) or 1
    gap = kind == "gap"

    def quality(frame: Frame) -> float:
        value = validation_score(race, frame)
        return gap_to_ceiling(value, 1.0 if best is None else best) if gap else value

    def chart(value: Value, **options: Any) -> Any:
        return race_chart(
            [*_earlier_tracks(race, value, axis), *tracks(race, titles, value, axis)],
            x_title="step" if axis == "step" else "seconds of training",
            x_range=(0, end) if axis == "step" else None,
            **options,
        )

    return {
        "score": chart(
            quality,
            y_title=f"{score.title} below the best possible" if gap else score.title,
            ceiling=None if gap else best,
            log_y=gap,
            y_range=None if gap else (0.0, 1.02),
        ),
        "loss": chart(lambda frame: frame.loss, y_title="loss", log_y=True),
    }


def tracks(race: Race, titles: Sequence[str], value: Value, axis: Axis) -> list[Track]:
    """A track for each contestant: mean, minimum and maximum over its seeds, at the steps of the first seed.

    That of a reference predictor, which takes no steps, is level, from the start to where the others have come or, of
    a live race's steps, will come.
    """
    across = _across(race, axis)
    return [
        _track(runs, title, OKABE_ITO[i % len(OKABE_ITO)], value, axis, across)
        for i, (runs, title) in enumerate(zip(race.runs, titles, strict=True))
        if runs[0].history
    ]


def remember(race: Race | None, titles: Sequence[str]) -> None:
    """Keeps the curves of a race that is about to be replaced."""
    if race is None or not any(len(run.history) > 1 for run in race.firsts):
        return
    races: list[EarlierRace] = st.session_state.setdefault(_EARLIER, [])
    if any(earlier.id == race.id for earlier in races):
        return
    number = 1 + max((earlier.number for earlier in races), default=0)
    histories = {
        f"{title} (race {number})": run.history for title, run in zip(titles, race.firsts, strict=True) if run.history
    }
    races.append(EarlierRace(race.id, number, race.recipe.data, race.recipe.task, histories))
    del races[:-MAX_EARLIER]


def earlier(race: Race) -> list[EarlierRace]:
    """This session's other races on the same data that were on the page before."""
    races: list[EarlierRace] = st.session_state.get(_EARLIER, [])
    return [e for e in races if e.id != race.id and (e.data, e.task) == (race.recipe.data, race.recipe.task)]


def forget() -> None:
    """Forgets the curves of earlier races."""
    st.session_state.pop(_EARLIER, None)


def _across(race: Race, axis: Axis) -> float:
    """How far a level line reaches along an axis."""
    if axis == "step" and race.live:
        return float(race.recipe.steps)
    return max((float(getattr(run.history[-1], axis)) for run in race.firsts if run.history), default=0.0) or 1.0


def _track(runs: Sequence[Run], title: str, color: str, value: Value, axis: Axis, across: float) -> Track:
    histories = [run.history for run in runs]
    first = histories[0]
    if runs[0].recipe.predictor:
        scores = [value(history[-1]) for history in histories if history]
        mean = sum(scores) / len(scores)
        level = Track(title, color, [0.0, across], [mean, mean], level=True)
        return replace(level, low=[min(scores)] * 2, high=[max(scores)] * 2) if len(scores) > 1 else level
    x = [float(getattr(frame, axis)) for frame in first]
    alone = Track(title, color, x, [value(frame) for frame in first])
    others = [history for history in histories[1:] if history]
    if not others:
        return alone
    # Up to the step that every seed has reached.
    reach = min(history[-1].step for history in (first, *others))
    shown = [frame for frame in first if frame.step <= reach]
    steps = [frame.step for frame in shown]
    values = np.array(
        [np.interp(steps, [f.step for f in history], [value(f) for f in history]) for history in (first, *others)]
    )
    x = x[: len(shown)]
    return replace(alone, x=x, y=values.mean(0), low=values.min(0), high=values.max(0))


def _earlier_tracks(race: Race, value: Value, axis: Axis) -> list[Track]:
    return [
        Track(title, "", [float(getattr(f, axis)) for f in history], [value(f) for f in history], earlier=True)
        for past in earlier(race)
        for title, history in past.histories.items()
    ]
