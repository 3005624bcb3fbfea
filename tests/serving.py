"""A Streamlit app run as users run it, and browser pages that may not leave it."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

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
class Server:
    """A running app: its address, its process, and what it has logged."""

    url: str
    process: subprocess.Popen[bytes]
    log_file: Path

    @property
    def log(self) -> str:
        return self.log_file.read_text(encoding="utf-8", errors="replace")


@contextmanager
def running(app: Path, log_file: Path, environment: Mapping[str, str] | None = None) -> Iterator[Server]:
    """The app on a free port of this machine, with the project's own configuration; ended afterwards."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    options = {"server.port": port, "server.address": "127.0.0.1", "server.headless": "true"}
    command = [sys.executable, "-m", "streamlit", "run", str(app)]
    command += [f"--{name}={value}" for name, value in options.items()]
    with log_file.open("wb") as log:
        process = subprocess.Popen(
            command, cwd=ROOT, stdout=log, stderr=subprocess.STDOUT, env={**os.environ, **(environment or {})}
        )
    server = Server(f"http://127.0.0.1:{port}", process, log_file)
    try:
        _wait_until_it_answers(server)
        yield server
    finally:
        process.terminate()
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(5)


def _wait_until_it_answers(server: Server) -> None:
    for _ in range(480):
        if server.process.poll() is not None:
            break
        try:
            with urllib.request.urlopen(server.url + "/_stcore/health", timeout=1):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.25)
    raise AssertionError(f"The app did not start:\n{server.log}")


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
    probing = re.search(r"//[^/]+/\w+/_stcore/(health|host-config)$", address)
    missing = "Failed to load resource" in message.text and re.search(r"/media/\w+\.(bin|es)$", address)
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
    yield page
    context.close()
    assert complaints == Complaints(), complaints
