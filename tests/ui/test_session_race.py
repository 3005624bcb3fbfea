"""Sessions and their races: who owns one, who watches, what a command line says of the cluster."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import ClassVar

import pytest

from s2v import memory
from s2v.ui import session_race
from s2v.ui.session_race import _Presence, scheduler_of


def test_the_cluster_can_be_named_on_the_command_line():
    assert scheduler_of(["--scheduler", "tcp://host:8786"]) == "tcp://host:8786"
    assert scheduler_of(["--scheduler=tcp://host:8786", "other"]) == "tcp://host:8786"
    assert scheduler_of(["anything", "else"]) is None
    assert scheduler_of([]) is None


class Server(session_race._Server):
    """Sessions without an engine; farewells are only noted."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.forgotten: list[str] = []
        self.timers: list[Timer] = []
        monkeypatch.setattr(session_race, "_later", self._note)
        super().__init__()

    def _note(self, seconds: float, function, *args: str) -> Timer:
        self.timers.append(Timer(function, args))
        return self.timers[-1]

    def _forget(self, owner: str) -> None:
        self.forgotten.append(owner)

    def wait(self) -> None:
        """The grace passes."""
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


def test_who_comes_back_in_time_is_not_forgotten(server: Server):
    _Presence(server, "a").end()
    again = _Presence(server, "a")
    server.wait()
    assert server.forgotten == []
    again.end()
    server.wait()
    assert server.forgotten == ["a"]


def test_two_windows_of_one_owner_are_both_waited_for(server: Server):
    one, two = _Presence(server, "a"), _Presence(server, "a")
    one.end()
    server.wait()
    assert server.is_here("a")
    assert server.forgotten == []
    two.end()
    assert not server.is_here("a")
    server.wait()
    assert server.forgotten == ["a"]


def test_a_race_whose_session_has_gone_is_taken_over(server: Server):
    _Presence(server, "a").end()
    heir = _Presence(server, "b")
    heir.become("a")
    server.wait()
    assert heir.owner == "a"
    assert server.forgotten == ["b"]  # what b had before, if anything, is stopped
    heir.end()
    server.wait()
    assert server.forgotten == ["b", "a"]


def test_who_watches_has_the_race_once_its_owner_has_gone(server: Server, monkeypatch: pytest.MonkeyPatch):
    class Race:
        id, owner = "race", "a"

    class Engine:
        find = staticmethod(lambda race: Race if race == Race.id else None)
        current = staticmethod(lambda owner: Race if owner == Race.owner else None)

    server._engine.set_result(Engine())
    owner, guest = _Presence(server, "a"), _Presence(server, "b")
    guest.watched = Race.id
    monkeypatch.setattr(session_race, "_presence", lambda: guest)
    assert session_race.current() is Race
    assert not session_race.is_own()
    owner.end()
    assert session_race.current() is Race
    assert session_race.is_own()
    server.wait()
    assert "a" not in server.forgotten


def test_the_memory_of_all_who_left_at_a_time_is_given_back_once(monkeypatch: pytest.MonkeyPatch):
    timers: list[tuple[float, Callable[[], None]]] = []

    def note(seconds: float, function: Callable[[], None], *args: str) -> Timer:
        timers.append((seconds, function))
        return Timer(function, args)

    given: list[None] = []
    monkeypatch.setattr(session_race, "_later", note)
    monkeypatch.setattr(memory, "give_back", lambda: given.append(None))
    server = session_race._Server()
    timers.clear()  # that of the engine's start
    server._forget("a")
    server._forget("b")
    assert [seconds for seconds, _ in timers] == [session_race.TIDY]
    timers[0][1]()
    assert len(given) == 1
    server._forget("c")
    assert len(timers) == 2


def test_a_session_that_is_forgotten_is_closed_unless_it_is_here_again(monkeypatch: pytest.MonkeyPatch):
    class Runtime:
        closed: ClassVar[list[str]] = []

        def is_active_session(self, session: str) -> bool:
            return session == "here again"

        def close_session(self, session: str) -> None:
            self.closed.append(session)

    monkeypatch.setattr(session_race, "_later", lambda seconds, function, *args: Timer(function, args))
    monkeypatch.setattr(session_race, "get_instance", Runtime)

    async def leave_and_be_forgotten() -> None:
        server = session_race._Server()
        for owner in ("gone", "here again"):
            _Presence(server, owner).end()
            await asyncio.to_thread(server._forget, owner)
        await asyncio.sleep(0)

    with ThreadPoolExecutor(1) as pool:  # playwright, once started, keeps an event loop in the main thread
        pool.submit(asyncio.run, leave_and_be_forgotten()).result()
    assert Runtime.closed == ["gone"]
