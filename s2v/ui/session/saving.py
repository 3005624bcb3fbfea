"""Saves this session: its ended races, its pages' settings and, where that is wanted, its own data and the models
opened from files."""

from __future__ import annotations

from datetime import datetime

import streamlit as st

from s2v import data
from s2v.ui import session_race
from s2v.ui.messages import plain
from s2v.ui.page_state import PageState
from s2v.ui.published import opening as published


def show() -> None:
    """Shows what there is to save, and the button that does."""
    from s2v.engine import session_file  # here, because the engine takes a second to import

    st.subheader("Save", anchor=False)
    own = session_race.own_data()
    with_data = bool(own) and st.checkbox(
        "With my own data",
        key="session with data",
        help="Then the file holds all places and targets of the files that you have raced on. Without them, races on "
        "your own data are left out, since nothing can be drawn of them elsewhere.",
    )
    opened = [model for model in map(published.saved, published.opened()) if model is not None]
    with_models = bool(opened) and st.checkbox(
        "With the models opened from files",
        key="session with models",
        help="Then the file holds the models that were opened on Published models: their weights, and what was "
        "understood of them.",
    )
    models = opened if with_models else []
    begun = session_race.earlier()[::-1]
    races = [race for race in begun if not race.live]
    saved = [race for race in races if with_data or not data.is_own(race.recipe.data)]
    settings = PageState.addresses()
    if not saved and not settings and not own and not opened:
        st.caption("There is nothing to save yet: race some encoders, or choose settings on a page.")
        return
    for race in saved:
        contestants = ", ".join(run.recipe.contestant.title for run in race.firsts)
        st.markdown(f"- {plain(data.title_of(race.recipe.data))}: {plain(contestants)}")
    live = len(begun) - len(races)
    parts = [f"{len(saved)} {'race' if len(saved) == 1 else 'races'}", f"the settings of {len(settings)} pages"]
    parts += [f"{len(own)} of your data sets"] if with_data else []
    left = f" {len(races) - len(saved)} on your own data are left out." if len(races) > len(saved) else ""
    left += f" {live} that still trains is left out." if live else ""
    embeddings = len(published.opened()) - len(opened)
    left += " Embeddings (such as GeoCLIP) are left out: open their files again." if with_models and embeddings else ""
    size = sum(len(model.file) for model in models)
    if size > session_file.MAX_MODELS:
        st.warning(
            f"The models take {size >> 20:,} MB; a session file holds {session_file.MAX_MODELS >> 20:,} MB of them. "
            "Forget some on Published models; they are left out here.",
            icon=":material/warning:",
        )
        models = []
    parts += [f"{len(models)} {'model' if len(models) == 1 else 'models'} opened from files"] if models else []
    st.caption(f"The file will hold {', '.join(parts)}.{left}")
    session = session_file.Session(saved, own if with_data else [], settings, models=models)
    st.download_button(
        "Save this session (ZIP)",
        lambda: session_file.dumps(session),
        f"sphere2vec-lab-{datetime.now():%Y-%m-%d-%H%M}.zip",
        "application/zip",
        on_click="ignore",
        icon=":material/download:",
        key="save session",
        type="primary",
    )
