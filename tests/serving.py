"""Browser pages that may not leave the app that they show."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from s2v.bench.server import Server, running

__all__ = ["Server", "guarded_page", "running"]

ROOT = Path(__file__).parent.parent
PICTURES = ROOT / "test-output"  # what the tests saw, to be looked at; not part of the project

SOFTWARE_WEBGL = (
    "--no-sandbox",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    "--ignore-gpu-blocklist",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-quic",
    "--disable-sync",
    "--no-first-run",
)


@dataclass
class Complaints:
    """What a page did that it must not do."""

    outside: list[str] = field(default_factory=list)  # requests that left this machine: they are aborted
    errors: list[str] = field(default_factory=list)  # what the page threw, or logged as an error


def _is_ours(message: Any) -> bool:
    """Whether a console message is an error, other than two.

    Opened at /train, Streamlit's own script first asks for /train/_stcore/..., finds nothing there, and then asks at
    the root.  And files of the linked globes may be missing for a moment: the globes ask again, and say so themselves
    where one never comes.
    """
    address = message.location.get("url", "")
    probing = re.search(r"//[^/]+(/\w+)+/_stcore/(health|host-config)$", address)
    missing = "Failed to load resource" in message.text and re.search(r"/media/\w+\.bin$", address)
    return message.type == "error" and not probing and not missing


@contextmanager
def guarded_page(browser: Any, url: str, **context_options: Any) -> Iterator[Any]:
    """A playwright page; fails in the end if it asked for anything beyond ``url``, or logged an error."""
    options = {"viewport": {"width": 1280, "height": 900}, "device_scale_factor": 1, **context_options}
    context = browser.new_context(**options)
    context.set_default_timeout(60_000)
    complaints = Complaints()
    own = (url, url.replace("http", "ws", 1), "data:", "blob:")

    def guard(route: Any) -> None:
        if route.request.url.startswith(own):
            route.continue_()
        else:
            complaints.outside.append(route.request.url)
            route.abort()

    context.route("**/*", guard)
    page = context.new_page()
    page.on("pageerror", lambda error: complaints.errors.append(str(error)))
    page.on("console", lambda message: complaints.errors.append(message.text) if _is_ours(message) else None)
    try:
        yield page
    finally:
        context.close()  # a page that stays open after a failure would keep its race training beside all later tests
    assert complaints == Complaints(), complaints
