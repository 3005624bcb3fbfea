"""The choice of a split on the page: where the held-out places lie, and how far from the training places."""

from __future__ import annotations

import streamlit as st

from s2v import data
from s2v.data.splits import LATITUDE, MAX_DEGREES, MAX_KM, MIN_DEGREES, MIN_KM, rung
from s2v.ui import locks
from s2v.ui.page_state import PageState
from s2v.ui.widget_value import with_value

KINDS = {
    "random": "At random",
    "buffer": "At a distance",
    "blocks": "In blocks",
    "latitude": "Beyond a latitude",
    "control": "At a distance: control",
}
HELP = {
    "random": "Held-out places lie anywhere among the training places.",
    "buffer": "Held-out places lie along a line, the same at every distance. Training places that are nearer to one "
    "than the distance are dropped, so that nothing can be copied from a neighbour.",
    "blocks": "The sphere is cut into blocks of equal area, and whole ones are held out.",
    "latitude": "Networks learn below this latitude, and are judged beyond it, around both poles.",
    "control": "The same held-out places as for a distance, and as many training places dropped, but at random: what "
    "fewer places alone do.",
}
FIRST_KM = 500


def split_widget(state: PageState) -> str:
    """Shows the choice of a split, the setting "split" of the page, and returns it."""
    if locks.is_hidden("split"):
        return str(state["split"])
    fixed = locks.is_fixed("split")
    kind, size = rung(str(state["split"]))
    key = state.widget_key("split")
    with_value(
        st.selectbox,
        kind,
        locks.label("Held-out places") if fixed else "Held-out places",
        KINDS,
        format_func=KINDS.__getitem__,
        key=f"{key} kind",
        help="Where the places lie by which networks are judged. " + " ".join(f"{KINDS[k]}: {HELP[k]}" for k in KINDS),
        on_change=lambda: _choose(state, key, kind, size),
        disabled=fixed,
    )
    if kind != "random":
        degrees = kind == "latitude"
        with_value(
            st.number_input,
            size,
            "Latitude (degrees)" if degrees else "Across (km)" if kind == "blocks" else "Distance (km)",
            float(MIN_DEGREES if degrees else MIN_KM),
            float(MAX_DEGREES if degrees else MAX_KM),
            step=5.0 if degrees else 50.0,
            format="%g",
            key=f"{key} {kind}",
            help=HELP[kind],
            on_change=lambda: _choose(state, key, kind, size),
            disabled=fixed,
        )
    return str(state["split"])


def _choose(state: PageState, key: str, kind: str, size: float) -> None:
    """Takes what the widgets say; another kind begins with the size before, if that was a distance, too."""
    now = st.session_state[f"{key} kind"]
    if now == kind:
        size = st.session_state[f"{key} {kind}"] or size
    elif now == "latitude":
        size = LATITUDE
    elif kind in ("random", "latitude"):
        size = FIRST_KM
    state.put("split", data.check_split(now if now == "random" else f"{now}:{size:g}"), by_its_widget=True)
