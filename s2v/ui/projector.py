"""Projector mode: large type, large maps, and no controls but those of the picture, for a wall in a lecture hall.

``projector=1`` in an address turns it on for a visit; a button of its bar brings the settings of the page back.
"""

from __future__ import annotations

import streamlit as st

from s2v.ui import visit

ON = "1"
BAR = "projector_bar"  # key of the container of its buttons
SIDE_COLUMNS = ("settings_column", "compact_settings")  # keys of the containers that it hides, see shell.py
ASIDE = "projector_aside"  # begins the keys of other containers that it hides
_OPEN = "projector settings"  # key of the session


def is_on() -> bool:
    """Whether the visit is for a projector."""
    return visit.get("projector") == ON


def turn(on: bool) -> None:
    """Turns the mode on or off for this visit."""
    visit.put("projector", ON if on else "")
    visit.write()  # here, since a page without settings writes no address


def show_bar() -> None:
    """The style of the mode and its two buttons, above every page; nothing where the mode is off."""
    if not is_on():
        return
    opened = bool(st.session_state.setdefault(_OPEN, False))
    st.html(f"<style>{_STYLE}{'' if opened else _WITHOUT_SETTINGS}</style>")
    with st.container(horizontal=True, horizontal_alignment="right", key=BAR):
        st.button(
            "Hide the settings" if opened else "Settings",
            icon=":material/tune:",
            type="tertiary",
            key="projector tune",
            on_click=lambda: st.session_state.update({_OPEN: not opened}),
        )
        st.button(
            "End projector mode",
            icon=":material/close:",
            type="tertiary",
            key="projector end",
            on_click=lambda: turn(False),
        )


_STYLE = """
@media (min-width: 769px) {
  html { font-size: 21px !important; }
  [data-testid=stMainBlockContainer] { padding: 3.2rem 2rem 2rem; }
  [data-testid=stTopNavLink] span { font-size: 15px; }
  [data-testid=stLayoutWrapper]:has(> .st-key-projector_bar) {
    position: absolute; right: 2rem; top: 3.4rem; z-index: 2; width: auto;
  }
  .st-key-projector_bar p { font-size: 15px; }
  [data-testid=stHeading] h1 { font-size: 2.1rem; }
  [data-testid=stPlotlyChart] svg text:not(.legendtext) { font-size: 17px !important; }
  table.race td { font-size: 1.3rem; }
  table.race th { font-size: 1rem; }
}
[data-testid=stExpander]:has([data-testid=stCode]) { display: none; }
"""
_WITHOUT_SETTINGS = "".join(
    f"[data-testid=stColumn]:has(> [data-testid=stVerticalBlock] .st-key-{key}) {{ display: none; }}"
    for key in SIDE_COLUMNS
)
_WITHOUT_SETTINGS += f"[data-testid=stLayoutWrapper]:has(> [class*=st-key-{ASIDE}]) {{ display: none; }}"
