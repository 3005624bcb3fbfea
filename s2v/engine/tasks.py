"""What runs on a worker.  Torch is imported inside the functions: the page's process imports this module too."""

from __future__ import annotations

import logging
import threading
import traceback
from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from distributed import Queue, WorkerPlugin, get_worker, secede

from s2v.engine.frames import Frame, pack
from s2v.engine.live_maps import PAUSE
from s2v.engine.turns import Place, Turns
from s2v.errors import sentence
from s2v.memory import give_back
from s2v.models.recipe import Recipe

if TYPE_CHECKING:
    from s2v.models.training import Snapshot

log = logging.getLogger("s2v.engine")

PATIENCE = 30.0  # seconds for a message that must arrive
LOOK = 0.2  # seconds between two looks at whether a paused run has been cancelled
REST = 3.0  # seconds without a training after which the worker gives memory back
MAX_SECONDS = 900.0  # of training for one run: more would hold up a class
MAX_PARAMETERS = 5_000_000

TOO_LONG = (
    f"The training was ended after {MAX_SECONDS / 60:g} minutes, the most that one run may take here; what it had is "
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

    def show(frame: Frame) -> None:
        if not cancelled():
            send(kind="frame", frame=pack(frame))

    def tell(place: Place) -> None:
        send(kind="waits", ahead=place.ahead, seconds=place.seconds)

    _wishes.setdefault(run, wish)
    try:
        with _turns.member(race):
            snapshots = follow(recipe, show, cancelled, lambda: _wishes[run], with_maps, lambda: _turns.crowded)
            step = -1
            while _may_go_on(run, step, recipe.steps, cancelled):
                with _turns.turn(race, cancelled, tell) as mine:
                    if not mine:
                        return
                    if step < 0:
                        _warm_up()
                        send(kind="started", worker=get_worker().address)
                    snapshot = next(snapshots, None)
                if cancelled():
                    return
                if snapshot is None:
                    send(kind="finished")
                    return
                step = snapshot.step
                send(kind="step", step=step)
                if snapshot.seconds > MAX_SECONDS and step < recipe.steps:
                    snapshots.close()  # what it had comes first
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


def follow(
    recipe: Recipe,
    show: Callable[[Frame], None] = lambda frame: None,
    cancelled: Callable[[], bool] = lambda: False,
    wish: Callable[[], Wish] | None = None,
    with_maps: bool = True,
    crowded: Callable[[], bool] = lambda: False,
) -> Generator[Snapshot]:
    """Snapshots of a training run, without metrics: at step 0, about every third of a second, every second where it is
    ``crowded``, at the limit of the wish, and at the end.

    A frame of each goes to ``show``, soon and perhaps in another thread, while the training may go on; after the last
    one with finer maps.  Without maps, frames are numbers, and test predictions and weights at the end.
    """
    import torch

    from s2v import data
    from s2v.engine.observer import Observer
    from s2v.models.checkpoints import dumps
    from s2v.models.training import train

    torch.set_num_threads(1)  # more only get in each other's way; a setting of this thread
    wish = wish or (lambda: Wish(recipe.steps))
    dataset = data.load(recipe.data, recipe.points, recipe.seed, recipe.split)
    observer: Observer | None = None

    def interval() -> float:
        return observer.pause(crowded()) if observer else PAUSE

    try:
        for snapshot in train(
            recipe,
            dataset=dataset,
            evaluated=False,
            seconds=interval,
            should_stop=cancelled,
            pause_at=lambda: wish().limit,
        ):
            if observer is None:
                _check_size(snapshot.model)
                observer = Observer(snapshot.model, dataset, with_maps, show)
            observer.look(snapshot, wish().watched, wish().rests or snapshot.done)
            if snapshot.step == 0 or snapshot.done:
                observer.wait()  # nothing is held up, and who has pressed Start waits for the first maps
            yield snapshot
            if snapshot.done:
                observer.last(dumps(snapshot.model))
    finally:
        if observer is not None:
            observer.wait()


def _check_size(model: Any) -> None:
    parameters = sum(p.numel() for p in model.parameters())
    if parameters > MAX_PARAMETERS:
        raise TooLargeError(
            f"This encoder and network have {parameters:,} parameters; the lab trains at most {MAX_PARAMETERS:,}. "
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
            for _ in follow(Recipe(steps=2)):
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
    return sentence(error) or (
        f"The training ended with an unexpected error ({type(error).__name__}). The server's log has the details; "
        "try other settings."
    )
