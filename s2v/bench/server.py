"""A Streamlit app in a server process of its own, on a free port of this machine: for measurements and tests."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil  # type: ignore[import-untyped]

from s2v.assets import APP

START_SECONDS = 120.0  # until an app answers; a busy machine takes a while
STOP_SECONDS = 15.0
IDLE = 0.3  # share of one core: a server that needs less only sends heartbeats


@dataclass
class Server:
    """A running app: its address, its process, and the file that it logs to."""

    url: str
    process: subprocess.Popen[bytes]
    log_file: Path

    @property
    def log(self) -> str:
        """What it has logged."""
        return self.log_file.read_text(encoding="utf-8", errors="replace")

    def memory(self) -> tuple[float, float]:
        """Memory in MB of the server alone, and of all processes that it has started."""
        server = psutil.Process(self.process.pid)
        return _megabytes(server), sum(_megabytes(child) for child in server.children(recursive=True))

    def settle(self, seconds: float = 30.0) -> None:
        """Waits until the server and its processes are idle, at most that long."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            before = self._processor_time()
            time.sleep(2)
            if self._processor_time() - before < 2 * IDLE:
                return

    def _processor_time(self) -> float:
        server, total = psutil.Process(self.process.pid), 0.0
        for process in (server, *server.children(recursive=True)):
            try:
                times = process.cpu_times()
            except psutil.NoSuchProcess:
                continue
            total += times.user + times.system
        return total


@contextmanager
def running(
    app: Path = APP / "app.py",
    log_file: Path | None = None,
    environment: Mapping[str, str] | None = None,
    command: Sequence[str] | None = None,
    options: Mapping[str, str] | None = None,
    folder: Path = APP,
    own_group: bool = False,
    port: int = 0,
) -> Iterator[Server]:
    """An app, ended afterwards.

    Parameters
    ----------
    app : Path, default the lab's app.py
        What Streamlit runs.
    log_file : Path, optional
        Where it logs to; a temporary file if not given.
    environment : mapping, optional
        Variables beside those of this process.
    command : sequence of str, optional
        What runs the app, in place of ``streamlit run APP``; ``{port}`` in it is replaced.
    options : mapping, optional
        More of Streamlit's options, such as ``{"server.baseUrlPath": "lab"}``.
    folder : Path, default the folder of the lab's app.py
        Working folder of the server, whose configuration is in force.
    own_group : bool, default False
        Start it in a process group of its own, which can then be sent what a terminal sends.
    port : int, default 0
        Where it listens, such as the port of a server that has ended; 0 for a free one.

    Raises
    ------
    OSError
        With the log, if the app does not start.
    """
    with tempfile.TemporaryDirectory() as temporary:
        port = port or _free_port()
        chosen = {"server.port": port, "server.address": "127.0.0.1", "server.headless": "true", **(options or {})}
        usual = [sys.executable, "-m", "streamlit", "run", str(app), *(f"--{k}={v}" for k, v in chosen.items())]
        arguments = [part.format(port=port) for part in command] if command else usual
        path = log_file or Path(temporary) / "server.log"
        with path.open("wb") as log:
            process = subprocess.Popen(
                arguments,
                cwd=folder,
                stdout=log,
                stderr=subprocess.STDOUT,
                env={"S2V_STORE": "off", **os.environ, **(environment or {})},  # no measurement is kept as a race
                start_new_session=own_group,
            )
        base = str(chosen.get("server.baseUrlPath", "")).strip("/")
        server = Server(f"http://127.0.0.1:{port}" + (f"/{base}" if base else ""), process, path)
        try:
            _wait_for_answer(server)
            yield server
        finally:
            process.terminate()
            try:
                process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait(5)


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def _wait_for_answer(server: Server) -> None:
    end = time.monotonic() + START_SECONDS
    while server.process.poll() is None and time.monotonic() < end:
        try:
            with urllib.request.urlopen(server.url + "/_stcore/health", timeout=1):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.25)
    raise OSError(f"the app did not start: {server.log}")


def _megabytes(process: psutil.Process) -> float:
    try:
        return float(process.memory_full_info().uss) / 2**20
    except psutil.Error:
        return 0.0
