"""Teach: a link for the class, its board of races, projector mode, and what this server bears."""

import streamlit as st

from s2v.ui import messages, projector, shell, visit
from s2v.ui.teaching import board_view, builder, capacity, class_board, managing

shell.insist_on_app()

linked = class_board.of_visit()
board = linked or class_board.own()
if linked and (projector.is_on() or not managing.may_manage(linked)):
    # A student's link leads here, and the teacher's to the wall: the board alone.
    st.title("The races of the class", anchor=False)
    board_view.show(linked)
else:
    st.title("Teach: a link for your class", anchor=False)
    st.markdown(
        "Prepare a page, fix or hide what the class should leave alone, and let students open it by link or QR code."
    )
    if visit.get("board") and not linked:
        st.warning(class_board.GONE, icon=":material/groups:")
    with messages.explained("The link builder"):
        builder.show(board.code if board else "", board is not None and board.own_seeds)
    st.subheader("The board of the class", anchor=False)
    with messages.explained("The board of the class"):
        if board is None:
            managing.show_making()
        else:
            builder.show_board_link(board.code)
            managing.show_controls(board)
            board_view.show(board)
    st.subheader("Projector mode", anchor=False)
    st.toggle(
        "Large type and maps, few controls, on every page",
        projector.is_on(),
        key="projector mode",
        on_change=lambda: projector.turn(bool(st.session_state["projector mode"])),
    )
    with messages.explained("What this server bears"):
        capacity.show()
visit.write()
