"""The published methods on the page: choosing one sets encoder, network and training just as their widgets would."""

from __future__ import annotations

from functools import cache

import streamlit as st

from s2v.encoders.registry import EncoderConfig
from s2v.models.presets import PRESETS
from s2v.models.recipe import PARAMETERS, Recipe
from s2v.ui import contestants, locks
from s2v.ui.messages import plain
from s2v.ui.page_state import PageState
from s2v.ui.race import trials
from s2v.ui.race.settings import RACE_MENU
from s2v.ui.widget_value import with_value

FIELDS = ("network", "hidden", "layers", "dropout", "activation", "learning_rate")  # what a method sets of a recipe
_HELP = (
    "Takes the encoder with its parameters, the network, the dropout and the learning rate from a publication. Data, "
    "points, steps and batch stay as they are set here, and so does the schedule: the learning rate is the peak of one "
    "cycle. Everything can be changed afterwards, and other encoders added beside it."
)


def method_widget(state: PageState, chosen: list[contestants.Contestant]) -> None:
    """Shows the choice of a published method, and the source of the one that the page is set to."""
    state.add(*(parameter for parameter in PARAMETERS if parameter.name in FIELDS))
    if locks.is_hidden(*contestants.SLOTS) or locks.is_hidden(*FIELDS):
        return
    key = f"{state.page} method"
    first = contestants.text(chosen[0].choice, RACE_MENU)
    now = {name: state[name] for name in FIELDS}
    current = next((name for name in PRESETS if (first, now) == (_encoder(name), _fields(name))), contestants.OWN)

    def choose() -> None:
        name = st.session_state[key]
        if name in PRESETS:
            for slot, text in contestants.address([_config(name)], RACE_MENU).items():
                state.put(slot, text)
            for field, value in _fields(name).items():
                state.put(field, value)
            for usual in (0, trials.USUAL):
                state.put("trials", 0, group=trials.group(usual))  # its scale is published, too

    fixed = locks.is_fixed(*contestants.SLOTS) or locks.is_fixed(*FIELDS)
    with_value(
        st.selectbox,
        current,
        locks.label("Published method") if fixed else "Published method",
        [*([contestants.OWN] if current == contestants.OWN else []), *PRESETS],
        key=key,
        format_func=lambda name: PRESETS[name].title if name in PRESETS else name,
        on_change=choose,
        help=_HELP,
        disabled=fixed,
    )
    if current in PRESETS:
        st.caption(f"Source: {plain(PRESETS[current].source)}.")


@cache
def _recipe(name: str) -> Recipe:
    return PRESETS[name].recipe()


def _config(name: str) -> EncoderConfig:
    return EncoderConfig.of(_recipe(name).encoder, **_recipe(name).encoder_params)


def _encoder(name: str) -> str:
    return contestants.text(_config(name), RACE_MENU)


def _fields(name: str) -> dict[str, object]:
    return {field: getattr(_recipe(name), field) for field in FIELDS}
