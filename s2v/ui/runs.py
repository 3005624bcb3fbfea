"""The engine of this server, and the one run of each session.

The engine is started in the background when the first page is opened, and warmed while its reader still reads.
A session has at most one run; it is stopped when the session has been gone for ``GRACE`` seconds, so that a short
break of the connection costs nothing.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import TYPE_CHECKING

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from s2v.recipe import Recipe
from s2v.ui.messages import log

if TYPE_CHECKING:
    from s2v.engine import Engine, Run

GRACE = 20.0  # seconds
HEAD_START = 1.0  # seconds that the first page gets before the engine's start competes with it for the processor


def warm() -> None:
    """Sees to it that the engine is started; returns at once."""
    _presence()


def start(recipe: Recipe) -> Run:
    """Starts this session's run, in place of the one it may have."""
    presence = _presence()
    return presence.server.engine().start(recipe, presence.owner)


def current() -> Run | None:
    """This session's run, going on or ended, or None before the first."""
    presence = _presence()
    return presence.server.engine().current(presence.owner) if presence.server.is_up else None


class _Server:
    """The engine, made in the background, and the sessions that have lost their page."""

    def __init__(self) -> None:
        self._engine: Future[Engine] = Future()
        self._lock = threading.Lock()
        self._farewells: dict[str, threading.Timer] = {}
        _later(HEAD_START, self._make_engine)

    @property
    def is_up(self) -> bool:
        return self._engine.done()

    def engine(self) -> Engine:
        """The engine, once it is there; raises what kept it from being made."""
        return self._engine.result()

    def arrive(self, owner: str) -> None:
        """The session is here, perhaps again."""
        with self._lock:
            if farewell := self._farewells.pop(owner, None):
                farewell.cancel()

    def leave(self, owner: str) -> None:
        """The session has lost its page."""
        with self._lock:
            self._farewells[owner] = _later(GRACE, self._forget, owner)

    def _forget(self, owner: str) -> None:
        with self._lock:
            self._farewells.pop(owner, None)
        if self.is_up:
            self.engine().release(owner)

    def _make_engine(self) -> None:
        try:
            from s2v.engine import Engine  # here, because it takes a second to import

            engine = Engine()
            engine.warm()
            self._engine.set_result(engine)
            # The first maps and curves of a run wait for these otherwise: seconds, here where nobody waits.
            from s2v.figures import charts, polar  # noqa: F401
        except Exception as error:
            log.exception("The engine could not be made")
            self._engine.set_exception(error)


class _Presence:
    """A session that is connected."""

    def __init__(self, server: _Server, owner: str) -> None:
        self.server = server
        self.owner = owner
        server.arrive(owner)

    def end(self) -> None:
        self.server.leave(self.owner)


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
