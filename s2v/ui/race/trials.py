"""The trials of the encoders' scales on the page: how many, how they go, and what they chose."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import streamlit as st

from s2v import encoders
from s2v.models.trials import TRIAL_SHARE, scale_in_words, trial_in_words
from s2v.ui.contestants import Contestant
from s2v.ui.messages import plain
from s2v.ui.page_state import PageState

if TYPE_CHECKING:
    from s2v.engine import Race

_SHARES = {0.125: "an eighth", 0.25: "a quarter", 0.5: "half"}
SHARE = _SHARES[TRIAL_SHARE]  # of the steps, in words


def trials_widget(state: PageState, chosen: Sequence[Contestant]) -> None:
    """Shows how many trials each encoder has, and says what that means for those of this race."""
    without = [plain(c.title) for c in chosen if not encoders.spec(c.source.name).has_scale(dict(c.source.params))]
    all_without = len(without) == len(chosen)
    count = int(state.widget("trials", disabled=all_without))
    have = "has" if len(without) == 1 else "have"
    trains = "it trains as it is" if len(without) == 1 else "they train as they are"
    fixed = f"{' and '.join(without)} {have} no scale to choose: {trains}." if without else ""
    if all_without:
        st.caption(fixed)
    elif count:
        st.caption(
            f"First each encoder is trained {count} times, each for {SHARE} of the steps, with scales around the "
            f"spacing of the training places. The best on validation places starts the race. {fixed}"
        )


def progress(race: Race) -> tuple[float, str]:
    """The share of the trials that are done, of all runs together, and where they are in words; "" without any."""
    at = [run.tuning for run in race.all_runs if run.tuning]
    if not at:
        return 0.0, ""
    done = sum((t.trial - 1 + t.step / t.steps) / t.count for t in at) / len(race.all_runs)
    first = min(at, key=lambda t: (t.trial, t.step))
    return done, f"trial {first.trial} of {first.count}, step {first.step:,} of {first.steps:,}"


def show_trials(race: Race, titles: Sequence[str]) -> None:
    """Says which scale each encoder has from its trials, or has so far."""
    parts = []
    for run, title in zip(race.firsts, titles, strict=True):
        if run.trials:
            so_far = "so far " if run.tuning else ""
            parts.append(f"**{plain(title)}** {so_far}{scale_in_words(run.recipe)}, the best of {len(run.trials)}")
    if parts:
        st.caption(f"Scales chosen on validation places: {'; '.join(parts)}.")


def show_table(race: Race, titles: Sequence[str]) -> None:
    """Lists all trials of each encoder with their scores."""
    tried = [(run, title) for run, title in zip(race.firsts, titles, strict=True) if run.trials]
    if not tried:
        return
    with st.expander("The trials of the scale"):
        for run, title in tried:
            lines = "; ".join(trial_in_words(run.recipe, trial) for trial in run.trials)
            st.markdown(f"**{plain(title)}**: {lines}.")
        seconds = sum(trial.seconds for run, _ in tried for trial in run.trials)
        first = " Of the first seed; each seed has its own." if len(race.runs[0]) > 1 else ""
        st.caption(
            f"Short trainings, {tried[0][0].trials[0].steps:,} steps each and {seconds:.1f} s together, scored on "
            f"validation places. No test place was looked at.{first}"
        )
