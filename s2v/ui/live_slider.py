"""A slider that takes effect while it is moved: Streamlit's own tells its value when it is let go.

The browser sends the next value only after the page has shown the last one, as ``drawn`` says.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import streamlit as st

from s2v.parameters import Value
from s2v.ui.components import component

_LAST = "number of the last value of a live slider"  # key of the session


def live_slider(
    title: str,
    stops: Sequence[Value],
    value: Value,
    *,
    key: str,
    help: str,
    texts: Sequence[str],
    on_change: Callable[[Value], None],
) -> None:
    """Shows the slider at ``value``, one of its ``stops``, whose ``texts`` are for people; ``on_change`` is called with
    the stop to which the reader has moved it, before the run that follows."""
    data = {
        "title": title,
        "help": help,
        "stops": list(stops),
        "texts": list(texts),
        "position": list(stops).index(value),
    }
    component("live_slider")(key=key, data=data, on_moved_change=partial(_moved, key, list(stops), on_change))


def drawn() -> None:
    """Says, where the maps of a page have been drawn, that they show the last value of its sliders."""
    st.html(f"<style>:root {{ --s2v-drawn: {st.session_state.get(_LAST, 0)}; }}</style>")


def _moved(key: str, stops: Sequence[Value], on_change: Callable[[Value], None]) -> None:
    moved = st.session_state[key].get("moved")
    if isinstance(moved, dict) and isinstance(moved.get("number"), int) and moved.get("value") in stops:
        st.session_state[_LAST] = moved["number"]
        on_change(stops[stops.index(moved["value"])])
