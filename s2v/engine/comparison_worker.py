"""A worker process that answers the pages' questions at once, however busy the training is."""

from __future__ import annotations

import atexit
import contextlib
import logging
import threading
import time
import traceback
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from dask.system import CPU_COUNT
from distributed import fire_and_forget

from s2v.comparison import sources
from s2v.comparison.questions import Answer, NoAnswerError, Question
from s2v.engine.cluster import Connection

log = logging.getLogger("s2v.engine")

CHECK_SECONDS = 1.0  # between two looks at whether there still is a process
TIMEOUT = 180.0  # seconds to answer; the first question waits for the import of torch, too

LOADAVG = Path("/proc/loadavg")  # its fourth word begins with the number of running threads
READINGS = 3  # of it: some threads run for a moment only

_NO_MODELS: Mapping[str, bytes] = {}


class ComparisonWorker:
    """One process with torch that answers questions while the pages wait.

    It is started by ``warm`` or by the first question, and again if it is lost.  Any thread may call any method.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._connection: Connection | None = None
        self._closed = False
        atexit.register(self.close)

    def __enter__(self) -> ComparisonWorker:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def warm(self) -> None:
        """Start the process and load torch in it, in the background."""
        threading.Thread(target=self._warm, name="s2v-comparison-worker", daemon=True).start()

    def ask(self, questions: Sequence[Question[Answer]], models: Mapping[str, bytes] = _NO_MODELS) -> list[Answer]:
        """The answers, in order.

        ``models`` maps the digests of the trained models in the questions to their files; each file is sent once.
        ``ValueError`` says what is wrong with a question, ``NoAnswerError`` that there is no answer.
        """
        try:
            answers = self._submit(questions, models)
        except _LostError as error:
            # No traceback: the process may be killed at any time, and nobody need do anything.
            log.warning("The comparison worker was lost (%r); starting it again", error.__cause__)
            try:
                answers = self._submit(questions, models)
            except _LostError as error:
                log.exception("The comparison worker does not answer")
                raise NoAnswerError(
                    "The process that computes the comparison does not answer. The server's log says why; "
                    "change a setting or load the page again to try once more."
                ) from error
        for answer in answers:
            if isinstance(answer, _Refusal):
                if answer.traceback:
                    log.error("A question failed in the comparison worker:\n%s", answer.traceback)
                raise ValueError(answer.message)
        return answers

    def close(self) -> None:
        """End the process.  It may be closed twice."""
        with self._lock:
            self._closed = True
            connection, self._connection = self._connection, None
        atexit.unregister(self.close)
        if connection is not None:
            connection.close()

    def _submit(self, questions: Sequence[Question[Any]], models: Mapping[str, bytes]) -> list[Any]:
        """The answers; ``_LostError`` where there are none, after which the next call starts another process."""
        connection: Connection | None = None

        def submit(files: list[bytes]) -> Any:
            assert connection is not None
            return _result(
                connection, connection.client.submit(_answer, list(questions), list(models), files, pure=False)
            )

        try:
            connection = self._open()
            answers = submit([])
            if isinstance(answers, _MissingFiles):  # a new model, or a new process
                answers = submit([models[digest] for digest in answers.digests])
        except Exception as error:
            if self._closed:  # the server ends
                raise NoAnswerError("The process that computes the comparison has been closed.") from error
            if connection is not None:
                self._lose(connection)
            raise _LostError from error
        return answers  # type: ignore[no-any-return]

    def _open(self) -> Connection:
        with self._lock:
            if self._closed:
                raise RuntimeError("This worker is closed; make a new one.")
            if self._connection is None:
                self._connection = Connection.open(None, 1)
            return self._connection

    def _lose(self, connection: Connection) -> None:
        """Close a connection that failed; one that another thread has opened since is left alone."""
        with self._lock:
            if self._connection is connection:
                self._connection = None
        with contextlib.suppress(Exception):
            connection.close()

    def _warm(self) -> None:
        try:
            client = self._open().client
            fire_and_forget(client.submit(_get_ready, pure=False))  # Dask cancels a task whose result nobody keeps
        except Exception:  # the first question will say what is wrong
            log.exception("The comparison worker could not be warmed")


def _result(connection: Connection, task: Any) -> Any:
    """The result of a task; ``OSError`` where it does not come because no worker starts."""
    end = time.monotonic() + TIMEOUT
    while True:
        try:
            return task.result(timeout=CHECK_SECONDS)
        except TimeoutError:
            if connection.lacks_workers:
                raise OSError("No worker process starts.") from None
            if time.monotonic() > end:
                raise


class _LostError(Exception):
    """The process, or the way to it, was lost; the cause says how."""


class _Refusal(NamedTuple):
    """In place of an answer: what is wrong with the question.

    With a ``traceback``, the error was not foreseen: an installed package's encoder may raise anything.
    """

    message: str
    traceback: str = ""


class _MissingFiles(NamedTuple):
    """In place of all answers: the models whose files the process lacks."""

    digests: list[str]


def _answer(questions: list[Question[Any]], digests: list[str], files: list[bytes]) -> list[Any] | _MissingFiles:
    """In the worker process: the answers to all questions."""
    from s2v.comparison import answering  # here, because it loads torch

    sources.take(files)
    if lacking := sources.lacking(digests):
        return _MissingFiles(lacking)
    _use_idle_cores()
    answers: list[Any] = []
    for question in questions:
        try:
            answers.append(answering.answer(question))
        except ValueError as error:
            answers.append(_Refusal(str(error)))
        except Exception as error:
            message = (
                f"{question.source.title} could not be evaluated: its code raised {type(error).__name__}. Choose "
                "another encoder or model, or other parameters; the server's log has the details."
            )
            answers.append(_Refusal(message, traceback.format_exc()))
    return answers


def _get_ready() -> None:
    from s2v.comparison import answering, codes  # noqa: F401 - here, because they load torch

    codes.get_ready()


def _use_idle_cores() -> None:
    """Let torch use the cores that are idle now, and at least one: threads that wait for a core delay the others."""
    import torch

    running = min(_running_threads() for _ in range(READINGS))
    torch.set_num_threads(max(1, CPU_COUNT - running + 1))


def _running_threads() -> int:
    """How many threads run on this machine, this one included; the number of cores where that is unknown."""
    time.sleep(1e-3)  # those that have just brought the question have gone by then
    try:
        return int(LOADAVG.read_text().split()[3].partition("/")[0])
    except (OSError, IndexError, ValueError):  # not Linux
        return int(CPU_COUNT)
