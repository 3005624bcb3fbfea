"""The bar of a lesson, at the top of the page that its step is about.

It asks for a prediction before the answer is shown, says what to do, and looks at the page to tell whether it was done.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import streamlit as st

from s2v import lessons
from s2v.lessons import Lesson, Step, stored, words
from s2v.ui import visit
from s2v.ui.lessons import facts, finished, visited
from s2v.ui.messages import explained, plain, shorten

KEY = "lesson_bar"
CLOCK_SECONDS = 2.0  # between two looks at a race
TITLES = {
    "start": "Start",
    "similarity": "Similarity",
    "distortion": "Distortion",
    "your_data": "Your data",
    "published": "Published models",
    "train": "Train",
    "maps": "Maps",
    "benchmark": "Benchmark",
    "session": "Session",
}


@contextmanager
def around(page: str) -> Iterator[None]:
    """Draws the bar of the lesson that is open, if any, above a page; what depends on the page comes after it.

    ``page`` is the name of its file.
    """
    if not visit.get("lesson"):
        yield
        return
    st.html(f"<style>{_STYLE}</style>")
    below = None
    with st.container(key=KEY), explained("The lesson"):
        if (lesson := visited.lesson()) is None:
            _show_unknown(visit.get("lesson"))
        else:
            below = _show_top(lesson, page)
    try:
        yield
    finally:
        if below is not None and lesson is not None:
            with below, explained("The rest of the lesson"):
                step = lesson.steps[visited.number(lesson) - 1]
                st.fragment(_show_rest, run_every=CLOCK_SECONDS if _is_waiting(lesson, step, page) else None)(
                    lesson, page
                )
        visit.write()


def text_of(text: str) -> str:
    """A text of a lesson with its numbers."""
    return words.filled(text, stored.stored())


def _show_unknown(name: str) -> None:
    st.warning(
        plain(f"lesson={shorten(name)!r} in the address is none of: {', '.join(lessons.NAMES)}."),
        icon=":material/link_off:",
    )
    st.button("Go on without a lesson", key="lesson end", on_click=visited.end)


def _show_top(lesson: Lesson, page: str) -> st.delta_generator.DeltaGenerator | None:
    """The step's text and its question; returns where the rest goes, unless the step is about another page."""
    number = visited.number(lesson)
    step = lesson.steps[number - 1]
    label = f"Lesson: {lesson.title}, step {number} of {len(lesson.steps)}"
    is_last = number == len(lesson.steps)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.caption(f":material/school: **{lesson.title}** · step {number} of {len(lesson.steps)}", width="stretch")
        st.button("End lesson", key="lesson end", type="tertiary", icon=":material/close:", on_click=visited.end)
    mark = lesson.name if is_last and page == step.page and not _has_open_question(lesson, step) else ""
    finished.finished("lesson finished", label, mark, f"{lesson.name} {number}")
    if page != step.page:
        st.page_link(
            visited.path(step),
            label=f"Go on with the lesson: {step.title} ({TITLES[step.page]})",
            icon=":material/arrow_forward:",
            query_params=visited.address(lesson, number),
        )
        return None
    st.markdown(f"**{step.title}**" + (f"  \n{text_of(step.text)}" if step.text else ""))
    if _has_open_question(lesson, step):
        _ask(lesson, step)
    return st.container()


def _ask(lesson: Lesson, step: Step) -> None:
    key = f"lesson {lesson.name} {visited.number(lesson)}"
    chosen = st.radio(
        f"Your prediction: {text_of(step.question)}",
        range(len(step.answers)),
        index=None,
        key=key,
        format_func=lambda i: text_of(step.answers[i]),
    )

    def lock() -> None:
        if (answer := st.session_state.get(key)) is not None:
            visited.lock(lesson, answer)

    st.button("Lock my prediction", key="lesson lock", icon=":material/lock:", disabled=chosen is None, on_click=lock)


def _show_rest(lesson: Lesson, page: str) -> None:
    """What is to be done, whether it was, what came out, and the way on."""
    number = visited.number(lesson)
    step = lesson.steps[number - 1]
    if _has_open_question(lesson, step):
        _show_way(lesson, number, is_free=False)
        return
    is_done = not lessons.unmet(step.checks, facts.of_page(page))
    answer = visited.answers(lesson).get(number)
    if step.task:
        _show_task(lesson, step, number, answer, is_done)
    if is_done:
        if answer is not None:
            st.markdown(_judged(step, answer))
        if step.outcome:
            st.markdown(text_of(step.outcome))
        _show_doubt(step)
        if number == len(lesson.steps):
            _show_end(lesson, step)
    _show_way(lesson, number, is_free=is_done)
    if is_done and step.waits_for_race and not st.session_state.get(key := f"lesson seen {lesson.name} {number}"):
        st.session_state[key] = True
        st.rerun()  # the whole page: the clock of this part ends


def _show_task(lesson: Lesson, step: Step, number: int, answer: int | None, is_done: bool) -> None:
    said = f"You said: *{text_of(step.answers[answer])}*. " if answer is not None else ""
    state = ":green[:material/check_circle: Done]" if is_done else ":material/pending: Not done yet"
    st.markdown(f"{said}**Do:** {text_of(step.task)} {state}")
    if not is_done and (step.hint or step.done):
        with st.expander("Hint", icon=":material/lightbulb:"):
            if step.hint:
                st.markdown(text_of(step.hint))
            if step.done:
                st.page_link(
                    visited.path(step),
                    label="Do it for me",
                    icon=":material/auto_fix_high:",
                    query_params=visited.address(lesson, number, step.address_when_done),
                )


def _judged(step: Step, answer: int) -> str:
    said, right = text_of(step.answers[answer]), text_of(step.answers[step.right])
    if answer == step.right:
        return f":material/check: You predicted *{said}*: **that is what came out.**"
    return f":material/info: You predicted *{said}*. **It came out otherwise: {right}.**"


def _show_doubt(step: Step) -> None:
    """Says where the numbers no longer agree with the text."""
    if not all(stored.holds(claim, stored.stored()) for claim in step.claims):
        st.warning(
            "The numbers were computed anew since this text was written, and no longer say the same. Trust them.",
            icon=":material/sync_problem:",
        )


def _show_end(lesson: Lesson, step: Step) -> None:
    asked = {i: each for i, each in enumerate(lesson.steps, 1) if each.question}
    given = visited.answers(lesson)
    right = sum(given.get(i) == each.right for i, each in asked.items())
    if asked:
        st.markdown(
            f":material/flag: The lesson is finished; {right} of {len(asked)} predictions came out as you said."
        )
    with st.container(horizontal=True):
        for page, label in step.onward:
            st.page_link(f"pages/{page}.py", label=label, icon=":material/arrow_forward:")
        if (following := _after(lesson)) is not None:
            st.page_link(
                visited.path(following.steps[0]),
                label=f"Next lesson: {following.title}",
                icon=":material/school:",
                query_params=visited.address(following, 1, fresh=True),
            )
        st.page_link("pages/learn.py", label="All lessons", icon=":material/list:")


def _show_way(lesson: Lesson, number: int, is_free: bool) -> None:
    """Back and Next; the way on is free when the step is done."""
    with st.container(horizontal=True, gap="small"):
        if number > 1:
            st.page_link(
                visited.path(lesson.steps[number - 2]),
                label="Back",
                icon=":material/arrow_back:",
                query_params=visited.address(lesson, number - 1),
            )
        if number < len(lesson.steps):
            st.page_link(
                visited.path(lesson.steps[number]),
                label="Next step",
                icon=":material/arrow_forward:",
                disabled=not is_free,
                query_params=visited.address(lesson, number + 1),
            )


def _has_open_question(lesson: Lesson, step: Step) -> bool:
    return bool(step.question) and visited.number(lesson) not in visited.answers(lesson)


def _is_waiting(lesson: Lesson, step: Step, page: str) -> bool:
    """Whether the step waits for a race, which ends without anybody touching the page."""
    if not step.waits_for_race or _has_open_question(lesson, step):
        return False
    return bool(lessons.unmet(step.checks, facts.of_page(page)))


def _after(lesson: Lesson) -> Lesson | None:
    following: Sequence[str] = lessons.NAMES[lessons.NAMES.index(lesson.name) + 1 :]
    return lessons.load(following[0], visited.language()) if following else None


_STYLE = f"""
.st-key-{KEY} {{
  border: 1px solid rgba(11, 110, 153, .45); border-left: .35rem solid #0b6e99; border-radius: .5rem;
  padding: .6rem 1rem .75rem; gap: .5rem; background: rgba(11, 110, 153, .07);
}}
.st-key-{KEY}:focus {{ outline: none; }}
.st-key-{KEY} [data-testid=stRadio] > div {{ gap: .1rem; }}
.st-key-{KEY} [data-testid=stElementContainer]:has(> [data-testid=stBidiComponent]) {{ display: none; }}
@media (max-width: 640px) {{ .st-key-{KEY} {{ padding: .5rem .7rem; gap: .35rem; }} }}
"""
