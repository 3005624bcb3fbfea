"""Sessions and their races: owners, followers, and the cluster named on the command line."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import ClassVar

import pytest

from s2v import data, memory, sphere
from s2v.data import OwnData, held
from s2v.engine import Frame, RaceStore
from s2v.engine import Race as StoredRace
from s2v.models.recipe import Recipe
from s2v.ui import session_race
from s2v.ui.private_store import MAX_OWN_DATA, KeptFile, PrivateStore
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
        self._store = RaceStore()

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


def test_the_browser_of_a_session_that_has_gone_inherits_its_race(server: Server):
    _Session(server, "a", "mine").end()
    heir = _Session(server, "b", "mine")
    assert heir.inherit("a")
    server.pass_grace()
    assert heir.owner == "a"
    assert server.forgotten == ["b"]  # its own race, if any, is stopped
    heir.end()
    server.pass_grace()
    assert server.forgotten == ["b", "a"]


@pytest.mark.parametrize("browser", ["other", ""])
def test_no_other_browser_inherits_a_race(server: Server, browser: str):
    _Session(server, "a", "mine").end()
    _Session(server, "c", "").end()
    watcher = _Session(server, "b", browser)
    assert not watcher.inherit("a")
    assert not watcher.inherit("c")  # without cookies, browsers cannot be told apart
    server.pass_grace()
    assert server.forgotten == ["a", "c"]


def test_of_two_tabs_that_come_back_one_inherits_the_race(server: Server):
    _Session(server, "a", "mine").end()
    first, second = (_Session(server, name, "mine") for name in "bc")
    assert first.inherit("a")
    assert not second.inherit("a")
    assert second.shares_browser("a")


class Race:
    def __init__(self, name: str, owner: str) -> None:
        self.id, self.owner, self.live, self.own_data = name, owner, True, None


class Engine:
    """Keeps the newest race of each owner, as the engine does."""

    def __init__(self, *races: Race) -> None:
        self.races = {race.owner: race for race in races}

    def find(self, name: str) -> Race | None:
        return next((race for race in self.races.values() if race.id == name), None)

    def current(self, owner: str) -> Race | None:
        return self.races.get(owner)

    def race(self, recipes, owner: str, seeds: int, lockstep: bool, browser: str) -> Race:
        if owner in self.races:
            self.races[owner].live = False
        self.races[owner] = Race(f"of {owner}", owner)
        return self.races[owner]


def shown(session: _Session, monkeypatch: pytest.MonkeyPatch) -> tuple[str, str]:
    """The id of the race that a session shows, and how it stands to it."""
    monkeypatch.setattr(session_race, "_session", lambda: session)
    race = session_race.current()
    return race.id if race else "", session_race.standing()


def test_an_owner_who_reloads_keeps_a_race_that_is_watched(server: Server, monkeypatch: pytest.MonkeyPatch):
    server._engine.set_result(Engine(Race("race", "a")))
    owner, watcher = _Session(server, "a", "mine"), _Session(server, "w", "theirs")
    monkeypatch.setattr(session_race, "_session", lambda: watcher)
    assert session_race.attach("race")
    owner.end()
    assert shown(watcher, monkeypatch) == ("race", "watched")
    again = _Session(server, "b", "mine")
    monkeypatch.setattr(session_race, "_session", lambda: again)
    assert session_race.attach("race")
    assert shown(again, monkeypatch) == ("race", "own")
    assert shown(watcher, monkeypatch) == ("race", "watched")
    server.pass_grace()
    assert "a" not in server.forgotten


@pytest.mark.parametrize(("browser", "standing"), [("theirs", "watched"), ("", "watched"), ("mine", "other tab")])
def test_the_start_of_another_window_makes_a_new_race(
    server: Server, monkeypatch: pytest.MonkeyPatch, browser: str, standing: str
):
    race = Race("race", "a")
    server._engine.set_result(Engine(race))
    _Session(server, "a", "mine" if browser else "")
    other = _Session(server, "w", browser)
    monkeypatch.setattr(session_race, "_session", lambda: other)
    assert session_race.attach("race")
    assert shown(other, monkeypatch) == ("race", standing)
    session_race.start([])
    assert shown(other, monkeypatch) == ("of w", "own")
    assert race.live


def test_a_watcher_of_a_race_whose_owner_reloads_does_not_stop_it(server: Server, monkeypatch: pytest.MonkeyPatch):
    race = Race("race", "a")
    server._engine.set_result(Engine(race))
    owner, watcher = _Session(server, "a", "mine"), _Session(server, "w", "theirs")
    owner.end()  # for a moment
    monkeypatch.setattr(session_race, "_session", lambda: watcher)
    assert session_race.attach("race")
    session_race.start([])
    assert race.live


def test_another_tab_owns_the_race_once_the_first_is_closed(server: Server, monkeypatch: pytest.MonkeyPatch):
    server._engine.set_result(Engine(Race("race", "a")))
    owner, tab = _Session(server, "a", "mine"), _Session(server, "b", "mine")
    monkeypatch.setattr(session_race, "_session", lambda: tab)
    assert session_race.attach("race")
    assert shown(tab, monkeypatch) == ("race", "other tab")
    owner.end()
    assert shown(tab, monkeypatch) == ("race", "own")
    server.pass_grace()
    assert "a" not in server.forgotten


def test_a_tab_does_not_give_up_its_own_live_race_for_another(server: Server, monkeypatch: pytest.MonkeyPatch):
    server._engine.set_result(Engine(Race("first", "a"), Race("second", "b")))
    owner, tab = _Session(server, "a", "mine"), _Session(server, "b", "mine")
    owner.end()
    monkeypatch.setattr(session_race, "_session", lambda: tab)
    assert session_race.attach("first")
    assert tab.owner == "b"


def ended_race(store: RaceStore) -> StoredRace:
    """A race that the store keeps and no engine knows."""
    race = StoredRace([Recipe()], "", 1, True, lambda run: None, lambda run: None)
    race.firsts[0]._add_frame(Frame(10, 100, 1.0, 0.1, {}))
    race.firsts[0]._end("stopped")
    store.keep(race)
    return race


@pytest.mark.parametrize("is_up", [False, True])
def test_a_kept_race_is_opened_by_all_and_owned_by_none(server: Server, monkeypatch: pytest.MonkeyPatch, is_up: bool):
    if is_up:
        server._engine.set_result(Engine())
    race = ended_race(server.store)
    session = _Session(server, "b", "mine")
    monkeypatch.setattr(session_race, "_session", lambda: session)
    assert session_race.attach(race.id)
    assert shown(session, monkeypatch) == (race.id, "watched")
    assert not session_race.attach("0123456789abcdef")


def test_a_session_goes_back_to_its_earlier_races(server: Server, monkeypatch: pytest.MonkeyPatch):
    engine = Engine()
    server._engine.set_result(engine)
    session = _Session(server, "b", "mine")
    monkeypatch.setattr(session_race, "_session", lambda: session)
    first = ended_race(server.store)
    server.note_begun("b", first.id)
    session_race.start([])
    assert [race.id for race in session_race.earlier()] == ["of b", first.id]
    assert session_race.attach(first.id)
    assert shown(session, monkeypatch)[0] == first.id
    own = session_race.own()
    assert own is not None
    assert (own.id, own.live) == ("of b", True)  # it goes on meanwhile
    assert session_race.attach("of b")
    assert shown(session, monkeypatch) == ("of b", "own")


def own_data(title: str = "mine") -> OwnData:
    places = sphere.random_points(60)
    return OwnData.of(data.own(places, places[:, 1], title=title))


def race_on(found: OwnData, owner: str) -> StoredRace:
    """A race on own data that has stopped after a step."""
    race = StoredRace([Recipe(data=found.name)], owner, 1, True, lambda run: None, lambda run: None)
    race.firsts[0]._add_frame(Frame(10, 100, 1.0, 0.1, {}))
    race.firsts[0]._end("stopped")
    return race


def test_own_data_are_of_one_session_and_leave_with_it(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(session_race, "_later", lambda seconds, function, *args: Timer(function, args))
    server = session_race._Server()
    owner, other = _Session(server, "a", "mine"), _Session(server, "b", "theirs")
    monkeypatch.setattr(session_race, "_session", lambda: owner)
    names = [session_race.keep_data(own_data(str(number))).name for number in range(MAX_OWN_DATA + 1)]
    assert [found.name for found in session_race.own_data()] == names[1:]  # the last ones
    monkeypatch.setattr(session_race, "_session", lambda: other)
    assert session_race.own_data() == []
    owner.end()
    server._forget("a")
    gc.collect()
    assert [held.find(name) for name in names] == [None] * len(names)


@pytest.mark.parametrize(("browser", "has"), [("mine", 1), ("theirs", 0), ("", 0)])
def test_own_data_outlive_a_reload_in_the_same_browser(server: Server, browser: str, has: int):
    owner = _Session(server, "a", "mine")
    server.private.keep_data("a", held.hold(own_data()))
    assert server.own_data("b", browser) == []  # the page is still open
    owner.end()
    assert len(server.own_data("c", browser)) == has


@pytest.mark.parametrize(("browser", "has"), [("mine", True), ("another", False), ("", False)])
def test_an_open_file_outlives_a_reload_in_the_same_browser(
    server: Server, monkeypatch: pytest.MonkeyPatch, browser: str, has: bool
):
    monkeypatch.setattr(session_race, "search", lambda: None)
    page = _Session(server, "a", "mine")
    monkeypatch.setattr(session_race, "_session", lambda: page)
    file = KeptFile("birds.csv", b"lon,lat", {"target": "kind"})
    session_race.keep_file(file)
    other, again = (_Session(server, owner, browser) for owner in ("b", "c"))
    monkeypatch.setattr(session_race, "_session", lambda: other)
    assert session_race.kept_file() is None  # the page is still open
    page.end()
    monkeypatch.setattr(session_race, "_session", lambda: again)
    assert session_race.kept_file() == (file if has else None)
    assert again.owner == ("a" if has else "c")
    monkeypatch.setattr(session_race, "_session", lambda: other)
    assert session_race.kept_file() is None  # one page has it


def test_a_session_with_races_of_its_own_takes_no_others_file(server: Server, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(session_race, "search", lambda: None)
    page, other = _Session(server, "a", "mine"), _Session(server, "b", "mine")
    server.private.keep_file("a", KeptFile("birds.csv", b"lon,lat", {}))
    server.note_begun("b", "race")
    page.end()
    monkeypatch.setattr(session_race, "_session", lambda: other)
    assert session_race.kept_file() is None
    assert other.owner == "b"


def test_an_open_file_leaves_with_its_owner():
    store = PrivateStore()
    store.keep_file("a", KeptFile("birds.csv", b"lon,lat", {}))
    store.forget("a")
    assert store.file("a") is None


@pytest.mark.parametrize("live", [True, False])
def test_a_race_on_own_data_is_on_no_disk_and_for_its_browser_alone(
    server: Server, monkeypatch: pytest.MonkeyPatch, live: bool
):
    owner, tab, other = (_Session(server, name, browser) for name, browser in ("am", "bm", "ct"))
    found = held.hold(own_data())
    race = race_on(found, "a")
    server._engine.set_result(Engine(race) if live else Engine())
    server.keep(race)
    server.private._races["a"].close()
    assert server.store.find(race.id) is None
    seen = {}
    for session in (owner, tab, other):
        monkeypatch.setattr(session_race, "_session", lambda session=session: session)
        seen[session.owner] = session_race.attach(race.id)
        model = session_race.stored_model(race.firsts[0].id[:8])
        assert model is None  # it has no weights
    assert seen == {"a": True, "b": live, "c": False}


def test_a_race_on_own_data_from_a_session_file_is_found_where_another_has_it_too(server: Server):
    """A teacher's session file is opened on the teacher's own server."""
    found = held.hold(own_data())
    theirs, copy = race_on(found, "a"), race_on(found, "")
    copy.id = theirs.id
    server._engine.set_result(Engine(theirs))
    _Session(server, "a", "teacher")
    assert server.find(theirs.id, "b", "pupil") is None
    server.private.keep_race("b", copy)
    server.private._races["b"].close()
    assert server.find(theirs.id, "b", "pupil") is not theirs
    assert server.find(theirs.id, "b", "pupil") is not None
    assert server.find(theirs.id, "c", "another") is None


def test_a_race_that_ends_after_its_owner_has_gone_is_not_kept(server: Server):
    found = held.hold(own_data())
    server.keep(race_on(found, "gone"))
    assert server.private._races == {}
    server.store.close()
    assert server.store._files.newest() == {}


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
