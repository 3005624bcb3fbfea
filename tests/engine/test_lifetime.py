"""The embedded cluster lives and dies with its server, and the server's process never loads torch."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest

from s2v.engine import Engine, engine
from s2v.engine.cluster import Connection
from tests.engine.conftest import ENDLESS, PATIENCE, SHORT, connection_of, still_running, training

ROOT = Path(__file__).parents[2]

# A server like Streamlit: it ends in order on Ctrl-C, and never closes the engine itself.  Where the tests run in the
# background of a shell it would inherit that SIGINT is ignored.
SERVER = """
import signal, sys, time
import psutil
from s2v.engine import Engine
from s2v.models.recipe import Recipe

signal.signal(signal.SIGINT, signal.default_int_handler)
engine = Engine(workers=1)
engine.warm()
run = engine.start(Recipe(steps=100000, points=500, batch=64, hidden=16), "somebody")
assert run.wait(lambda run: not run.live or run.latest is not None)
assert run.status == "running", (run.status, run.message)
assert "torch" not in sys.modules
try:
    print(*[p.pid for p in psutil.Process().children(recursive=True)], flush=True)
    time.sleep(0 if sys.argv[1] == "end" else 600)
except KeyboardInterrupt:
    pass
"""


def test_a_process_whose_server_ended_while_it_started_ends(tmp_path: Path):
    spec = json.dumps({"cls": "distributed.Worker", "opts": {"scheduler_file": str(tmp_path / "none")}})
    child = subprocess.Popen([sys.executable, "-m", "s2v.engine.process", "0", str(tmp_path), spec], cwd=ROOT)
    try:
        assert child.wait(PATIENCE) == 1
        assert not tmp_path.exists()
    finally:
        child.kill()


@pytest.mark.parametrize("how", ["end", "SIGINT", "SIGKILL"])
def test_no_process_and_no_file_outlives_the_server(how: str, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory):
    temporary = tmp_path_factory.mktemp("temporary")
    server = subprocess.Popen(
        [sys.executable, "-c", f"import sys; sys.path.insert(0, {str(ROOT)!r})\n{SERVER}", how],
        cwd=tmp_path,  # the workers find the project wherever the server was started
        env={**os.environ, "TMPDIR": str(temporary)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert server.stderr is not None
    assert server.stdout is not None
    children = [psutil.Process(int(pid)) for pid in server.stdout.readline().split()]
    assert len(children) == 2  # a scheduler and a worker
    assert os.getpgid(server.pid) not in {os.getpgid(child.pid) for child in children}  # a terminal's Ctrl-C
    if how != "end":
        server.send_signal(getattr(signal, how))
    assert server.stderr.read() == ""  # of its processes, too
    server.wait(PATIENCE)
    assert still_running(children) == []
    assert list(tmp_path.iterdir()) == []
    assert list(temporary.iterdir()) == []


def test_a_lost_scheduler_interrupts_the_run_and_the_engine_starts_another():
    with Engine(workers=1) as engine:
        run = engine.start(ENDLESS, "somebody")
        assert run.wait(training, PATIENCE)
        connection = connection_of(engine)
        assert connection.cluster is not None
        processes = connection.cluster.processes
        processes[0].kill()
        assert run.wait(timeout=PATIENCE)
        assert run.status == "interrupted"
        assert "connection" in run.message
        assert run.latest is not None
        again = engine.start(SHORT, "somebody")
        assert again.wait(timeout=PATIENCE)
        assert again.status == "finished"
        assert still_running(processes) == []  # the workers of the lost scheduler


def test_close_ends_runs_and_processes():
    earlier = set(psutil.Process().children(recursive=True))
    engine = Engine(workers=1)
    run = engine.start(ENDLESS, "somebody")
    assert run.wait(training, PATIENCE)
    processes = set(psutil.Process().children(recursive=True)) - earlier
    assert len(processes) == 2
    engine.close()
    assert run.status == "stopped"
    assert run.latest is not None
    assert still_running(processes) == []


@pytest.mark.parametrize("is_closed", [True, False])
def test_a_warm_up_that_fails_is_logged_unless_the_engine_is_closed(is_closed: bool, caplog: pytest.LogCaptureFixture):
    class Lost:
        def register_plugin(self, plugin: object) -> None:
            raise OSError("the connection is gone")

    connection = SimpleNamespace(client=Lost(), is_closed=is_closed)
    engine._register_warm_up(connection)  # type: ignore[arg-type]
    assert bool(caplog.records) is not is_closed


def test_clusters_that_start_at_the_same_time_all_have_their_settings(monkeypatch):
    """The pages start two, and both change the environment of the one process they share."""
    monkeypatch.setenv("PYTHONMALLOC", "malloc")  # of the server, not of its workers
    with ThreadPoolExecutor(2) as pool:
        connections = list(pool.map(lambda _: Connection.open(None, 1), range(2)))
    try:
        for connection in connections:
            found = connection.client.submit(settings, pure=False).result(PATIENCE)
            assert found == (str(256 << 20), "1", "default", "1.0")
    finally:
        for connection in connections:
            connection.close()


def settings() -> tuple[str | None, ...]:
    """Some settings of a worker: of the C library, of Python, and of Dask."""
    names = ("MALLOC_TRIM_THRESHOLD_", "MALLOC_ARENA_MAX", "PYTHONMALLOC")
    return tuple(os.environ.get(name) for name in (*names, "DASK_DISTRIBUTED__SCHEDULER__WORKER_SATURATION"))
