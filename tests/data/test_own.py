"""Data that users bring as arrays."""

import numpy as np
import pytest

import s2v
from s2v import data, sphere

PLACES = sphere.random_points(500, seed=3)


def test_the_task_follows_from_the_target() -> None:
    assert data.own(PLACES).task == "presence"
    assert data.own(PLACES).classes == ("presence",)
    assert data.own(PLACES, PLACES[:, 0]).task == "regression"
    texts = data.own(PLACES, np.where(PLACES[:, 1] > 0, "north", "south"))
    assert (texts.task, texts.classes) == ("classification", ("north", "south"))
    assert [texts.classes[i] for i in texts.target[:3]] == ["north" if p > 0 else "south" for p in PLACES[:3, 1]]
    assert data.own(PLACES, np.arange(500) % 4).classes == ("0", "1", "2", "3")
    assert data.own(PLACES, np.arange(500) % 4, "regression").task == "regression"
    assert data.own(PLACES, np.arange(500) % 4, "presence").task == "presence"


def test_names_of_classes_become_texts() -> None:
    assert data.own(PLACES, ["ö".encode(), b"b"] * 250).classes == ("b", "ö")
    assert data.own(PLACES, [0, 1] * 250, classes=(3, 4)).classes == ("3", "4")


@pytest.mark.parametrize("size", [1e-30, 1e30])
def test_values_of_any_allowed_size_are_learned(size) -> None:
    own = data.own(PLACES, PLACES[:, 1] / abs(PLACES[:, 1]).max() * size)
    last = list(s2v.train(s2v.Recipe(data=own.name, encoder="xyz", steps=200, hidden=32), dataset=own))[-1]
    assert last.metrics["r2"] > 0.9


@pytest.mark.parametrize("split", ["random", "blocked", "buffer:500", "control:500"])
def test_parts_cover_places_once_and_hold_each_place_in_one_part(split) -> None:
    twice = np.concatenate([PLACES, PLACES])
    own = data.own(twice, np.arange(1000) / 7, split=split)
    parts = [own.train, own.val, own.test]
    assert all(len(part) for part in parts)
    rows = np.concatenate(parts)
    assert len(np.unique(rows)) == len(rows)
    homes = [{tuple(place) for place in own.lonlat[part]} for part in parts]
    assert not homes[0] & homes[1]
    assert not homes[0] & homes[2]
    assert not homes[1] & homes[2]
    if split == "random":
        assert len(rows) == 1000


@pytest.mark.parametrize("split", ["random", "blocked", "blocks:2000"])
def test_poles_and_dateline_count_as_one_place(split) -> None:
    poles = np.stack([np.linspace(-180, 179, 60), np.full(60, 90.0)], -1)
    dateline = np.array([[180.0, 10], [-180, 10]] * 30)
    rows = [poles, dateline, PLACES]
    own = data.own(np.concatenate(rows), np.arange(620) / 7, split=split)
    for group in (range(60), range(60, 120)):
        assert sum(bool(set(group) & set(part)) for part in (own.train, own.val, own.test)) == 1


@pytest.mark.parametrize("task", ["regression", "classification", "presence"])
@pytest.mark.parametrize("places", [1, 2, 5, 9])
def test_a_few_places_are_all_trained_on(task, places) -> None:
    own = data.own(PLACES[:places], np.arange(places) % 2, task)
    last = list(s2v.train(s2v.Recipe(data=own.name, encoder="xyz", steps=2), dataset=own))[-1]
    name = "r2" if task == "regression" else "accuracy"
    assert np.isnan(last.metrics[name])
    assert np.isfinite(last.loss)


def test_without_holding_out_all_places_are_trained_on() -> None:
    own = data.own(PLACES, PLACES[:, 1], hold_out=False)
    assert sorted(own.train) == list(range(500))
    assert set(own.val) <= set(own.train)
    assert len(data.own(PLACES, PLACES[:, 1], hold_out=False, points=20).train) == 20


def test_the_truth_is_that_of_the_nearest_place_within_reach() -> None:
    own = data.own([[0, 90], [10, 0]], [1.5, 2.5], hold_out=False)
    np.testing.assert_array_equal(own.truth_at([[123, 89.5], [10.2, 0.1], [50, 50]]), [1.5, 2.5, np.nan])


def test_a_model_of_own_data_survives_its_file(tmp_path) -> None:
    own = data.own(PLACES, PLACES[:, 1] * 1.5)
    snapshots = list(s2v.train(s2v.Recipe(data=own.name, encoder="xyz", steps=300, hidden=32), dataset=own))
    assert snapshots[-1].metrics["test_r2"] > 0.95  # latitude is a smooth function of z
    s2v.save(snapshots[-1].model, tmp_path / "own.safetensors")
    loaded = s2v.load(tmp_path / "own.safetensors")
    np.testing.assert_array_equal(loaded.predict(PLACES), snapshots[-1].model.predict(PLACES))


def test_a_recipe_must_match_the_data() -> None:
    own = data.own(PLACES, PLACES[:, 1])
    with pytest.raises(ValueError, match=r"make the recipe with data='own:regression'"):
        next(s2v.train(s2v.Recipe(data="land_cover"), dataset=own))
    # Of the same task, and still the model's maps would be titled as geoid heights in metres.
    with pytest.raises(ValueError, match=r"make the recipe with data='own:regression'"):
        next(s2v.train(s2v.Recipe(data="geoid"), dataset=own))
    with pytest.raises(ValueError, match=r"dataset=\.\.\."):
        next(s2v.train(s2v.Recipe(data="own:regression")))
    assert not [name for name in data.names() if name.startswith("own")]


@pytest.mark.parametrize(
    ("lonlat", "target", "more", "words"),
    [
        (PLACES[:, ::-1], None, {}, "swapped|latitude"),
        (np.empty((0, 2)), None, {}, "no places"),
        (PLACES, PLACES[:9, 0], {}, "500 places, and target has shape"),
        (PLACES, np.full(500, np.nan), {}, "row 0 is nan"),
        (PLACES, ["a"] * 500, {"task": "regression"}, "must be numbers, not 'a'"),
        (PLACES, np.arange(500), {"classes": ("a", "b")}, "from 0 to 1; row 2 has '2'"),
        (PLACES, ["a"] * 500, {"classes": ("a", "b")}, "from 0 to 1; row 0 has 'a'"),
        (PLACES, [None] * 500, {"task": "classification", "classes": ("a",)}, "row 0 has 'None'"),
        (PLACES[:1], [None], {}, "without a class"),
        (PLACES, None, {"task": "classification"}, "A classification needs a target"),
        (PLACES, None, {"task": "regression"}, "A regression needs a target"),
        (PLACES, np.ma.masked_array(PLACES[:, 0], PLACES[:, 1] > 0), {}, "masked"),
        (PLACES, np.linspace(-1, 1, 500) * 1e39, {}, r"1e\+39 in size"),
        (PLACES, np.linspace(-1, 1, 500) * 1e-50, {}, "1e-50 in size"),
        (PLACES, [10**400] * 500, {"task": "regression"}, "must be numbers"),
        (PLACES, None, {"points": 0}, "at least one training place"),
        (PLACES, None, {"points": -5}, "at least one training place"),
        (PLACES, [None, "a"] * 250, {}, "several kinds"),
        (PLACES, np.full(500, np.nan), {"task": "classification"}, "without a class"),
        (PLACES, None, {"task": "counting"}, "'counting' is not one of"),
        (PLACES, None, {"split": "fair"}, "split='fair'"),
    ],
)
def test_messages_name_what_is_wrong(lonlat, target, more, words) -> None:
    with pytest.raises(ValueError, match=words):
        data.own(lonlat, target, **more)
