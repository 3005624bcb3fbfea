"""Websites in the same browser, and names that only seem to be this machine's, are refused at once; others get in."""

from __future__ import annotations

import socket
import sys
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import psutil  # type: ignore[import-untyped]
import pytest
from streamlit import config, net_util
from streamlit.testing.v1 import AppTest
from streamlit.web.server.starlette import starlette_websocket
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect
from websockets.typing import Origin

from s2v.ui import origins
from tests.serving import ROOT, Server, running
from tests.ui import guarded_start

WAIT = 120  # s, for a page on a busy machine
HOST, LAN = "labpc.school.edu", "192.0.2.7"

STARTS = {
    "sphere2vec-lab": ["s2v", "lab", "--host", "0.0.0.0", "--port", "{port}", "--allow", "lab.example"],
    "make app": [
        "s2v.ui.server",
        "--server.address=0.0.0.0",
        "--server.port={port}",
        "--server.allowedHosts=lab.example",
    ],
}


def is_allowed(origin: str | None, host: str) -> bool:
    return starlette_websocket._is_origin_allowed(origin, host)


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    """A machine with a name and an address in its network; Streamlit's settings are restored afterwards."""
    found = {
        "eth0": [
            SimpleNamespace(family=socket.AF_INET, address=LAN),
            SimpleNamespace(family=socket.AF_INET6, address="fe80::7%eth0"),
            SimpleNamespace(family=psutil.AF_LINK, address="02:fc:00:00:00:01"),
        ]
    }
    monkeypatch.setattr(socket, "gethostname", lambda: HOST)
    monkeypatch.setattr(psutil, "net_if_addrs", lambda: found)
    for name in ("get_internal_ip", "get_external_ip"):
        monkeypatch.setattr(net_util, name, getattr(net_util, name))
    settings = ("server.address", "server.allowedHosts", "server.corsAllowedOrigins", "server.enableCORS")
    before = {name: config.get_option(name) for name in settings}
    yield monkeypatch
    for name, value in before.items():
        config.set_option(name, value)


def listen(address: str | None, **more: Any) -> None:
    config.set_option("server.address", address)
    for name, value in more.items():
        config.set_option(f"server.{name}", value)
    origins.protect()


@pytest.mark.parametrize("address", ["localhost", "127.0.0.1", "0.0.0.0", "::", LAN, None])
@pytest.mark.parametrize("name", ["localhost", "127.0.0.1", "[::1]"])
def test_this_machine_gets_in(name: str, address: str | None, machine: Any) -> None:
    listen(address)
    assert is_allowed(f"http://{name}:8501", f"{name}:8501")


@pytest.mark.parametrize("name", [HOST, "LABPC", "labpc.local", LAN, "[fe80::7]"])
def test_others_get_in_by_name_and_address_once_let_in(name: str, machine: Any) -> None:
    listen("localhost")
    assert not is_allowed(f"http://{name}:8501", f"{name}:8501")
    listen("0.0.0.0")
    assert is_allowed(f"http://{name}:8501", f"{name}:8501")


@pytest.mark.parametrize("address", ["localhost", "0.0.0.0", LAN])
@pytest.mark.parametrize(
    ("origin", "host"),
    [
        ("https://evil.example", "localhost:8501"),
        ("http://evil.example:8501", "127.0.0.1:8501"),
        ("http://localhost.evil.example:8501", "localhost:8501"),
        ("http://localhost@evil.example:8501", "localhost:8501"),
        ("null", "localhost:8501"),
        ("http://evil.example:8501", "evil.example:8501"),  # DNS rebinding
        ("http://labpc.evil.example:8501", "labpc.evil.example:8501"),
        ("http://02:fc:00:00:00:01", "02:fc:00:00:00:01"),
    ],
)
def test_websites_are_refused_and_nobody_is_asked(origin: str, host: str, address: str, machine: Any) -> None:
    def ask(*_: Any, **__: Any) -> None:
        pytest.fail("somebody was asked")

    listen(address)
    for name in ("getaddrinfo", "gethostbyname", "getfqdn", "socket"):
        machine.setattr(socket, name, ask)
    assert not is_allowed(origin, host)


def test_names_can_be_given(machine: Any) -> None:
    listen("localhost", allowedHosts=["lab.example"], corsAllowedOrigins=["https://proxy.example"])
    assert is_allowed("https://lab.example", "lab.example")
    assert is_allowed("https://proxy.example", "proxy.example")
    assert is_allowed("https://proxy.example", "localhost:8501")
    assert is_allowed("http://localhost:8501", "localhost:8501")


def test_who_turns_the_protection_off_lets_every_website_in(machine: Any) -> None:
    listen("localhost", enableCORS=False, allowedHosts=[])
    assert is_allowed("http://evil.example", "evil.example")


def test_streamlit_run_is_protected_from_the_first_page_on(machine: Any) -> None:
    config.set_option("server.allowedHosts", [])
    assert is_allowed("http://evil.example", "evil.example")
    AppTest.from_file(str(ROOT / "app.py"), default_timeout=WAIT).run()
    assert not is_allowed("http://evil.example", "evil.example")
    assert net_util.get_external_ip() is None


@pytest.fixture(scope="module", params=STARTS)
def server(request: pytest.FixtureRequest) -> Iterator[Server]:
    command = [sys.executable, "-m", guarded_start.__name__, *STARTS[request.param]]
    with running(command=command, environment={"STREAMLIT_SERVER_HEADLESS": "true"}, folder=ROOT) as server:
        yield server


def knock(server: Server, origin: str, host: str) -> None:
    """Opens a web socket as a page at ``origin`` does that calls the server ``host``."""
    port = int(server.url.rpartition(":")[2])
    page, here = Origin(origin.format(port=port)), socket.create_connection(("127.0.0.1", port))
    with connect(f"ws://{host}:{port}/_stcore/stream", origin=page, sock=here):
        pass


@pytest.mark.parametrize(
    ("origin", "host"),
    [
        ("https://evil.example", "localhost"),
        ("https://evil.example", "lab.example"),
        ("http://evil.example:{port}", "evil.example"),
    ],
    ids=["website", "website-given-name", "rebound"],
)
def test_a_server_refuses_websites_and_asks_nobody(server: Server, origin: str, host: str) -> None:
    with pytest.raises(InvalidStatus) as refused:
        knock(server, origin, host)
    assert refused.value.response.status_code == 403
    assert guarded_start.TRY not in server.log


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", socket.gethostname(), "lab.example"])
def test_a_server_lets_in_who_calls_it_by_its_name(server: Server, host: str) -> None:
    knock(server, f"http://{host}:{{port}}", host)
    assert guarded_start.TRY not in server.log
