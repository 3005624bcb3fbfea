"""``sphere2vec-lab`` opens the lab, passes its options on to Streamlit, and is the command line besides."""

from __future__ import annotations

import sys
from typing import Any

import pytest
from streamlit.web import cli as streamlit

from s2v import cli
from s2v.assets import APP
from s2v.ui.session_race import scheduler_of

SCRIPT = ["run", str(APP / "app.py")]


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """The arguments of each start of a server, which is not started here."""
    calls: list[list[str]] = []
    monkeypatch.setattr(streamlit, "main", lambda arguments, **_: calls.append(arguments))
    return calls


def console(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    monkeypatch.setattr(sys, "argv", ["sphere2vec-lab", *arguments])
    return cli.console()


def test_without_a_command_the_lab_opens(monkeypatch: pytest.MonkeyPatch, started: list[list[str]]) -> None:
    assert console(monkeypatch) == console(monkeypatch, "lab") == cli.main(["lab"]) == 0
    assert started == [SCRIPT] * 3


def test_options_are_passed_on(monkeypatch: pytest.MonkeyPatch, started: list[list[str]]) -> None:
    address = "tcp://host:8786"
    assert console(monkeypatch, "--port", "80", "--base-path", "lab", "--scheduler", address) == 0
    (arguments,) = started
    assert arguments[:-3] == [*SCRIPT, "--server.port=80", "--server.baseUrlPath=lab"]
    assert arguments[-3] == "--"
    assert scheduler_of(arguments[-2:]) == address


@pytest.mark.parametrize(
    ("host", "printed"), [("10.0.0.7", ["--browser.serverAddress=10.0.0.7"]), ("0.0.0.0", []), ("::", [])]
)
def test_the_address_that_is_printed_can_be_opened(host: str, printed: list[str], started: list[list[str]]) -> None:
    assert cli.main(["lab", "--host", host]) == 0
    assert started == [[*SCRIPT, f"--server.address={host}", *printed]]


def test_names_are_allowed_one_by_one(started: list[list[str]]) -> None:
    assert cli.main(["lab", "--allow", "lab.example", "--allow=pc.example"]) == 0
    assert started == [[*SCRIPT, "--server.allowedHosts=lab.example", "--server.allowedHosts=pc.example"]]


@pytest.mark.parametrize("port", ["0", "65536", "-1"])
def test_a_port_out_of_range_is_one_sentence(port: str, started: list[list[str]], capsys: Any) -> None:
    assert cli.main(["lab", f"--port={port}"]) == 2
    assert capsys.readouterr().err == (
        f"s2v: --port {port} is outside its range; allowed is a number from 1 to 65535.\n"
    )
    assert not started


def test_both_programs_name_themselves(monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    assert console(monkeypatch, "fly") == cli.main(["fly"]) == 2
    first, second = capsys.readouterr().err.splitlines()
    assert (first.split(": ")[0], first.split("See: ")[1]) == ("sphere2vec-lab", "sphere2vec-lab --help")
    assert (second.split(": ")[0], second.split("See: ")[1]) == ("s2v", "python -m s2v --help")


@pytest.mark.parametrize("option", ["--help", "--version"])
def test_help_and_version_start_nothing(
    option: str, monkeypatch: pytest.MonkeyPatch, started: list[list[str]], capsys: Any
) -> None:
    with pytest.raises(SystemExit) as left:
        console(monkeypatch, option)
    assert left.value.code == 0
    assert "sphere2vec-lab" in capsys.readouterr().out
    assert not started
