"""A visitor of a page without a browser: it sends Streamlit's messages over the web socket, as a browser does.

A visitor opens a link, presses a button, refreshes each part of the page that updates itself as often as the page asks,
sends back the address that the page has set, and caches large messages so that they need not be sent twice.  It draws
nothing and fetches no files.
"""

from __future__ import annotations

import asyncio
import contextlib
import html
import re
import time
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Self

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

_WORD = re.compile(r"(?:\*\*)?(Training|Paused|Finished|Stopped|Ended)\b")  # plain before the first frame
_STEP = re.compile(r"step ([\d,]+)(?: to ([\d,]+))? of ([\d,]+)")
_TAKEN = re.compile(r"data-taken='([\d.]+)'")


@dataclass
class Seen:
    """What a visitor has seen.  Times are those of ``time.time()``, delays and latencies are in seconds.

    ``state`` is the word before the race's progress ("Training", "Finished", ...); ``errors`` are the error messages on
    the page, and why the connection was lost.  ``latencies`` run from a request, under "open", "press" or "refresh", to
    the end of the script run that answers it; a refresh that the server makes by itself begins without a request.
    ``delays`` are the ages of pictures of the training when they arrive.  ``shown`` is when the page first drew the
    race that a press asks for; ``last_step`` is when all steps were done, by the worker's clock.
    """

    state: str = ""
    step: int = 0
    errors: list[str] = field(default_factory=list)
    latencies: dict[str, list[float]] = field(default_factory=lambda: {"open": [], "press": [], "refresh": []})
    delays: list[float] = field(default_factory=list)
    pressed: float = 0.0
    shown: float = 0.0
    last_step: float = 0.0
    ended: float = 0.0

    @property
    def finished(self) -> bool:
        """Whether the page said that the race had done all its steps, and showed no error."""
        return self.state == "Finished" and not self.errors


class _Button(NamedTuple):
    id: str
    fragment: str
    disabled: bool


@dataclass
class _Request:
    kind: str
    fragment: str
    at: float


class Visitor:
    """One session.  ``address`` is the server's (``http://...``), ``page`` with its query is the link to open.

    Sessions with the same ``cookie`` (see ``new_cookie``) are those of one browser.

    async with Visitor(url, "train", "steps=600") as visitor:
        await visitor.until(visitor.idle, 30)
        await visitor.press("start")
        await visitor.until(lambda: visitor.seen.state == "Finished", 60)
    """

    def __init__(self, address: str, page: str, query: str, cookie: str = "") -> None:
        self.seen = Seen()
        self._socket_address = address.replace("http", "ws", 1) + "/_stcore/stream"
        self._page, self._query, self._url = page, query, f"{address}/{page}"
        self._headers = {"Cookie": cookie} if cookie else {}
        self._hash = ""  # of the page's script
        self._buttons: dict[str, _Button] = {}  # by key
        self._cached: dict[str, int] = {}  # the run that last used a message, by its hash
        self._keep = 2  # runs
        self._runs = 0
        self._ended = False  # the connection
        self._newest = 0.0  # picture
        self._complete = False  # the progress shows the last step
        self._waiting: list[_Request] = []  # for a run
        self._answering: list[_Request] = []  # by the present run
        self._timers: dict[str, asyncio.Task[None]] = {}  # by fragment
        self._news = asyncio.Condition()

    async def __aenter__(self) -> Self:
        self._socket: ClientConnection = await connect(
            self._socket_address,
            subprotocols=["streamlit"],  # type: ignore[list-item]
            additional_headers=self._headers,
            max_size=None,
            open_timeout=30,
        )
        self._listener = asyncio.create_task(self._listen())
        await self._ask("open")
        return self

    async def __aexit__(self, *_: object) -> None:
        """Closes the page."""
        self._stop_timers()
        self._listener.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._listener
        await self._socket.close()

    @property
    def is_connected(self) -> bool:
        """Whether neither side has ended the connection."""
        return not self._ended

    async def drop(self) -> None:
        """Ends the connection as a broken cable does: without a word to the server."""
        self._stop_timers()
        self._socket.transport.abort()
        await self._listener

    @property
    def query(self) -> str:
        """The query of the page's address, as the page has set it."""
        return self._query

    def offers(self, key: str) -> bool:
        """Whether the page has a button with that key that can be pressed."""
        return key in self._buttons and not self._buttons[key].disabled

    async def press(self, key: str) -> None:
        """Presses the button with that key; ``LookupError`` where the page has none."""
        if key not in self._buttons:
            raise LookupError(f"The page has no button {key!r}; it has {', '.join(self._buttons) or 'none'}.")
        self.seen.pressed = time.time()
        button = self._buttons[key]
        await self._ask("press", button.fragment, button.id)

    def idle(self) -> bool:
        """Whether all requests have been answered."""
        return not self._waiting and not self._answering

    async def until(self, happened: Callable[[], bool], seconds: float) -> bool:
        """Waits until ``happened()``, the end of the connection or a timeout; returns ``happened()``."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds), self._news:
                await self._news.wait_for(lambda: happened() or self._ended)
        return happened()

    def on_element(self, kind: str, element: Any) -> None:
        """For subclasses: the page draws an element of that kind."""

    def on_begin(self) -> None:
        """For subclasses: a run of the script, or of parts of it, begins; it may have cut short the one before."""

    def on_run(self, broken: bool) -> None:
        """For subclasses: a run is over, and no other follows at once; ``broken``: the script could not begin."""

    async def _ask(self, kind: str, fragment: str = "", trigger: str = "") -> None:
        state = ClientState(
            query_string=self._query,
            page_script_hash=self._hash,
            page_name="" if self._hash else self._page,
            fragment_id=fragment,
            is_auto_rerun=kind == "refresh",
            cached_message_hashes=list(self._cached),
        )
        state.context_info.url = self._url
        state.context_info.locale = "en"
        state.context_info.timezone = "UTC"
        state.context_info.color_scheme = "light"
        if trigger:
            state.widget_states.widgets.add(id=trigger, trigger_value=True)
        self._waiting.append(_Request(kind, fragment, time.time()))
        await self._socket.send(BackMsg(rerun_script=state).SerializeToString())

    async def _refresh(self, fragment: str, interval: float) -> None:
        """Refreshes a part of the page at an interval, without waiting for answers, as a browser does."""
        with contextlib.suppress(ConnectionClosed):
            while True:
                await asyncio.sleep(interval)
                await self._ask("refresh", fragment)

    async def _listen(self) -> None:
        try:
            async for content in self._socket:
                if isinstance(content, bytes):
                    message = ForwardMsg.FromString(content)
                    self._take(message, time.time())
                    async with self._news:
                        self._news.notify_all()
            self.seen.errors.append("The server closed the connection.")
        except ConnectionClosed as error:
            self.seen.errors.append(f"The connection was lost: {error}.")
        finally:
            self._ended = True
            self._stop_timers()
            async with self._news:
                self._news.notify_all()

    def _take(self, message: ForwardMsg, now: float) -> None:
        kind = message.WhichOneof("type")
        if kind == "delta":
            if message.metadata.cacheable:
                self._cached[message.hash] = self._runs
            if message.delta.WhichOneof("type") == "new_element":
                self._take_element(message.delta.new_element, message.delta.fragment_id, now)
        elif kind == "ref_hash":
            self._cached[message.ref_hash] = self._runs
        elif kind == "new_session":
            self._begin(message)
        elif kind == "script_finished":
            self._finish(message, now)
        elif kind == "auto_rerun":
            self._set_timer(message.auto_rerun.fragment_id, message.auto_rerun.interval)
        elif kind == "stop_auto_rerun":
            for fragment in message.stop_auto_rerun.fragment_ids:
                self._clear_timer(fragment)
        elif kind == "navigation":
            self._hash = message.navigation.page_script_hash
        elif kind == "page_info_changed":
            self._query = message.page_info_changed.query_string

    def _begin(self, message: ForwardMsg) -> None:
        """A run of the script, or of parts of it, has begun: it answers all earlier requests."""
        self.on_begin()
        now, parts = time.time(), set(message.metadata.run.fragment_ids)
        if not parts:
            self._stop_timers()
        self._keep = message.new_session.config.max_cached_message_age or self._keep
        answered = [r for r in self._waiting if not parts or r.fragment in parts]
        self._waiting = [r for r in self._waiting if r not in answered]
        if parts and not answered:  # the server draws these parts by itself
            answered = [_Request("refresh", next(iter(parts)), now)]
        self._answering += answered

    def _finish(self, message: ForwardMsg, now: float) -> None:
        if message.script_finished == ForwardMsg.FINISHED_EARLY_FOR_RERUN:
            return  # another run follows, which answers
        for request in self._answering:
            self.seen.latencies[request.kind].append(now - request.at)
        self._answering = []
        self.on_run(message.script_finished == ForwardMsg.FINISHED_WITH_COMPILE_ERROR)
        self._runs += 1
        self._cached = {key: used for key, used in self._cached.items() if self._runs - used <= self._keep}

    def _take_element(self, element: Any, fragment: str, now: float) -> None:
        kind = element.WhichOneof("type")
        self.on_element(kind, element)
        if kind == "button":
            # The id of a widget ends with the key that the page gave it.
            button = element.button
            self._buttons[button.id.rsplit("-", 1)[-1]] = _Button(button.id, fragment, button.disabled)
        elif kind == "progress":
            self._take_progress(element.progress.text, now)
        elif kind == "html":
            if found := _TAKEN.search(element.html.body):
                self._take_picture(float(found[1]), now)
        elif kind == "alert" and element.alert.format == element.alert.ERROR:
            self.seen.errors.append(element.alert.body)
        elif kind == "exception":
            self.seen.errors.append(f"{element.exception.type}: {element.exception.message}")

    def _take_progress(self, text: str, now: float) -> None:
        seen = self.seen
        seen.shown = seen.shown or now
        word = _WORD.match(html.unescape(text))
        seen.state = word[1] if word else "Waiting"
        if found := _STEP.search(text):
            seen.step = int(found[1].replace(",", ""))
            self._complete = not found[2] and found[1] == found[3]
        if seen.state in ("Finished", "Stopped", "Ended") and not seen.ended:
            seen.ended = now

    def _take_picture(self, taken: float, now: float) -> None:
        if taken > self._newest:
            self._newest = taken
            self.seen.delays.append(now - taken)
        if self._complete and not self.seen.last_step:
            self.seen.last_step = taken

    def _set_timer(self, fragment: str, interval: float) -> None:
        self._clear_timer(fragment)
        self._timers[fragment] = asyncio.create_task(self._refresh(fragment, interval))

    def _clear_timer(self, fragment: str) -> None:
        if timer := self._timers.pop(fragment, None):
            timer.cancel()

    def _stop_timers(self) -> None:
        for fragment in list(self._timers):
            self._clear_timer(fragment)


def new_cookie(address: str) -> str:
    """The cookie that the server gives to a new browser; empty where it gives none."""
    with urllib.request.urlopen(f"{address}/_stcore/health", timeout=30) as answer:
        given = answer.headers.get_all("Set-Cookie") or []
    return "; ".join(cookie.partition(";")[0] for cookie in given)
