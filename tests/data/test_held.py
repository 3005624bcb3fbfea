"""Own data that a process holds: their names work as those of built-in sets, and they leave with their last user."""

from __future__ import annotations

import gc
import pickle
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from s2v import data, sphere
from s2v.data import OwnData, held
from s2v.data.held import MAX_DERIVED, MAX_PLACES, cached_by_name
from s2v.models.recipe import Recipe

PLACES = np.concatenate([sphere.random_points(300), [(12.0, 90.0), (-100.0, -90.0), (180.0, 5.0), (-180.0, 5.0)]])


def classes_of_own(title: str = "half") -> OwnData:
    return OwnData.of(data.own(PLACES, np.where(PLACES[:, 1] > 0, "north", "south"), title=title))


def test_a_name_works_for_as_long_as_somebody_holds_the_data() -> None:
    mine = held.hold(classes_of_own())
    assert data.title_of(mine.name) == "half"
    assert data.catalogue.classes_of(mine.name) == 2
    assert Recipe(data=mine.name).task == "classification"
    dataset = data.load(mine.name, points=50, seed=1, split="latitude:60")
    assert (dataset.name, len(dataset.train), dataset.classes) == (mine.name, 50, ("north", "south"))
    assert abs(dataset.lonlat[dataset.test][:, 1]).min() >= 60
    name = mine.name
    del mine, dataset
    gc.collect()
    assert data.title_of(name) == "Your classes"
    with pytest.raises(ValueError, match="are places of your own, which are not open here"):
        data.load(name)


def test_the_name_tells_the_data_apart_and_equal_data_are_held_once() -> None:
    mine, same, other = classes_of_own(), classes_of_own(), classes_of_own("halves")
    assert mine.name == same.name != other.name
    assert held.hold(mine) is held.hold(same)
    flipped = OwnData(mine.task, mine.lonlat, 1 - mine.target, mine.classes, mine.title)
    assert flipped.name != mine.name


@pytest.mark.parametrize("target", [None, PLACES[:, 1], (PLACES[:, 0] > 0).astype(int)])
def test_every_task_is_held_with_all_that_a_data_set_has(target: np.ndarray | None) -> None:
    dataset = data.own(PLACES, target, title="warmth", credit="Mine.", units="K", seed=3, split="blocks:1000")
    mine = held.hold(OwnData.of(dataset))
    again = data.load(mine.name, seed=3, split="blocks:1000")
    for part in ("lonlat", "target", "train", "val", "test"):
        np.testing.assert_array_equal(getattr(again, part), getattr(dataset, part))
    for part in ("title", "credit", "summary", "units", "classes", "task", "limits"):
        assert getattr(again, part) == getattr(dataset, part)


def test_a_worker_gets_the_places_and_splits_them_itself() -> None:
    mine = classes_of_own()
    mine.dataset()
    sent = pickle.dumps(mine)
    assert len(sent) < 2 * mine.lonlat.nbytes + 4000
    got = pickle.loads(sent)
    assert got.name == mine.name
    np.testing.assert_array_equal(got.dataset(50, 2).train, mine.dataset(50, 2).train)


def test_of_very_many_places_a_part_is_used_and_it_is_said() -> None:
    places = sphere.random_points(MAX_PLACES + 1000)
    mine = OwnData.of(data.own(places, places[:, 1]))
    assert mine.lonlat.shape == (MAX_PLACES, 2)
    assert "Of these, 250,000 chosen at random are used here." in mine.summary


def test_what_is_derived_leaves_with_the_data() -> None:
    made = []

    @cached_by_name(2)
    def thing(name: str, size: int = 1) -> object:
        made.append((name, size))
        return object()

    assert thing("geoid") is thing("geoid")
    mine = held.hold(classes_of_own())
    assert thing(mine.name, 5) is thing(mine.name, 5)
    assert made == [("geoid", 1), (mine.name, 5)]
    for size in range(MAX_DERIVED + 1):
        thing(mine.name, 100 + size)
    thing(mine.name, 5)
    assert made.count((mine.name, 5)) == 2  # only the last few are kept


@pytest.mark.parametrize("own", [False, True])
def test_a_class_that_asks_at_once_has_it_computed_once(own: bool) -> None:
    mine = held.hold(classes_of_own())
    made, all_ask = [], threading.Barrier(8)

    @cached_by_name(2)
    def thing(name: str) -> object:
        made.append(name)
        time.sleep(0.05)  # so that the others come while it is computed
        return object()

    def ask(name: str) -> object:
        all_ask.wait()
        return thing(name)

    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(ask, [mine.name if own else "geoid"] * 8))
    assert len(made) == len(set(map(id, found))) == 1


def test_what_failed_is_tried_again() -> None:
    answers: list[int | ValueError] = [ValueError("not yet"), 7]

    @cached_by_name(2)
    def thing(name: str) -> int:
        answer = answers.pop(0)
        if isinstance(answer, ValueError):
            raise answer
        return answer

    with pytest.raises(ValueError, match="not yet"):
        thing("geoid")
    assert thing("geoid") == thing("geoid") == 7


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("own:regression,id=../../etc/passwd", "16 digits"),
        ("own:regression,id=0123456789ABCDEF", "16 digits"),
        ("own:regression,classes=3", "no parameter 'classes'"),
        ("own:classification,classes=-1", "outside its range"),
    ],
)
def test_names_that_no_data_have_are_refused(name: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        data.check_name(name)
