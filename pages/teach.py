"""Teach: a link for the class, its board of races, projector mode, and what this server bears."""

import streamlit as st

from s2v.ui import messages, projector, shell, visit
from s2v.ui.teaching import builder

shell.insist_on_app()

st.title("Teach: a link for your class", anchor=False)
st.markdown(
    "Prepare a page, fix or hide what the class should leave alone, and let students open it by link or QR code."
)
with messages.explained("The link builder"):
    builder.show("", False)
st.subheader("Projector mode", anchor=False)
st.toggle(
    "Large type and maps, few controls, on every page",
    projector.is_on(),
    key="projector mode",
    on_change=lambda: projector.turn(bool(st.session_state["projector mode"])),
)
visit.write()
