"""Races are kept on disk as they were, bounded, and whatever else lies in the folder is skipped."""

from __future__ import annotations

import dataclasses
import json
import os
import stat
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import psutil  # type: ignore[import-untyped]
import pytest
import safetensors.numpy

from s2v.engine import FINE_GRIDS, LAYER_GRID, Frame, Race, RaceStore, race_file, race_store
from s2v.engine.race_store import CUT_OFF, ELSEWHERE, user_caches
from s2v.models.recipe import Recipe

CLASSES = Recipe(data="land_ocean", encoder="grid", encoder_params={"scales": 4}, steps=100)


def race(recipe: Recipe = CLASSES, contestants: int = 2, seeds: int = 2, ended: str = "stopped") -> Race:
    """A race with made-up frames, ended unless ``ended`` is empty."""
    made = Race([recipe] * contestants, "owner", seeds, True, lambda run: None, lambda run: None)
    for number, run in enumerate(made.all_runs):
        run._begin("worker")
        values = {name: np.full(grid.shape, number, np.uint8) for name, grid in FINE_GRIDS.items()}
        layers = {"entropy": np.zeros(LAYER_GRID.shape, np.uint8)}
        for step in (0, 40):
            metrics = {"accuracy": 0.1 * number + step / 100, "accuracy_north": float("nan")}
            run._add_frame(Frame(step, 100, 0.5, 1 / (1 + step), metrics, values, layers))
        last = {**metrics, "test_accuracy": 0.3}
        test = np.full((5, 2), 0.5, np.float32)
        weights = f"model {number}".encode()
        final = Frame(40, 100, 0.5, 0.1, last, values, layers, 1, True, test, None, weights, 12.0, test[:, 0])
        run._add_frame(dataclasses.replace(final, landmarks=np.array([[0, 90], [-180, -90]], np.float32)))
        if ended:
            run._end(ended, "Why it ended.")  # type: ignore[arg-type]
    return made


@pytest.fixture
def store(tmp_path: Path) -> Iterator[RaceStore]:
    store = RaceStore(tmp_path)
    yield store
    store.close()


def written(folder: Path, *races: Race) -> RaceStore:
    """A new store of a folder in which another one, of a server that has ended, has kept races."""
    before = RaceStore(folder)
    for one in races:
        before.keep(one)
    before.close()
    return RaceStore(folder)


def file_of(folder: Path, one: Race) -> Path:
    return folder / race_store.FOLDER / f"{one.id}.safetensors"


def same(a: Frame | None, b: Frame | None) -> None:
    assert a is not None
    assert b is not None
    for field in dataclasses.fields(Frame):
        np.testing.assert_equal(getattr(a, field.name), getattr(b, field.name), field.name)


def test_a_race_is_the_same_after_the_server_has_ended(tmp_path: Path):
    one = race()
    found = written(tmp_path, one).find(one.id)
    assert found is not None
    assert (found.id, found.began, found.lockstep, found.live) == (one.id, one.began, True, False)
    assert [len(runs) for runs in found.runs] == [2, 2]
    for mine, theirs in zip(found.all_runs, one.all_runs, strict=True):
        assert (mine.id, mine.recipe, mine.status, mine.message) == (
            theirs.id,
            theirs.recipe,
            "stopped",
            "Why it ended.",
        )
        same(mine.latest, theirs.latest)
        for a, b in zip(mine.history, theirs.history, strict=True):
            same(a, b)


def test_every_field_of_a_frame_is_kept():
    assert {f.name for f in dataclasses.fields(Frame)} == {
        *race_file._NUMBERS,
        *race_file._ARRAYS,
        *race_file._GROUPS,
        *race_file._CHOICE,
        "metrics",
        "weights",
    }


def test_a_race_from_before_frames_had_landmarks_opens(tmp_path: Path):
    one = race()
    store = written(tmp_path, one)
    file = file_of(tmp_path, one)
    tensors = {k: v for k, v in safetensors.numpy.load_file(file).items() if "landmarks" not in k}
    file.write_bytes(
        safetensors.numpy.save(
            tensors, {"format": race_file.FORMAT, "race": json.dumps(race_file.about(file.read_bytes()))}
        )
    )
    found = store.find(one.id)
    assert found is not None
    assert found.firsts[0].latest.landmarks is None
    assert found.firsts[0].latest.maps


def test_a_model_is_found_by_the_first_letters_of_its_run(tmp_path: Path):
    one, two = race(), race()
    store = written(tmp_path, one, two)
    run = one.all_runs[1]
    found = store.model(run.id[:8])
    assert found is not None
    assert (found.recipe, found.steps, found.file) == (run.recipe, 40, b"model 1")
    assert store.model("01234567") is None


def test_what_is_not_written_yet_is_found(store: RaceStore):
    one = race()
    store.keep(one)
    assert store.find(one.id) is not None


@pytest.mark.skipif(not hasattr(os, "getuid"), reason="Windows has other permissions")
def test_the_folder_is_private(tmp_path: Path):
    written(tmp_path, race())
    assert stat.S_IMODE((tmp_path / race_store.FOLDER).stat().st_mode) == 0o700


def test_a_race_that_its_server_did_not_end_says_so(tmp_path: Path):
    one = race(ended="")
    store = written(tmp_path, one)
    found = store.find(one.id)
    assert found is not None
    assert not found.live
    assert {(run.status, run.message) for run in found.all_runs} == {("interrupted", CUT_OFF)}
    assert [run.recipe for run in found.all_runs] == [run.recipe for run in one.all_runs]


def test_a_race_of_another_server_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    parent = psutil.Process(os.getppid())
    monkeypatch.setattr(race_store, "_this_server", lambda: [parent.pid, parent.create_time()])
    one = race(ended="")
    found = written(tmp_path, one).find(one.id)
    assert found is not None
    assert {run.message for run in found.all_runs} == {ELSEWHERE}


def test_a_race_without_a_frame_is_not_kept_after_its_end(tmp_path: Path):
    one = Race([CLASSES], "owner", 1, True, lambda run: None, lambda run: None)
    assert written(tmp_path, one).find(one.id) is not None
    one.firsts[0]._end("stopped")
    assert written(tmp_path, one).find(one.id) is None


def test_the_oldest_leave_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(race_store, "MAX_RACES", 2)
    races = [race(contestants=1, seeds=1) for _ in range(3)]
    for number, one in enumerate(races):
        written(tmp_path, one)
        os.utime(file_of(tmp_path, one), (number, number))
    store = written(tmp_path, races[2])
    assert [store.find(one.id) is not None for one in races] == [False, True, True]
    monkeypatch.setattr(race_store, "MAX_BYTES", file_of(tmp_path, races[2]).stat().st_size)
    store = written(tmp_path, races[2])
    assert [store.find(one.id) is not None for one in races] == [False, False, True]


def test_a_race_that_is_too_large_is_not_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    monkeypatch.setattr(race_store, "MAX_RACE_BYTES", 1000)
    one = race()
    assert written(tmp_path, one).find(one.id) is None
    assert "is not kept" in caplog.text


def test_what_is_open_in_memory_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    races = [race(contestants=1, seeds=1) for _ in range(3)]
    store = written(tmp_path, *races)
    monkeypatch.setattr(race_store, "MAX_OPEN_BYTES", 1)
    found = [store.find(one.id) for one in races]
    assert list(store._opened) == [races[2].id]
    assert store.find(races[2].id) is found[2]


@pytest.mark.parametrize(
    "name", ["../../etc/passwd", "", "0123456789ABCDEF", "0123456789abcdef0", "race=0123456789abcd"]
)
def test_what_is_no_id_is_not_looked_up(store: RaceStore, name: str):
    assert store.find(name) is None


def damaged(kind: str, content: bytes) -> bytes:
    header = json.loads(content[8 : 8 + int.from_bytes(content[:8], "little")])["__metadata__"]
    known, tensors = json.loads(header["race"]), safetensors.numpy.load(content)
    if kind == "cut":
        return content[: len(content) // 2]
    if kind == "empty":
        return b""
    if kind == "noise":
        return np.random.default_rng(0).bytes(5000)
    if kind == "huge header":
        return (1 << 40).to_bytes(8, "little") + content[8:]
    if kind == "deep":
        return len(text := b"[" * 100_000).to_bytes(8, "little") + text
    if kind == "older format":
        header["format"] = "s2v-race-0"
    if kind == "recipe":
        known["runs"][0]["recipe"]["hidden"] = 10**9
    if kind == "places":
        known["runs"][0]["place"] = [10**9, 10**9]
    if kind == "status":
        known["runs"][0]["status"] = "won"
    if kind == "time":
        known["began"] = float("inf")
    if kind == "map":
        tensors["0.0.maps.world"] = np.zeros((2, 2), np.uint8)
    if kind == "layer":
        tensors["0.0.layers.entropy"] = np.zeros((2, 2), np.uint8)
    if kind == "landmarks":
        tensors["0.0.landmarks"] = np.full((3, 2), 91, np.float32)
    if kind == "many landmarks":
        tensors["0.0.landmarks"] = np.zeros((2000, 2), np.float32)
    if kind == "history":
        tensors["0.0.history"] = np.frombuffer(b"[[1, 2]]", np.uint8)
    if kind == "lacking":
        del tensors["1.1.history"]
    return safetensors.numpy.save(tensors, {"format": header["format"], "race": json.dumps(known)})


KINDS = [
    "cut",
    "empty",
    "noise",
    "huge header",
    "deep",
    "older format",
    "recipe",
    "places",
    "status",
    "time",
    "map",
    "layer",
    "landmarks",
    "many landmarks",
    "history",
    "lacking",
]


@pytest.mark.parametrize("kind", KINDS)
def test_other_files_are_skipped_with_a_line_in_the_log(tmp_path: Path, kind: str, caplog: pytest.LogCaptureFixture):
    one, good = race(), race(contestants=1, seeds=1)
    store = written(tmp_path, one, good)
    file = file_of(tmp_path, one)
    file.write_bytes(damaged(kind, file.read_bytes()))
    assert store.find(one.id) is None
    (line,) = caplog.messages
    assert one.id in line
    assert len(line) < 600
    assert store.find(good.id) is not None
    assert store.model(good.firsts[0].id[:8]) is not None


def test_a_file_that_is_too_large_or_no_file_is_not_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    one = race()
    store = written(tmp_path, one)
    file = file_of(tmp_path, one)
    monkeypatch.setattr(race_store, "MAX_RACE_BYTES", 1000)
    assert store.find(one.id) is None
    file.unlink()
    os.mkfifo(file)
    assert store.find(one.id) is None
    assert len(caplog.messages) == 2
    assert store.model("01234567") is None


def test_without_a_folder_races_are_kept_in_memory(caplog: pytest.LogCaptureFixture, tmp_path: Path):
    (tmp_path / "file").write_text("no folder")
    for store in (RaceStore.of({"S2V_STORE": "off"}), RaceStore(tmp_path / "file")):
        assert not store.is_on_disk
        one = race()
        store.keep(one)
        store.close()
        found = store.find(one.id)
        assert found is not None
        assert found is not one
    assert "kept in memory only" in caplog.text


def test_the_folder_is_that_of_the_setting_or_of_the_users_caches(tmp_path: Path):
    RaceStore.of({"S2V_STORE": str(tmp_path / "here")})
    RaceStore.of({"XDG_CACHE_HOME": str(tmp_path)})
    assert (tmp_path / "here" / race_store.FOLDER).is_dir()
    assert (tmp_path / "sphere2vec-lab" / race_store.FOLDER).is_dir()
    home = Path.home()
    assert user_caches({}, "linux") == home / ".cache"
    assert user_caches({}, "darwin") == home / "Library" / "Caches"
    assert user_caches({"LOCALAPPDATA": "C:/caches"}, "win32") == Path("C:/caches")


def test_temporary_files_of_killed_servers_leave(tmp_path: Path):
    folder = tmp_path / race_store.FOLDER
    folder.mkdir()
    old, new = folder / ".s2v-0a.tmp", folder / ".s2v-0b.tmp"
    for file in (old, new):
        file.write_bytes(b"half")
    os.utime(old, (time.time() - 10000,) * 2)
    RaceStore(tmp_path)
    assert (old.exists(), new.exists()) == (False, True)
