"""The boards of this server, and this visitor's way to them."""

from __future__ import annotations

import streamlit as st

from s2v.ui import session_race, visit
from s2v.ui.teaching.boards import CODE_LENGTH, Board, Boards

GONE = (
    "The class's board of this link is not there any more: it was closed, or not used for hours. Everything else works "
    "as before; ask your teacher for the new link."
)


@st.cache_resource(show_spinner=False)
def boards() -> Boards:
    """All boards of this server."""
    return Boards()


def of_visit() -> Board | None:
    """The board of the link that this visit began with, if it is still there."""
    code = visit.get("board")
    return boards().find(code) if code and len(code) <= 2 * CODE_LENGTH else None


def own() -> Board | None:
    """The board that this visitor has made last."""
    return next(iter(boards().of(session_race.visitor())), None)
