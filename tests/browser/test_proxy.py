"""The lab behind nginx, configured as in docs/serving/nginx.conf: under a path, by a name that only the proxy has."""

from __future__ import annotations

import http.client
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect
from websockets.typing import Origin

from tests.browser.looking import PATIENCE, downloaded, is_a_globe, maps, photograph, until
from tests.serving import ROOT, Server, guarded_page, running

pytestmark = pytest.mark.browser

CONFIGURATION = (ROOT / "docs" / "serving" / "nginx.conf").read_text(encoding="utf-8")
NAME = "lab.localhost"  # a browser finds it on this machine without asking
RACE = "e1=sphereM&e2=none&reference=none&data=land_ocean&hidden=16&steps=30&points=100"


@pytest.fixture(scope="module")
def nginx() -> str:
    found = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
    if not found:
        pytest.skip("nginx is not installed (Debian: sudo apt-get install nginx)")
    return found


@pytest.fixture(scope="module")
def proxied(nginx: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the lab behind the proxy."""
    folder = tmp_path_factory.mktemp("proxy")
    command = [sys.executable, "-m", "s2v", "lab", "--port", "{port}", "--base-path", "lab", "--allow", NAME]
    environment = {"STREAMLIT_SERVER_HEADLESS": "true"}
    options = {"server.baseUrlPath": "lab"}
    with running(command=command, options=options, environment=environment, folder=ROOT) as server:
        process, port = behind(nginx, server, folder)
        try:
            yield f"http://{NAME}:{port}/lab"
        finally:
            process.terminate()
            process.wait(15)
        assert "Traceback" not in server.log


def behind(nginx: str, server: Server, folder: Path) -> tuple[subprocess.Popen[bytes], int]:
    """nginx in front of a server, and its port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    text = CONFIGURATION
    for ours, theirs in (
        ("listen 80;", f"listen 127.0.0.1:{port};"),
        ("server_name lab.example;", f"server_name {NAME};"),
        ("http://127.0.0.1:8501;", f"http://127.0.0.1:{port_of(server.url)};"),
    ):
        assert text.count(ours) == 1
        text = text.replace(ours, theirs)
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    own = "".join(f"{kind}_temp_path {folder}/{kind};\n" for kind in kinds)
    (folder / "nginx.conf").write_text(
        f"daemon off;\nmaster_process off;\npid {folder}/pid;\nerror_log {folder}/error.log;\nevents {{}}\n"
        f"http {{\naccess_log {folder}/access.log;\n{own}{text}}}\n"
    )
    process = subprocess.Popen([nginx, "-p", str(folder), "-e", f"{folder}/error.log", "-c", f"{folder}/nginx.conf"])
    for _ in range(300):
        with socket.socket() as knocking:
            if knocking.connect_ex(("127.0.0.1", port)) == 0:
                return process, port
        assert process.poll() is None, (folder / "error.log").read_text()
        time.sleep(0.1)
    raise AssertionError("nginx does not listen")


def test_a_race_behind_a_proxy(chromium: Any, proxied: str) -> None:
    """Nothing outside the base path is asked for: ``guarded_page`` would refuse it."""
    sockets: list[str] = []
    with guarded_page(chromium, proxied) as page:
        page.on("websocket", lambda opened: sockets.append(opened.url))
        page.goto(f"{proxied}/train?{RACE}")
        page.get_by_role("button", name="Start", exact=True).click()
        expect(page.locator("[data-testid=stProgress]")).to_contain_text("Finished: step 30 of 30", timeout=PATIENCE)
        expect(page.get_by_text("sends no cookies")).to_have_count(0)
        until(page, "the globes are painted", lambda: len(seen := maps(page)) > 1 and all(map(is_a_globe, seen)))
        page.wait_for_timeout(700)
        page.wait_for_function("!document.querySelector('[data-testid=stStatusWidget]')")
        photograph(page, "proxy")
        model = downloaded(page, page.get_by_role("button", name="sphereM (safetensors)"))
        assert model.path().stat().st_size > 1000
        page.get_by_role("link", name="Start", exact=True).click()
        page.get_by_role("heading", name="What does a location encoder see near the pole?").wait_for()
        assert page.url.partition("?")[0].rstrip("/") == proxied
    assert set(sockets) == {f"{proxied.replace('http', 'ws', 1)}/_stcore/stream"}


def test_the_address_without_its_last_slash_is_the_same(proxied: str) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port_of(proxied), timeout=60)
    connection.request("GET", "/lab", headers={"Host": NAME})
    answer = connection.getresponse()
    assert (answer.status, answer.headers["Location"]) == (301, "/lab/")


def port_of(url: str) -> int:
    return int(url.split(":")[2].partition("/")[0])


def knock(proxied: str, origin: str, host: str) -> None:
    """Opens a web socket as a page at ``origin`` does that calls the proxy ``host``."""
    here = socket.create_connection(("127.0.0.1", port_of(proxied)))
    with connect(f"ws://{host}/lab/_stcore/stream", origin=Origin(origin), sock=here):
        pass


@pytest.mark.parametrize("scheme", ["http", "https"])  # of the proxy, which speaks http to the lab
def test_the_proxy_lets_in_its_own_website(proxied: str, scheme: str) -> None:
    knock(proxied, f"{scheme}://{NAME}", NAME)


@pytest.mark.parametrize(
    ("origin", "host"),
    [("https://evil.example", NAME), ("http://evil.example", "evil.example")],
    ids=["website", "rebound"],
)
def test_the_proxy_lets_no_other_website_in(proxied: str, origin: str, host: str) -> None:
    with pytest.raises(InvalidStatus) as refused:
        knock(proxied, origin, host)
    assert refused.value.response.status_code == 403
