"""The process that answers this server's quick questions, and the answers that were given lately.

    maps = desk.ask(question("similarity_map", setting, probe, 2.0), ...)

The process is started in the background when the first page is opened, after its first picture.
"""

from __future__ import annotations

import pickle
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import streamlit as st

from s2v.assets import AssetError
from s2v.comparison.sources import TrainedModel
from s2v.ui import trained_models
from s2v.ui.messages import explained, log, plain

if TYPE_CHECKING:
    from s2v.engine.comparison_worker import Desk

HEAD_START = 0.5  # seconds that the first page gets before the start competes with it for the processor
MAX_CACHE = 192 << 20  # bytes of answers


Question = tuple[str, tuple[Any, ...]]


class NoAnswerError(RuntimeError):
    """There is no answer to be had; the message is a sentence for people."""


def question(function: str, *arguments: Any) -> Question:
    """A function of ``s2v.comparison.compute`` by name, and its arguments, which must be hashable."""
    return function, arguments


def warm() -> None:
    """Sees to it that the process is started; returns at once."""
    _office()


def ask(*questions: Question) -> list[Any]:
    """The answers, in order; what was answered lately is not computed again.  Answers are shared: never change one.
    Trained models that are asked about must be among those that the session keeps (``s2v.ui.trained_models``).

    ``ValueError`` says what was wrong with a question, ``NoAnswerError`` that there is no answer to be had.
    """
    return _office().ask(questions, trained_models.file_of)


def knows(*questions: Question) -> bool:
    """Whether all answers are there, so that asking costs nothing."""
    return _office().knows(questions)


@contextmanager
def patience() -> Iterator[None]:
    """Around the first questions of all, which wait for the process to start: the page says so."""
    if _office().is_up:
        yield
        return
    with st.spinner("Starting the process that computes; only the first visitor waits for it, some seconds…"):
        yield


@contextmanager
def answered(what: str) -> Iterator[None]:
    """Runs a part of a page that asks; where there is no answer, the page says why and goes on.

    ``what`` completes "... cannot be shown", as in ``messages.explained``.
    """
    with explained(what):
        try:
            yield
        except (ValueError, NoAnswerError) as error:
            log.info("%s: %s", what, error)
            st.error(plain(str(error)), icon=":material/error:")


class _Office:
    """A desk, made in the background, and a drawer of answers."""

    def __init__(self) -> None:
        self._desk: Future[Desk] = Future()
        self._lock = threading.Lock()
        self._answers: OrderedDict[Question, Any] = OrderedDict()
        self._sizes: dict[Question, int] = {}
        self._once = threading.Lock()
        self._fill()
        self._is_up = False
        timer = threading.Timer(HEAD_START, self._prepare)
        timer.daemon = True
        timer.start()

    @property
    def is_up(self) -> bool:
        """Whether a question has ever been answered."""
        return self._is_up

    def ask(self, questions: tuple[Question, ...], file_of: Callable[[TrainedModel], bytes]) -> list[Any]:
        with self._lock:
            found = {q: self._answers[q] for q in questions if q in self._answers}
            for q in found:
                self._answers.move_to_end(q)
        missing = [q for q in dict.fromkeys(questions) if q not in found]
        if missing:
            models = {
                x.digest: file_of(x) for _, arguments in missing for x in arguments if isinstance(x, TrainedModel)
            }
            for q, answer in zip(missing, self._ask(missing, models), strict=True):
                found[q] = answer
                self._keep(q, answer)
            self._is_up = True
        return [found[q] for q in questions]

    def knows(self, questions: tuple[Question, ...]) -> bool:
        with self._lock:
            return all(q in self._answers for q in questions)

    def _ask(self, questions: list[Question], models: Mapping[str, bytes]) -> list[Any]:
        self._open()
        from s2v import engine

        asked = (engine.question(name, *arguments) for name, arguments in questions)
        try:
            return self._desk.result().ask(*asked, models=models)
        except engine.DeskError as error:
            raise NoAnswerError(str(error)) from error

    def _keep(self, q: Question, answer: Any) -> None:
        size = len(pickle.dumps(answer, protocol=5))
        with self._lock:
            self._answers[q], self._sizes[q] = answer, size
            while sum(self._sizes.values()) > MAX_CACHE or len(self._answers) > 2000:
                oldest, _ = self._answers.popitem(last=False)
                del self._sizes[oldest]

    def _fill(self) -> None:
        """Puts the answers that come with the project into the drawer."""
        from s2v.ui.comparison import ahead  # here, because it asks what the pages ask

        try:
            for q, answer in ahead.load().items():
                self._keep(q, answer)
        except AssetError:  # they will be computed
            log.exception("The answers that come with the project cannot be used")

    def _prepare(self) -> None:
        """Has the first questions of the pages answered that are not in the drawer, one by one: whoever asks meanwhile
        waits for one at most."""
        from s2v.ui.comparison import distortion, similarity

        try:
            wanted = (
                *distortion.first_questions(),  # the first sight of Similarity needs none
                *similarity.first_questions(),
                *distortion.overview_questions(distortion.AS_CHOSEN),
            )
            for q in wanted:
                self.ask((q,), trained_models.file_of)
        except Exception:  # the page that asks will say what is wrong
            log.exception("The first answers could not be prepared")

    def _open(self) -> None:
        """Makes the desk, unless it is there; a question that comes early does not wait for the timer."""
        with self._once:
            if self._desk.done():
                return
            try:
                from s2v.engine.comparison_worker import Desk  # here, because it takes a second to import

                desk = Desk()
                desk.warm()
                self._desk.set_result(desk)
            except Exception as error:
                log.exception("The desk could not be made")
                self._desk.set_exception(error)


@st.cache_resource(show_spinner=False)
def _office() -> _Office:
    return _Office()
