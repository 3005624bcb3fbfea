"""The engine of this server, and the one race of each session.

The engine is started in the background when the first page is opened, and warmed while its reader still reads.
A session has at most one race; it is stopped when the session has been gone for ``GRACE`` seconds.  Who comes back in
that time, in the same session or by the race's link, finds it going on.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import gc
import sys
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import TYPE_CHECKING

import streamlit as st
from streamlit.runtime import get_instance
from streamlit.runtime.scriptrunner import get_script_run_ctx

from s2v import memory
from s2v.models.recipe import Recipe
from s2v.ui.messages import log

if TYPE_CHECKING:
    from s2v.engine import Engine, Race

GRACE = 20.0  # seconds; Streamlit keeps sessions a little longer (server.disconnectedSessionTTL)
SWITCH = (
    0.001  # seconds that a thread has the interpreter at most while others want it: a page is sent by turns of many
)
TIDY = 2.0  # seconds from the first session that is forgotten to giving back the memory of all that are by then
HEAD_START = 1.0  # seconds that the first page gets before the engine's start competes with it for the processor


class Refused(RuntimeError):  # noqa: N818 - it is no error, but an answer
    """The server cannot take this race; the message says why and what to do."""


def warm() -> None:
    """Sees to it that the engine is started; returns at once."""
    _presence()


def start(recipes: Sequence[Recipe], seeds: int = 1, lockstep: bool = False) -> Race:
    """Starts this session's race, in place of the one it may have; ``Refused`` where there is no room for it."""
    from s2v.engine import QueueFullError  # here, because the engine takes a second to import

    presence = _presence()
    engine = presence.server.engine()
    try:
        race = engine.race(recipes, presence.owner, seeds, lockstep)
    except QueueFullError as error:
        raise Refused(str(error)) from None
    presence.watched = ""
    return race


def current() -> Race | None:
    """The race that this session shows, going on or ended, or None before the first."""
    presence = _presence()
    if not presence.server.is_up:
        return None
    if presence.watched:
        attach(presence.watched)  # whoever started it may have closed the page meanwhile
    engine = presence.server.engine()
    return engine.find(presence.watched) if presence.watched else engine.current(presence.owner)


def is_own() -> bool:
    """Whether the race that is shown is this session's own, to be paused and stopped by it."""
    return not _presence().watched


def attach(race: str) -> bool:
    """Shows the race of a link.  It becomes this session's own if the session that started it has gone.

    False where the race is not known (any more).
    """
    presence = _presence()
    if not presence.server.is_up:
        return False
    found = presence.server.engine().find(race)
    if found is None:
        return False
    if found.owner == presence.owner:
        presence.watched = ""
    elif presence.server.is_here(found.owner):
        presence.watched = race
    else:
        presence.become(found.owner)
    return True


def load() -> int:
    """How many races go on or wait on this server."""
    server = _presence().server
    return server.engine().live_races if server.is_up else 0


def scheduler_of(arguments: Sequence[str]) -> str | None:
    """The cluster named on the command line, ``streamlit run app.py -- --scheduler tcp://host:8786``, if there is."""
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument("--scheduler")
    address: str | None = parser.parse_known_args(arguments)[0].scheduler
    return address


class _Server:
    """The engine, made in the background, and the sessions that are here or have just lost their page."""

    def __init__(self) -> None:
        self._engine: Future[Engine] = Future()
        self._lock = threading.Lock()
        self._here: Counter[str] = Counter()  # sessions by the owner of their race
        self._farewells: dict[str, threading.Timer] = {}
        self._tidying: threading.Timer | None = None
        self._loop: asyncio.AbstractEventLoop | None = None  # Streamlit's, once a session has left
        memory.keep_heaps_small()
        sys.setswitchinterval(SWITCH)
        _later(HEAD_START, self._make_engine)

    @property
    def is_up(self) -> bool:
        return self._engine.done()

    def engine(self) -> Engine:
        """The engine, once it is there; raises what kept it from being made."""
        return self._engine.result()

    def is_here(self, owner: str) -> bool:
        """Whether a session of that owner has its page."""
        with self._lock:
            return self._here[owner] > 0

    def arrive(self, owner: str) -> None:
        """A session is here, perhaps again."""
        with self._lock:
            self._here[owner] += 1
            if farewell := self._farewells.pop(owner, None):
                farewell.cancel()

    def leave(self, owner: str) -> None:
        """A session has lost its page.  Called by Streamlit, in its event loop as a rule."""
        with self._lock:
            with contextlib.suppress(RuntimeError):
                self._loop = asyncio.get_running_loop()
            self._here[owner] -= 1
            if self._here[owner] <= 0:
                del self._here[owner]
                self._farewells[owner] = _later(GRACE, self._forget, owner)

    def _forget(self, owner: str) -> None:
        with self._lock:
            self._farewells.pop(owner, None)
            if self._tidying is None:  # once for all who leave at about the same time
                self._tidying = _later(TIDY, self._tidy)
        if self.is_up:
            self.engine().release(owner)
        if self._loop is not None:
            self._loop.call_soon_threadsafe(_close, owner)

    def _tidy(self) -> None:
        """What sessions had that are forgotten is much, and goes back to the system."""
        with self._lock:
            self._tidying = None
        memory.give_back()

    def _make_engine(self) -> None:
        try:
            from s2v.engine import Engine  # here, because it takes a second to import

            engine = Engine(scheduler_of(sys.argv[1:]))
            engine.warm()
            self._engine.set_result(engine)
            # The first maps and curves of a race wait for these otherwise: seconds, here where nobody waits.
            from s2v.figures import charts, polar  # noqa: F401

            # What is here now stays: searched for garbage after every run of a page, it would cost more than the page.
            gc.collect()
            gc.freeze()
        except Exception as error:
            log.exception("The engine could not be made")
            self._engine.set_exception(error)


class _Presence:
    """A session that is connected: the ``owner`` of its race, and the id of another's race that it watches."""

    def __init__(self, server: _Server, owner: str) -> None:
        self.server = server
        self.owner = owner
        self.watched = ""
        server.arrive(owner)

    def become(self, owner: str) -> None:
        """Takes over what a session that has gone has left."""
        self.server.arrive(owner)
        self.server.leave(self.owner)
        self.owner, self.watched = owner, ""

    def end(self) -> None:
        self.server.leave(self.owner)


def _close(session: str) -> None:
    """Has Streamlit forget a session that has not come back: by itself, it does so when another one leaves."""
    runtime = get_instance()
    if not runtime.is_active_session(session):
        runtime.close_session(session)


def _later(seconds: float, function: Callable[..., None], *args: str) -> threading.Timer:
    timer = threading.Timer(seconds, function, args)
    timer.daemon = True
    timer.start()
    return timer


@st.cache_resource(show_spinner=False)
def _server() -> _Server:
    return _Server()


@st.cache_resource(show_spinner=False, scope="session", on_release=_Presence.end)
def _presence() -> _Presence:
    # Streamlit's id of the session stays the same over a short break of the connection.
    context = get_script_run_ctx()
    return _Presence(_server(), context.session_id if context else "no session")
