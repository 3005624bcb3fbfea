"""What a page says while the server does not answer, in place of Streamlit's dialog, and that it goes on afterwards."""

from __future__ import annotations

import streamlit as st

from s2v.ui import session_race
from s2v.ui.components import component

KEY = "connection"
CLOCK_SECONDS = 3600.0

TITLE = "The lab's server does not answer."
TEXT = "This page goes on by itself as soon as it does. If you have stopped the server, start it again."
KEPT = "A race that has ended is kept; one that was training ends with the server."
LOST = "Races end with the server: this one does not keep them on disk (S2V_STORE)."


def watch() -> None:
    """Has this page say so when the server does not answer, and be drawn again when it does."""
    with st.container(key=KEY):
        kept = session_race.are_kept_on_disk()
        more = "" if kept is None else f" {KEPT if kept else LOST}"
        component("connection")(key=f"{KEY} notice", data={"title": TITLE, "text": TEXT + more})
        _clock()


@st.fragment(run_every=CLOCK_SECONDS)
def _clock() -> None:
    """Streamlit runs a page again after a break of the connection only if a part of it has a clock.  Without that the
    downloads and pictures of a page would be those of a server that has ended."""
