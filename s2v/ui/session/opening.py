"""Opens a saved session: its races and data become this session's, and its pages a click each."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import streamlit as st

from s2v.comparison.questions import NoAnswerError
from s2v.ui import session_race
from s2v.ui.messages import plain
from s2v.ui.published import opening as published

if TYPE_CHECKING:
    from s2v.engine.session_file import Session

PAGES = {
    "similarity": "Similarity",
    "distortion": "Distortion",
    "train": "Train",
    "maps": "Maps",
    "published": "Published models",
}
_OPENED = "opened session"


def show() -> None:
    """Shows the uploader, and what the file has brought."""
    st.subheader("Open", anchor=False)
    uploaded = st.file_uploader("Drop a session file", key="session upload", help="A ZIP file that was saved here.")
    if uploaded is None:
        st.caption("What it holds is added to this session; nothing of this session is lost.")
        return
    known = st.session_state.get(_OPENED)
    if known is None or known[0] != uploaded.file_id:
        known = _open(uploaded.file_id, uploaded.getvalue())
    if known is not None:
        _show_contents(known[1])


def _open(file_id: str, content: bytes) -> tuple[str, Session] | None:
    from s2v.engine import session_file  # here, because the engine takes a second to import

    try:
        with st.spinner("Opening the session …"):
            session = session_file.loads(content)
    except ValueError as error:
        st.error(plain(str(error)), icon=":material/error:")
        return None
    session_race.take_in(session.races, session.data)
    opened = []
    for model in session.models:
        try:
            published.take_in(model)
            opened.append(model)
        except (ValueError, NoAnswerError) as error:
            st.error(plain(str(error)), icon=":material/error:")
    session = replace(session, models=opened)
    known: tuple[str, Session] = (file_id, session)
    st.session_state[_OPENED] = known
    return known


def _show_contents(session: Session) -> None:
    races, data, models = len(session.races), len(session.data), len(session.models)
    brought = f"{races} {'race' if races == 1 else 'races'} and {data} {'data set' if data == 1 else 'data sets'}"
    brought += f", and {models} {'model' if models == 1 else 'models'} opened from files" if models else ""
    st.success(f"Opened: {brought}. Each page below opens as it was saved.", icon=":material/check:")
    for page, address in session.settings.items():
        if page in PAGES:
            st.page_link(
                f"pages/{page}.py",
                label=f"{PAGES[page]} as it was",
                icon=":material/open_in_new:",
                query_params=address,
            )
    for race in session.races:
        titles = ", ".join(run.recipe.contestant.title for run in race.firsts)
        st.page_link(
            "pages/train.py",
            label=f"The race: {plain(titles)}",
            icon=":material/model_training:",
            query_params={"race": race.id},
        )
    made = ", ".join(f"{name} {version}" for name, version in session.made_by.items())
    st.caption(f"Saved with {plain(made)}.")
