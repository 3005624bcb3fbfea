"""What runs on a worker.  Torch is imported inside the functions: the page's process imports this module too."""

from __future__ import annotations

import contextlib
import logging
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from distributed import Queue, WorkerPlugin, get_worker

from s2v.engine.frames import FINE, LIVE, Frame, pack
from s2v.engine.maps import PAUSE, LiveMaps, pause, predict_maps
from s2v.recipe import Recipe

log = logging.getLogger("s2v.engine")

PATIENCE = 30.0  # seconds for a message that must arrive


def train_run(recipe: Recipe, run: str, queue: str) -> None:
    """Train ``recipe`` and tell the engine through ``queue``.  Returns early when its task is cancelled.

    Errors of the training go the same way, in words: an exception from here would make the page's process import
    the module that defines it, and torch with it.
    """
    cancelled = _cancelled()
    post = Queue(queue)

    def send(**message: Any) -> None:
        post.put({"run": run, **message}, timeout=PATIENCE)

    with _turn(cancelled) as mine:
        if not mine:
            return
        _warm_up()
        send(kind="started", worker=get_worker().address)
        try:
            for frame in frames(recipe, cancelled):
                if cancelled():
                    return
                send(kind="frame", frame=pack(frame))
            if not cancelled():
                send(kind="finished")
        except Exception as error:
            send(kind="failed", message=_in_words(error), details=traceback.format_exc())


def frames(recipe: Recipe, cancelled: Callable[[], bool] = lambda: False) -> Iterator[Frame]:
    """Frames of a training run: at step 0, with live maps at least once a second, with fine maps at the end."""
    import torch

    from s2v.checkpoints import dumps
    from s2v.training import train

    torch.set_num_threads(1)  # more only get in each other's way; a setting of this thread
    interval = PAUSE  # changes with what the maps cost; train asks for it after each snapshot
    live: LiveMaps | None = None
    for snapshot in train(recipe, seconds=lambda: interval, should_stop=cancelled):  # noqa: B023
        live = live or LiveMaps(snapshot.model, LIVE)
        begin = time.perf_counter()
        frame = Frame(snapshot.step, snapshot.steps, snapshot.seconds, snapshot.loss, snapshot.metrics, live())
        interval = pause(time.perf_counter() - begin)
        yield frame
        if snapshot.done:
            maps = predict_maps(snapshot.model.predict, FINE)
            yield replace(frame, maps=maps, fine=True, weights=dumps(snapshot.model))


class WarmUp(WorkerPlugin):  # type: ignore[misc]  # distributed is not typed
    """Warms each worker as it comes, beside whatever else the worker does."""

    name = "s2v-warm-up"

    def setup(self, worker: Any) -> None:
        """Called by Dask in every worker, those that replace lost ones included."""
        threading.Thread(target=warm_up, name="s2v-warm-up", daemon=True).start()


def warm_up() -> None:
    """Pay once, not in the first run, for what the first run would wait for: torch, the optimiser, the data set."""
    with _turn(lambda: False):
        _warm_up()


def is_warm() -> bool:
    """Whether this worker has been warmed."""
    return _warm


_one_at_a_time = threading.Lock()
_warm = False


@contextlib.contextmanager
def _turn(cancelled: Callable[[], bool]) -> Iterator[bool]:
    """One training at a time in a process, though a worker elsewhere may have many threads: torch has one generator
    of random numbers for all.  Gives False if the task was cancelled while it waited.
    """
    while not (mine := _one_at_a_time.acquire(timeout=0.1)) and not cancelled():
        pass
    try:
        yield mine
    finally:
        if mine:
            _one_at_a_time.release()


def _warm_up() -> None:
    global _warm
    if not _warm:
        try:
            for _ in frames(Recipe(steps=2)):
                pass
        except Exception:  # the run itself will say what is wrong, if it is concerned
            log.exception("Warming up failed")
        _warm = True


def _cancelled() -> Callable[[], bool]:
    """Tells, for next to nothing, whether the task that calls it has been cancelled.

    Dask takes a task away from its worker when the engine cancels it and when the engine's process is gone, but
    cannot interrupt a running function; the worker's own books show it.
    """
    worker = get_worker()
    books, key = worker.state.tasks, worker.get_current_task()

    def cancelled() -> bool:
        task = books.get(key)
        return task is None or task.state != "executing"

    return cancelled


def _in_words(error: Exception) -> str:
    """What a person should read: errors of this project explain themselves."""
    if type(error).__module__.startswith("s2v."):
        return str(error)
    return (
        f"The training ended with an unexpected error ({type(error).__name__}). The server's log has the details; "
        "try other settings."
    )
