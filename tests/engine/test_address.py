"""The same engine on a Dask cluster that somebody else started: a scheduler and two workers, by address."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from s2v.engine import Engine
from tests.engine.conftest import ENDLESS, PATIENCE, SHORT
from tests.engine.test_engine import training

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def scheduler(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("cluster")
    environment = os.environ | {"PYTHONPATH": str(ROOT)}

    def start(*command: str, **how: object) -> subprocess.Popen[str]:
        return subprocess.Popen([sys.executable, "-m", "dask", *command], cwd=folder, env=environment, text=True, **how)  # type: ignore[call-overload]

    boss = start("scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard", stderr=subprocess.PIPE)
    address = next(m[0] for line in boss.stderr if (m := re.search(r"tcp://127\.0\.0\.1:\d+", line)))
    workers = [
        start("worker", address, "--host", "127.0.0.1", "--nthreads", "1", "--no-dashboard", "--no-nanny")
        for _ in range(2)
    ]
    yield address
    for process in (*workers, boss):
        process.kill()
        process.wait()


@pytest.mark.parametrize("by", ["argument", "environment"])
def test_a_run_on_a_cluster_by_address(scheduler: str, by: str, monkeypatch: pytest.MonkeyPatch):
    if by == "environment":
        monkeypatch.setenv("S2V_SCHEDULER", scheduler)
    children = len(psutil.Process().children(recursive=True))
    with Engine(address=scheduler if by == "argument" else None) as engine:
        engine.warm()
        run = engine.start(SHORT, "somebody")
        assert run.wait(timeout=PATIENCE)
        assert run.status == "finished", run.message
        assert run.latest is not None
        assert run.latest.fine
        assert len(psutil.Process().children(recursive=True)) == children  # no cluster of its own


def test_a_worker_of_another_cluster_is_killed(scheduler: str):
    with Engine(address=scheduler) as engine:
        run = engine.start(ENDLESS, "somebody")
        assert run.wait(training, PATIENCE)
        assert engine._link is not None
        pids = engine._link.client.run(os.getpid)
        os.kill(pids[run.worker], signal.SIGKILL)
        assert run.wait(timeout=PATIENCE)
        assert run.status == "interrupted"
        assert len(run.history) > 1
        again = engine.start(SHORT, "somebody")  # on the worker that is left; nothing of the lost run is in its way
        assert again.wait(timeout=PATIENCE)
        assert again.status == "finished"


def test_an_engine_that_goes_away_leaves_no_run_behind(scheduler: str):
    with Engine(address=scheduler) as engine:
        assert engine.start(ENDLESS, "somebody").wait(training, PATIENCE)
    with Engine(address=scheduler) as engine:  # one worker is left: it is free again
        run = engine.start(SHORT, "somebody")
        assert run.wait(timeout=PATIENCE)
        assert run.status == "finished"


def test_an_address_where_nobody_answers_is_named_in_the_message():
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        address = f"tcp://127.0.0.1:{unused.getsockname()[1]}"
        with Engine(address=address) as engine:
            run = engine.start(SHORT, "somebody")
            assert run.wait(timeout=PATIENCE)
            assert run.status == "failed"
            assert address in run.message
            assert "S2V_SCHEDULER" in run.message
            again = engine.start(SHORT, "somebody")  # tries again
            assert again.wait(timeout=PATIENCE)
            assert again.status == "failed"
