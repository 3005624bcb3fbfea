"""What runs on a worker.  Torch is imported inside the functions: the engine's process imports this module too."""

from __future__ import annotations

import contextlib
import logging
import math
import threading
import time
import traceback
from collections.abc import Callable, Generator, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from distributed import Queue, WorkerPlugin, get_worker, secede

from s2v.data import OwnData, held
from s2v.engine.control import RunControl
from s2v.engine.events import Ended, Event, QueuePositions, Started, StepsDone, encode
from s2v.engine.frames import Frame
from s2v.engine.live_maps import MAP_SECONDS
from s2v.engine.references import CancelledError, run_reference
from s2v.engine.turns import Report, Turns
from s2v.errors import user_message
from s2v.memory import free_unused
from s2v.models import cost
from s2v.models.recipe import Recipe
from s2v.models.trials import Tuning
from s2v.models.tries import Outcome, Try

if TYPE_CHECKING:
    from s2v.models.training import Snapshot

log = logging.getLogger("s2v.engine")

SEND_SECONDS = 30.0  # to wait for room in the queue of events, before the run fails
CHECK_SECONDS = 0.2  # between two checks of whether a paused run has been cancelled
TURN_SECONDS = 0.3  # of a predictor's work, after which others get their turns
IDLE_SECONDS = 3.0  # without a training, after which the worker frees memory
MAX_SECONDS = 900.0  # of training for one run: more would hold up a class

TOO_LONG = (
    f"The training was ended after {MAX_SECONDS / 60:g} minutes, the most that one run may take here; what it had is "
    "kept. Choose fewer steps, a smaller network or fewer points."
)


def train_run(
    recipe: Recipe,
    run_id: str,
    visitor: str,
    event_queue: str,
    control: RunControl,
    with_maps: bool,
    own_data: OwnData | None = None,
) -> None:
    """Train ``recipe``, in turns with the other trainings of this process, and send events through ``event_queue``.

    Its turns are counted for ``visitor``.  ``own_data`` are those that the recipe names, if they are a user's own; they
    are gone from here with the run.
    ``control`` is the first; ``set_control`` brings later ones.  Returns early when its task is cancelled.
    Errors of the training are sent in words, too: an exception raised here would make the engine's process import the
    module that defines it, and torch with it.
    """
    cancelled = _cancellation_check()
    _lend_certificate(get_worker())
    queue = Queue(event_queue)
    secede()  # frees the worker's thread for the next training: we take turns by ourselves

    def send(event: Event) -> None:
        queue.put((run_id, encode(event)), timeout=SEND_SECONDS)

    def send_frame(frame: Frame) -> None:
        if not cancelled():
            send(frame)

    _controls.setdefault(run_id, control)
    if own_data is not None:
        _own_data[run_id] = held.hold(own_data)
    message = ""  # why the training is ended early, unless it was asked to

    def current() -> RunControl:
        now = _controls[run_id]
        return replace(now, finish=True) if message else now

    try:
        if recipe.predictor:
            _answer(recipe, run_id, visitor, send, send_frame, cancelled, current, with_maps)
            return
        with _turns.member(visitor):
            snapshots = train_with_frames(recipe, send_frame, cancelled, current, with_maps, lambda: _turns.crowded)
            step, tuned = -1, 0.0
            while _wait_for_limit(current, step, recipe.steps, cancelled):
                with _turns.turn(visitor, cancelled, run_id, _sends(send)) as granted:
                    if not granted:
                        return
                    if step < 0:
                        _warm_up()
                        send(Started(get_worker().address))
                    news = next(snapshots, None)
                if cancelled():
                    return
                if news is None:
                    send(Ended("finished" if step >= recipe.steps else "stopped", message))
                    return
                if isinstance(news, Tuning):
                    step, tuned, trained = 0, news.seconds, 0.0
                    send(news)
                else:
                    step, trained = news.step, news.seconds
                    send(StepsDone(step))
                if tuned + trained > MAX_SECONDS and step < recipe.steps:
                    message = TOO_LONG
    except Exception as error:
        send(Ended("failed", _in_words(error), traceback.format_exc()))
    finally:
        _controls.pop(run_id, None)
        _own_data.pop(run_id, None)
        timer = threading.Timer(IDLE_SECONDS, _free_memory_if_idle)
        timer.daemon = True
        timer.start()


def _answer(
    recipe: Recipe,
    run_id: str,
    visitor: str,
    send: Callable[[Event], None],
    show: Callable[[Frame], None],
    cancelled: Callable[[], bool],
    control: Callable[[], RunControl],
    with_maps: bool,
) -> None:
    """Have a reference predictor answer, a piece of its work at a turn, once the control's limit is above 0."""
    send(Started(get_worker().address))  # now: only then is a new control sent here
    if not _wait_for_limit(control, 0, 1, cancelled):
        return
    with _in_turns(visitor, cancelled, run_id, _sends(send), lambda: send(StepsDone(0))) as go_on:
        if go_on():
            with contextlib.suppress(CancelledError):
                run_reference(recipe, show, go_on, with_maps)
                send(Ended("finished"))


def _sends(send: Callable[[Event], None]) -> Report:
    return lambda positions: send(QueuePositions(positions))


def run_try(each: Try, search_id: str, own_data: OwnData | None = None) -> Outcome | None:
    """Run a try of a search, in turns with the trainings of this process; None if its task is cancelled.

    ``own_data`` as for ``train_run``.  Errors come back in words, too.
    """
    from s2v import data
    from s2v.models.attempts import attempt

    cancelled = _cancellation_check()
    secede()
    kept = held.hold(own_data) if own_data is not None else None
    recipe = each.recipe
    try:
        with _in_turns(search_id, cancelled) as go_on:
            if not go_on():
                return None
            _warm_up()
            return attempt(each, data.load(recipe.data, recipe.points, recipe.seed, recipe.split), go_on)
    except Exception as error:
        if not user_message(error):
            log.exception("A try failed")
        return Outcome(problem=_in_words(error))
    finally:
        del kept


def call_in_turn(run_id: str, function: Callable[..., Any], *arguments: Any) -> Any:
    """Call a function in one turn between the trainings of this process; None if its task is cancelled."""
    cancelled = _cancellation_check()
    secede()
    with _turns.member(run_id), _turns.turn(run_id, cancelled) as granted:
        return function(*arguments) if granted else None


def cancel(future: Any) -> None:
    """Cancel a task, if its cluster is still there; the task sees it between two steps."""
    with contextlib.suppress(Exception):
        future.cancel()


@contextlib.contextmanager
def _in_turns(
    visitor: str,
    cancelled: Callable[[], bool],
    name: str = "",
    report: Report = lambda positions: None,
    begun: Callable[[], None] = lambda: None,
) -> Iterator[Callable[[], bool]]:
    """Gives a function to be called between pieces of work: it waits for a turn where the last one is over, calls
    ``begun`` at the beginning of each, and is false once the work is cancelled."""
    with _turns.member(visitor), contextlib.ExitStack() as turn:
        began = -math.inf

        def go_on() -> bool:
            nonlocal began
            if time.monotonic() - began >= TURN_SECONDS:
                turn.close()
                if not turn.enter_context(_turns.turn(visitor, cancelled, name, report)):
                    return False
                began = time.monotonic()
                begun()
            return not cancelled()

        yield go_on


async def set_control(run_id: str, control: RunControl) -> None:
    """Called by the engine on the worker of a run: a coroutine, since those run beside the training."""
    with _control_changed:
        current = _controls.get(run_id)
        if current is not None and control.revision > current.revision:
            _controls[run_id] = control
            _control_changed.notify_all()


def train_with_frames(
    recipe: Recipe,
    show: Callable[[Frame], None] = lambda frame: None,
    cancelled: Callable[[], bool] = lambda: False,
    control: Callable[[], RunControl] | None = None,
    with_maps: bool = True,
    crowded: Callable[[], bool] = lambda: False,
) -> Generator[Tuning | Snapshot]:
    """The trials of the encoder's scale, where the recipe has some; then snapshots of the training, without metrics: at
    step 0, about every third of a second (every second where it is ``crowded``), at the control's limit, and at the
    end, which comes early once the control says ``finish``: during the trials with a model of the best scale so far
    that has learned nothing.

    A frame of each goes to ``show``, soon and perhaps in another thread, while the training goes on; after the last
    one comes another frame with finer maps.  Without maps, frames are numbers, and test predictions and weights at
    the end.
    """
    import torch

    from s2v import data
    from s2v.engine.observer import Observer
    from s2v.models.checkpoints import dumps
    from s2v.models.loop import train_steps
    from s2v.models.tuning import tune

    torch.set_num_threads(1)  # more threads would slow each other down; this sets those of the current thread only
    control = control or (lambda: RunControl(recipe.steps))
    dataset = data.load(recipe.data, recipe.points, recipe.seed, recipe.split)
    observer: Observer | None = None

    def interval() -> float:
        return observer.interval(crowded()) if observer else MAP_SECONDS

    if recipe.trials or recipe.is_auto:
        for tuning in tune(recipe, dataset, seconds=lambda: MAP_SECONDS, should_stop=cancelled):
            recipe, finish = tuning.recipe, control().finish  # it may be finished while others have their turns
            yield replace(tuning, done=tuning.done or finish)
            if finish:
                break
        if cancelled():
            return
    try:
        for snapshot in train_steps(
            recipe,
            dataset,
            evaluated=False,
            seconds=interval,
            should_stop=cancelled,
            pause_at=lambda: 0 if control().finish else control().limit,
        ):
            if observer is None:
                _check_size(recipe, snapshot.model)
                observer = Observer(snapshot.model, dataset, with_maps, show)
            now = control()
            observer.observe(snapshot, now.watched_class, now.paused or now.finish or snapshot.done)
            if snapshot.step == 0 or snapshot.done:
                observer.wait()  # no training is delayed, and the page waits for the first maps
            yield snapshot
            if snapshot.done or control().finish:
                observer.finish(dumps(snapshot.model))
                return
    finally:
        if observer is not None:
            observer.wait()


class WarmUp(WorkerPlugin):  # type: ignore[misc]  # distributed is not typed
    """Warms up each new worker, beside whatever else the worker does."""

    name = "s2v-warm-up"

    def setup(self, worker: Any) -> None:
        """Called by Dask in every worker, those that replace lost ones included."""
        threading.Thread(target=self._warm_up, args=(worker,), name="s2v-warm-up", daemon=True).start()

    def _warm_up(self, worker: Any) -> None:
        try:
            _lend_certificate(worker)
            worker._get_client()  # runs send events through it: the first would wait for its connection
        except Exception:
            log.exception("The worker could not connect to its scheduler as a client")
        warm_up()


def warm_up() -> None:
    """Load torch, an optimiser and a data set now, so that the first run need not wait for them."""
    with _turns.turn("", lambda: False):
        _warm_up()


def is_warm() -> bool:
    """Whether this worker has been warmed up."""
    return _warm


_turns = Turns()
_controls: dict[str, RunControl] = {}  # by run id
_own_data: dict[str, OwnData] = {}  # by run id: held for as long as it trains
_control_changed = threading.Condition()
_warm = False


def _warm_up() -> None:
    global _warm
    if not _warm:
        try:
            for _ in train_with_frames(Recipe(steps=2)):
                pass
        except Exception:  # if it concerns the run, the run itself will say what is wrong
            log.exception("Warming up failed")
        _warm = True


def _lend_certificate(worker: Any) -> None:
    """Runs send events as clients of the scheduler; with ``--tls-cert`` alone a worker has no certificate for that."""
    security = worker.security
    if not security.tls_client_cert:
        security.tls_client_cert, security.tls_client_key = security.tls_worker_cert, security.tls_worker_key


def _wait_for_limit(control: Callable[[], RunControl], step: int, steps: int, cancelled: Callable[[], bool]) -> bool:
    """Wait until the run may train beyond ``step``, or shall finish; False if it was cancelled first."""
    while not cancelled():
        with _control_changed:
            now = control()
            if step < 0 or step >= steps or now.limit > step or now.finish:
                return True
            _control_changed.wait(CHECK_SECONDS)
    return False


def _check_size(recipe: Recipe, model: Any) -> None:
    """The engine has checked the recipe; the size of an installed package's encoder is known only here."""
    parameters = sum(p.numel() for p in model.parameters())
    known = cost.cost(recipe, features=model.encoder.dim, classes=len(model.classes))
    cost.check([recipe], costs=[replace(known, parameters=parameters)])


def _free_memory_if_idle() -> None:
    if not _controls:
        free_unused()


def _cancellation_check() -> Callable[[], bool]:
    """A cheap function that says whether the task that calls this has been cancelled.

    Dask removes a task from its worker when the engine cancels it and when the engine's process is gone, but cannot
    interrupt a running function: the worker's own state shows it.
    """
    worker = get_worker()
    tasks, key = worker.state.tasks, worker.get_current_task()

    def cancelled() -> bool:
        task = tasks.get(key)
        return task is None or task.state not in ("executing", "long-running")

    return cancelled


def _in_words(error: Exception) -> str:
    """The error as a person should read it: errors of this project explain themselves."""
    return user_message(error) or (
        f"The training ended with an unexpected error ({type(error).__name__}). The server's log has the details; "
        "try other settings."
    )
