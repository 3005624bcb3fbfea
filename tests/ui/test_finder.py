"""The search on a page: its button, its progress, its answer, and the race that it leads to."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from s2v import data
from s2v.models.halving import search
from s2v.models.recipe import Recipe
from s2v.models.standings import Standings
from s2v.models.tries import Outcome, Try
from s2v.ui import session_race
from s2v.ui.contestants import parse
from s2v.ui.race import settings
from s2v.ui.session_race import ServerFullError
from s2v.ui.your_data import finder

TINY = Recipe(data="geoid", points=200, hidden=8)
RECIPES = [replace(TINY, encoder=name, encoder_params={}) for name in ("xyz", "grid", "sphereM")]
RECIPES += [replace(TINY, predictor=name) for name in ("kriging", "idw")]


def untrained(tries: Sequence[Try]) -> Iterator[tuple[int, Outcome]]:
    for number, each in enumerate(tries):
        known = data.load("geoid", 200, 0, each.recipe.split)
        truth = known.target[known.test]
        yield number, Outcome(0.5, truth + np.random.default_rng(number).normal(size=len(truth)))


@lru_cache(maxsize=1)
def all_standings() -> tuple[Standings, ...]:
    return tuple(search("geoid", points=200, steps=40, recipes=RECIPES, run=untrained))


class Searching:
    """A search at some moment."""

    def __init__(self, standings: Standings | None, live: bool, message: str = "") -> None:
        self.data, self.standings, self.live, self.message, self.seed = "geoid", standings, live, message, 3
        self.status = "running" if live else "finished" if standings and standings.done else "stopped"

    def stop(self) -> None:
        self.live, self.standings = False, replace(self.standings, stopped=True)  # type: ignore[type-var]


def app() -> None:
    from s2v.ui.your_data import finder

    finder.show("geoid")


@pytest.fixture
def found(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    state: dict[str, Any] = {"search": None}
    monkeypatch.setattr(session_race, "search", lambda: state["search"])
    monkeypatch.setattr(session_race, "cluster_problem", lambda: "")
    # A page that is no page of an app has no links.
    monkeypatch.setattr(finder.st, "page_link", lambda *args, **kwargs: state.update(link=kwargs["query_params"]))

    def start(name: str, seed: int) -> None:
        state["search"], state["seed"] = Searching(None, live=True), seed

    monkeypatch.setattr(session_race, "start_search", start)
    return state


def run_app() -> AppTest:
    page = AppTest.from_function(app, default_timeout=60).run()
    assert not page.exception
    return page


def test_one_button_starts_a_search(found: dict[str, Any]):
    page = run_app()
    page.button(key="finder start").click().run()
    assert not page.exception
    assert found["search"].live
    assert found["seed"] == 0
    assert [button.key for button in page.button] == ["finder stop"]


def test_a_search_that_goes_on_has_a_table_and_can_be_stopped(found: dict[str, Any]):
    found["search"] = Searching(all_standings()[4], live=True)
    page = run_app()
    table = page.dataframe[0].value
    assert len(table) == len(RECIPES)
    assert {"R², among the data", "R², far from the data"} <= set(table.columns)
    page.button(key="finder stop").click().run()
    assert not page.exception
    assert "what it had found is kept" in " ".join(each.value for each in page.caption)
    assert "So far" in page.markdown[0].value


def test_the_answer_is_in_words_with_intervals(found: dict[str, Any]):
    found["search"] = Searching(all_standings()[-1], live=False)
    page = run_app()
    text = " ".join(each.value for each in page.markdown)
    for heading in ("Among your data", "Near the poles", "Far from your data", "How sure is this"):
        assert heading in text
    assert " to " in text
    assert page.button(key="finder start").label == "Search again with another seed"
    page.button(key="finder start").click().run()
    assert found["seed"] == 4


def test_the_link_races_the_finalists_with_the_scales_that_were_found(found: dict[str, Any]):
    found["search"] = Searching(all_standings()[-1], live=False)
    run_app()
    link = found["link"]
    menu = settings.menu("regression")
    standings = all_standings()[-1]
    sources = [parse(link[f"e{i}"], menu) for i in range(1, 5) if link[f"e{i}"] != "none"]
    encoders = [row.contestant for row in standings.finalists if not row.recipe.predictor]
    assert sources[: len(encoders)] == encoders
    assert link["trials"] == "0"
    assert link["reference"] in ("best", "idw")
    assert link["data"] == "geoid"


def test_a_search_that_failed_says_why(found: dict[str, Any]):
    found["search"] = Searching(None, live=False, message="data='x' has 3 places.")
    page = run_app()
    assert "has 3 places" in page.error[0].value


def test_a_full_server_says_so(found: dict[str, Any], monkeypatch: pytest.MonkeyPatch):
    def full(name: str, seed: int) -> None:
        raise ServerFullError("4 searches go on here.")

    monkeypatch.setattr(session_race, "start_search", full)
    page = run_app()
    page.button(key="finder start").click().run()
    assert "4 searches go on here" in page.error[0].value


def test_a_search_on_other_data_is_not_shown_as_one_on_these(found: dict[str, Any]):
    found["search"] = Searching(all_standings()[-1], live=False)
    found["search"].data = "relief"
    page = run_app()
    assert page.button(key="finder start").label == "Find the encoder"
    assert not page.dataframe
