"""Parts of a page that the server draws again when there is news for them.

A fragment with a clock (``run_every``) is drawn as often as its browser asks, news or not.  The pages of a class then
either keep the server busy with drawing what they show already, or ask so rarely that what they show is old.  Here the
server looks for news itself, and has Streamlit draw only the parts that have some, a few pages at a time.
"""

from __future__ import annotations

import asyncio
import random
import threading
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass

from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.runtime import exists, get_instance
from streamlit.runtime.app_session import AppSession
from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.runtime.scriptrunner_utils.script_run_context import ScriptRunContext, ThreadState

from s2v.ui.messages import log

CHECK_SECONDS = 0.05  # between two looks for news
MAX_DRAWING = 2  # pages that are being drawn, for whatever reason, while another is drawn for news: buttons come first
JITTER = 0.1  # share by which clocks differ: pages that were drawn together would ask together, each time


def on_news(news: Callable[[], object], seconds: float, clock: float | None = None) -> None:
    """Has the fragment that calls this drawn again as soon as ``news()`` is not what it is now.

    To be called at the beginning of each drawing that shall be followed by another.

    Parameters
    ----------
    news : function without arguments
        Is called 20 times a second, without a session, so it must be quick.
    seconds : float
        From this drawing to the next, at least.
    clock : float, optional
        From this drawing to the next, at most, for what is no news.  Its browser keeps this time.
    """
    if (here := _here()) is None:
        return
    context, fragment = here
    _redraws.add(_Part(context.session_id, fragment, news, news(), time.monotonic() + seconds))
    if clock is not None:
        message = ForwardMsg()
        message.auto_rerun.fragment_id = fragment
        message.auto_rerun.interval = clock * random.uniform(1 - JITTER, 1 + JITTER)  # another one: it begins anew
        context.enqueue(message)


def redrawer() -> Callable[[], None]:
    """A function that has the fragment that calls this drawn again soon, from another part of its page."""
    if (here := _here()) is None:
        return lambda: None
    session, fragment = here[0].session_id, here[1]
    return lambda: _redraws.add(_Part(session, fragment, lambda: True, False, 0.0))


def not_again() -> None:
    """Has the fragment that calls this not drawn again for the news that it waited for."""
    context = get_script_run_ctx()
    if context is not None and (fragment := ThreadState.get().fragment_id) is not None:
        _redraws.forget(context.session_id, fragment)


def _here() -> tuple[ScriptRunContext, str] | None:
    """The run and the id of the fragment that is being drawn; None outside of one, and without a server."""
    context = get_script_run_ctx()
    fragment = ThreadState.get().fragment_id if context else None
    return None if context is None or fragment is None or not exists() else (context, fragment)


@dataclass(frozen=True)
class _Part:
    """A fragment on the page of a session: what it shows, and when it may be drawn again."""

    session: str
    fragment: str
    news: Callable[[], object]
    shown: object
    due: float


class _Redraws:
    """The parts that wait for news, and a task on Streamlit's event loop that looks for it while there are any."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._parts: dict[tuple[str, str], _Part] = {}  # by session and fragment; each waits for one drawing
        self._since: dict[tuple[str, str], float] = {}  # when the news was seen of those that have some
        self._watched = False
        self._drawing: set[str] = set()  # sessions whose page is being drawn

    def add(self, part: _Part) -> None:
        session = get_instance().get_app_session(part.session)
        if not isinstance(session, AppSession):  # it has just gone, or a test runs the page without a server
            return
        with self._lock:
            self._parts[part.session, part.fragment] = part
            self._since.pop((part.session, part.fragment), None)
            begins, self._watched = not self._watched, True
        if begins:
            session._call_soon_on_event_loop(self._begin)

    def forget(self, session: str, fragment: str) -> None:
        with self._lock:
            self._parts.pop((session, fragment), None)
            self._since.pop((session, fragment), None)

    def _begin(self) -> None:
        self._task = asyncio.get_running_loop().create_task(self._watch())

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(CHECK_SECONDS)
            with self._lock:
                self._watched = bool(self._parts)
                if not self._watched:
                    return
            try:
                self._draw_news()
            except Exception:
                log.exception("News could not be drawn")

    def _draw_news(self) -> None:
        """Has pages drawn that have news, those first whose news is oldest."""
        self._forget_gone()
        with self._lock:
            known = {session for session, _ in self._parts} | self._drawing
        self._drawing = {session for session in known if not _is_idle(session)}
        due: dict[str, list[_Part]] = defaultdict(list)
        for part in self._with_news():
            due[part.session].append(part)
        for session, parts in due.items():
            if len(self._drawing) >= MAX_DRAWING:
                return
            if _is_idle(session):  # another drawing of its page may be what these parts wait for
                self._drawing.add(session)
                for part in parts:
                    self.forget(session, part.fragment)  # what is drawn waits anew
                    _draw(part)

    def _with_news(self) -> list[_Part]:
        now = time.monotonic()
        with self._lock:
            for key, part in self._parts.items():
                if key not in self._since and part.due <= now and part.news() != part.shown:
                    self._since[key] = now
            return [self._parts[key] for key in sorted(self._since, key=lambda key: self._since[key])]

    def _forget_gone(self) -> None:
        """Forgets parts of sessions that have gone, with what their functions hold."""
        with self._lock:
            keys = list(self._parts)
        for session, fragment in keys:
            if get_instance().get_app_session(session) is None:
                self.forget(session, fragment)


# Streamlit has no public way to draw a fragment from outside: these two functions, called on its event loop, know what
# is inside its sessions (tests/ui/test_redraw.py).


def _is_idle(session_id: str) -> bool:
    """Whether no script of a session runs or is about to.

    Only then is a request of ours not mixed up with one of the browser's, which may be for another page.
    """
    session = get_instance().get_app_session(session_id)
    return session is None or session._scriptrunner is None


def _draw(part: _Part) -> None:
    session = get_instance().get_app_session(part.session)
    if session is None:
        return
    state = ClientState()
    state.CopyFrom(session._client_state)  # the page and its address
    state.fragment_id, state.is_auto_rerun = part.fragment, True
    state.ClearField("widget_states")  # those that the session knows stay
    session.request_rerun(state)


_redraws = _Redraws()
