"""What several test folders share: one browser, since playwright can be started only once in a process."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.chromium import find
from tests.serving import SOFTWARE_WEBGL


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """Headless Chromium with WebGL in software.  Fails, never skips, where there is no Chromium."""
    from playwright.sync_api import sync_playwright

    path = find()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(SOFTWARE_WEBGL))
        yield browser
        browser.close()
