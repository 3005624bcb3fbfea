"""What several test folders share: one browser a process (playwright starts only once), and how tests are split."""

from __future__ import annotations

import os
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


def pytest_configure(config: pytest.Config) -> None:
    """With several test processes torch gets one thread in each: more would wait for each other."""
    if hasattr(config, "workerinput"):
        os.environ.setdefault("OMP_NUM_THREADS", "1")


def pytest_itemcollected(item: pytest.Item) -> None:
    """Tests that share a server, a cluster or module fixtures stay in one process."""
    item.add_marker(pytest.mark.xdist_group(_group(item)))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest groups come first."""
    items.sort(key=lambda item: GROUPS.index(group) if (group := _group(item)) in GROUPS else len(GROUPS))


GROUPS = ["browser", "engine"]


def _group(item: pytest.Item) -> str:
    if item.get_closest_marker("browser"):
        return "browser"
    return "engine" if item.path.parent.name == "engine" else str(item.path)
