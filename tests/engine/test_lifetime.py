"""The embedded cluster lives and dies with its server, and the server's process never loads torch."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest

from s2v.engine import Engine, watchdog
from s2v.engine.cluster import Connection, wait_until_ended
from tests.engine.conftest import ENDLESS, PATIENCE, SHORT, connection_of, training

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
print(*[p.pid for p in psutil.Process().children(recursive=True)], flush=True)
try:
    time.sleep(0 if sys.argv[1] == "end" else 600)
except KeyboardInterrupt:
    pass
"""


def test_a_process_whose_server_ended_while_it_started_ends():
    code = "from s2v.engine import watchdog; watchdog.dask_setup(object()); import time; time.sleep(600)"
    child = subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, env={**os.environ, watchdog.SERVER_PID: "0"})
    try:
        assert child.wait(PATIENCE) == 1
    finally:
        child.kill()


@pytest.mark.parametrize("how", ["end", "SIGINT", "SIGKILL"])
def test_no_process_outlives_the_server(how: str, tmp_path: Path):
    server = subprocess.Popen(
        [sys.executable, "-c", f"import sys; sys.path.insert(0, {str(ROOT)!r})\n{SERVER}", how],
        cwd=tmp_path,  # the workers find the project wherever the server was started
        stdout=subprocess.PIPE,
        text=True,
    )
    assert server.stdout is not None
    children = [psutil.Process(int(pid)) for pid in server.stdout.readline().split()]
    assert len(children) >= 3  # a scheduler, a nanny, a worker
    assert os.getpgid(server.pid) not in {os.getpgid(child.pid) for child in children}  # a terminal's Ctrl-C
    if how != "end":
        server.send_signal(getattr(signal, how))
    server.wait(PATIENCE)
    assert wait_until_ended(children, PATIENCE) == []
    assert list(tmp_path.iterdir()) == []


def test_a_lost_scheduler_interrupts_the_run_and_the_engine_starts_another():
    with Engine(workers=1) as engine:
        run = engine.start(ENDLESS, "somebody")
        assert run.wait(training, PATIENCE)
        connection = connection_of(engine)
        connection.cluster.scheduler.process.kill()
        assert run.wait(timeout=PATIENCE)
        assert run.status == "interrupted"
        assert "connection" in run.message
        assert run.latest is not None
        again = engine.start(SHORT, "somebody")
        assert again.wait(timeout=PATIENCE)
        assert again.status == "finished"
        assert wait_until_ended(connection._processes, PATIENCE) == []  # the nannies of the lost scheduler


def test_close_ends_runs_and_processes():
    earlier = set(psutil.Process().children(recursive=True))
    engine = Engine(workers=1)
    run = engine.start(ENDLESS, "somebody")
    assert run.wait(training, PATIENCE)
    processes = set(psutil.Process().children(recursive=True)) - earlier
    assert len(processes) >= 3
    engine.close()
    assert run.status == "stopped"
    assert run.latest is not None
    assert wait_until_ended(processes, PATIENCE) == []


def test_clusters_that_start_at_the_same_time_all_have_their_settings():
    """The pages start two, and both change the environment of the one process they share."""
    with ThreadPoolExecutor(2) as pool:
        connections = list(pool.map(lambda _: Connection.open(None, 1), range(2)))
    try:
        for connection in connections:
            found = connection.client.submit(settings, pure=False).result(PATIENCE)
            assert found == (str(256 << 20), "1", "1.0")
    finally:
        for connection in connections:
            connection.close()


def settings() -> tuple[str | None, ...]:
    """Some settings of a worker: of the C library, and of Dask."""
    names = ("MALLOC_TRIM_THRESHOLD_", "MALLOC_ARENA_MAX", "DASK_DISTRIBUTED__SCHEDULER__WORKER_SATURATION")
    return tuple(os.environ.get(name) for name in names)
