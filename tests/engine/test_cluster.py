"""How many workers a machine gets, and how a connection knows them."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

from s2v.engine import cluster
from tests.engine.conftest import PATIENCE


@pytest.mark.parametrize(
    ("cores", "memory", "workers"), [(1, 8, 1), (2, 24, 2), (8, 64, 8), (16, 16, 8), (4, 1, 1), (2, 3.5, 1)]
)
def test_a_worker_for_each_core_as_far_as_memory_goes(
    cores: int, memory: float, workers: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cluster, "CPU_COUNT", cores)
    monkeypatch.setattr(cluster, "MEMORY_LIMIT", memory * 2**30)
    assert cluster.default_workers() == workers


class FakeClient:
    """A client whose scheduler has ``found`` workers, and tells of changes by ``tell`` alone."""

    def __init__(self) -> None:
        self.found: set[str] = set()
        self.tell: Callable[[Any], None] = lambda event: None

    def subscribe_topic(self, topic: str, handler: Callable[[Any], None]) -> None:
        assert topic == "all"
        self.tell = handler

    def scheduler_info(self, n_workers: int) -> dict[str, Any]:
        listed = self.found if n_workers else ()
        return {"n_workers": len(self.found), "workers": {address: {"name": address} for address in listed}}


class FakeCluster:
    def replace_missing(self, known: set[str]) -> None:
        self.known = known

    def close(self) -> None:
        pass


@pytest.mark.parametrize("embedded", [FakeCluster(), None], ids=["embedded", "elsewhere"])
def test_a_connection_knows_workers_of_which_it_was_not_told(embedded: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker may come, or be replaced, before the scheduler knows that we listen."""
    monkeypatch.setattr(cluster, "CHECK_SECONDS", 0.01)
    client, lost, told = FakeClient(), [], threading.Event()
    connection = cluster.Connection(client, None, embedded)  # type: ignore[arg-type]

    def known(workers: set[str]) -> bool:
        end = time.monotonic() + PATIENCE
        while connection.workers != workers and time.monotonic() < end:
            time.sleep(0.005)
        return connection.workers == workers

    try:
        connection.watch(lambda address: (lost.append(address), told.set()))  # type: ignore[func-returns-value]
        assert connection.workers == set()
        client.found = {"a"}
        assert known({"a"})
        client.found = {"a", "b"}
        client.tell((0.0, {"action": "add-worker", "worker": "b"}))
        assert connection.workers == {"a", "b"}
        client.found = {"a"}
        client.tell((0.0, {"action": "remove-worker", "worker": "b"}))
        assert known({"a"})
        assert told.wait(PATIENCE)
        assert lost == ["b"]
        monkeypatch.setattr(client, "scheduler_info", lambda n_workers: {"id": "not connected yet"})
        assert connection._look(everything=True) == connection._look(everything=False) == {}
        assert connection.workers == {"a"}
    finally:
        connection.close()
