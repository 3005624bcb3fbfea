"""What a teacher does with the board of a class: make it, take races and names off it, close it."""

from __future__ import annotations

import streamlit as st

from s2v.ui import session_race, visit
from s2v.ui.messages import plain
from s2v.ui.teaching import class_board
from s2v.ui.teaching.boards import IDLE_HOURS, MAX_NAMES, MAX_RACES, Board, BoardError

_PROBLEM = "board making problem"


def show_making() -> None:
    """The button that makes a board, and what a board is."""
    st.markdown(
        "A board shows the races of the class as they come, under names that students choose: each decides whether to "
        "take part, on the Train page."
    )
    own_seeds = st.checkbox(
        "Each student gets a seed of their own",
        True,
        key="board own seeds",
        help="With one seed for all, equal settings give equal numbers. With one each, the class sees how much of a "
        "score is luck, and its mean has an honest interval.",
    )
    st.button("Make a board", icon=":material/groups:", key="board make", on_click=_make, args=(own_seeds,))
    if problem := st.session_state.pop(_PROBLEM, ""):
        st.error(plain(problem), icon=":material/groups:")
    st.caption(
        f"A board is in the memory of this server alone: at most {MAX_NAMES} names and the last {MAX_RACES} races. It "
        f"goes when you close it, {IDLE_HOURS} hours after its last use, or when the server ends."
    )


def show_controls(board: Board) -> None:
    """What the browser that has made the board alone may do: others do not see it."""
    with st.expander("Take something off the board, or close it", icon=":material/shield_person:", key="board manage"):
        names = board.names()
        if names:
            with st.container(horizontal=True, vertical_alignment="bottom"):
                name = st.selectbox("Name", names, key="board name")
                st.button(
                    "Remove the name and its races", key="board drop name", on_click=_drop_name, args=(board, name)
                )
        races = {race.race: f"{race.name}: {race.data} ({race.status})" for race in board.races()}
        if races:
            with st.container(horizontal=True, vertical_alignment="bottom"):
                race = st.selectbox("Race", list(races), format_func=races.__getitem__, key="board race")
                st.button("Remove the race", key="board drop race", on_click=_drop_race, args=(board, race))
        sure = st.checkbox("I want to close the board: its names and races are gone then", key="board sure")
        st.button(
            "Close the board",
            icon=":material/delete:",
            key="board close",
            disabled=not sure,
            on_click=_close,
            args=(board,),
        )


def may_manage(board: Board) -> bool:
    """Whether this visitor's browser has made the board."""
    return board.owner == session_race.visitor()


def _make(own_seeds: bool) -> None:
    try:
        class_board.boards().make(session_race.visitor(), own_seeds)
    except BoardError as error:
        st.session_state[_PROBLEM] = str(error)


def _drop_name(board: Board, name: str) -> None:
    if may_manage(board):
        board.remove_name(name)


def _drop_race(board: Board, race: str) -> None:
    if may_manage(board):
        board.remove_race(race)


def _close(board: Board) -> None:
    if class_board.boards().close(board.code, session_race.visitor()) and visit.get("board") == board.code:
        visit.put("board", "")
        visit.write()
