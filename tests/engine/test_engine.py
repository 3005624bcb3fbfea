"""The engine on a real cluster: how runs train, end, fail and get lost."""

from __future__ import annotations

import dataclasses
import math
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import psutil
import pytest

import s2v
from s2v import data, sphere
from s2v.data import OwnData, held
from s2v.engine import FINE_GRIDS, LIVE_GRIDS, Engine, QueueFullError, Run, tasks
from s2v.engine.cluster import MAX_QUEUED_EVENTS
from s2v.engine.embedded import MAX_MEMORY_SHARE
from s2v.engine.messages import LOST_WORKER
from s2v.models.recipe import Recipe
from tests.engine.conftest import ENDLESS, PATIENCE, SHORT, connection_of, training


def test_a_run_goes_from_the_untrained_model_to_fine_maps(engine: Engine, owner: str):
    run = engine.start(SHORT, owner)
    assert run.wait(timeout=PATIENCE)
    assert (run.status, run.message) == ("finished", "")
    steps = [frame.step for frame in run.history]
    assert steps[0] == 0
    assert steps[-1] == SHORT.steps
    assert steps == sorted(set(steps))
    assert not any(frame.maps for frame in run.history)
    assert run.latest is not None
    assert run.latest.fine
    assert set(run.latest.maps) == {"world", "north", "south"}
    for name, grid in FINE_GRIDS.items():
        assert run.latest.grids[name] == grid
        values = run.latest.maps[name]
        assert np.isfinite(values[grid.inside]).all()
        assert np.isnan(values[~grid.inside]).all()


def test_the_result_is_that_of_training_without_an_engine(engine: Engine, owner: str):
    *_, last = s2v.train(SHORT)
    run = engine.start(SHORT, owner)
    assert run.wait(timeout=PATIENCE)
    assert run.latest is not None
    assert run.history[-1].metrics == pytest.approx(last.metrics, rel=1e-3)  # sums in another order on other threads
    world = FINE_GRIDS["world"]
    expected = last.model.predict(world.lonlat)
    # the same float32 arithmetic, in pieces of another size: rounding of the sums, after 40 steps
    assert np.abs(run.latest.maps["world"] - expected).max() < 1e-3 * expected.std()


def test_a_finished_run_hands_out_its_model(engine: Engine, owner: str, tmp_path: Path):
    run = engine.start(SHORT, owner)
    assert run.wait(timeout=PATIENCE)
    assert run.latest is not None
    file = tmp_path / "model.safetensors"
    file.write_bytes(run.latest.weights)
    model = s2v.load(file)
    assert model.recipe == SHORT
    shown = run.latest.maps["world"]
    # the same float32 arithmetic, in pieces of another size
    assert np.abs(model.predict(FINE_GRIDS["world"].lonlat) - shown).max() < 1e-3 * shown.std()
    assert not any(frame.weights for frame in run.history)


def test_maps_of_a_classification_hold_its_class_numbers(engine: Engine, owner: str):
    recipe = dataclasses.replace(SHORT, data="land_cover")
    classes = len(s2v.data.load("land_cover", points=10).classes)
    run = engine.start(recipe, owner)
    assert run.wait(timeout=PATIENCE)
    assert run.status == "finished"
    assert run.latest is not None
    assert run.latest.maps["world"].dtype == np.uint8
    assert run.latest.maps["world"].max() < classes
    assert len(np.unique(run.latest.maps["world"])) > 1


def test_live_maps_change_while_it_trains(engine: Engine, owner: str):
    run = engine.start(ENDLESS, owner)
    assert run.wait(lambda run: run.latest is not None, PATIENCE)
    assert run.history[0].step == 0
    first = run.latest
    assert first is not None
    assert run.wait(lambda run: run.latest is not first, PATIENCE)
    assert run.latest is not None
    assert not run.latest.fine
    assert run.latest.step > 0
    assert {name: values.shape for name, values in run.latest.maps.items()} == {
        n: g.shape for n, g in LIVE_GRIDS.items()
    }
    assert not np.array_equal(run.latest.maps["world"], first.maps["world"])
    assert run.status == "running"


def test_more_runs_than_workers_take_turns(engine: Engine, new_owner: Callable[[], str]):
    runs = [engine.start(ENDLESS, new_owner()) for _ in range(engine.workers + 1)]
    assert all(run.wait(training, PATIENCE) for run in runs)
    short = engine.start(SHORT, new_owner())
    assert short.wait(timeout=PATIENCE)  # does not wait for the end of the long ones
    assert short.status == "finished"
    reached = [run.step for run in runs]
    assert all(
        run.wait(lambda run, step=step: run.step > step, PATIENCE) for run, step in zip(runs, reached, strict=True)
    )
    assert [run.status for run in runs] == ["running"] * len(runs)


def test_a_run_that_waits_for_its_turn_knows_its_position(engine: Engine, new_owner: Callable[[], str]):
    owners = [new_owner() for _ in range(4 * engine.workers)]
    runs = [engine.start(ENDLESS, owner) for owner in owners]
    positions = []

    def has_position(run: Run) -> bool:
        positions.extend([run.queue_position] if run.queue_position else [])
        return bool(positions)

    assert runs[-1].wait(has_position, PATIENCE)
    assert 1 <= positions[0].ahead < len(runs)
    assert positions[0].seconds > 0
    for owner in owners:
        engine.release(owner)
    assert all(run.queue_position is None for run in runs)


def test_runs_are_spread_over_the_workers(engine: Engine, new_owner: Callable[[], str]):
    runs = [engine.start(ENDLESS, new_owner()) for _ in range(2 * engine.workers)]
    assert all(run.wait(training, PATIENCE) for run in runs)
    workers = [run.worker for run in runs]
    assert {workers.count(worker) for worker in workers} == {2}


def test_a_full_queue_is_refused(engine: Engine, owner: str, other: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("s2v.engine.race_registry.MAX_RUNS", 3)
    race = engine.race([ENDLESS, ENDLESS], owner)
    with pytest.raises(QueueFullError, match="queue is full: 2 trainings"):
        engine.race([ENDLESS, ENDLESS], other)
    assert engine.current(other) is None
    assert race.live
    assert engine.race([SHORT, SHORT, SHORT], owner).all_runs[0].wait(timeout=PATIENCE)  # in place of the two


def test_a_warm_worker_has_loaded_what_its_first_run_needs(engine: Engine):
    client = connection_of(engine, engine.workers).client
    for _ in range(10 * PATIENCE):
        if all(client.run(is_ready).values()):
            return
        time.sleep(0.1)
    raise AssertionError("The workers did not become warm.")


def is_ready(dask_worker) -> bool:
    """On a worker: torch and an optimiser have been used, and there is a connection for events."""
    return tasks.is_warm() and dask_worker._client is not None


def test_stop_keeps_what_has_arrived(engine: Engine, owner: str):
    run = engine.start(ENDLESS, owner)
    assert run.wait(training, PATIENCE)
    kept = run.latest
    run.stop()
    assert run.status == "stopped"
    assert kept is not None
    assert run.latest is not None
    assert run.latest.step >= kept.step
    run.stop()  # once more changes nothing
    assert run.status == "stopped"


def test_nothing_arrives_after_a_stop(engine: Engine, owner: str, other: str):
    run = engine.start(ENDLESS, owner)
    assert run.wait(training, PATIENCE)
    run.stop()
    length = len(run.history)
    assert engine.start(SHORT, other).wait(timeout=PATIENCE)  # meanwhile more would have come
    assert len(run.history) == length


def test_a_second_start_replaces_the_first(engine: Engine, owner: str):
    first = engine.start(ENDLESS, owner)
    assert first.wait(training, PATIENCE)
    second = engine.start(SHORT, owner)
    assert first.status == "stopped"
    race = engine.current(owner)
    assert race is not None
    assert race.all_runs == (second,)
    assert engine.find(race.id) is race
    assert second.wait(timeout=PATIENCE)
    assert second.status == "finished"


def test_release_stops_and_forgets(engine: Engine, owner: str):
    run = engine.start(ENDLESS, owner)
    assert run.wait(training, PATIENCE)
    engine.release(owner)
    assert run.status == "stopped"
    assert engine.current(owner) is None
    assert engine.find(run.race_id) is None
    engine.release(owner)  # nothing to do


def diverge() -> None:
    """On a worker: the loss of every training is NaN at its sixth step."""
    from s2v.models import loop

    checked = loop._checked
    loop._checked = lambda loss, first, step, rate: checked(loss if step < 6 else math.nan, first, step, rate)


def lose_the_data() -> None:
    """On a worker: the data sets have lost a file."""
    from s2v import assets, data

    data.load = lambda *_: assets.asset_path("data", "lost.npz")


def break_down() -> None:
    """On a worker: an unforeseen error."""
    from s2v import data

    data.load = lambda *_: {}["surprise"]


def repair() -> None:
    """On a worker: undo any of the above."""
    import importlib

    from s2v import data
    from s2v.models import loop, training

    importlib.reload(data)
    importlib.reload(loop)
    importlib.reload(training)


@pytest.mark.parametrize(
    ("sabotage", "words"),
    [
        (diverge, ["diverged", "step 6", "learning rate"]),
        (lose_the_data, ["lost.npz", "missing", "Restore"]),
        (break_down, ["unexpected error (KeyError)", "log", "other settings"]),
    ],
)
def test_a_failure_is_explained_and_the_log_has_the_details(engine: Engine, owner: str, caplog, sabotage, words):
    client = connection_of(engine).client
    client.run(sabotage)
    try:
        run = engine.start(SHORT, owner)
        assert run.wait(timeout=PATIENCE)
    finally:
        client.run(repair)
    assert run.status == "failed"
    assert all(word in run.message for word in words)
    assert "Traceback" not in run.message
    assert "Traceback" in caplog.text
    again = engine.start(SHORT, owner)
    assert again.wait(timeout=PATIENCE)
    assert again.status == "finished"


def test_a_killed_worker_interrupts_its_run_and_is_replaced(engine: Engine, owner: str, other: str):
    run, bystander = engine.start(ENDLESS, owner), engine.start(ENDLESS, other)
    assert run.wait(training, PATIENCE)
    assert bystander.wait(training, PATIENCE)
    kept = len(run.history)
    os.kill(process_of(engine, run.worker), signal.SIGKILL)
    assert run.wait(timeout=PATIENCE)
    assert run.status == "interrupted"
    assert "worker" in run.message
    assert "again" in run.message
    assert len(run.history) >= kept
    assert run.latest is not None
    assert bystander.status == "running"
    again = engine.start(SHORT, owner)
    assert again.wait(timeout=PATIENCE)
    assert again.status == "finished"
    assert bystander.live


def test_a_race_on_own_data_whose_worker_runs_out_of_memory_costs_nothing_else(
    engine: Engine, owner: str, other: str, monkeypatch: pytest.MonkeyPatch
):
    places = sphere.random_points(500)
    mine = held.hold(OwnData.of(data.own(places, places[:, 1], title="warmth")))
    recipe = dataclasses.replace(ENDLESS, data=mine.name, points=200)
    race, bystander = engine.race([recipe], owner), engine.start(ENDLESS, other)
    run = race.firsts[0]
    assert run.wait(training, PATIENCE)
    assert bystander.wait(training, PATIENCE)
    connection = connection_of(engine, 2)
    used = [psutil.Process(process_of(engine, worker)).memory_info().rss for worker in engine._dispatcher.workers]
    monkeypatch.setattr(connection.cluster, "_memory_limit", int((max(used) + TOO_MUCH / 2) / MAX_MEMORY_SHARE))
    connection.client.run(take_memory, workers=[run.worker], on_error="ignore")
    assert run.wait(timeout=PATIENCE)
    assert (run.status, run.message) == ("interrupted", LOST_WORKER)
    assert bystander.status == "running"
    assert held.find(mine.name) is mine
    again = engine.race([dataclasses.replace(recipe, steps=10)], owner).firsts[0]
    assert again.wait(timeout=PATIENCE)
    assert again.status == "finished", again.message
    assert bystander.live


def test_a_search_whose_worker_runs_out_of_memory_goes_on(engine: Engine, owner: str, monkeypatch: pytest.MonkeyPatch):
    places = sphere.random_points(300)
    mine = held.hold(OwnData.of(data.own(places, places[:, 1], title="warmth")))
    connection = connection_of(engine, 2)
    used = [psutil.Process(process_of(engine, worker)).memory_info().rss for worker in engine._dispatcher.workers]
    monkeypatch.setattr(connection.cluster, "_memory_limit", int((max(used) + TOO_MUCH / 2) / MAX_MEMORY_SHARE))
    recipes = [Recipe(data=mine.name, encoder=name, hidden=8, layers=1, points=200) for name in ("xyz", "grid")]
    search = engine.search(mine.name, owner, steps=200, recipes=recipes)
    victim = next(iter(engine._dispatcher.workers))
    connection.client.run(take_memory, workers=[victim], on_error="ignore")
    assert search.wait(PATIENCE)
    assert (search.status, search.message) == ("finished", "")
    assert search.standings is not None
    assert search.standings.finalists


TOO_MUCH = 400 << 20  # bytes


def take_memory() -> None:
    """On a worker: takes memory until the worker ends."""
    from s2v.engine import tasks

    tasks.taken = b"x" * TOO_MUCH  # type: ignore[attr-defined]


def process_of(engine: Engine, worker: str) -> int:
    """The process of a worker by its address."""
    port = int(worker.rpartition(":")[2])
    for process in psutil.Process().children(recursive=True):
        if any(c.status == "LISTEN" and c.laddr.port == port for c in process.net_connections()):
            return int(process.pid)
    raise AssertionError(f"No process listens on {worker}.")


def test_the_cluster_listens_on_this_machine_alone(engine: Engine):
    processes = psutil.Process().children(recursive=True)
    listening = [c.laddr.ip for p in processes for c in p.net_connections() if c.status == "LISTEN"]
    assert listening
    assert set(listening) == {"127.0.0.1"}


def test_events_leave_nothing_behind_in_the_scheduler(engine: Engine):
    connection = connection_of(engine)
    scheduler = connection.cluster.processes[0]
    before = scheduler.memory_info().rss
    size, events = 200_000, 3 * MAX_QUEUED_EVENTS
    connection.client.submit(flood, connection.event_queue.name, events, size, pure=False).result(PATIENCE)
    grown = scheduler.memory_info().rss - before
    assert grown < events * size / 2  # a third may still be in the queue, where the engine is slow to read it


def flood(queue: str, events: int, size: int) -> None:
    """On a worker: send so many bytes as events of an unknown run."""
    from distributed import Queue

    event_queue = Queue(queue)
    for _ in range(events):
        event_queue.put(("", bytes(size)))


def test_an_engine_needs_a_worker():
    with pytest.raises(ValueError, match="workers=0"):
        Engine(workers=0)


def test_a_closed_engine_takes_no_more_runs():
    engine = Engine(workers=1)
    engine.close()
    engine.close()
    with pytest.raises(RuntimeError, match="closed"):
        engine.start(Recipe(), "somebody")
