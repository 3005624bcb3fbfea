"""What runs on a worker.  Torch is imported inside the functions: the page's process imports this module too."""

from __future__ import annotations

import logging
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from distributed import Queue, WorkerPlugin, get_worker, secede

from s2v.engine.frames import FINE, LIVE, Frame, pack
from s2v.engine.maps import PAUSE, LiveMaps, Maps, pause, predict_layers, predict_maps
from s2v.engine.turns import Place, Turns
from s2v.memory import give_back
from s2v.recipe import Recipe

log = logging.getLogger("s2v.engine")

PATIENCE = 30.0  # seconds for a message that must arrive
LOOK = 0.2  # seconds between two looks at whether a paused run has been cancelled
REST = 3.0  # seconds without a training after which the worker gives memory back
MOST_SECONDS = 900.0  # of training for one run: more would hold up a class
MOST_PARAMETERS = 5_000_000

TOO_LONG = (
    f"The training was ended after {MOST_SECONDS / 60:g} minutes, the most that one run may take here; what it had is "
    "kept. Choose fewer steps, a smaller network or fewer points."
)


@dataclass
class Wish:
    """What the page asks of a run while it goes on.

    It may train up to step ``limit``; below the steps already done that is a pause.  ``watched`` is the class whose
    probability is on its maps.  Where it ``rests`` at the limit, all maps are of that step.
    """

    limit: int
    watched: int = 0
    rests: bool = False


def train_run(recipe: Recipe, run: str, race: str, queue: str, wish: Wish, with_maps: bool) -> None:
    """Train ``recipe``, in turns with the other trainings of this process, and tell the engine through ``queue``.

    ``wish`` is that of the start; ``change_wish`` brings others.  Returns early when its task is cancelled.
    Errors of the training go through the queue, too, in words: an exception from here would make the page's process
    import the module that defines it, and torch with it.
    """
    cancelled = _cancelled()
    post = Queue(queue)
    secede()  # gives the worker's thread free for the next training; turns are ours

    def send(**message: Any) -> None:
        post.put({"run": run, **message}, timeout=PATIENCE)

    def tell(place: Place) -> None:
        send(kind="waits", ahead=place.ahead, seconds=place.seconds)

    _wishes.setdefault(run, wish)
    try:
        with _turns.member(race):
            pictures = frames(recipe, cancelled, lambda: _wishes[run], with_maps, lambda: _turns.crowded)
            step = -1
            while _may_go_on(run, step, recipe.steps, cancelled):
                with _turns.turn(race, cancelled, tell) as mine:
                    if not mine:
                        return
                    if step < 0:
                        _warm_up()
                        send(kind="started", worker=get_worker().address)
                    frame = next(pictures, None)
                if cancelled():
                    return
                if frame is None:
                    send(kind="finished")
                    return
                send(kind="frame", frame=pack(frame))
                step = frame.step
                if frame.seconds > MOST_SECONDS and frame.step < frame.steps:
                    send(kind="ended", message=TOO_LONG)
                    return
    except Exception as error:
        send(kind="failed", message=_in_words(error), details=traceback.format_exc())
    finally:
        _wishes.pop(run, None)
        timer = threading.Timer(REST, _rest)
        timer.daemon = True
        timer.start()


def _rest() -> None:
    """Where no training has come meanwhile, what the last ones had goes back to the system."""
    if not _wishes:
        give_back()


async def change_wish(run: str, wish: Wish) -> None:
    """Called by the engine on the worker that has the run, beside the training; a coroutine, so that nobody waits."""
    with _wished:
        if run in _wishes:
            _wishes[run] = wish
            _wished.notify_all()


def frames(
    recipe: Recipe,
    cancelled: Callable[[], bool] = lambda: False,
    wish: Callable[[], Wish] | None = None,
    with_maps: bool = True,
    crowded: Callable[[], bool] = lambda: False,
) -> Iterator[Frame]:
    """Frames of a training run: at step 0, about every half second of training, every second where it is ``crowded``,
    at the limit of the wish, and at the end.

    The last one has finer maps.  Without maps, frames are numbers, and test predictions and weights at the end.
    """
    import torch

    from s2v import data
    from s2v.checkpoints import dumps
    from s2v.evaluation import background_places
    from s2v.training import train

    torch.set_num_threads(1)  # more only get in each other's way; a setting of this thread
    wish = wish or (lambda: Wish(recipe.steps))
    interval = PAUSE  # changes with what the maps cost; train asks for it after each snapshot
    live: LiveMaps | None = None
    for snapshot in train(
        recipe,
        seconds=lambda: interval,  # noqa: B023
        should_stop=cancelled,
        pause_at=lambda: wish().limit,
    ):
        model = snapshot.model
        if live is None:
            _check_size(model)
            live = LiveMaps(model, LIVE)
        begin, taken = time.perf_counter(), time.time()
        watched = wish().watched
        made = live(watched, wish().rests or snapshot.done) if with_maps else Maps({}, {})
        frame = Frame(
            *(snapshot.step, snapshot.steps, snapshot.seconds, snapshot.loss, snapshot.metrics),
            *made,
            watched,
            taken=taken,
        )
        interval = pause(time.perf_counter() - begin, crowded())
        yield frame
        if snapshot.done:
            if with_maps:
                layers = predict_layers(model.predict, len(model.classes)) if model.classes else {}
                frame = replace(frame, maps=predict_maps(model.predict, FINE), layers=layers)
            dataset = data.load(recipe.data, recipe.points, recipe.seed, recipe.split)
            test = model.predict(dataset.lonlat[dataset.test])
            background = model.predict(background_places()) if model.task == "presence" else None
            yield replace(frame, fine=True, test=test, background=background, weights=dumps(model))


def _check_size(model: Any) -> None:
    parameters = sum(p.numel() for p in model.parameters())
    if parameters > MOST_PARAMETERS:
        raise TooLargeError(
            f"This encoder and network have {parameters:,} parameters; the lab trains at most {MOST_PARAMETERS:,}. "
            "Choose fewer hidden units or layers, or a smaller encoder."
        )


class TooLargeError(ValueError):
    """The model is larger than a shared server trains; the message says what to do."""


def _may_go_on(run: str, step: int, steps: int, cancelled: Callable[[], bool]) -> bool:
    """Waits until the run may train beyond ``step``; False if it has been cancelled before."""
    while not cancelled():
        with _wished:
            if step < 0 or step >= steps or _wishes[run].limit > step:
                return True
            _wished.wait(LOOK)
    return False


class WarmUp(WorkerPlugin):  # type: ignore[misc]  # distributed is not typed
    """Warms each worker as it comes, beside whatever else the worker does."""

    name = "s2v-warm-up"

    def setup(self, worker: Any) -> None:
        """Called by Dask in every worker, those that replace lost ones included."""
        threading.Thread(target=self._warm, args=(worker,), name="s2v-warm-up", daemon=True).start()

    def _warm(self, worker: Any) -> None:
        try:
            worker._get_client()  # through which runs send their messages: the first would wait for its connection
        except Exception:
            log.exception("The worker could not connect to its scheduler as a client")
        warm_up()


def warm_up() -> None:
    """Pay once, not in the first run, for what the first run would wait for: torch, the optimiser, the data set."""
    with _turns.turn("", lambda: False):
        _warm_up()


def is_warm() -> bool:
    """Whether this worker has been warmed."""
    return _warm


_turns = Turns()
_wishes: dict[str, Wish] = {}  # by run
_wished = threading.Condition()
_warm = False


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
        return task is None or task.state not in ("executing", "long-running")

    return cancelled


def _in_words(error: Exception) -> str:
    """What a person should read: errors of this project explain themselves."""
    if type(error).__module__.startswith("s2v."):
        return str(error)
    return (
        f"The training ended with an unexpected error ({type(error).__name__}). The server's log has the details; "
        "try other settings."
    )
