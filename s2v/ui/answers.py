"""Answers to the pages' questions: recent ones are cached, the others computed by this server's comparison worker.

    lobe = answers.ask(LobeOf(source, (15.6, 78.2)))
    maps, ellipses = answers.ask_all([StretchMapOf(s) for s in sources], [EllipsesOf(s) for s in sources])

The worker process is started in the background, after the first page has been drawn.
"""

from __future__ import annotations

import pickle
import threading
from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Protocol, TypeVar, overload

import streamlit as st

from s2v.comparison.questions import Answer, NoAnswerError, Question
from s2v.comparison.sources import DataSource, TrainedModel, data_file
from s2v.encoders.registry import EncoderConfig
from s2v.ui import session_race, trained_models
from s2v.ui.messages import explained, log, plain

HEAD_START = 0.5  # seconds for the first page, before the start of the worker competes with it for the processor
MAX_BYTES = 192 << 20  # of cached answers
MAX_ANSWERS = 2000

A = TypeVar("A")
B = TypeVar("B")
C = TypeVar("C")


def start(shipped: Mapping[Question[Any], Any], wanted: Sequence[Question[Any]]) -> None:
    """Cache the ``shipped`` answers; soon after, in the background, start the worker and ask what is ``wanted``."""
    cache = _cache()
    cache.keep(shipped)
    timer = threading.Timer(HEAD_START, cache.prepare, [wanted])
    timer.daemon = True
    timer.start()


def ask(question: Question[Answer]) -> Answer:
    """The answer to one question; see ``ask_all``."""
    return ask_all([question])[0]


def ask_once(file: bytes, question: Question[Answer]) -> Answer:
    """The answer to a question about a ``file``, which its source stands for; it is not cached.  See ``ask_all``."""
    cache = _cache()
    assert isinstance(question.source, TrainedModel)
    (answer,) = cache.started().ask([question], {question.source.digest: file})
    cache.has_worked = True
    return answer


def ask_of(file: bytes, question: Question[Answer]) -> Answer:
    """The answer to a question about the model in a ``file``, whichever models the session keeps; see ``ask_all``."""
    answer: Answer = _cache().ask([question], file)[question]
    return answer


@overload
def ask_all(first: Sequence[Question[A]], /) -> list[A]: ...
@overload
def ask_all(first: Sequence[Question[A]], second: Sequence[Question[B]], /) -> tuple[list[A], list[B]]: ...
@overload
def ask_all(
    first: Sequence[Question[A]], second: Sequence[Question[B]], third: Sequence[Question[C]], /
) -> tuple[list[A], list[B], list[C]]: ...
def ask_all(*lists: Sequence[Question[Any]]) -> Any:
    """The answers to all questions, in order; one list for each list of questions.

    Answers are shared, so never change one.  Trained models must be among those that the session keeps
    (``trained_models``).  ``ValueError`` says what is wrong with a question, ``NoAnswerError`` that there is no answer.
    """
    found = _cache().ask([question for questions in lists for question in questions])
    answers = tuple([found[question] for question in questions] for questions in lists)
    return answers if len(answers) > 1 else answers[0]


def knows(*questions: Question[Any]) -> bool:
    """Whether all answers are cached, so that asking takes no time."""
    return _cache().knows(questions)


@contextmanager
def section(what: str, busy: str = "") -> Iterator[None]:
    """A part of a page that asks questions; where there is no answer, the page says why and goes on.

    ``what`` completes "... cannot be shown", as in ``messages.explained``.  While the worker starts, the page says so;
    or it says ``busy``, for what takes its time whether or not a worker is asked.
    """
    with explained(what):
        try:
            if _cache().has_worked and not busy:
                yield
            else:
                with st.spinner(
                    busy or "Starting the process that computes; only the first visitor waits for it, some seconds…"
                ):
                    yield
        except (ValueError, NoAnswerError) as error:
            log.info("%s: %s", what, error)
            st.error(plain(str(error)), icon=":material/error:")


class Worker(Protocol):
    """What computes answers: a ``ComparisonWorker``, or another in tests."""

    def ask(self, questions: Sequence[Question[Answer]], models: Mapping[str, bytes]) -> list[Answer]: ...


class AnswerCache:
    """Recent answers, and the worker that computes the others.  Any thread may call any method."""

    def __init__(self, worker: Worker | None = None) -> None:
        self.has_worked = False  # whether the worker has ever answered
        self._worker = worker
        self._starting = threading.Lock()
        self._lock = threading.Lock()
        self._answers: OrderedDict[Question[Any], Any] = OrderedDict()
        self._sizes: dict[Question[Any], int] = {}

    def ask(self, questions: Sequence[Question[Any]], file: bytes = b"") -> dict[Question[Any], Any]:
        """The answer to each question; only those that are not cached are computed.

        ``file`` is that of the model that they are about, unless it is among those that the session keeps.
        """
        with self._lock:
            found = {q: self._answers[q] for q in questions if q in self._answers}
            for q in found:
                self._answers.move_to_end(q)
        missing = [q for q in dict.fromkeys(questions) if q not in found]
        if missing:
            files = {
                q.source.digest: file or _file_of(q.source)
                for q in missing
                if not isinstance(q.source, EncoderConfig) and q.source.digest
            }
            new = dict(zip(missing, self.started().ask(missing, files), strict=True))
            self.has_worked = True
            self.keep(new)
            found |= new
        return found

    def knows(self, questions: Sequence[Question[Any]]) -> bool:
        """Whether all answers are cached."""
        with self._lock:
            return all(q in self._answers for q in questions)

    def keep(self, answers: Mapping[Question[Any], Any]) -> None:
        """Cache answers; the least recently used ones are dropped from a full cache."""
        sizes = {q: len(pickle.dumps(answer, protocol=5)) for q, answer in answers.items()}
        with self._lock:
            self._answers.update(answers)
            self._sizes.update(sizes)
            while sum(self._sizes.values()) > MAX_BYTES or len(self._answers) > MAX_ANSWERS:
                oldest, _ = self._answers.popitem(last=False)
                del self._sizes[oldest]

    def prepare(self, wanted: Sequence[Question[Any]]) -> None:
        """Ask questions one by one, so that a page that asks meanwhile waits for one at most."""
        for question in wanted:
            try:
                self.ask([question])
            except ValueError as error:  # the page that asks will say so
                log.info("%s: %s", question, error)
            except NoAnswerError:  # the worker has logged why
                return
            except Exception:
                log.exception("The first answers could not be prepared")
                return

    def started(self) -> Worker:
        """The worker, started if it is not yet."""
        with self._starting:
            if self._worker is None:
                from s2v.engine.comparison_worker import ComparisonWorker  # here, because it takes a second to import

                self._worker = worker = ComparisonWorker()
                worker.warm()
            return self._worker


def _file_of(source: TrainedModel | DataSource) -> bytes:
    """The file of a model, or of data of the user's own, that the session has."""
    if isinstance(source, TrainedModel):
        return trained_models.file_of(source)
    for own in session_race.own_data():
        if own.name == source.name:
            return data_file(own)
    raise ValueError(f"{source.title} are not open in this session any more: open their file on Your data.")


@st.cache_resource(show_spinner=False)
def _cache() -> AnswerCache:
    return AnswerCache()
