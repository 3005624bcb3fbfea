"""The reference predictors of a race in words: how they were chosen, and what the comparison with them is worth."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import streamlit as st

from s2v.encoders import registry
from s2v.parameters import Parameter
from s2v.predictors import PREDICTORS
from s2v.ui.messages import plain

if TYPE_CHECKING:
    from s2v.engine import Race

NONE_RUN = (
    "No reference predictor was run, so this race does not say whether a network is needed at all: choose a reference "
    "beside the data, and start again."
)


def show_status(race: Race, titles: Sequence[str]) -> None:
    """Says how the constants of each reference predictor were chosen, or what it waits for."""
    for run, title in zip(race.firsts, titles, strict=True):
        if not run.recipe.predictor or not (run.history or run.live):
            continue
        if not run.history:
            st.caption(f"**{plain(title)}** needs no training: it answers once the others have their first maps.")
            continue
        frame = run.history[-1]
        how = f"chosen on validation places: {frame.tried} settings" if frame.tried > 1 else "nothing to choose:"
        parameters = PREDICTORS[run.recipe.predictor].parameters
        chosen = ", ".join(_shown(p, frame.chosen[p.name]) for p in parameters if p.name in frame.chosen)
        end = f" ({plain(chosen)})." if chosen else "."
        st.caption(f"**{plain(title)}** needs no training; {how} in {frame.seconds:.1f} s{end}")


def remark(race: Race, titles: Sequence[str]) -> str:
    """What the comparison of a race that has ended with its reference predictors is worth."""
    predictors = [(run, title) for run, title in zip(race.firsts, titles, strict=True) if run.recipe.predictor]
    if not predictors:
        return NONE_RUN
    silent = [title for run, title in predictors if not run.history]
    if len(silent) == len(predictors):
        return f"{' and '.join(silent)} had no result, so the encoders are not held against a reference predictor."
    if len(predictors) == len(race.firsts):
        return "No encoder took part."
    tuned = [
        f"{title} chose among {run.history[-1].tried} settings"
        for run, title in predictors
        if run.history and run.history[-1].tried > 1
    ]
    if not tuned:
        return ""
    encoders = [
        (run, title)
        for run, title in zip(race.firsts, titles, strict=True)
        if not run.recipe.predictor and registry.spec(run.recipe.encoder).has_scale(run.recipe.encoder_params)
    ]
    if not encoders:
        return f"How fair is this? {' and '.join(tuned)} on the validation places; no encoder has a scale to choose."
    untuned = [title for run, title in encoders if not run.trials]
    chose = f"{' and '.join(tuned)} on the validation places"
    if not untuned:
        return f"How fair is this? {chose}, and so did every encoder, among {len(encoders[0][0].trials)} scales."
    who = "the encoders' scales were" if len(untuned) == len(encoders) else f"the scale of {', '.join(untuned)} was"
    return f"How fair is this? {chose}; {who} taken as set, without trials. A better scale may change the order."


def untuned(race: Race) -> bool:
    """Whether the encoders of a race had no trials beside a reference predictor that chose its constants."""
    chose = any(run.recipe.predictor and run.history and run.history[-1].tried > 1 for run in race.firsts)
    scaled = [
        run
        for run in race.firsts
        if not run.recipe.predictor and registry.spec(run.recipe.encoder).has_scale(run.recipe.encoder_params)
    ]
    return chose and any(not run.trials for run in scaled)


def _shown(parameter: Parameter, value: Any) -> str:
    """A constant in words: range 1,240 km."""
    number = value if isinstance(value, int | str) else f"{value:,.0f}" if value >= 100 else f"{value:.3g}"
    return f"{parameter.title.lower()} {number} {parameter.unit}".rstrip().replace("_", " ")
