"""What the page shows of an open file: how it was understood, with everything to correct it; its places; what next."""

from __future__ import annotations

from typing import Any

import streamlit as st

from s2v.data import DataSet, OwnData, held
from s2v.data.catalogue import OWN, TASKS
from s2v.data.readers.columns import choose
from s2v.errors import user_message
from s2v.models import snippets
from s2v.ui import copying, pictures, session_race, shell
from s2v.ui.messages import plain
from s2v.ui.your_data import opening, picture
from s2v.ui.your_data.opening import OpenFile

AUTO, NOTHING = "as recognised", "nothing: places where something is (presences)"
_TASKS = {"regression": "values (a regression)", "classification": "classes", "presence": "presences"}
_UNNAMED = [entry.title for entry in OWN.values()]
MIN_PLACES = 20  # fewer cannot be split


def show_nothing() -> None:
    """Says what the page is for, before a file is open."""
    kept = session_race.own_data()
    if kept:
        st.markdown("**Open in this session:**")
        for found in reversed(kept):
            _race_link(found)
        st.button("Forget them all", on_click=_forget, icon=":material/delete:", type="tertiary")
    st.caption(
        "Each row is a place: a longitude, a latitude, and what is known there, such as a species, a soil, a "
        "temperature. Nothing is written to disk here, no other session sees it, and it is gone when this session ends."
    )


def show_file(file: OpenFile) -> None:
    """Shows how a file is read, and what it holds."""
    left, right = st.columns([1, 3], gap="large")
    with left, st.container(key=shell.SIDE_COLUMN):
        how = _corrections(file)
    with right:
        if how is None:
            return
        try:
            dataset = opening.read(file, **how)
        except (ValueError, OSError) as error:
            st.error(plain(user_message(error) or str(error)), icon=":material/error:")
            st.caption("Correct how the file is read in the column beside this, or drop another file.")
            return
        _show_understood(dataset)
        digest = file.digest + repr(sorted(how.items()))
        picture.show_globe(dataset, digest)
        _show_onward(dataset, digest, file, how)
        picture.show_spread(dataset, digest)
        copying.show(*snippets.reading(file.name, how), "your data")


def _corrections(file: OpenFile) -> dict[str, Any] | None:
    """Shows how the file is read, to be corrected, and returns the arguments of ``read_points``; None where it cannot
    be opened at all."""
    st.subheader("How it is read", anchor=False)
    try:
        table = opening.table_of(file)
    except (ValueError, OSError) as error:
        st.error(plain(user_message(error) or str(error)), icon=":material/error:")
        return None
    key = file.digest[:8]
    columns = list(dict.fromkeys(table.columns))
    how: dict[str, Any] = {}
    if not table.has_places:
        guess: dict[str, str | None] = {"lon": None, "lat": None}
        try:
            lon, lat, _ = choose(table, None, None, None)
            guess = {"lon": table.columns[lon or 0], "lat": table.columns[lat or 0]}
        except ValueError:
            pass  # the boxes are empty: the message comes from the reader, with all columns
        for name, title in (("lon", "Longitude"), ("lat", "Latitude")):
            given = guess[name]
            index = columns.index(given) if given in columns else None
            chosen = st.selectbox(title, columns, index=index, key=f"{key} {name}", placeholder="Choose a column")
            if chosen is not None:
                how[name] = chosen
    targets = [NOTHING, *(column for column in columns if column not in how.values())]
    index = targets.index(file.target) if file.target in targets else 0
    target = st.selectbox("What to learn", targets, index=index, key=f"{key} target", help="The column to predict.")
    if target != NOTHING:
        how["target"] = target
        task = st.selectbox(
            "It is",
            [AUTO, *TASKS],
            key=f"{key} task",
            format_func=lambda choice: _TASKS.get(choice, choice),
            help="Values are predicted as numbers, classes by their probabilities; presences are learned against the "
            "rest of the sphere.",
        )
        if task != AUTO:
            how["task"] = task
    return how


def _show_understood(dataset: DataSet) -> None:
    understood = getattr(dataset, "understood", None)
    lines = understood.lines if understood is not None else (dataset.summary,)
    st.markdown("  \n".join(plain(line) for line in lines))
    if dataset.problems:
        with st.expander(f"Rows left out, one by one ({len(dataset.problems):,})"):
            st.dataframe({"Problem": list(dataset.problems)}, hide_index=True, width="stretch", height=240)


def _show_onward(dataset: DataSet, digest: str, file: OpenFile, how: dict[str, Any]) -> None:
    if len(dataset.lonlat) < MIN_PLACES:
        st.info(
            f"{len(dataset.lonlat)} places are too few to train on and to hold some out; {MIN_PLACES} are the least.",
            icon=":material/info:",
        )
        return
    # Held by this session while the file is open; on the other pages only once the reader takes it there.
    found = pictures.cached("your data held", digest, lambda: held.hold(OwnData.of(dataset, file.name, how)))
    with st.container(horizontal=True, vertical_alignment="center"):
        if st.button(_race_label(found), icon=":material/arrow_forward:", type="primary", key="race on your data"):
            session_race.keep_data(found)
            st.switch_page("pages/train.py", query_params={"data": found.name})
        st.button("Forget this file", on_click=_forget, icon=":material/delete:", type="tertiary")


def _race_label(found: OwnData) -> str:
    title = found.title.replace("Your ", "your ", 1) if found.title in _UNNAMED else found.title
    return f"Race encoders on {plain(title)} ({len(found.lonlat):,} places)"


def _race_link(found: OwnData) -> None:
    st.page_link(
        "pages/train.py",
        label=_race_label(found),
        icon=":material/arrow_forward:",
        query_params={"data": found.name},
    )


def _forget() -> None:
    session_race.forget_data()
    opening.forget()
