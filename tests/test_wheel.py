"""The wheel, installed into an empty environment without the source tree, is the whole lab.

Nothing is fetched: the environment sees the dependencies of the one that runs the tests.
"""

from __future__ import annotations

import http.client
import json
import os
import signal
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psutil
import pytest
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

import s2v
from tests.browser.looking import all_are_globes, photograph, until
from tests.serving import ROOT, guarded_page, running

APP = "s2v/_app/"  # of the app's files in the wheel
MAX_MEGABYTES = 18  # 9.7 of them are the cells of the benchmark
CONFIG = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8"))
PRIVATE = ("PYTHON", "STREAMLIT_", "S2V_")  # beginnings of variables that would lead back to the source tree


@dataclass
class Installed:
    """An environment with the wheel, and an empty folder to work in."""

    bin: Path
    folder: Path

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        environment = {name: value for name, value in os.environ.items() if not name.startswith(PRIVATE)}
        return subprocess.run(
            [self.bin / command[0], *command[1:]],
            cwd=self.folder,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (path,) = folder.iterdir()
    return path


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Installed:
    environment, folder = tmp_path_factory.mktemp("environment"), tmp_path_factory.mktemp("empty")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(environment)], check=True)
    result = Installed(environment / "bin", folder)
    pip = [sys.executable, "-m", "pip", "--python", str(result.bin / "python"), "--disable-pip-version-check"]
    subprocess.run([*pip, "install", "--no-index", "--no-deps", "--quiet", str(wheel)], check=True)
    (packages,) = environment.glob("lib/python*/site-packages")
    dependencies = [path for path in sys.path if Path(path).name in ("site-packages", "dist-packages")]
    (packages / "dependencies.pth").write_text("\n".join(dependencies), encoding="utf-8")
    return result


def test_the_wheel_holds_the_package_and_the_whole_app(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    app = [ROOT / "app.py", *(path for folder in ("pages", "assets", ".streamlit") for path in files(ROOT / folder))]
    assert {name.removeprefix(APP) for name in names if name.startswith(APP)} == {
        path.relative_to(ROOT).as_posix() for path in app
    }
    package = {path.relative_to(ROOT).as_posix() for path in files(ROOT / "s2v")}
    assert {name for name in names if name.startswith("s2v/") and not name.startswith(APP)} == package
    assert {name.partition("/")[0] for name in names} == {"s2v", f"sphere2vec_lab-{s2v.__version__}.dist-info"}


def files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file() and path.parent.name != "__pycache__"]


def test_the_wheel_has_the_licences_and_is_small(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    assert any(name.endswith(".dist-info/licenses/LICENSE") for name in names)
    assert {f"{APP}assets/{folder}/CREDITS.md" for folder in ("coastlines", "data")} <= set(names)
    assert wheel.stat().st_size < MAX_MEGABYTES << 20


def test_the_source_tree_is_not_used(installed: Installed) -> None:
    done = installed.run("python", "-c", "from s2v.assets import APP; print(APP)")
    assert done.returncode == 0, done.stderr
    assert Path(done.stdout.strip()).is_relative_to(installed.bin.parent)


def test_the_installed_command_is_the_command_line(installed: Installed) -> None:
    done = installed.run("sphere2vec-lab", "encoders", "sphereM")
    ours = subprocess.run(
        [sys.executable, "-m", "s2v", "encoders", "sphereM"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert (done.returncode, done.stdout) == (0, ours.stdout), done.stderr
    assert done.stdout.startswith("sphereM: ")
    assert installed.run("sphere2vec-lab", "--version").stdout == f"sphere2vec-lab {s2v.__version__}\n"


def test_the_whole_configuration_is_in_force(installed: Installed) -> None:
    options = flat(CONFIG)
    assert {"server.maxUploadSize", "client.showErrorDetails", "browser.gatherUsageStats"} <= set(options)
    code = (
        "import json, sys; from streamlit import config; from streamlit.web import bootstrap; from s2v import cli\n"
        f"bootstrap.run = lambda *_: print(json.dumps([config.get_option(name) for name in {list(options)}]))\n"
        "sys.argv = ['sphere2vec-lab']; sys.exit(cli.console())"
    )
    done = installed.run("python", "-c", code)
    assert done.returncode == 0, done.stderr
    assert dict(zip(options, json.loads(done.stdout), strict=True)) == options


def flat(table: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Streamlit's names of options, such as ``theme.light.textColor``."""
    options: dict[str, Any] = {}
    for name, value in table.items():
        options |= flat(value, f"{prefix}{name}.") if isinstance(value, dict) else {f"{prefix}{name}": value}
    return options


@pytest.mark.browser
def test_the_lab_opens_from_an_empty_folder_and_ends_with_ctrl_c(installed: Installed, chromium: Any) -> None:
    clean = ["env", *(f"--unset={name}" for name in os.environ if name.startswith(PRIVATE))]
    command = [*clean, "STREAMLIT_SERVER_HEADLESS=true", str(installed.bin / "sphere2vec-lab"), "--port", "{port}"]
    command += ["--base-path", "lab"]
    base = {"server.baseUrlPath": "lab"}
    with running(command=command, options=base, folder=installed.folder, own_group=True) as server:
        messages: list[bytes] = []
        with guarded_page(chromium, server.url) as page:
            page.on("websocket", lambda socket: socket.on("framereceived", lambda frame: messages.append(frame)))
            page.goto(server.url)
            page.get_by_role("heading", name="What does a location encoder see near the pole?").wait_for()
            until(page, "both globes are painted", lambda: all_are_globes(page, 2))
            photograph(page, "wheel")
            session = next(m.new_session for m in map(ForwardMsg.FromString, messages) if m.HasField("new_session"))
            assert not session.config.gather_usage_stats
            assert status_of_upload(page, server.url, session.initialize.session_id, 201 << 20) == 413  # too large
        children = psutil.Process(server.process.pid).children(recursive=True)
        os.killpg(server.process.pid, signal.SIGINT)  # as a terminal does
        assert server.process.wait(60) == 0
        assert not psutil.wait_procs(children, timeout=10)[1]
    assert list(installed.folder.iterdir()) == []


def status_of_upload(page: Any, url: str, session: str, size: int) -> int:
    """The server's answer to the announcement of a file of that many bytes."""
    cookie = next(cookie for cookie in page.context.cookies() if cookie["name"] == "_streamlit_xsrf")
    address = urlsplit(f"{url}/_stcore/upload_file/{session}/file")
    connection = http.client.HTTPConnection(address.netloc, timeout=60)
    connection.putrequest("PUT", address.path)
    connection.putheader("Content-Length", str(size))
    connection.putheader("Cookie", f"{cookie['name']}={cookie['value']}")
    connection.putheader("X-Xsrftoken", cookie["value"])
    connection.endheaders()
    return connection.getresponse().status
