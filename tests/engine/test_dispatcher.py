"""Runs are submitted once, to the least busy worker, and no lock is held meanwhile."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from s2v.engine import Engine, Race, Run, tasks
from s2v.engine import engine as engine_module
from s2v.engine.events import Started, encode
from s2v.models.recipe import Recipe
from tests.engine.conftest import PATIENCE

RECIPE = Recipe(steps=10)


class FakeFuture:
    def __init__(self) -> None:
        self.status = "pending"
        self.callbacks: list[Callable[[Any], None]] = []

    def cancel(self) -> None:
        self.status = "cancelled"
        for callback in self.callbacks:
            callback(self)


class FakeClient:
    """Records what a Dask client is asked for."""

    def __init__(self) -> None:
        self.submitted: dict[str, FakeFuture] = {}  # by run id
        self.workers: list[str] = []
        self.controls: list[Any] = []
        self.during: Callable[[str], Any] = lambda run_id: None  # called within `submit` and `run`

    def register_plugin(self, plugin: Any) -> None:
        pass

    def submit(self, function: Any, recipe: Recipe, run_id: str, *_: Any, workers: list[str], **__: Any) -> FakeFuture:
        assert function is tasks.train_run
        assert run_id not in self.submitted
        self.submitted[run_id] = FakeFuture()
        self.workers += workers
        self.during(run_id)
        return self.submitted[run_id]

    def run(self, function: Any, run_id: str, control: Any, **_: Any) -> None:
        assert function is tasks.set_control
        self.controls.append(control)
        self.during(run_id)


class FakeConnection:
    """A cluster of two workers; ``lose`` ends it."""

    def __init__(self) -> None:
        self.client = FakeClient()
        self.event_queue = self
        self.name = "events"
        self.closed = False
        self.lacks_workers = self.has_gpu = False
        self.workers: set[str] = set()
        self.gpus: list[str] = []
        self._lost = threading.Event()

    def get(self) -> tuple[str, bytes]:
        self._lost.wait()
        raise OSError("the connection is lost")

    def when_done(self, future: FakeFuture, callback: Callable[[Any], None]) -> None:
        future.callbacks.append(callback)

    def watch(self, worker_lost: Callable[[str], None]) -> None:
        self.workers = {"a", "b"}

    def gpu_workers(self) -> list[str]:
        return self.gpus

    def lose(self) -> None:
        self._lost.set()

    def close(self) -> None:
        self.closed = True
        self._lost.set()


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> Iterator[SimpleNamespace]:
    """An engine, and the ``connections`` that it gets: as many as ``give`` was called."""
    wanted, connections = threading.Semaphore(0), []

    def open_connection(*_: Any) -> FakeConnection:
        wanted.acquire()
        connections.append(FakeConnection())
        return connections[-1]

    monkeypatch.setattr(engine_module, "Connection", SimpleNamespace(open=open_connection))
    engine = Engine(workers=2)

    def give() -> FakeConnection:
        wanted.release()
        assert engine.wait_ready(PATIENCE)
        return connections[-1]

    yield SimpleNamespace(engine=engine, give=give, connections=connections)
    wanted.release()
    engine.close()
    assert all(connection.closed for connection in connections)


def in_another_thread(function: Callable[[], Any]) -> bool:
    """Call it as Dask's event loop would; False if it waits for a lock that the caller holds."""
    thread = threading.Thread(target=function, daemon=True)
    thread.start()
    thread.join(PATIENCE)
    return not thread.is_alive()


def begin(engine: Engine, run: Run, worker: str = "a") -> None:
    engine._deliver(run.id, encode(Started(worker)))


def test_runs_wait_for_a_cluster_and_are_spread_over_its_workers(fake):
    races = [fake.engine.race([RECIPE] * 2, owner) for owner in "xy"]
    connection = fake.give()
    runs = [run for race in races for run in race.all_runs]
    assert list(connection.client.submitted) == [run.id for run in runs]
    assert sorted(connection.client.workers) == ["a", "a", "b", "b"]


def test_runs_that_ask_for_a_gpu_get_the_workers_that_announce_one(fake):
    connection = fake.give()
    connection.gpus = ["b"]
    for owner in "xyz":
        fake.engine.start(replace(RECIPE, device="cuda"), owner)
    assert connection.client.workers == ["b"] * 3
    fake.engine.start(RECIPE, "w")
    assert connection.client.workers[-1] == "a"


def test_a_run_that_asks_for_a_gpu_where_there_is_none_is_refused(fake):
    fake.give()
    run = fake.engine.start(replace(RECIPE, device="cuda"), "x")
    assert run.status == "failed"
    assert "no worker here has one. Choose the device 'auto' or 'cpu'" in run.message
    predictor = fake.engine.start(Recipe(predictor="nearest", device="cuda"), "y")  # needs none
    assert predictor.status == "waiting"


def test_a_run_that_was_stopped_while_it_waited_is_never_submitted(fake):
    waiting = fake.engine.start(RECIPE, "x")
    waiting.stop()
    other = fake.engine.start(RECIPE, "y")
    assert list(fake.give().client.submitted) == [other.id]
    assert waiting.status == "stopped"


def test_a_run_that_is_stopped_while_it_is_submitted_is_cancelled(fake):
    connection = fake.give()
    connection.client.during = lambda run_id: in_another_thread(lambda: fake.engine.release("x"))
    run = fake.engine.start(RECIPE, "x")
    assert run.status == "stopped"
    assert connection.client.submitted[run.id].status == "cancelled"


def test_no_lock_is_held_while_dask_is_called(fake):
    connection, returned = fake.give(), []

    def use_everything() -> None:
        engine = fake.engine
        race = engine.current("x")
        engine.warm()
        engine._worker_lost("elsewhere")
        engine.find(race.id)
        engine.live_races  # noqa: B018
        engine._dispatcher.requeue(Run(RECIPE, "none", lambda run: None))
        race._update_controls()

    connection.client.during = lambda run_id: returned.append(in_another_thread(use_everything))
    race = fake.engine.race([RECIPE], "x")
    begin(fake.engine, race.all_runs[0])
    race.pause()
    assert returned == [True] * 3  # from a submission, and two controls: of the beginning and of the pause


def test_a_run_that_no_worker_has_begun_goes_to_the_next_cluster(fake):
    first = fake.give()
    waiting, running = fake.engine.start(RECIPE, "x"), fake.engine.start(RECIPE, "y")
    begin(fake.engine, running)
    first.lose()
    assert running.wait(timeout=PATIENCE)
    assert running.status == "interrupted"
    second = fake.give()
    assert list(second.client.submitted) == [waiting.id]
    assert waiting.status == "waiting"


def test_controls_have_growing_revisions(fake):
    connection = fake.give()
    race: Race = fake.engine.race([RECIPE], "x")
    begin(fake.engine, race.all_runs[0])
    race.pause()
    race.watch_class(2)
    race.play()
    sent = connection.client.controls[1:]  # after that of the beginning
    assert [(c.limit, c.watched_class, c.paused) for c in sent] == [(0, 0, True), (0, 2, True), (10, 2, False)]
    assert [c.revision for c in sent] == [1, 2, 3]
    race.play()  # no change
    assert len(connection.client.controls) == 4
