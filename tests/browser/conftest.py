"""The lab itself, running, and pages that may not leave it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.serving import ROOT, Server, guarded_page, running


@pytest.fixture(scope="session")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """``streamlit run app.py``, one server for all browser tests."""
    with running(ROOT / "app.py", tmp_path_factory.mktemp("lab") / "server.log") as server:
        yield server


@pytest.fixture
def page(chromium: Any, lab: Server) -> Iterator[Any]:
    """A browser page for the lab that fails on requests to elsewhere and on logged errors."""
    with guarded_page(chromium, lab.url) as page:
        yield page
