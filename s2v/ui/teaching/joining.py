"""On the Train page of a class: whether a student's races are on the class's board. Nothing is shared unasked."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from s2v.ui import session_race, visit
from s2v.ui.messages import explained, plain
from s2v.ui.page_state import PageState
from s2v.ui.teaching import class_board, sharing
from s2v.ui.teaching.boards import IDLE_HOURS, Board
from s2v.ui.teaching.names import MAX_NAME

if TYPE_CHECKING:
    from s2v.engine import Race

PRIVATE = (
    "Off until you press the button. Then everybody who has the class's link sees this name and your races, the one on "
    "this page and those that you start later: encoders, data and scores, no maps and no files. They are in the "
    "server's memory alone, until you stop sharing, your teacher closes the board, or nobody has used it for "
    f"{IDLE_HOURS} hours."
)
_TEXT, _PROBLEM, _SENT = "board name", "board problem", "races sent to the board"
_SEATED = "board seat taken"


def show(state: PageState, race: Race | None) -> None:
    """Shows the choice, where the visit has a board, and sends it the race of a student who has joined."""
    if not visit.get("board"):
        return
    board = class_board.of_visit()
    if board is None:
        st.caption(f":material/groups: {class_board.GONE}")
        return
    if st.session_state.pop(_SEATED, False):
        st.rerun()  # the whole page, whose plan has another seed now
    with explained("The class's board"):
        visitor = session_race.visitor()
        name = board.name_of(visitor)
        if name:
            _show_joined(board, visitor, name)
            if race is not None:
                _send(board, visitor, name, race)
        else:
            _show_form(state, board, visitor)


def _show_form(state: PageState, board: Board, visitor: str) -> None:
    def join() -> None:
        try:
            seat = board.join(visitor, str(st.session_state[_TEXT]))
        except ValueError as error:
            st.session_state[_PROBLEM] = str(error)
            return
        if board.own_seeds:
            state.settle("seed", seat)
            st.session_state[_SEATED] = True

    with st.container(border=True, key="class_board"):
        with st.container(horizontal=True, vertical_alignment="bottom"):
            st.text_input("Your name on the class's board", key=_TEXT, max_chars=MAX_NAME, width=260)
            st.button("Show my races on the board", icon=":material/groups:", key="board join", on_click=join)
        if problem := st.session_state.pop(_PROBLEM, ""):
            st.error(plain(problem), icon=":material/badge:")
        st.caption(PRIVATE)


def _show_joined(board: Board, visitor: str, name: str) -> None:
    seed = f" Your seed is {board.seat_of(visitor)}: each of the class has another." if board.own_seeds else ""
    with st.container(horizontal=True, vertical_alignment="center", key="class_board"):
        st.markdown(
            f":material/groups: Your races are on the class's board as **{plain(name)}**.{seed}", width="content"
        )
        st.button("Stop sharing", type="tertiary", key="board leave", on_click=board.leave, args=(visitor,))


def _send(board: Board, visitor: str, name: str, race: Race) -> None:
    """Sends this session's own race once when it has begun and once when it has ended; meanwhile the board asks."""
    if session_race.standing() != "own":
        return
    if race.own_data is not None:
        st.caption("This race is on data of your own, which nobody else sees, so it is not on the board.")
        return
    sent: set[tuple[str, str, bool]] = st.session_state.setdefault(_SENT, set())
    key = board.code, f"{name} {race.id}", race.live
    if key not in sent and board.show(visitor, sharing.shared(race, name)):
        sent.add(key)
