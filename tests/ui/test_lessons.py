"""Lessons on the pages, without a browser: every step opens, asks first, and sees whether its task was done."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from s2v import lessons
from s2v.lessons import Lesson
from s2v.ui.lessons import visited
from tests.ui.test_pages import HandmadeRace, button, opened, started, text

__all__ = ["started"]

STEPS = [(name, i) for name in lessons.NAMES for i in range(1, len(lessons.load(name).steps) + 1)]


def at(lesson: Lesson, number: int, when_done: bool = False, answered: bool = True, **changed: str) -> AppTest:
    """A step in its prepared state, or when it is done, as its link opens it, but for ``changed`` settings."""
    step = lesson.steps[number - 1]
    settings = (step.address_when_done if when_done else step.address) | changed
    answer = f"{number}{visited.LETTERS[step.right]}" if answered and step.question else "-"
    visit = {"lesson": lesson.name, "lesson_step": str(number), "lesson_answers": answer}
    return opened("" if step.page == "start" else step.page, **settings, **visit)


def next_link(app: AppTest) -> list[bool]:
    """Whether the link to the next step is disabled."""
    return [link.proto.disabled for link in app.get("page_link") if link.proto.label == "Next step"]


@pytest.mark.parametrize(("name", "number"), STEPS)
def test_a_step_opens_in_its_state_and_sees_its_task_done(name: str, number: int, started: list[HandmadeRace]) -> None:
    lesson = lessons.load(name)
    step = lesson.steps[number - 1]
    app = at(lesson, number)
    assert not app.exception
    assert not app.warning, [each.value for each in app.warning]  # no setting of its state is refused
    assert not app.error
    said = text(app)
    assert step.title in said
    assert lesson.title in said
    if not step.checks:
        assert next_link(app) in ([], [False])
        return
    assert "Not done yet" in said
    assert next_link(app) == [True]
    if step.waits_for_race:
        run_race(app, started)
    elif step.done:
        app = at(lesson, number, when_done=True)
    else:
        raise AssertionError("a task without a way to do it")
    assert not app.exception
    assert not app.warning
    assert "Not done yet" not in text(app)
    assert "that is what came out" in text(app) or not step.question
    assert next_link(app) == [False]


def run_race(app: AppTest, started: list[HandmadeRace]) -> None:
    """Presses Start, and the race ends; where held-out blocks are asked for, they are chosen first."""
    if any("In blocks" in part.value for part in app.markdown):
        app.selectbox(key=next(box.key for box in app.selectbox if box.label == "Held-out places")).select(
            "blocks"
        ).run()
        across = next(box for box in app.number_input if box.label == "Across (km)")
        across.set_value(1000.0).run()
    if any("kriging" in part.value for part in app.markdown):
        app.selectbox(key="train.reference").select("best").run()
    button(app, "start").click().run()
    race = started[-1]
    race.add(100, fine=True)
    race.end("finished")
    app.run()


def test_the_answer_comes_after_the_prediction(started: list[HandmadeRace]) -> None:
    lesson = lessons.load("tears")
    app = at(lesson, 1, when_done=True, answered=False)
    assert "With the published frequencies" not in text(app)
    assert next_link(app) == [True]
    assert button(app, "lesson lock").disabled
    app.radio(key="lesson tears 1").set_value(2).run()
    button(app, "lesson lock").click().run()
    assert "You predicted *Both*" in text(app)
    assert "It came out otherwise: Neither" in text(app)
    assert "With the published frequencies" in text(app)
    assert "1c" in app.query_params["lesson_answers"]
    assert next_link(app) == [False]
    button(app, "lesson end").click().run()
    assert "With the published frequencies" not in text(app)
    assert "lesson" not in app.query_params


@pytest.mark.parametrize(
    "address",
    [{"lesson": "x" * 300}, {"lesson": "<b>"}, {"lesson": "../en/tears"}],
)
def test_an_unknown_lesson_is_said_and_can_be_left(address: dict[str, str], started: list[HandmadeRace]) -> None:
    app = opened("learn", **address)
    assert not app.exception
    assert "in the address is none of: tears, stretch" in text(app)
    button(app, "lesson end").click().run()
    assert "is none of" not in text(app)


@pytest.mark.parametrize("step", ["0", "-1", "99", "9" * 300, "two", ""])
@pytest.mark.parametrize("answers", ["1z,2a", "9" * 90, "1a,1b,<b>", ""])
def test_a_hostile_address_opens_some_step(step: str, answers: str) -> None:
    lesson = lessons.load("tears")
    app = AppTest.from_function(_read_visit)
    app.query_params["lesson_step"], app.query_params["lesson_answers"] = step, answers
    app.run()
    assert not app.exception
    number, found = app.session_state["found"]
    assert 1 <= number <= len(lesson.steps)
    assert all(0 <= answer < len(lesson.steps[i - 1].answers) for i, answer in found.items())


def _read_visit() -> None:
    import streamlit as st

    from s2v import lessons
    from s2v.ui import visit
    from s2v.ui.lessons import visited

    visit.read()
    lesson = lessons.load("tears")
    st.session_state["found"] = visited.number(lesson), visited.answers(lesson)


def test_the_list_has_a_card_and_a_link_for_each_lesson(started: list[HandmadeRace]) -> None:
    app = opened("learn", lesson="stretch", lesson_step="2")
    assert not app.exception
    assert [card.value for card in app.subheader] == [
        f"{i}. {lessons.load(name).title}" for i, name in enumerate(lessons.NAMES, 1)
    ]
    links = {link.proto.label: link.proto.query_string for link in app.get("page_link")}
    assert "lesson=tears" in links[f"Begin: {lessons.load('tears').title}"]
    assert "lesson_step=2" in links[f"Go on: {lessons.load('stretch').title}"]
    assert "step 2 of 3" in text(app)
