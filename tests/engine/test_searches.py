"""A search for the best encoder on a real cluster: on own data, stopped, and with a worker that is lost."""

from __future__ import annotations

import os
import signal
import time
from dataclasses import replace

import numpy as np
import pytest

from s2v import data, sphere
from s2v.data import OwnData, held
from s2v.engine import Engine, QueueFullError, searches
from s2v.engine.spread import LostError
from s2v.models import halving
from s2v.models.recipe import Recipe
from s2v.models.search_report import findings
from tests.engine.conftest import PATIENCE, connection_of

TINY = Recipe(points=200, hidden=8, layers=1, batch=64)


@pytest.fixture
def mine() -> OwnData:
    places = sphere.random_points(300)
    return held.hold(OwnData.of(data.own(places, np.sin(np.deg2rad(places[:, 1])))))


def tiny(mine: OwnData, *names: str) -> list[Recipe]:
    recipes = [replace(TINY, data=mine.name, encoder=name, encoder_params={}) for name in names]
    return [*recipes, replace(TINY, data=mine.name, predictor="idw")]


def test_a_search_on_the_engine_finds_what_it_finds_here(engine: Engine, owner: str, mine: OwnData):
    recipes = tiny(mine, "xyz", "grid")
    search = engine.search(mine.name, owner, steps=20, recipes=recipes)
    assert engine.current_search(owner) is search
    assert search.wait(PATIENCE)
    assert (search.status, search.message) == ("finished", "")
    *_, here = halving.search(mine.name, steps=20, recipes=recipes)
    assert search.standings is not None
    assert findings(search.standings) == findings(here)


def test_a_stopped_search_keeps_what_there_is(engine: Engine, owner: str, mine: OwnData):
    search = engine.search(mine.name, owner, steps=100_000, recipes=tiny(mine, "xyz", "grid", "theory"))
    until_some_score(search)
    search.stop()
    assert search.wait(PATIENCE)
    assert search.status == "stopped"
    assert search.standings is not None
    assert search.standings.stopped
    assert any(row.scores for row in search.standings.rows)


def test_a_lost_worker_costs_one_try_and_not_the_search(engine: Engine, owner: str, mine: OwnData):
    connection = connection_of(engine, engine.workers)
    search = engine.search(mine.name, owner, steps=600, recipes=tiny(mine, "xyz", "grid", "theory"))
    until_some_score(search)
    assert connection.cluster is not None
    pids = list(connection.client.run(os.getpid).values())
    os.kill(pids[0], signal.SIGKILL)
    assert search.wait(PATIENCE)
    assert (search.status, search.message) == ("finished", "")


def test_a_new_search_stops_the_one_before(engine: Engine, owner: str, mine: OwnData):
    first = engine.search(mine.name, owner, steps=100_000, recipes=tiny(mine, "xyz"))
    second = engine.search(mine.name, owner, steps=4, recipes=tiny(mine, "xyz"))
    assert first.wait(PATIENCE)
    assert second.wait(PATIENCE)
    assert (first.status, second.status) == ("stopped", "finished")


def test_an_owner_who_leaves_takes_the_search_along(engine: Engine, owner: str, mine: OwnData):
    search = engine.search(mine.name, owner, steps=100_000, recipes=tiny(mine, "xyz"))
    engine.release(owner)
    assert search.wait(PATIENCE)
    assert engine.current_search(owner) is None


def test_data_that_nobody_holds_are_refused(engine: Engine, owner: str):
    with pytest.raises(ValueError, match="not open here any more"):
        engine.search("own:regression,id=0123456789abcdef", owner)


def test_a_server_takes_so_many_searches(
    engine: Engine, owner: str, other: str, mine: OwnData, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("s2v.engine.engine.MAX_SEARCHES", 1)
    search = engine.search(mine.name, owner, steps=100_000, recipes=tiny(mine, "xyz"))
    with pytest.raises(QueueFullError, match="the most that this server takes"):
        engine.search(mine.name, other)
    search.stop()
    assert search.wait(PATIENCE)


def test_a_search_that_cannot_begin_says_why(engine: Engine, owner: str):
    places = sphere.random_points(12)
    few = held.hold(OwnData.of(data.own(places, places[:, 1])))
    search = engine.search(few.name, owner)
    assert search.wait(PATIENCE)
    assert search.status == "failed"
    assert "a search needs at least" in search.message


def test_a_try_lost_again_and_again_ends_the_search(mine: OwnData, monkeypatch: pytest.MonkeyPatch):
    class Client:
        def submit(self, *args: object, **kwargs: object) -> None:
            raise OSError("gone")

    class Gone:
        client = Client()

    settings = {"steps": 4, "recipes": tiny(mine, "xyz")}
    search = searches.Search(mine.name, "owner", lambda: Gone(), lambda: ["tcp://a"], settings)  # type: ignore[arg-type, return-value]
    search.start()
    assert search.wait(PATIENCE)
    assert (search.status, search.message) == ("interrupted", searches.LOST)


def until_some_score(search: searches.Search) -> None:
    end = time.monotonic() + PATIENCE
    while not (search.standings and any(row.scores for row in search.standings.rows)):
        assert time.monotonic() < end, "No try came back."
        assert search.live
        time.sleep(0.05)


def test_any_function_is_called_on_the_workers(engine: Engine):
    assert dict(engine.call(pow, [(2, 3), (5, 2)], "run", lambda: False)) == {0: 8, 1: 25}
    assert list(engine.call(pow, [(2, 3)], "run", lambda: True)) == []


def test_a_call_that_is_lost_again_and_again_ends_with_an_error(engine: Engine):
    with pytest.raises(LostError):
        list(engine.call(divmod, [(1, 0)], "run", lambda: False))
