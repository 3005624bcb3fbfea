"""A session is saved as a zip file and comes back as it was; whatever else is given gets a sentence."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable

import numpy as np
import pytest
import safetensors.numpy

from s2v import data, sphere
from s2v.data import OwnData, held, held_file
from s2v.engine import race_file, session_file
from s2v.engine.session_file import ABOUT, ModelFile, Session
from s2v.models.checkpoints import dumps
from s2v.models.model import LocationModel
from s2v.models.recipe import Recipe
from tests.engine.test_race_store import race

SETTINGS = {"train": {"data": "geoid", "e1": "grid:scales=4"}}


def own() -> OwnData:
    places = np.concatenate([sphere.random_points(40), [(0.0, 90.0), (180.0, -90.0)]])
    kinds = np.where(places[:, 1] > 0, "Möwe", "<b>it's</b>")
    return held.hold(OwnData.of(data.own(places, kinds, title="bird"), "birds.csv", {"target": "bird"}))


def members(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def zipped(parts: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return out.getvalue()


def test_a_session_comes_back_as_it_was() -> None:
    mine = own()
    races = [race(), race(Recipe(data=mine.name, encoder="xyz", points=20), 1, 1, "finished")]
    content = session_file.dumps(Session(races, [mine], SETTINGS))
    found = session_file.loads(content)
    assert [one.id for one in found.races] == [one.id for one in races]
    for one, other in zip(found.races, races, strict=True):
        first, second = race_file.dumps(one), race_file.dumps(other)  # in which the order of the metadata varies
        assert race_file.about(first) == race_file.about(second)
        tensors, expected = safetensors.numpy.load(first), safetensors.numpy.load(second)
        assert tensors.keys() == expected.keys()
        assert all(np.array_equal(tensors[name], expected[name]) for name in expected)
    assert found.settings == SETTINGS
    assert found.made_by["s2v"]
    (again,) = found.data
    assert (again.name, again.file, again.how) == (mine.name, "birds.csv", {"target": "bird"})
    assert {name.rpartition(".")[2] for name in members(content)} == {"json", "safetensors"}


def test_a_race_that_still_trains_is_left_out() -> None:
    assert session_file.loads(session_file.dumps(Session([race(ended="")]))).races == []


@pytest.mark.parametrize("target", [None, np.linspace(0, 1, 40)])
def test_own_data_of_every_task_come_back(target: np.ndarray | None) -> None:
    mine = OwnData.of(data.own(sphere.random_points(40), target, units="K"))
    again = held_file.loads(held_file.dumps(mine))
    assert (again.name, again.units, again.task) == (mine.name, "K", mine.task)


def model(encoder: str = "xyz") -> ModelFile:
    recipe = Recipe(data="geoid", encoder=encoder, hidden=8)
    file = dumps(LocationModel(recipe, "classification", ("sea", "land")))
    return ModelFile(file, "birds.pth.tar", "xyz on birds", ("source: elsewhere",), ("It differs.",))


def test_models_of_files_come_back_with_what_was_understood_of_them() -> None:
    models = [model(), model("grid")]
    content = session_file.dumps(Session([], [], SETTINGS, models=models))
    assert session_file.loads(content).models == models
    assert sorted(members(content)) == sorted([ABOUT, *(one.member for one in models)])


def test_a_session_file_without_models_is_read() -> None:
    parts = members(session_file.dumps(Session([race()], [], SETTINGS)))
    about = json.loads(parts[ABOUT])
    del about["models"]  # as files of before have none
    assert session_file.loads(zipped({**parts, ABOUT: json.dumps(about).encode()})).models == []


def changed(name: str, content: bytes) -> Callable[[dict[str, bytes]], dict[str, bytes]]:
    return lambda parts: {**parts, name: content}


def with_member(name: str, content: bytes) -> Callable[[dict[str, bytes]], dict[str, bytes]]:
    def change(parts: dict[str, bytes]) -> dict[str, bytes]:
        import hashlib

        about = json.loads(parts[ABOUT])
        about["members"][name] = hashlib.sha256(content).hexdigest()
        return {**parts, ABOUT: json.dumps(about).encode(), name: content}

    return change


RACE = "races/0123456789abcdef.safetensors"
BAD: dict[str, tuple[Callable[[dict[str, bytes]], dict[str, bytes]], str]] = {
    "a path upwards": (changed("../../evil.safetensors", b""), "is nothing that a session has"),
    "a pickle": (changed("races/0123456789abcdef.pkl", b"\x80\x04."), "is nothing that a session has"),
    "a part that is not listed": (changed(RACE, b"x"), "its list of contents"),
    "no race": (with_member(RACE, b"nothing"), "it is not a race of this lab"),
    "no data": (with_member(RACE.replace("races", "data"), b"nothing"), "it holds no data of this lab"),
    "another race's name": (
        lambda parts: with_member(RACE, race_file.dumps(race()))(parts),
        "not the race that its name",
    ),
    "no model": (
        with_member(RACE.replace("races", "models"), b"nothing"),
        "it is not a whole safetensors file. Allowed",
    ),
    "a model of which nothing is said": (
        lambda parts: with_member(RACE.replace("races", "models"), model().file)(parts),
        "nothing is said of it",
    ),
    "a race as a model": (
        lambda parts: with_member(RACE.replace("races", "models"), race_file.dumps(race()))(parts),
        "it is no model of this lab",
    ),
    "no description": (lambda parts: {k: v for k, v in parts.items() if k != ABOUT}, "no session"),
    "a description that is a list": (changed(ABOUT, b"[]"), "no session"),
    "a deep description": (changed(ABOUT, b"[" * 100_000), "no session"),
    "another format": (changed(ABOUT, b'{"format": "other"}'), "its format is 'other'"),
    "a changed part": (
        lambda parts: {k: v.replace(b"stopped", b"stoppeD") for k, v in parts.items()},
        "was changed since it was saved",
    ),
    "a bomb": (changed(RACE, b"0" * (session_file.MAX_BYTES + 1)), "unpacked it has"),
    "very many parts": (lambda parts: {**parts, **{f"races/{i:016x}.safetensors": b"" for i in range(70)}}, "parts"),
}


@pytest.mark.parametrize("kind", BAD)
def test_a_file_that_was_tampered_with_gets_a_sentence(kind: str) -> None:
    change, said = BAD[kind]
    content = zipped(change(members(session_file.dumps(Session([race()], [], SETTINGS)))))
    with pytest.raises(ValueError, match="This is no session of the lab") as error:
        session_file.loads(content)
    assert said in str(error.value)
    assert len(str(error.value)) < 600


@pytest.mark.parametrize("packed", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_parts_that_are_packed_in_another_way_are_not_unpacked(packed: int) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", packed) as archive:
        for name, content in members(session_file.dumps(Session([race()], [], SETTINGS))).items():
            archive.writestr(name, content)
    with pytest.raises(ValueError, match="packed otherwise than by deflation"):
        session_file.loads(out.getvalue())


def test_a_part_that_does_not_unpack_gets_a_sentence() -> None:
    content = bytearray(session_file.dumps(Session([race()], [], SETTINGS)))
    content[50] ^= 255  # in the packed description
    with pytest.raises(ValueError, match="This is no session of the lab"):
        session_file.loads(bytes(content))


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"%PDF", b"PK" + bytes(1000)])
def test_other_files_get_a_sentence(content: bytes) -> None:
    with pytest.raises(ValueError, match="This is no session of the lab"):
        session_file.loads(content)


def test_a_session_that_is_cut_short_gets_a_sentence() -> None:
    content = session_file.dumps(Session([race()], [own()], SETTINGS))
    for end in range(0, len(content), max(1, len(content) // 40)):
        with pytest.raises(ValueError, match="This is no session of the lab"):
            session_file.loads(content[:end])


@pytest.mark.parametrize("change", [{"lonlat": np.array([[0.0, 91.0]])}, {"target": np.array([7])}])
def test_data_that_are_not_what_they_say_are_refused(change: dict[str, np.ndarray]) -> None:
    parts = {"lonlat": np.zeros((1, 2)), "target": np.zeros(1, np.int64)}
    bad = OwnData("classification", **{**parts, **change}, classes=("a", "b"))
    with pytest.raises(ValueError, match="it holds no data of this lab"):
        held_file.loads(held_file.dumps(bad))
