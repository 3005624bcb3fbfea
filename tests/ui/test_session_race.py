"""Sessions and their races: owners, followers, and the cluster named on the command line."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import ClassVar

import pytest

from s2v import memory
from s2v.ui import session_race
from s2v.ui.session_race import _Session, scheduler_of


def test_the_cluster_can_be_named_on_the_command_line():
    assert scheduler_of(["--scheduler", "tcp://host:8786"]) == "tcp://host:8786"
    assert scheduler_of(["--scheduler=tcp://host:8786", "other"]) == "tcp://host:8786"
    assert scheduler_of(["anything", "else"]) is None
    assert scheduler_of([]) is None


class Server(session_race._Server):
    """Sessions without an engine, which only records the owners it forgets."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.forgotten: list[str] = []
        self.timers: list[Timer] = []
        monkeypatch.setattr(session_race, "_later", self._record)
        super().__init__()

    def _record(self, seconds: float, function, *args: str) -> Timer:
        self.timers.append(Timer(function, args))
        return self.timers[-1]

    def _forget(self, owner: str) -> None:
        self.forgotten.append(owner)

    def pass_grace(self) -> None:
        """The time of grace passes."""
        for timer in self.timers:
            if not timer.cancelled and timer.function == self._forget:
                timer.function(*timer.args)
        self.timers.clear()


class Timer:
    def __init__(self, function, args) -> None:
        self.function, self.args, self.cancelled = function, args, False

    def cancel(self) -> None:
        self.cancelled = True


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Server:
    return Server(monkeypatch)


def test_a_session_that_comes_back_in_time_is_not_forgotten(server: Server):
    _Session(server, "a").end()
    again = _Session(server, "a")
    server.pass_grace()
    assert server.forgotten == []
    again.end()
    server.pass_grace()
    assert server.forgotten == ["a"]


def test_an_owner_with_two_windows_stays_until_both_are_closed(server: Server):
    one, two = _Session(server, "a"), _Session(server, "a")
    one.end()
    server.pass_grace()
    assert server.is_connected("a")
    assert server.forgotten == []
    two.end()
    assert not server.is_connected("a")
    server.pass_grace()
    assert server.forgotten == ["a"]


def test_a_race_whose_session_has_gone_is_taken_over(server: Server):
    _Session(server, "a").end()
    heir = _Session(server, "b")
    heir.take_over("a")
    server.pass_grace()
    assert heir.owner == "a"
    assert server.forgotten == ["b"]  # its own race, if any, is stopped
    heir.end()
    server.pass_grace()
    assert server.forgotten == ["b", "a"]


def test_a_follower_owns_the_race_once_its_owner_has_gone(server: Server, monkeypatch: pytest.MonkeyPatch):
    class Race:
        id, owner = "race", "a"

    class Engine:
        find = staticmethod(lambda race: Race if race == Race.id else None)
        current = staticmethod(lambda owner: Race if owner == Race.owner else None)

    server._engine.set_result(Engine())
    owner, follower = _Session(server, "a"), _Session(server, "b")
    follower.followed = Race.id
    monkeypatch.setattr(session_race, "_session", lambda: follower)
    assert session_race.current() is Race
    assert not session_race.is_own()
    owner.end()
    assert session_race.current() is Race
    assert session_race.is_own()
    server.pass_grace()
    assert "a" not in server.forgotten


def test_the_memory_of_sessions_that_leave_together_is_given_back_once(monkeypatch: pytest.MonkeyPatch):
    timers: list[tuple[float, Callable[[], None]]] = []

    def record(seconds: float, function: Callable[[], None], *args: str) -> Timer:
        timers.append((seconds, function))
        return Timer(function, args)

    given: list[None] = []
    monkeypatch.setattr(session_race, "_later", record)
    monkeypatch.setattr(memory, "free_unused", lambda: given.append(None))
    server = session_race._Server()
    timers.clear()  # that of the engine's start
    server._forget("a")
    server._forget("b")
    assert [seconds for seconds, _ in timers] == [session_race.TRIM_SECONDS]
    timers[0][1]()
    assert len(given) == 1
    server._forget("c")
    assert len(timers) == 2


def test_a_forgotten_session_is_closed_unless_it_has_come_back(monkeypatch: pytest.MonkeyPatch):
    class Runtime:
        closed: ClassVar[list[str]] = []

        def is_active_session(self, session: str) -> bool:
            return session == "back"

        def close_session(self, session: str) -> None:
            self.closed.append(session)

    monkeypatch.setattr(session_race, "_later", lambda seconds, function, *args: Timer(function, args))
    monkeypatch.setattr(session_race, "get_instance", Runtime)

    async def leave_and_be_forgotten() -> None:
        server = session_race._Server()
        for owner in ("gone", "back"):
            _Session(server, owner).end()
            await asyncio.to_thread(server._forget, owner)
        await asyncio.sleep(0)

    with ThreadPoolExecutor(1) as pool:  # playwright, once started, keeps an event loop in the main thread
        pool.submit(asyncio.run, leave_and_be_forgotten()).result()
    assert Runtime.closed == ["gone"]
