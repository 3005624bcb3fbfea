"""A tiny app with one pydeck globe, and a browser page that may not leave it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.serving import guarded_page, running

APP = Path(__file__).parent / "apps" / "globe_app.py"


@pytest.fixture(scope="session")
def globe_app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a running globe_app.py."""
    with running(APP, tmp_path_factory.mktemp("globe_app") / "log.txt") as server:
        yield server.url


@pytest.fixture
def browser_page(chromium: Any, globe_app: str) -> Iterator[Any]:
    """A page for the app; it fails on requests that leave localhost and on console errors."""
    with guarded_page(chromium, globe_app, viewport={"width": 1000, "height": 900}) as page:
        yield page
