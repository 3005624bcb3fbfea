"""What several test folders share: fixtures, and how tests are split."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import pytest

from tests.chromium import find
from tests.serving import SOFTWARE_WEBGL


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """Headless Chromium with WebGL in software, one a process: playwright starts only once.

    Fails, never skips, where there is no Chromium.
    """
    from playwright.sync_api import sync_playwright

    path = find()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(SOFTWARE_WEBGL))
        yield browser
        browser.close()


@pytest.fixture
def one_thread() -> Iterator[None]:
    """Small networks on few, busy cores: a second thread would mostly wait."""
    import torch

    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def pytest_configure(config: pytest.Config) -> None:
    """With several test processes torch gets one thread in each: more would wait for each other."""
    os.environ["S2V_STORE"] = "off"  # no test adds to the races that its user has kept
    if hasattr(config, "workerinput"):
        os.environ.setdefault("OMP_NUM_THREADS", "1")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The groups that take longest come first."""
    items.sort(key=lambda item: GROUPS.index(group) if (group := _group(item.nodeid)) in GROUPS else len(GROUPS))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Split over processes, tests that share a server or a cluster stay together, as do those of a file."""
    from xdist.scheduler import LoadScopeScheduling

    class Groups(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return _group(nodeid)

    return Groups(config, log)


GROUPS = ["browser", "engine"]


def _group(nodeid: str) -> str:
    file = nodeid.partition("::")[0]
    if "browser" in file or file.endswith("test_wheel.py"):
        return "browser"
    return "engine" if "engine/" in file else file
