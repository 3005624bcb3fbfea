"""A step of a lesson that asks for a race is done when a real one, on the tests' cluster, has come to its result."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from s2v import lessons
from s2v.engine import Engine
from s2v.models.recipe import Recipe
from s2v.ui import session_race
from tests.engine.conftest import PATIENCE
from tests.ui.conftest import a_server_that_has_shown_a_page, sliders_of_streamlit
from tests.ui.test_lessons import at, next_link
from tests.ui.test_pages import button, started, text

__all__ = ["a_server_that_has_shown_a_page", "sliders_of_streamlit", "started"]

SMALL = {"steps": "20", "hidden": "16"}


@pytest.fixture
def races(
    started: list[Any], engine: Engine, new_owner: Callable[[], str], monkeypatch: pytest.MonkeyPatch
) -> list[Any]:
    """The races that the page has started on the engine."""
    owner = new_owner()

    def begin(recipes: Sequence[Recipe], seeds: int, lockstep: bool = False) -> Any:
        started.append(engine.race(recipes, owner, seeds, lockstep))
        return started[-1]

    monkeypatch.setattr(session_race, "start", begin)
    return started


def test_a_real_race_does_what_the_lesson_asks_for(races: list[Any]) -> None:
    lesson = lessons.load("race")
    app = at(lesson, 1, **SMALL)
    assert "Not done yet" in text(app)
    assert next_link(app) == [True]
    button(app, "start").click().run()
    (race,) = races
    assert race.recipe.steps == 20
    for run in race.all_runs:
        assert run.wait(lambda run: not run.live, PATIENCE)
        assert run.status == "finished", run.message
    app.run()
    assert not app.exception
    assert "Not done yet" not in text(app)
    assert "that is what came out" in text(app)
    assert next_link(app) == [False]
