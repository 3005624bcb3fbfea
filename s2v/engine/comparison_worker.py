"""Quick questions of the pages, answered in a process of their own, however busy the training is."""

from __future__ import annotations

import atexit
import contextlib
import importlib
import logging
import threading
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from dask.system import CPU_COUNT
from distributed import fire_and_forget

from s2v.engine.cluster import Link

log = logging.getLogger("s2v.engine")

PATIENCE = 180.0  # seconds until a question is given up; the first one includes the import of torch

LOOKS = 3  # at how many threads run: some do so for a moment only
RUNNING = Path("/proc/loadavg")  # its fourth word begins with the number of threads that run at this moment

_NONE: Mapping[str, bytes] = {}


class Question(NamedTuple):
    """A function of ``s2v.comparison.compute`` by name, and its arguments."""

    function: str
    arguments: tuple[Any, ...]


def question(function: str, *arguments: Any) -> Question:
    """``question("main_lobe", setting, (15.6, 78.2))``."""
    return Question(function, arguments)


class DeskError(RuntimeError):
    """The question could not be answered; the message is a sentence for people."""


class Desk:
    """One worker process with torch that computes what the pages ask for, while they wait.

    Started at the first question or by ``warm``, and again if it is lost.  All methods may be called from any thread.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._link: Link | None = None
        self._closed = False
        atexit.register(self.close)

    def __enter__(self) -> Desk:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def warm(self) -> None:
        """Have the process started and torch loaded.  Returns at once."""
        threading.Thread(target=self._warm, name="s2v-desk", daemon=True).start()

    def ask(self, *questions: Question, models: Mapping[str, bytes] = _NONE) -> list[Any]:
        """The answers, in order.  ``models`` are the files, by digest, of the trained models that are asked about:
        each travels to the process once.

        ``ValueError`` says what was wrong with a question, ``DeskError`` that there is no answer to be had.
        """
        try:
            answers = self._submit(questions, models)
        except Exception:
            log.exception("The desk was lost; starting it again")
            self._lose()
            try:
                answers = self._submit(questions, models)
            except Exception as error:
                log.exception("The desk does not answer")
                self._lose()
                raise DeskError(
                    "The process that computes the comparison does not answer. The server's log says why; "
                    "change a setting or load the page again to try once more."
                ) from error
        for answer in answers:
            if isinstance(answer, _Refusal):
                raise ValueError(answer.message)
        return answers

    def close(self) -> None:
        """End its process.  A desk may be closed twice."""
        with self._lock:
            self._closed = True
            link, self._link = self._link, None
        atexit.unregister(self.close)
        if link is not None:
            link.close()

    def _submit(self, questions: tuple[Question, ...], models: Mapping[str, bytes]) -> list[Any]:
        client = self._open().client

        def ask(given: list[bytes]) -> Any:
            return client.submit(answer, questions, tuple(models), given, pure=False).result(timeout=PATIENCE)

        answers = ask([])
        if isinstance(answers, _Lack):  # a new model, or a new process
            answers = ask([models[digest] for digest in answers.digests])
        return answers  # type: ignore[no-any-return]

    def _open(self) -> Link:
        with self._lock:
            if self._closed:
                raise RuntimeError("This desk is closed; make a new one.")
            if self._link is None:
                self._link = Link.open(None, 1)
            return self._link

    def _lose(self) -> None:
        with self._lock:
            link, self._link = self._link, None
        if link is not None:
            with contextlib.suppress(Exception):
                link.close()

    def _warm(self) -> None:
        try:
            client = self._open().client
            fire_and_forget(client.submit(_get_ready, pure=False))  # without, it is cancelled: nobody wants its result
        except Exception:  # the first question will say what is wrong
            log.exception("The desk could not be warmed")


class _Refusal(NamedTuple):
    message: str


class _Lack(NamedTuple):
    digests: list[str]


def answer(questions: tuple[Question, ...], digests: Iterable[str] = (), models: Iterable[bytes] = ()) -> Any:
    """On the worker: the answers to all questions; or the ``digests`` of models that have to be given first."""
    compute = _load()
    compute.take(models)
    if lacking := compute.lacking(digests):
        return _Lack(lacking)
    _use_idle_cores()
    answers = []
    for function, arguments in questions:
        try:
            answers.append(getattr(compute, function)(*arguments))
        except ValueError as error:
            answers.append(_Refusal(str(error)))
    return answers


def _use_idle_cores() -> None:
    """Torch uses the cores that nobody uses at this moment, and one: threads that wait for their turn hold up all."""
    import torch

    running = min(_running() for _ in range(LOOKS))
    torch.set_num_threads(max(1, CPU_COUNT - running + 1))


def _running() -> int:
    """How many threads run on this machine, this one among them; as many as there are cores if nobody knows."""
    time.sleep(1e-3)  # those that have just brought the question have gone by then
    try:
        return int(RUNNING.read_text().split()[3].partition("/")[0])
    except (OSError, IndexError, ValueError):  # not Linux
        return int(CPU_COUNT)


def _load() -> Any:
    return importlib.import_module("s2v.comparison.compute")


def _get_ready() -> None:
    _load().get_ready()
