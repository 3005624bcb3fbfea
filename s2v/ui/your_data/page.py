"""What the page shows of an open file: how it was understood, with everything to correct it; its places; what next."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from s2v.data import OwnData, held
from s2v.data.catalogue import OWN, TASKS
from s2v.data.readers.opened import Head, Opened
from s2v.encoders.registry import EncoderConfig
from s2v.errors import user_message
from s2v.models import snippets
from s2v.models.scales import with_auto
from s2v.ui import contestants, copying, messages, pictures, session_race, shell
from s2v.ui.messages import plain
from s2v.ui.race.settings import RACE_MENU
from s2v.ui.your_data import finder, opening, picture
from s2v.ui.your_data.opening import OpenFile

AUTO, NOTHING = "as recognised", "nothing: places where something is (presences)"
_TASKS = {"regression": "values (a regression)", "classification": "classes", "presence": "presences"}
_SIGNS = {"decimal": ("Decimal sign", (".", ",")), "thousands": ("Thousands sign", (",", ".", " ", "'"))}
_OF_TABLE = {
    "encoding": ("Encoding", "Of a text file, such as cp1251 or latin-1, where letters look wrong."),
    "crs": ("Coordinate system", "If the columns are no degrees of WGS 84: a code such as EPSG:25832."),
    "layer": ("Layer", "Of a file with several layers, or the file in a zip archive."),
}
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
        + ("" if session_race.is_known_again() else " A reload of the page forgets it: this browser keeps no cookies.")
    )


def show_file(file: OpenFile) -> None:
    """Shows how a file is read, and what it holds."""
    left, right = st.columns([1, 3], gap="large")
    try:
        with left, st.container(key=shell.SIDE_COLUMN):
            how = _corrections(file)
        with right:
            if how is not None:
                opening.keep(file, how)
                _show_read(file, how)
    except opening.StoppedError:
        with right:
            st.caption("Reading was stopped.")
            st.button("Read it after all", on_click=opening.go_on, icon=":material/play_arrow:")
            st.button("Forget this file", on_click=_forget, icon=":material/delete:", type="tertiary")


def _show_read(file: OpenFile, how: dict[str, Any]) -> None:
    if st.session_state.get(f"{file.digest[:8]} survey"):
        _show_survey(file, _of_table(how))
    try:
        opened = opening.read(file, **how)
    except (ValueError, OSError) as error:
        st.error(plain(user_message(error) or str(error)), icon=":material/error:")
        st.caption("Correct how the file is read in the column beside this, or drop another file.")
        return
    _show_understood(opened)
    digest = file.digest + repr(sorted(how.items()))
    picture.show_globe(opened, digest)
    _show_onward(opened, digest)
    picture.show_spread(opened, digest)
    copying.show(*snippets.reading(file.name, how), "your data")


def _corrections(file: OpenFile) -> dict[str, Any] | None:
    """Shows how the file is read, to be corrected, and returns the arguments of ``read_points``; None where it cannot
    be opened at all."""
    st.subheader("How it is read", anchor=False)
    key = file.digest[:8]
    for name in ("task", "min_count", "skip_wrong", *_SIGNS, *_OF_TABLE):
        if name in file.how:
            st.session_state.setdefault(f"{key} {name}", file.how[name])
    options = _file_options(key)
    try:
        head = opening.head_of(file, **_of_table(options))
    except (ValueError, OSError) as error:
        st.error(plain(user_message(error) or str(error)), icon=":material/error:")
        _show_file_options(key)
        return None
    how: dict[str, Any] = dict(options)
    if head.needs_columns:
        how |= _place_columns(file, head, key)
    targets = [NOTHING, *(column for column in head.columns if column not in (how.get("lon"), how.get("lat")))]
    first = file.how.get("target")
    index = targets.index(first) if first in targets else 0
    target = st.selectbox("What to learn", targets, index=index, key=f"{key} target", help="The column to predict.")
    if target != NOTHING:
        how |= {"target": target, **_target_options(key)}
    _show_file_options(key)
    st.toggle("Which columns could be learned?", key=f"{key} survey")
    return how


def _place_columns(file: OpenFile, head: Head, key: str) -> dict[str, str]:
    """Shows the columns of longitude and latitude; the file's geometry is used where none is chosen."""
    empty = "From the geometry" if head.in_geometry else "Choose a column"
    chosen = {}
    for name, title, guess in (("lon", "Longitude", head.lon), ("lat", "Latitude", head.lat)):
        first = file.how.get(name, guess)
        index = head.columns.index(first) if first in head.columns else None
        given = st.selectbox(title, head.columns, index=index, key=f"{key} {name}", placeholder=empty)
        if given is not None:
            chosen[name] = given
    return chosen


def _target_options(key: str) -> dict[str, Any]:
    """Shows how the target is to be taken; returns what was chosen."""
    task = st.selectbox(
        "It is",
        [AUTO, *TASKS],
        key=f"{key} task",
        format_func=lambda choice: _TASKS.get(choice, choice),
        help="Values are predicted as numbers, classes by their probabilities; presences are learned against the rest "
        "of the sphere.",
    )
    rare = st.number_input(
        "Join classes with fewer rows than",
        min_value=1,
        key=f"{key} min_count",
        help="Rare classes become one, “other”. With 1 all stay as they are.",
    )
    return {**({} if task == AUTO else {"task": task}), **({"min_count": int(rare)} if rare > 1 else {})}


def _file_options(key: str) -> dict[str, Any]:
    """What was chosen under "More" in the last run of the page; the widgets stand below, and most need none of it."""
    found = {name: st.session_state.get(f"{key} {name}") for name in (*_SIGNS, *_OF_TABLE)}
    given = {name: value for name, value in found.items() if value not in (None, "", AUTO)}
    return given | ({"skip_wrong": True} if st.session_state.get(f"{key} skip_wrong") else {})


def _show_file_options(key: str) -> None:
    with st.expander("More"):
        for name, (title, signs) in _SIGNS.items():
            words = {AUTO: AUTO, ".": "point", ",": "comma", " ": "blank", "'": "apostrophe"}
            st.selectbox(title, [AUTO, *signs], key=f"{key} {name}", format_func=words.__getitem__)
        for name, (title, about) in _OF_TABLE.items():
            st.text_input(title, key=f"{key} {name}", placeholder=AUTO, help=about)
        st.toggle(
            "Read it even if most rows are wrong",
            key=f"{key} skip_wrong",
            help="Usually a file with more wrong rows than good ones is refused: its columns may be others.",
        )


def _of_table(how: Mapping[str, Any]) -> dict[str, str]:
    """What decides the columns of a file, of all that decides how it is read."""
    return {name: str(how[name]) for name in _OF_TABLE if name in how}


def _show_survey(file: OpenFile, options: Mapping[str, str]) -> None:
    found = opening.columns_of(file, **options)
    st.dataframe(
        {
            "Column": [column.name for column in found],
            "As": ["–" if column.task is None else _TASKS[column.task] for column in found],
            "What it holds": [column.about for column in found],
            "For example": [column.example for column in found],
            "Filled": [f"{100 * column.filled:.0f} %" for column in found],
        },
        hide_index=True,
        width="stretch",
    )
    st.caption("Judged by the first 2,000 rows.")


def _show_understood(opened: Opened) -> None:
    lines = opened.understood.lines
    st.markdown("  \n".join(plain(line) for line in lines if not line.startswith("Warning: ")))
    for warning in opened.understood.warnings:
        st.warning(plain(warning), icon=":material/help:")
    if opened.problems:
        with st.expander(f"Rows left out, one by one ({len(opened.problems):,})"):
            st.dataframe({"Problem": list(opened.problems)}, hide_index=True, width="stretch", height=240)


def _show_onward(opened: Opened, digest: str) -> None:
    if opened.places < MIN_PLACES:
        st.info(
            f"{opened.places} places are too few to train on with some held out; at least {MIN_PLACES} are needed.",
            icon=":material/info:",
        )
        return
    # Held by this session while the file is open; on the other pages only once the reader takes it there.
    found = pictures.cached("your data held", digest, lambda: held.hold(opened.data))
    if len(found.lonlat) < opened.places:
        st.caption(
            f"To train on, search and map, {len(found.lonlat):,} of the {opened.places:,} places are used, chosen at "
            "random."
        )
    with st.container(horizontal=True, vertical_alignment="center"):
        if st.button(_race_label(found), icon=":material/arrow_forward:", type="primary", key="race on your data"):
            session_race.keep_data(found)
            st.switch_page("pages/train.py", query_params=_race_address(found))
        st.button("Forget this file", on_click=_forget, icon=":material/delete:", type="tertiary")
    with messages.explained("The search"):
        finder.show(found.name)


def _race_label(found: OwnData) -> str:
    title = found.title.replace("Your ", "your ", 1) if found.title in _UNNAMED else found.title
    return f"Race encoders on {plain(title)} ({len(found.lonlat):,} places)"


def _race_link(found: OwnData) -> None:
    st.page_link(
        "pages/train.py",
        label=_race_label(found),
        icon=":material/arrow_forward:",
        query_params=_race_address(found),
    )


def _race_address(found: OwnData) -> dict[str, str]:
    """Parameters for the address of Train: a race on these data of the encoders that the reader has chosen, or of those
    that the page starts with, with their scales from the data."""
    chosen = [choice for choice in contestants.carried() if isinstance(choice, EncoderConfig)]
    encoders = chosen or list(next(iter(RACE_MENU.line_ups.values())))
    return {"data": found.name, **contestants.address(map(with_auto, encoders), RACE_MENU)}


def _forget() -> None:
    session_race.forget_data()
    opening.forget()
