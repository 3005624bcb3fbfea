"""Page tests run without a browser, in Streamlit's ``AppTest``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest
import streamlit as st
from streamlit.runtime.pages_manager import PagesManager

from s2v.comparison import answering, sources
from s2v.comparison.questions import Answer, Question
from s2v.ui import answers, page_state
from s2v.ui.comparison import ahead


@pytest.fixture(autouse=True)
def a_server_that_has_shown_a_page(monkeypatch: pytest.MonkeyPatch) -> None:
    """AppTest begins every run in the state of a server that was just started; the pages then ask to be run again
    (``s2v.ui.shell.insist_on_app``), and the click that a test has made would be lost.  Servers do so once."""
    make = PagesManager.__init__

    def make_and_mark(self: PagesManager, *args: Any, **kwargs: Any) -> None:
        make(self, *args, **kwargs)
        PagesManager.uses_pages_directory = False

    monkeypatch.setattr(PagesManager, "__init__", make_and_mark)


class WorkerHere:
    """Answers questions in this process."""

    def ask(self, questions: Sequence[Question[Answer]], models: Mapping[str, bytes]) -> list[Answer]:
        sources.take(models.values())
        return [answering.answer(question) for question in questions]


_CACHE = answers.AnswerCache(WorkerHere())  # one for all tests, so that each answer is computed once
_CACHE.keep(ahead.load())


@pytest.fixture(autouse=True)
def answers_from_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """The pages' questions are answered here: no process is started, and nothing is prepared ahead."""
    monkeypatch.setattr(answers, "_cache", lambda: _CACHE)
    monkeypatch.setattr(ahead, "warm", lambda: None)


@pytest.fixture(autouse=True)
def sliders_of_streamlit(monkeypatch: pytest.MonkeyPatch) -> None:
    """AppTest cannot move a component of our own; Streamlit's slider with the same stops takes its place."""

    def select_slider(
        title: str, stops: Sequence[Any], value: Any, *, key: str, help: str, texts: Sequence[str], on_change: Any
    ) -> None:
        words = dict(zip(stops, texts, strict=True))
        st.session_state[key] = value
        st.select_slider(
            title, stops, key=key, format_func=words.get, help=help, on_change=lambda: on_change(st.session_state[key])
        )

    monkeypatch.setattr(page_state, "live_slider", select_slider)
