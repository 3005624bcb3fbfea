"""How many workers a machine gets."""

from __future__ import annotations

import pytest

from s2v.engine import cluster


@pytest.mark.parametrize(
    ("cores", "memory", "workers"), [(1, 8, 1), (2, 24, 2), (8, 64, 8), (16, 16, 8), (4, 1, 1), (2, 3.5, 1)]
)
def test_a_worker_for_each_core_as_far_as_memory_goes(
    cores: int, memory: float, workers: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cluster, "CPU_COUNT", cores)
    monkeypatch.setattr(cluster, "MEMORY_LIMIT", memory * 2**30)
    assert cluster.default_workers() == workers
