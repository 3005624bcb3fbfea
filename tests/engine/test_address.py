"""The engine on a Dask cluster that it did not start: a scheduler and workers, by address."""

from __future__ import annotations

import gc
import os
import shlex
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import dask
import pytest
from distributed import Security

from s2v import data, sphere
from s2v.data import OwnData, held
from s2v.engine import ComparisonWorker, Engine, cluster, embedded
from s2v.engine.cluster import CERTIFICATES
from tests.clusters import ROOT, Cluster
from tests.engine.conftest import ENDLESS, PATIENCE, SHORT, connection_of, training


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """A scheduler and one worker."""
    started = Cluster(tmp_path_factory.mktemp("cluster"))
    started.start_scheduler()
    started.start_worker()
    yield started
    started.end()


@pytest.mark.parametrize("by", ["argument", "environment"])
def test_a_run_on_a_cluster_by_address(started: Cluster, by: str, monkeypatch: pytest.MonkeyPatch):
    if by == "environment":
        monkeypatch.setenv("S2V_SCHEDULER", started.address)
    with Engine(address=started.address if by == "argument" else None) as engine:
        engine.warm()
        run = engine.start(SHORT, "somebody")
        assert run.wait(timeout=PATIENCE)
        assert run.status == "finished", run.message
        assert run.latest is not None
        assert run.latest.fine
        assert connection_of(engine).cluster is None  # no embedded one


def test_own_data_reach_that_cluster_and_leave_with_the_race(started: Cluster):
    places = sphere.random_points(500)
    mine = held.hold(OwnData.of(data.own(places, places[:, 1], title="warmth")))
    recipe = replace(SHORT, data=mine.name, points=200)
    with Engine(address=started.address) as engine:
        race = engine.race([recipe, replace(recipe, predictor="idw")], "somebody")
        assert all(run.wait(timeout=PATIENCE) for run in race.all_runs)
        assert [run.status for run in race.all_runs] == ["finished"] * 2, [run.message for run in race.all_runs]
        assert race.own_data is mine
        client, end = connection_of(engine).client, time.monotonic() + PATIENCE
        while set(client.run(data_of_runs).values()) != {0}:  # a run says that it has ended just before
            assert time.monotonic() < end, "A worker keeps the data of a run that has ended."
            time.sleep(0.05)
        name = mine.name
        del mine, race
        engine.release("somebody")
        gc.collect()
        with pytest.raises(ValueError, match="not open here any more"):
            engine.race([replace(recipe, data=name)], "somebody")


def data_of_runs() -> int:
    """On a worker: how many runs on own data it has."""
    from s2v.engine import tasks

    return len(tasks._own_data)


def test_a_killed_worker_of_that_cluster_interrupts_its_run(started: Cluster):
    started.start_worker()
    with Engine(address=started.address) as engine:
        client = connection_of(engine, workers=2).client
        runs = [engine.start(ENDLESS, owner) for owner in ("somebody", "another")]
        assert all(run.wait(training, PATIENCE) for run in runs)
        pids = client.run(os.getpid)
        extra = started.processes[-1].pid
        lost = next(run for run in runs if pids[run.worker] == extra)
        os.kill(extra, signal.SIGKILL)
        assert lost.wait(timeout=PATIENCE)
        assert lost.status == "interrupted"
        assert len(lost.history) > 1
        engine.release("somebody")
        engine.release("another")
        again = engine.start(SHORT, "somebody")  # on the worker that is left; nothing of the lost run is in its way
        assert again.wait(timeout=PATIENCE)
        assert again.status == "finished"


def test_an_engine_that_ends_leaves_no_run_behind(started: Cluster):
    with Engine(address=started.address) as engine:
        assert engine.start(ENDLESS, "somebody").wait(training, PATIENCE)
    with Engine(address=started.address) as engine:
        run = engine.start(SHORT, "somebody")
        assert run.wait(timeout=PATIENCE)
        assert run.status == "finished"
        left = connection_of(engine).client.run(runs_in_training)
        assert set(left.values()) == {0}


def runs_in_training() -> int:
    """On a worker: how many runs it has."""
    from s2v.engine import tasks

    return len(tasks._controls)


def test_an_unreachable_address_is_named_in_the_message(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(cluster, "CONNECT_SECONDS", 0.5)
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


def test_a_run_that_asks_for_a_gpu_goes_where_one_is_announced(tmp_path: Path):
    """There may be none: the worker then says so itself."""
    started = Cluster(tmp_path)
    started.start_scheduler()
    try:
        started.start_worker()
        with Engine(address=started.address) as engine:
            connection = connection_of(engine)
            refused = engine.start(replace(SHORT, device="cuda"), "somebody")
            assert refused.wait(timeout=PATIENCE)
            assert "no worker here has one" in refused.message
            started.start_worker("--resources", "GPU=1")
            connection_of(engine, 2)
            until(lambda: bool(connection.gpu_workers()))
            run = engine.start(replace(SHORT, device="cuda"), "somebody")
            assert run.wait(timeout=PATIENCE)
            assert [run.worker] == connection.gpu_workers()
            assert run.status == "finished" or "device='cuda', but torch" in run.message
            until(lambda: engine.has_gpu)
    finally:
        started.end()


def test_a_cluster_without_workers_is_named_and_goes_on_with_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(embedded, "MISSING_SECONDS", 1.0)
    started = Cluster(tmp_path)
    started.start_scheduler()
    try:
        with Engine(address=started.address) as engine:
            run = engine.start(SHORT, "somebody")
            until(lambda: bool(engine.problem))
            assert f"cluster at {started.address} has no workers" in engine.problem
            assert f"dask worker {started.address}" in engine.problem
            assert run.status == "waiting"
            started.start_worker()
            assert run.wait(timeout=PATIENCE)
            assert run.status == "finished", run.message
            until(lambda: not engine.problem)
    finally:
        started.end()


def until(happened: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while not happened():
        assert time.monotonic() < end
        time.sleep(0.1)


def guide(beginning: str) -> list[str]:
    """The commands of the deployment guide that begin so."""
    lines = (ROOT / "docs" / "serving.md").read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line.startswith(beginning)]


def test_the_guide_has_the_options_and_variables_that_are_tested():
    options = "--tls-ca-file ca.pem --tls-cert cert.pem --tls-key key.pem"
    assert guide("dask ") == [
        f"dask scheduler --protocol tls {options}",
        f"dask worker tls://host:8786 --nthreads 1 {options}",
    ]
    files = ("ca", "cert", "key")
    exports = [f"export {name}={kind}.pem" for name, kind in zip(CERTIFICATES.values(), files, strict=True)]
    assert guide("export ") == exports


@dataclass
class Certificates:
    """A key, its certificate and the authority, made as the guide says, and those of somebody else."""

    folder: Path

    def __post_init__(self) -> None:
        for command in guide("openssl "):
            subprocess.run(shlex.split(command), cwd=self.folder, check=True, capture_output=True)
        for kind in ("ca", "cert", "key"):
            (self.folder / f"{kind}.pem").rename(self.folder / f"ours-{kind}.pem")
        made = Security.temporary()
        (self.folder / "foreign-ca.pem").write_text(made.tls_ca_file)
        (self.folder / "foreign-cert.pem").write_text(made.tls_client_cert)
        (self.folder / "foreign-key.pem").write_text(made.tls_client_key)

    def environment(self, name: str) -> dict[str, str]:
        return dict(zip(CERTIFICATES.values(), self.files(name), strict=True))

    def files(self, name: str) -> list[str]:
        return [str(self.folder / f"{name}-{kind}.pem") for kind in ("ca", "cert", "key")]


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[dict[str, str]], None]]:
    """Sets environment variables as if before the start of this process."""

    def take(variables: dict[str, str]) -> None:
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        dask.config.refresh()

    yield take
    monkeypatch.undo()
    dask.config.refresh()


def test_a_race_on_a_cluster_with_certificates(tmp_path: Path, environment: Callable[[dict[str, str]], None]):
    certificates = Certificates(tmp_path)
    ca, cert, key = certificates.files("ours")
    started = Cluster(tmp_path, tls=("--protocol", "tls", "--tls-ca-file", ca, "--tls-cert", cert, "--tls-key", key))
    started.start_scheduler()
    started.start_worker()
    try:
        assert started.address.startswith("tls://")
        assert "asks for certificates" in refusal(started.address)
        environment(certificates.environment("foreign"))
        message = refusal(started.address)
        assert "do not accept each other's certificates" in message
        assert all(name in message for name in CERTIFICATES.values())
        environment({CERTIFICATES["client.cert"]: "/nowhere.pem"})
        assert "CLIENT__CERT names /nowhere.pem, which is not a file" in refusal(started.address)
        environment(certificates.environment("ours"))
        with Engine(address=started.address) as engine, ComparisonWorker() as comparison:
            race = engine.race([SHORT, SHORT], "somebody")
            assert all(run.wait(timeout=PATIENCE) for run in race.all_runs)
            assert [run.status for run in race.all_runs] == ["finished"] * 2, race.all_runs[0].message
            assert comparison.ask([]) == []  # its own cluster has certificates of its own
    finally:
        started.end()


def refusal(address: str) -> str:
    """What a run is told that cannot be trained there."""
    with Engine(address=address) as engine:
        run = engine.start(SHORT, "somebody")
        assert run.wait(timeout=PATIENCE)
        assert run.status == "failed"
        return run.message
