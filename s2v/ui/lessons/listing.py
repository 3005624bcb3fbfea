"""The list of lessons on Learn."""

from __future__ import annotations

import streamlit as st

from s2v import lessons
from s2v.ui import visit
from s2v.ui.lessons import finished, visited
from s2v.ui.messages import explained


def show() -> None:
    """Shows a card for each lesson: what one will see, how long it takes, and whether it is finished."""
    done = finished.finished("lessons finished")
    for first in range(0, len(lessons.NAMES), 2):
        for i, column in enumerate(st.columns(2, gap="medium")):
            if first + i < len(lessons.NAMES):
                with column, explained("The lesson"):
                    _show_card(first + i, lessons.NAMES[first + i], done)


def _show_card(i: int, name: str, done: frozenset[str]) -> None:
    lesson = lessons.load(name, visited.language())
    is_open = visit.get("lesson") == name
    with st.container(border=True, key=f"lesson card {name}", height="stretch"):
        st.subheader(f"{i + 1}. {lesson.title}", anchor=False)
        st.markdown(lesson.about)
        state = f"step {visited.number(lesson)} of {len(lesson.steps)}" if is_open else f"{len(lesson.steps)} steps"
        words = [f":material/schedule: {lesson.minutes} minutes", state]
        if name in done:
            words.append(":green[:material/check_circle: finished]")
        st.caption(" · ".join(words))
        number = visited.number(lesson) if is_open else 1
        verb = "Go on" if is_open else "Again" if name in done else "Begin"
        st.page_link(
            visited.path(lesson.steps[number - 1]),
            label=f"{verb}: {lesson.title}",
            icon=":material/play_arrow:",
            query_params=visited.address(lesson, number, fresh=not is_open),
        )
