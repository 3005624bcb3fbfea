"""Page tests run without a browser, in Streamlit's ``AppTest``."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Any

import pytest
from streamlit.runtime.pages_manager import PagesManager

from s2v import engine
from s2v.engine.comparison_worker import answer
from s2v.ui import answers as desk


@pytest.fixture(autouse=True)
def a_server_that_has_shown_a_page(monkeypatch: pytest.MonkeyPatch) -> None:
    """AppTest begins every run in the state of a server that was just started; the pages then ask to be run again
    (``s2v.ui.shell.insist_on_app``), and the click that a test has made would be lost.  Servers do so once."""
    make = PagesManager.__init__

    def make_and_mark(self: PagesManager, *args: Any, **kwargs: Any) -> None:
        make(self, *args, **kwargs)
        PagesManager.uses_pages_directory = False

    monkeypatch.setattr(PagesManager, "__init__", make_and_mark)


@pytest.fixture(autouse=True)
def a_desk_in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """The pages' quick questions are answered here: no process is started, and nothing is prepared in advance."""
    office = _OFFICE
    monkeypatch.setattr(desk, "_office", lambda: office)


class _OfficeHere(desk._Office):
    def __init__(self) -> None:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(threading.Timer, "start", lambda timer: None)
            super().__init__()

    def _ask(self, questions: list[desk.Question], models: Mapping[str, bytes]) -> list[Any]:
        asked = tuple(engine.question(name, *arguments) for name, arguments in questions)
        answers = answer(asked, models, models.values())
        for given in answers:
            if hasattr(given, "message"):
                raise ValueError(given.message)
        return answers


_OFFICE = _OfficeHere()  # one for all tests: what one has asked another need not compute
