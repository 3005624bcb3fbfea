"""Cells on a cluster: processes here, or others by their address, which may end at any moment."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from s2v.benchmark import SUITES, Results, run, runner
from s2v.benchmark.runner import ForeignWorkerError, UnreachableError
from s2v.models.recipe import Recipe
from tests.clusters import Cluster

CELLS = SUITES["small"].cells(seeds=2, steps=5, points=200, names=["xyz", "grid", "knn"])


def test_an_interrupted_run_goes_on_where_it_was(tmp_path: Path):
    path = tmp_path / "cells.parquet"
    for progress in run(CELLS, Results(path), workers=1):
        if progress.done == 5:
            break
    kept = {row["key"]: row["seconds"] for row in Results(path).rows}
    assert len(kept) == 5
    *_, last = run(CELLS, Results(path), workers=2)
    assert (last.found, last.done, last.total) == (5, len(CELLS), len(CELLS))
    rows = Results(path).rows
    assert len(rows) == len(CELLS)
    assert all(row["score"] > 0 and not row["problem"] for row in rows)
    assert {row["key"]: row["seconds"] for row in rows if row["key"] in kept} == kept  # not computed again
    assert len(list(run(CELLS, Results(path), workers=1))) == 1  # nothing to do, and no cluster is started


def test_a_killed_worker_and_a_new_scheduler_cost_no_finished_cell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(runner, "RETRY_SECONDS", 0.2)
    monkeypatch.setattr(runner, "SAVE_SECONDS", 0.0)
    path, cluster = tmp_path / "cells.parquet", Cluster(tmp_path)
    cluster.start_scheduler()
    workers = [cluster.start_worker(), cluster.start_worker()]
    killed = restarted = False
    try:
        for progress in run(CELLS, Results(path), address=cluster.address):
            if progress.done == 3 and not killed:
                killed = True
                workers[0].kill()
            if progress.done == 6 and not restarted:
                restarted = True
                port = int(cluster.address.rpartition(":")[2])
                cluster.end()
                cluster.start_scheduler(port)
                cluster.start_worker()
    finally:
        cluster.end()
    assert killed
    assert restarted
    assert progress.done == progress.total == len(CELLS)
    rows = Results(path).rows
    assert sorted(row["key"] for row in rows) == sorted({row["key"] for row in rows})
    assert not [row["problem"] for row in rows if row["problem"]]


def test_a_cell_that_ends_every_worker_fails_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(runner, "compute_alone", end_the_worker)
    cells = [Recipe(data="vmf:U3", predictor="knn", points=100), Recipe(data="vmf:U3", predictor="kde", points=100)]
    *_, last = run(cells, Results(tmp_path / "cells.parquet"), workers=1)
    problems = {row["contestant"]: row["problem"] for row in Results(tmp_path / "cells.parquet").rows}
    assert last.done == 2
    assert problems["kde"] == ""
    assert "Its worker ended 3 times" in problems["knn"]


def end_the_worker(recipe: Recipe, _: object) -> dict[str, object]:
    if recipe.predictor == "knn":
        os.kill(os.getpid(), signal.SIGKILL)
    from s2v.benchmark.cell import compute

    return compute(recipe)


def test_a_scheduler_that_is_not_there_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("s2v.engine.cluster.CONNECT_SECONDS", 0.5)
    with pytest.raises(UnreachableError, match=r"The Dask scheduler at tcp://127\.0\.0\.1:1 cannot be reached"):
        list(run(CELLS, Results(tmp_path / "cells.parquet"), address="tcp://127.0.0.1:1"))
    assert not (tmp_path / "cells.parquet").exists()


def test_workers_of_another_version_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    cluster = Cluster(tmp_path)
    cluster.start_scheduler()
    cluster.start_worker()
    monkeypatch.setattr(runner, "versions", lambda: ("0.0.0", "1.0", "3.0"))
    try:
        with pytest.raises(
            ForeignWorkerError, match=r"has s2v 0\.1.*runs with s2v 0\.0\.0, torch 1\.0 and Python 3\.0\."
        ):
            list(run(CELLS, Results(tmp_path / "cells.parquet"), address=cluster.address))
    finally:
        cluster.end()
