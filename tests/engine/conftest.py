"""One real cluster for all tests of the engine: two worker processes."""

from __future__ import annotations

import contextlib
import time
import uuid
from collections.abc import Callable, Iterable, Iterator

import psutil
import pytest

from s2v.engine import Engine, Run
from s2v.engine.cluster import Connection
from s2v.models.recipe import Recipe

PATIENCE = 240  # seconds: far more than anything takes, so that a busy machine does not fail a test

SHORT = Recipe(steps=40, points=500, batch=64, hidden=16)
ENDLESS = Recipe(steps=100000, points=500, batch=64, hidden=16)  # minutes at least: tests end it


def training(run: Run) -> bool:
    """Whether steps have been taken, or never will be."""
    return not run.live or any(frame.step > 0 for frame in run.history)


def connection_of(engine: Engine, workers: int = 1) -> Connection:
    """The engine's connection to its cluster, once that has so many ``workers`` and the engine knows them."""
    assert engine.wait_ready(PATIENCE)
    connection = engine._dispatcher.connection
    assert connection is not None
    connection.client.wait_for_workers(workers, timeout=PATIENCE)
    end = time.monotonic() + PATIENCE
    while len(engine._dispatcher.workers) < workers:
        assert time.monotonic() < end, "The engine did not hear of its workers."
        time.sleep(0.02)
    return connection


def still_running(processes: Iterable[psutil.Process]) -> list[psutil.Process]:
    """Those that do not end.  A zombie has ended: only its parent can reap it, which may be nobody here."""
    end, alive = time.monotonic() + PATIENCE, list(processes)
    while alive := [process for process in alive if not _has_ended(process)]:
        if time.monotonic() > end:
            break
        time.sleep(0.02)
    return alive


def _has_ended(process: psutil.Process) -> bool:
    with contextlib.suppress(psutil.TimeoutExpired):
        process.wait(timeout=0)  # reaps a child of this process
    try:
        return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


@pytest.fixture(scope="session")
def engine() -> Iterator[Engine]:
    with Engine(workers=2) as engine:
        engine.warm()
        assert engine.wait_ready(PATIENCE)
        yield engine


@pytest.fixture
def new_owner(engine: Engine) -> Iterator[Callable[[], str]]:
    """Makes owners of races, on a cluster that has all its workers; their races are stopped after the test."""
    connection_of(engine, engine.workers)  # one may still be starting, or have been killed by another test
    names: list[str] = []

    def make() -> str:
        names.append(uuid.uuid4().hex)
        return names[-1]

    yield make
    for name in names:
        engine.release(name)


@pytest.fixture
def owner(new_owner: Callable[[], str]) -> str:
    return new_owner()


@pytest.fixture
def other(new_owner: Callable[[], str]) -> str:
    return new_owner()
