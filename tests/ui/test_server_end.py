"""A server that ends in the middle of a race: nothing in its log, no process and no temporary file is left."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest

from s2v.bench.server import running
from s2v.bench.visitor import Visitor
from tests.engine.conftest import still_running

ROOT = Path(__file__).parents[2]
COMMAND = [sys.executable, "-m", "s2v.ui.server", "--server.port={port}", "--server.address=127.0.0.1"]


async def _begin_a_race(url: str) -> None:
    async with Visitor(url, "similarity", "") as visitor:  # starts the comparison worker
        assert await visitor.until(visitor.idle, 120), visitor.seen
    async with Visitor(url, "train", "steps=50000&hidden=16") as visitor:
        assert await visitor.until(visitor.idle, 120), visitor.seen
        await visitor.press("start")
        assert await visitor.until(lambda: visitor.seen.step > 0, 120), visitor.seen


@pytest.mark.parametrize("how", ["Ctrl-C", "SIGTERM"])
def test_a_server_that_ends_in_a_race_leaves_nothing(how: str, tmp_path: Path):
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    environment = {"TMPDIR": str(temporary), "STREAMLIT_SERVER_HEADLESS": "true"}
    log = tmp_path / "server.log"
    with running(command=COMMAND, environment=environment, folder=ROOT, log_file=log, own_group=True) as server:
        with ThreadPoolExecutor(1) as pool:  # playwright, once started, keeps an event loop in the main thread
            pool.submit(asyncio.run, _begin_a_race(server.url)).result()
        children = psutil.Process(server.process.pid).children(recursive=True)
        assert len(children) >= 4  # two schedulers, a worker that trains, and one that compares
        if how == "Ctrl-C":
            os.killpg(server.process.pid, signal.SIGINT)  # as a terminal does
        else:
            server.process.terminate()
        assert server.process.wait(60) == 0
        assert still_running(children) == []
        assert "Stopping..." in server.log
        for word in ("Traceback", "Error", "ERROR", "WARNING", "destroyed", "never awaited"):
            assert word not in server.log, server.log
    assert list(temporary.iterdir()) == []
