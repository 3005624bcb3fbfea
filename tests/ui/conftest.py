"""Page tests run without a browser, in Streamlit's ``AppTest``."""

from __future__ import annotations

from typing import Any

import pytest
from streamlit.runtime.pages_manager import PagesManager


@pytest.fixture(autouse=True)
def a_server_that_has_shown_a_page(monkeypatch: pytest.MonkeyPatch) -> None:
    """AppTest begins every run in the state of a server that was just started; the pages then ask to be run again
    (``s2v.ui.shell.insist_on_app``), and the click that a test has made would be lost.  Servers do so once."""
    make = PagesManager.__init__

    def make_and_mark(self: PagesManager, *args: Any, **kwargs: Any) -> None:
        make(self, *args, **kwargs)
        PagesManager.uses_pages_directory = False

    monkeypatch.setattr(PagesManager, "__init__", make_and_mark)
