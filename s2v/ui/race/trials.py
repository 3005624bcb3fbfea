"""The trials of the encoders' scales on the page: how many, how they go, and what they chose."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import streamlit as st

from s2v import encoders
from s2v.encoders.registry import EncoderConfig
from s2v.models.contestant import PredictorConfig
from s2v.models.scales import scale_in_words
from s2v.models.trials import TRIAL_SHARE, trial_in_words
from s2v.predictors import PREDICTORS
from s2v.ui import locks
from s2v.ui.labels import Choice
from s2v.ui.messages import plain, short_title
from s2v.ui.page_state import PageState

if TYPE_CHECKING:
    from s2v.engine import Race

_SHARES = {0.125: "an eighth", 0.25: "a quarter", 0.5: "half"}
USUAL = 5  # trials of each encoder beside a reference predictor
SHARE = _SHARES[TRIAL_SHARE]  # of the steps, in words


def usual(is_first: bool, contestants: Sequence[Choice]) -> int:
    """How many trials a race has unless another number is chosen.

    Beside a reference predictor, which chooses its constants on validation places, encoders have some, too.  But the
    race that the page starts with begins at once (docs/first-race.md).
    """
    beside = any(isinstance(choice, PredictorConfig) for choice in contestants)
    return USUAL if beside and not is_first else 0


def group(count: int) -> str:
    """The group, in the page's state, of the number of trials of races that usually have so many."""
    return "trials" if count else "no trials"


def trials_widget(state: PageState, contestants: Sequence[Choice]) -> None:
    """Shows how many trials each encoder has, and says what that means for those of this race."""
    tuned = [c.title for c in contestants if isinstance(c, PredictorConfig) and PREDICTORS[c.name].parameters]
    own = [c for c in contestants if isinstance(c, EncoderConfig)]
    without = [plain(short_title(c.title)) for c in own if not encoders.spec(c.name).has_scale(dict(c.params))]
    count = int(state.widget("trials", disabled=len(without) == len(own)))
    have, trains = ("has", "it trains as it is") if len(without) == 1 else ("have", "they train as they are")
    if locks.is_hidden("trials"):
        return
    fixed = f"{' and '.join(without)} {have} no scale to choose: {trains}." if without else ""
    if len(without) == len(own):
        st.caption(fixed)
    elif count:
        st.caption(
            f"First each encoder is trained {count} times, each for {SHARE} of the steps, with scales around the "
            f"spacing of the training places; the best on validation places starts the race. That comes before the "
            f"first maps and takes {count * TRIAL_SHARE:g} times as many steps as the race itself. {fixed}"
        )
    elif tuned:
        st.caption(
            f"{plain(' and '.join(tuned))}: constants chosen on validation places. With {USUAL} trials each encoder "
            "chooses its scale there, too: only then is the comparison fair. They take longer than the race itself."
        )


def progress(race: Race) -> tuple[float, str]:
    """The share of the trials that are done, of all runs together, and where they are; "" once they are done."""
    at = [run.tuning for run in race.all_runs if run.tuning]
    if not at:
        return 0.0, ""
    ready = sum(bool(run.trials) and run.tuning is None for run in race.all_runs)
    done = (ready + sum((t.trial - 1 + t.step / t.steps) / t.count for t in at)) / (ready + len(at))
    first = min(at, key=lambda t: (t.trial, t.step))
    return done, f"trial {first.trial} of {first.count}, step {first.step:,} of {first.steps:,}"


def show_trials(race: Race, titles: Sequence[str]) -> None:
    """Says which scale each encoder has from its trials, or has so far."""
    parts = []
    for run, title in zip(race.firsts, titles, strict=True):
        if run.trials:
            so_far = "so far " if run.tuning else ""
            was = scale_in_words(run.asked)
            changed = was != scale_in_words(run.recipe) and not run.asked.is_auto
            set_to = f" (it was set to {was.rpartition(' radius ')[2] or was})" if changed else ""
            parts.append(
                f"**{plain(title)}** {so_far}{scale_in_words(run.recipe)}{set_to}, the best of {len(run.trials)}"
            )
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
