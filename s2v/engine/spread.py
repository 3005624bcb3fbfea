"""Spreads calls of a function over the workers of a cluster, one at a time on each; a lost call is made again."""

from __future__ import annotations

import logging
import queue
import uuid
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from s2v.engine import tasks
from s2v.engine.cluster import Connection

log = logging.getLogger("s2v.engine")

MAX_ATTEMPTS = 3  # of a call whose worker is lost
CHECK_SECONDS = 0.2  # between two checks of whether to stop, or whether there is a cluster


class LostError(RuntimeError):
    """A call was lost with its worker, again and again."""


def spread(
    function: Callable[..., Any],
    calls: Sequence[tuple[Any, ...]],
    connection: Callable[[], Connection | None],
    workers: Callable[[], Sequence[str]],
    should_stop: Callable[[], bool],
) -> Iterator[tuple[int, Any]]:
    """Call a function on the workers, with the arguments of each of ``calls``; waits for a cluster where there is none.

    Yields the number of a call with its result, in the order in which they end.  A result of None counts as lost.

    Raises
    ------
    LostError
        Where a call was lost ``MAX_ATTEMPTS`` times.
    """
    waiting, attempts = deque(range(len(calls))), [0] * len(calls)
    busy: dict[str, Any] = {}  # futures by worker
    done: queue.SimpleQueue[tuple[int, str, Any]] = queue.SimpleQueue()
    try:
        while (waiting or busy) and not should_stop():
            cluster = connection()
            free = [worker for worker in sorted(workers()) if worker not in busy] if cluster else []
            while cluster and free and waiting:
                number, worker = waiting.popleft(), free.pop(0)
                attempts[number] += 1
                busy[worker] = _submit(cluster, function, calls[number], number, worker, done)
            try:
                number, worker, future = done.get(timeout=CHECK_SECONDS)
            except queue.Empty:
                continue
            busy.pop(worker, None)
            result = _result_of(future)
            if result is not None:
                yield number, result
            elif attempts[number] < MAX_ATTEMPTS:
                waiting.append(number)
            else:
                raise LostError
    finally:
        for future in busy.values():
            tasks.cancel(future)


def _submit(
    cluster: Connection,
    function: Callable[..., Any],
    arguments: tuple[Any, ...],
    number: int,
    worker: str,
    done: queue.SimpleQueue[tuple[int, str, Any]],
) -> Any:
    try:
        future = cluster.client.submit(
            function,
            *arguments,
            key=f"s2v-call-{uuid.uuid4().hex}",
            workers=[worker],
            allow_other_workers=True,  # should that one be gone by then
        )
        cluster.when_done(future, lambda ended: done.put((number, worker, ended)))
    except Exception:  # the connection is being lost
        log.exception("A call could not be submitted")
        done.put((number, worker, None))
        return None
    return future


def _result_of(future: Any) -> Any:
    """What came of a call; None where its worker or the cluster was lost, or it was cancelled."""
    try:
        return future.result(timeout=10) if future is not None and future.status == "finished" else None
    except Exception:
        log.exception("The result of a call was lost")
        return None
