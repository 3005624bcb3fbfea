"""The curves of a race: from what its runs have sent to tracks; those of earlier races are kept for comparison."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

import numpy as np
import streamlit as st

from s2v import data
from s2v.figures.colormaps import OKABE_ITO
from s2v.figures.race_charts import Track
from s2v.ui.race import maps as race_maps

if TYPE_CHECKING:
    from s2v.engine import Frame, Race, Run

MAX_EARLIER = 3  # earlier races whose curves are shown
WORST = -99  # an R2 below is not told in digits
_EARLIER = "earlier races"

Axis = Literal["step", "seconds"]
Value = Callable[["Frame"], float]


@dataclass(frozen=True)
class Score:
    """What a race is about: its name among the metrics, its title, and what its values mean."""

    name: str
    title: str
    about: str

    def of(self, frame: Frame, area: str = "") -> float:
        """The score of a frame, of the test places where it has them; ``area``: "", "_north" or "_south"."""
        metrics = frame.metrics
        return metrics.get(f"test_{self.name}{area}", metrics.get(f"{self.name}{area}", math.nan))

    def held_out(self, frame: Frame, area: str = "") -> float:
        """The same of the validation places, which all frames have."""
        return frame.metrics.get(f"{self.name}{area}", math.nan)

    def text(self, value: float | None) -> str:
        """A value of it in words."""
        if value is None or not math.isfinite(value):
            return "–"
        if value < WORST:
            return f"below {WORST}".replace("-", "\N{MINUS SIGN}")
        shown = f"{100 * value:.1f} %" if self.name == "accuracy" else f"{value:.3f}"
        return shown.replace("-", "\N{MINUS SIGN}")


SCORES = {
    "regression": Score("r2", "R²", "1 is perfect, 0 is no better than the mean."),
    "classification": Score("accuracy", "Accuracy", "Share of places with the right class."),
    "presence": Score(
        "auc",
        "AUC",
        "How well places where a class was seen are told from places all over the sphere: 1 is perfectly, 0.5 is not "
        "at all.",
    ),
}


def score_of(race: Race) -> Score:
    """The score that a race is about."""
    return SCORES[race.recipe.task]


def ceiling(race: Race, tested: bool = False) -> float | None:
    """The best possible score at the validation places, or the test places, where it is known and is not simply 1."""
    dataset = data_of(race)
    best = dataset.bayes if tested or dataset.bayes_val is None else dataset.bayes_val
    return best if best is not None and best < 1 and race.recipe.task == "classification" else None


def data_of(race: Race) -> data.DataSet:
    """The data set of a race; only what does not depend on its training places."""
    return race_maps.known(race.recipe.data, race.recipe.split)


def tracks(race: Race, titles: Sequence[str], value: Value, axis: Axis) -> list[Track]:
    """A track for each contestant: over its seeds the mean, the least and the greatest at the steps of the first."""
    return [
        _track(runs, title, OKABE_ITO[i % len(OKABE_ITO)], value, axis)
        for i, (runs, title) in enumerate(zip(race.runs, titles, strict=True))
        if runs[0].history
    ]


def _track(runs: Sequence[Run], title: str, color: str, value: Value, axis: Axis) -> Track:
    histories = [run.history for run in runs]
    first = histories[0]
    x = [float(getattr(frame, axis)) for frame in first]
    alone = Track(title, color, x, [value(frame) for frame in first])
    others = [history for history in histories[1:] if history]
    if not others:
        return alone
    # All seeds at the places of the first, as far as all have come.
    reach = min(history[-1].step for history in (first, *others))
    shown = [frame for frame in first if frame.step <= reach]
    steps = [frame.step for frame in shown]
    values = np.array(
        [np.interp(steps, [f.step for f in history], [value(f) for f in history]) for history in (first, *others)]
    )
    x = x[: len(shown)]
    return replace(alone, x=x, y=values.mean(0), low=values.min(0), high=values.max(0))


def remember(race: Race | None, titles: Sequence[str]) -> None:
    """Keeps the curves of a race that another one replaces."""
    if race is None or not any(len(run.history) > 1 for run in race.firsts):
        return
    kept: list[_Earlier] = st.session_state.setdefault(_EARLIER, [])
    number = 1 + max((earlier.number for earlier in kept), default=0)
    histories = {
        f"{title} (race {number})": run.history for title, run in zip(titles, race.firsts, strict=True) if run.history
    }
    kept.append(_Earlier(number, race.recipe.data, race.recipe.task, histories))
    del kept[:-MAX_EARLIER]


@dataclass(frozen=True)
class _Earlier:
    number: int
    data: str
    task: str
    histories: dict[str, list[Frame]]


def earlier(race: Race) -> list[_Earlier]:
    """The earlier races of this session on the same data."""
    kept: list[_Earlier] = st.session_state.get(_EARLIER, [])
    return [e for e in kept if (e.data, e.task) == (race.recipe.data, race.recipe.task)]


def earlier_tracks(race: Race, value: Value, axis: Axis) -> list[Track]:
    """The curves of this session's earlier races on the same data."""
    return [
        Track(title, "", [float(getattr(f, axis)) for f in history], [value(f) for f in history], earlier=True)
        for past in earlier(race)
        for title, history in past.histories.items()
    ]


def forget() -> None:
    """Forgets the curves of earlier races."""
    st.session_state.pop(_EARLIER, None)
