"""The embedded cluster: closed to other users of the machine, and its workers are replaced."""

from __future__ import annotations

import os
import re
import signal
import socket
import ssl
import stat
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest
from distributed import Client, Security

from s2v.comparison.questions import LobeOf, NoAnswerError
from s2v.encoders import EncoderConfig
from s2v.engine import Engine, embedded
from s2v.engine.comparison_worker import ComparisonWorker
from s2v.engine.embedded import EmbeddedCluster
from tests.engine.conftest import ENDLESS, PATIENCE, SHORT, connection_of, still_running, training

LOBE = LobeOf(EncoderConfig.of("sphereM", scales=4, min_radius=0.2), (15.6, 78.2))


@pytest.fixture(scope="module")
def cluster() -> Iterator[EmbeddedCluster]:
    cluster = EmbeddedCluster(1)
    yield cluster
    cluster.close()


@pytest.mark.parametrize("whose", ["none", "that of another cluster"])
def test_without_its_certificate_nothing_runs_on_the_cluster(cluster: EmbeddedCluster, whose: str, tmp_path: Path):
    with Client(cluster.address, security=cluster.security, set_as_default=False) as client:
        client.wait_for_workers(1, timeout=PATIENCE)
        assert client.submit(int, "42").result(PATIENCE) == 42
        (worker,) = client.scheduler_info(n_workers=-1)["workers"]
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE  # whoever breaks in trusts everybody
    if whose == "that of another cluster":
        foreign = Security.temporary()
        (tmp_path / "foreign.pem").write_text(foreign.tls_client_cert + foreign.tls_client_key)
        context.load_cert_chain(tmp_path / "foreign.pem")
    for address in (cluster.address, worker):  # workers take orders as well
        host, port = address.removeprefix("tls://").split(":")
        with (
            pytest.raises(ssl.SSLError, match=r"(?i)certificate.required|unknown.ca"),
            socket.create_connection((host, int(port)), timeout=PATIENCE) as plain,
            context.wrap_socket(plain) as encrypted,
        ):
            encrypted.recv(1)  # a scheduler begins the conversation


def test_without_encryption_nothing_runs_on_the_cluster(cluster: EmbeddedCluster):
    with pytest.raises(OSError, match=r"closed|Timed out"):
        Client(cluster.address.replace("tls://", "tcp://"), timeout=2, set_as_default=False)


def test_its_files_are_private_and_in_one_folder(cluster: EmbeddedCluster):
    assert cluster.folder.parent == Path(tempfile.gettempdir())
    files = [cluster.folder, *cluster.folder.rglob("*")]
    assert {"certificate.pem", "scheduler.json"} <= {file.name for file in files}
    for file in files:
        assert stat.S_IMODE(file.stat().st_mode) == (0o700 if file.is_dir() else 0o600), file


def test_no_key_is_on_a_command_line(cluster: EmbeddedCluster):
    key = re.sub(r"-----.*-----", "", (cluster.folder / "certificate.pem").read_text()).split()
    assert len(key) > 20
    for process in cluster.processes:
        command = " ".join(process.cmdline())
        assert "BEGIN" not in command
        assert not any(line in command for line in key)


def test_its_http_pages_say_nothing(cluster: EmbeddedCluster):
    with Client(cluster.address, security=cluster.security, set_as_default=False) as client:
        client.wait_for_workers(1, timeout=PATIENCE)
        services = client.run_on_scheduler(lambda dask_scheduler: dask_scheduler.http_server.port)
    for page in ("info/main/workers.html", "json/identity.json", "metrics", "health"):
        with pytest.raises(urllib.error.HTTPError, match="404"):
            urllib.request.urlopen(f"http://127.0.0.1:{services}/{page}", timeout=PATIENCE)


def test_a_cluster_that_is_closed_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    cluster = EmbeddedCluster(1)
    processes = cluster.processes
    assert len(processes) == 2
    cluster.close()
    cluster.close()
    assert still_running(processes) == []
    assert list(tmp_path.iterdir()) == []


def test_a_scheduler_that_does_not_start_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setenv("DASK_DISTRIBUTED__SCHEDULER__PRELOAD", "['no_such_module']")
    with pytest.raises(OSError, match="scheduler did not start"):
        EmbeddedCluster(1)
    assert "no_such_module" in caplog.text
    assert list(tmp_path.iterdir()) == []


def workers_of(engine: Engine) -> list[psutil.Process]:
    """The worker processes of its embedded cluster."""
    assert engine.wait_ready(PATIENCE)
    cluster = engine._dispatcher.connection.cluster  # type: ignore[union-attr]
    assert cluster is not None
    return cluster.processes[1:]


def until(happened: Callable[[], bool]) -> bool:
    end = time.monotonic() + PATIENCE
    while not happened() and time.monotonic() < end:
        time.sleep(0.1)
    return happened()


def test_a_race_goes_on_after_the_first_worker_died_while_it_started(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    died, preload = tmp_path / "died", tmp_path / "die_once.py"
    preload.write_text(
        f"import os, pathlib\ndied = pathlib.Path({str(died)!r})\n"
        "if not died.exists():\n    died.touch()\n    os.kill(os.getpid(), 9)\n"
    )
    monkeypatch.setenv("DASK_DISTRIBUTED__WORKER__PRELOAD", str([str(preload)]))
    with Engine(workers=1) as engine, ComparisonWorker() as comparison:
        run = engine.start(SHORT, "somebody")
        assert run.wait(timeout=PATIENCE)
        assert died.exists()
        assert run.status == "finished", run.message
        died.unlink()
        assert comparison.ask([LOBE])
        assert died.exists()


def test_a_worker_that_never_answers_is_replaced(monkeypatch: pytest.MonkeyPatch):
    cluster = EmbeddedCluster(1)
    try:
        (worker,) = cluster.processes[1:]
        os.kill(worker.pid, signal.SIGSTOP)
        cluster.replace_missing({"another"})
        assert cluster.processes[1:] == [worker]
        monkeypatch.setattr(embedded, "MISSING_SECONDS", 0.0)
        cluster.replace_missing({"0-0"})  # the scheduler knows it
        assert cluster.processes[1:] == [worker]
        cluster.replace_missing({"another"})
        assert still_running([worker]) == []
        assert len(cluster.processes) == 2
    finally:
        cluster.close()


def test_all_workers_killed_in_a_race_are_replaced():
    with Engine(workers=2) as engine:
        connection_of(engine, workers=2)
        race = engine.race([ENDLESS, ENDLESS], "somebody")
        assert all(run.wait(training, PATIENCE) for run in race.all_runs)
        killed = workers_of(engine)
        assert len(killed) == 2
        for worker in killed:
            worker.kill()
        assert all(run.wait(timeout=PATIENCE) for run in race.all_runs)
        assert {run.status for run in race.all_runs} == {"interrupted"}
        again = engine.race([SHORT, SHORT], "somebody")
        assert all(run.wait(timeout=PATIENCE) for run in again.all_runs)
        assert {run.status for run in again.all_runs} == {"finished"}
        connection_of(engine, workers=2)  # one killed for good is one too few


def test_workers_that_cannot_start_are_told_and_the_race_goes_on_later(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(embedded, "MISSING_SECONDS", 2.0)
    monkeypatch.setenv("DASK_DISTRIBUTED__WORKER__PRELOAD", "['no_such_module']")
    with Engine(workers=1) as engine:
        run = engine.start(SHORT, "somebody")
        assert until(lambda: bool(engine.problem))
        assert "log" in engine.problem
        assert run.status == "waiting"
        monkeypatch.delenv("DASK_DISTRIBUTED__WORKER__PRELOAD")
        assert run.wait(timeout=PATIENCE)
        assert run.status == "finished", run.message
        assert engine.problem == ""


def test_a_worker_that_takes_too_much_memory_is_replaced(caplog: pytest.LogCaptureFixture):
    with Engine(workers=1) as engine:
        assert engine.start(SHORT, "somebody").wait(timeout=PATIENCE)
        (worker,) = workers_of(engine)
        engine._dispatcher.connection.cluster._memory_limit = 1 << 20  # type: ignore[union-attr]
        assert until(lambda: worker not in workers_of(engine))
        assert "too much for this machine" in caplog.text


def test_questions_are_refused_soon_where_the_comparison_worker_cannot_start(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(embedded, "MISSING_SECONDS", 2.0)
    monkeypatch.setenv("DASK_DISTRIBUTED__WORKER__PRELOAD", "['no_such_module']")
    with ComparisonWorker() as worker, pytest.raises(NoAnswerError, match="does not answer"):
        worker.ask([LOBE])
