"""The server's engine, and the one race of each session.

The engine starts in the background when the first page is opened, and warms up while the page is read.
A session has at most one race of its own.  It is stopped ``GRACE_SECONDS`` after the session has disconnected; until
then another session of the same browser that opens the race's link, such as the page when it is reloaded, becomes its
owner.  All other sessions only watch.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import gc
import os
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any, Literal

import streamlit as st
from streamlit.runtime import get_instance
from streamlit.runtime.scriptrunner import get_script_run_ctx

from s2v import memory
from s2v.data import OwnData, held
from s2v.models.recipe import Recipe
from s2v.ui import browsers
from s2v.ui.messages import log
from s2v.ui.private_store import KeptFile, PrivateStore

if TYPE_CHECKING:
    from s2v.engine import Engine, Race, RaceStore, Search
    from s2v.engine.race_store import StoredModel

GRACE_SECONDS = 20.0  # Streamlit keeps sessions a little longer (server.disconnectedSessionTTL)
SWITCH_SECONDS = 0.001  # the longest turn of a thread while others wait: a page needs many turns to be sent
TRIM_SECONDS = 2.0  # from the first forgotten session to giving back the memory of all that were forgotten since
MAX_EARLIER = 8  # races that a session can go back to
MAX_FULL_RATE = 4  # live races; with more, all pages together draw curves and polar maps as often as those of so many
START_SECONDS = 1.0  # before the engine starts and competes with the first page for the processor

# How a session stands to the race that it shows: it is its own; it is that of another tab of the same browser, which
# is open; or it is somebody else's.
Standing = Literal["own", "other tab", "watched"]


class ServerFullError(RuntimeError):
    """The server cannot take this race; the message says why and what to do."""


def warm() -> None:
    """Starts the engine in the background if it has not been started; returns at once."""
    _session()


def start(recipes: Sequence[Recipe], seeds: int = 1, lockstep: bool = False) -> Race:
    """Starts this session's race in place of its last one; ``ServerFullError`` where there is no room for it."""
    from s2v.engine import QueueFullError  # here, because the engine takes a second to import

    session = _session()
    engine = session.server.engine()
    try:
        race = engine.race(recipes, session.owner, seeds, lockstep, session.browser)
    except QueueFullError as error:
        raise ServerFullError(str(error)) from None
    session.followed = ""
    session.server.note_begun(session.owner, race.id)
    return race


def current() -> Race | None:
    """The race that this session shows, live or ended; None before the first."""
    session = _session()
    if session.followed:
        attach(session.followed)  # the tab of this browser that owns it may have been closed since
    return session.find(session.followed) if session.followed else own()


def own() -> Race | None:
    """The newest race that this session has started or inherited, whichever it shows."""
    session = _session()
    return session.server.engine().current(session.owner) if session.server.is_up else None


def earlier() -> list[Race]:
    """The races that this session has started and that can be shown, the newest first."""
    session = _session()
    found = (session.find(race) for race in reversed(session.server.begun(session.owner)))
    return [race for race in found if race is not None]


def keep_data(found: OwnData) -> OwnData:
    """Keeps data of the user's own for this session, the last ones alone; they are gone with it."""
    session, found = _session(), held.hold(found)
    session.server.private.keep_data(session.owner, found)
    return found


def own_data() -> list[OwnData]:
    """The data of the user's own that this session has opened, the newest last."""
    session = _session()
    return session.server.own_data(session.owner, session.browser)


def forget_data() -> None:
    """Drops all data that this session has opened."""
    session = _session()
    session.server.private.forget_data(session.owner)
    found = search()
    if found is not None and found.own_data is not None:
        session.server.engine().forget_search(session.owner)


def keep_file(file: KeptFile | None) -> None:
    """Keeps the file that this session has open, while it lasts; None for none."""
    session = _session()
    session.server.private.keep_file(session.owner, file)


def kept_file() -> KeptFile | None:
    """The file that this session has open.

    A session that has begun nothing yet takes the place of one of the same browser that has just gone with a file open,
    as when the page is reloaded: its file, data, races and search are this session's then.
    """
    session = _session()
    private = session.server.private
    if private.file(session.owner) is None and not session.server.begun(session.owner) and search() is None:
        for gone in session.server.gone(session.browser):
            if private.file(gone) is not None and session.inherit(gone):
                break
    return private.file(session.owner)


def start_search(name: str, seed: int = 0) -> Search:
    """Starts this session's search for the best encoder of a data set, in place of its last one; ``ServerFullError``
    where there is no room for it."""
    from s2v.engine import QueueFullError  # here, because the engine takes a second to import

    session = _session()
    if (mine := held.find(name)) is not None:
        keep_data(mine)  # Train races its finalists on them
    try:
        return session.server.engine().search(name, session.owner, seed=seed)
    except QueueFullError as error:
        raise ServerFullError(str(error)) from None


def search() -> Search | None:
    """The newest search that this session has started, live or ended."""
    session = _session()
    return session.server.engine().current_search(session.owner) if session.server.is_up else None


def caller() -> Callable[..., Iterator[tuple[int, Any]]]:
    """What computes calls of a function on the workers, in turns with races: ``s2v.engine.Engine.call``."""
    return _session().server.engine().call


def take_in(races: Sequence[Race], data: Sequence[OwnData]) -> None:
    """Makes ended races and data that come from a file those of this session, and of no other."""
    session = _session()
    for found in data:
        keep_data(found)
    for race in races:
        session.server.private.keep_race(session.owner, race)
        session.server.note_begun(session.owner, race.id)


def stored_model(run: str) -> StoredModel | None:
    """The model of a race that this server keeps, by the first letters of its run's id."""
    session = _session()
    return session.server.private.model(session.owner, run) or session.server.store.model(run)


def kept() -> str:
    """How long the server keeps ended races, as a sentence."""
    from s2v.engine.race_store import MAX_RACES

    store = _session().server.store
    until = "the oldest leave first" if store.is_on_disk else "until the server ends"
    return f"The last {MAX_RACES} races, at most {store.max_bytes >> 20:,} MB of them, are kept here, {until}."


def are_kept_on_disk() -> bool | None:
    """Whether ended races outlive the server; None in its first moments, before it has looked."""
    return _session().server.is_on_disk


def standing() -> Standing:
    """How this session stands to the race that it shows; it may pause and stop it unless that is "watched"."""
    session = _session()
    if not session.followed:
        return "own"
    race = session.find(session.followed)
    return "other tab" if race is not None and session.shares_browser(race.owner) else "watched"


def is_known_again() -> bool:
    """Whether the browser has the cookie by which it is known again after a reload."""
    return bool(_session().browser)


def attach(race: str) -> bool:
    """Shows the race with this id, live or kept.  If it is live and of this browser, and its page has gone, this
    session becomes its owner.

    False where there is no such race, or not any more.
    """
    session = _session()
    found = session.find(race)
    if found is None:
        return False
    mine = own()
    is_free = mine is None or not mine.live  # becoming the owner of another race gives up the own one
    if found.owner == session.owner or (is_free and session.inherit(found.owner)):
        session.followed = ""
    else:
        session.followed = race
    return True


def find(race: str) -> Race | None:
    """The race with this id, live or kept, if this session may see it; the race that it shows stays."""
    return _session().find(race)


def visitor() -> str:
    """What tells this visitor from all others: the browser's secret, or the session where it keeps none."""
    session = _session()
    return session.browser or session.owner


def sessions() -> int:
    """The number of sessions that are connected to this server."""
    return _session().server.count_connected()


def workers() -> int:
    """The number of processes that train; 0 before the engine is up."""
    server = _session().server
    return server.engine().worker_count if server.is_up else 0


def waits() -> list[float]:
    """About how many seconds each training that waits for its turn on this server will wait."""
    server = _session().server
    return server.engine().waits if server.is_up else []


def is_crowded() -> bool:
    """Whether more than ``MAX_FULL_RATE`` races are live: pages draw less then, and less often."""
    return live_races() > MAX_FULL_RATE


def slower(seconds: float) -> float:
    """So many seconds, or more where many races are live: they train in turns, so each has news less often."""
    return seconds * max(1.0, live_races() / MAX_FULL_RATE)


def live_races() -> int:
    """The number of races that train or wait on this server."""
    server = _session().server
    return server.engine().live_races if server.is_up else 0


def cluster_problem() -> str:
    """Why no race goes on, in a sentence, where the cluster lacks workers; else empty."""
    server = _session().server
    return server.engine().problem if server.is_up else ""


def has_gpu() -> bool:
    """Whether a worker of this server announces a GPU."""
    server = _session().server
    return server.is_up and server.engine().has_gpu


def scheduler_of(arguments: Sequence[str]) -> str | None:
    """The cluster named on the command line, ``streamlit run app.py -- --scheduler tcp://host:8786``, if any."""
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument("--scheduler")
    address: str | None = parser.parse_known_args(arguments)[0].scheduler
    return address


class _Server:
    """The engine, and the sessions that are connected or have just disconnected."""

    def __init__(self) -> None:
        self._engine: Future[Engine] = Future()
        self._store: RaceStore | None = None
        self._store_lock = threading.Lock()
        self._begun: dict[str, list[str]] = {}  # ids of races by owner, the newest last
        self.private = PrivateStore()  # data of the owners' own, and races on them
        self._lock = threading.Lock()
        self._connected: Counter[str] = Counter()  # sessions by the owner of their race
        self._browsers: dict[str, str] = {}  # secrets by owner, of those that are connected or expiring
        self._expiring: dict[str, threading.Timer] = {}  # by owner, of those that have disconnected
        self._trimming: threading.Timer | None = None
        self._loop: asyncio.AbstractEventLoop | None = None  # Streamlit's, once a session has disconnected
        memory.limit_heaps()
        sys.setswitchinterval(SWITCH_SECONDS)
        _later(START_SECONDS, self._make_engine)

    @property
    def is_up(self) -> bool:
        return self._engine.done()

    def engine(self) -> Engine:
        """The engine; waits until it is made, and raises what prevented that."""
        return self._engine.result()

    @property
    def store(self) -> RaceStore:
        """Where ended races are kept."""
        with self._store_lock:
            if self._store is None:
                from s2v.engine import RaceStore  # here, because it takes a second to import

                self._store = RaceStore.of(os.environ)
            return self._store

    @property
    def is_on_disk(self) -> bool | None:
        """Whether the store is on disk; None while there is none: a page must not wait for it."""
        return self._store.is_on_disk if self._store else None

    def keep(self, race: Race) -> None:
        """Keeps a race that has begun or ended."""
        if race.own_data is None:
            self.store.keep(race)
        elif self.is_known(race.owner):  # an owner who has gone takes such races along
            self.private.keep_race(race.owner, race)

    def find(self, race: str, owner: str, browser: str) -> Race | None:
        """The race with this id, of the engine or of a store: before the engine is made, none is live.

        One on data of its owner's own is for the owner's browser alone.
        """
        found = self.engine().find(race) if self.is_up else None
        if found is not None and found.own_data is not None and found.owner != owner:
            # Who has opened a session file with that race has a copy, as well.
            return found if self.is_of_browser(found.owner, browser) else self.private.race(owner, race)
        return found or self.private.race(owner, race) or self.store.find(race)

    def own_data(self, owner: str, browser: str) -> list[OwnData]:
        """An owner's data; at first those of a session of the same browser that has just gone, as when it reloads."""
        return self.private.data(owner, self.gone(browser))

    def gone(self, browser: str) -> list[str]:
        """The owners of this browser that have just disconnected, the last one first."""
        with self._lock:
            return [owner for owner in reversed(self._expiring) if browser and self._browsers.get(owner) == browser]

    def note_begun(self, owner: str, race: str) -> None:
        """Notes that an owner has started a race."""
        with self._lock:
            self._begun[owner] = [*self._begun.get(owner, [])[1 - MAX_EARLIER :], race]

    def begun(self, owner: str) -> list[str]:
        """The ids of the last races that an owner has started, the newest last."""
        with self._lock:
            return list(self._begun.get(owner, []))

    def count_connected(self) -> int:
        with self._lock:
            return sum(self._connected.values())

    def is_connected(self, owner: str) -> bool:
        with self._lock:
            return self._connected[owner] > 0

    def is_known(self, owner: str) -> bool:
        """Whether an owner is connected, or may come back."""
        with self._lock:
            return self._connected[owner] > 0 or owner in self._expiring

    def is_of_browser(self, owner: str, browser: str) -> bool:
        """Whether an owner's browser has this secret; without one, browsers cannot be told apart."""
        with self._lock:
            return bool(browser) and self._browsers.get(owner) == browser

    def connect(self, owner: str, browser: str = "") -> None:
        """A session has connected, for the first time or again."""
        with self._lock:
            self._connect(owner, browser)

    def inherit(self, owner: str, browser: str) -> bool:
        """Connects a session of the same browser for an owner that has just disconnected; False for any other."""
        with self._lock:
            if not browser or self._browsers.get(owner) != browser or self._connected[owner] > 0:
                return False
            self._connect(owner, browser)
            return True

    def _connect(self, owner: str, browser: str) -> None:
        self._connected[owner] += 1
        self._browsers[owner] = browser
        if timer := self._expiring.pop(owner, None):
            timer.cancel()

    def disconnect(self, owner: str) -> None:
        """A session has lost its page.  Streamlit calls this, usually in its event loop."""
        with self._lock:
            with contextlib.suppress(RuntimeError):
                self._loop = asyncio.get_running_loop()
            self._connected[owner] -= 1
            if self._connected[owner] <= 0:
                del self._connected[owner]
                self._expiring[owner] = _later(GRACE_SECONDS, self._forget, owner)

    def _forget(self, owner: str) -> None:
        with self._lock:
            if self._connected[owner] > 0:
                return  # it has come back just now
            self._expiring.pop(owner, None)
            self._browsers.pop(owner, None)
            self._begun.pop(owner, None)
            self.private.forget(owner)
            if self._trimming is None:  # once for all sessions that leave at about the same time
                self._trimming = _later(TRIM_SECONDS, self._trim)
        if self.is_up:
            self.engine().release(owner)
        if self._loop is not None:
            with contextlib.suppress(RuntimeError):  # the server has ended, and closed its loop
                self._loop.call_soon_threadsafe(_close, owner)

    def _trim(self) -> None:
        """Gives the memory of forgotten sessions, which is much, back to the system."""
        with self._lock:
            self._trimming = None
        memory.free_unused()

    def _make_engine(self) -> None:
        try:
            from s2v.engine import Engine  # here, because it takes a second to import

            engine = Engine(scheduler_of(sys.argv[1:]), keep=self.keep)
            engine.warm()
            log.info("Ended races are kept %s", "on disk" if self.store.is_on_disk else "in memory")
            self._engine.set_result(engine)
            # Imported here, where nobody waits, rather than for the first maps and curves: it takes seconds.
            from s2v.figures import charts, polar  # noqa: F401

            # What is loaded now stays.  Collecting it after every run of a page would take longer than the page.
            gc.collect()
            gc.freeze()
        except Exception as error:
            log.exception("The engine could not be made")
            self._engine.set_exception(error)


class _Session:
    """A connected session: the ``owner`` of its race, its browser's secret, and the id of the race of another that it
    follows, if any."""

    def __init__(self, server: _Server, owner: str, browser: str = "") -> None:
        self.server = server
        self.owner = owner
        self.browser = browser
        self.followed = ""
        server.connect(owner, browser)

    def find(self, race: str) -> Race | None:
        """The race with this id, if this session may see it."""
        return self.server.find(race, self.owner, self.browser)

    def shares_browser(self, owner: str) -> bool:
        """Whether that owner's session is of the same browser."""
        return self.server.is_of_browser(owner, self.browser)

    def inherit(self, owner: str) -> bool:
        """Becomes the owner of the race of a session of the same browser that has gone; False if there is none."""
        if not self.server.inherit(owner, self.browser):
            return False
        self.server.disconnect(self.owner)
        self.owner = owner
        return True

    def end(self) -> None:
        self.server.disconnect(self.owner)


def _close(session: str) -> None:
    """Makes Streamlit forget a session that has not come back, which it otherwise does when another one leaves."""
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


@st.cache_resource(show_spinner=False, scope="session", on_release=_Session.end)
def _session() -> _Session:
    # Streamlit's id of the session stays the same over a short break of the connection.
    context = get_script_run_ctx()
    return _Session(_server(), context.session_id if context else "no session", browsers.secret())
