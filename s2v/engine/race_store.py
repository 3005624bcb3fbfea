"""Keeps races on disk, bounded, so that their links open after the race, its session and the server have ended.

Each race is a file of its own in a private folder; the oldest leave first.  A live race is there with its settings
alone, so that a link tells when the server has ended before the race did.
"""

from __future__ import annotations

import logging
import os
import re
import stat
import sys
import threading
import time
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

import psutil  # type: ignore[import-untyped]

from s2v import files, reading
from s2v.engine import race_file
from s2v.engine.races import Race
from s2v.models.recipe import Recipe

log = logging.getLogger("s2v.engine")

SETTING = "S2V_STORE"  # a folder, or OFF
OFF = "off"  # keeps races in memory only
FOLDER = "races-1"  # inside that folder, ours alone
ENDING = ".safetensors"
MAX_RACES = 500
MAX_BYTES = 1 << 30
MAX_BYTES_IN_MEMORY = 128 << 20
MAX_RACE_BYTES = 128 << 20  # of one race; a larger one is not kept
MAX_OPEN_BYTES = 64 << 20  # of races that were opened last and stay in memory
MAX_ABOUT_BYTES = 1 << 20  # of a race's description
MAX_WRITE_SECONDS = 3600  # a temporary file that is older has no writer any more

CUT_OFF = (
    "The server ended while this run trained, and nothing of it is left but its settings: press the button to train "
    "again."
)
ELSEWHERE = "Another server on this machine trains this run. Its result can be opened here once it has ended there."


class StoredModel(NamedTuple):
    """A trained model of a stored race: its recipe, the steps that it has learned for, and its file."""

    recipe: Recipe
    steps: int
    file: bytes


class RaceStore:
    """The races of a folder, or without one in memory.  All methods may be called from any thread."""

    def __init__(self, folder: Path | None = None) -> None:
        self.is_on_disk = folder is not None
        self._files: _Files = _Memory()
        self._max_bytes = MAX_BYTES if folder else MAX_BYTES_IN_MEMORY
        if folder is not None:
            try:
                self._files = _Folder(folder / FOLDER)
            except OSError as error:
                log.warning("Races are kept in memory only: %s", error)
                self.is_on_disk, self._max_bytes = False, MAX_BYTES_IN_MEMORY
        self._writer = ThreadPoolExecutor(1, "s2v-store")  # one thread, so that a race's end is written last
        self._lock = threading.Lock()  # guards what follows
        self._pending: dict[str, Race] = {}  # not written yet
        self._opened: OrderedDict[str, tuple[int, Race]] = OrderedDict()  # bytes and race, by id

    @classmethod
    def of(cls, environment: Mapping[str, str]) -> RaceStore:
        """The store that the setting names, by default in the user's folder of caches."""
        given = environment.get(SETTING, "").strip()
        if given.lower() == OFF:
            return cls()
        return cls(Path(given).expanduser() if given else user_caches(environment) / "sphere2vec-lab")

    @property
    def max_bytes(self) -> int:
        """The most that all races together take."""
        return self._max_bytes

    def keep(self, race: Race) -> None:
        """Writes a race that has begun or ended, soon and in another thread."""
        with self._lock:
            self._pending[race.id] = race
        try:
            self._writer.submit(self._keep, race)
        except RuntimeError:  # the interpreter is ending, and waits for no other thread
            self._keep(race)

    def find(self, race_id: str) -> Race | None:
        """The race with this id; None if it is not kept, any more or at all."""
        if not _is_id(race_id):
            return None
        with self._lock:
            race = self._pending.get(race_id)
            if race is None and race_id in self._opened:
                self._opened.move_to_end(race_id)
                race = self._opened[race_id][1]
        if race is not None:
            return race
        content = self._files.read(race_id, MAX_RACE_BYTES)
        if content is None:
            return None
        try:
            race = race_file.loads(content)
            server = race_file.about(content).get("server")
        except ValueError as error:
            log.warning("The stored race %s is skipped: %s", race_id, error)
            return None
        if race.live:
            _end_lost(race, server)
        else:
            self._remember(race, len(content))
        return race

    def model(self, run: str) -> StoredModel | None:
        """The model of the newest run whose id begins so; None if it is not kept."""
        if not re.fullmatch(r"[0-9a-f]{8,32}", run):
            return None
        for race_id in self._files.newest():
            try:
                content = self._files.read_start(race_id, MAX_ABOUT_BYTES)
                known = race_file.about(content or b"")
                ids = [str(stored["id"]) for stored in known["runs"]]
            except (ValueError, TypeError, KeyError):
                continue  # `find` says why
            if any(one.startswith(run) for one in ids) and (race := self.find(race_id)):
                for found in race.all_runs:
                    if found.id.startswith(run) and found.latest and found.latest.weights:
                        return StoredModel(found.recipe, found.latest.step, found.latest.weights)
        return None

    def close(self) -> None:
        """Waits until everything is written."""
        self._writer.shutdown()

    def _keep(self, race: Race) -> None:
        try:
            if not race.live and not any(run.history for run in race.all_runs):
                self._files.delete(race.id)  # it has nothing to show
                return
            content = race_file.dumps(race, {"server": _this_server()} if race.live else None)
            if len(content) > MAX_RACE_BYTES:
                log.warning(
                    "Race %s is not kept: it takes %d MB, more than %d.",
                    race.id,
                    len(content) >> 20,
                    MAX_RACE_BYTES >> 20,
                )
                self._files.delete(race.id)
                return
            self._files.write(race.id, content)
            self._prune()
        except Exception:  # a full disk: the race goes on, and its page shows it
            log.exception("Race %s could not be kept", race.id)
        finally:
            with self._lock:
                if self._pending.get(race.id) is race and not race.live:
                    del self._pending[race.id]

    def _prune(self) -> None:
        total = 0
        for count, (race_id, size) in enumerate(self._files.newest().items(), 1):
            total += size
            if count > MAX_RACES or total > self._max_bytes:
                self._files.delete(race_id)

    def _remember(self, race: Race, size: int) -> None:
        with self._lock:
            self._opened[race.id] = size, race
            while sum(size for size, _ in self._opened.values()) > MAX_OPEN_BYTES and len(self._opened) > 1:
                self._opened.popitem(last=False)


def user_caches(environment: Mapping[str, str], platform: str = sys.platform) -> Path:
    """The folder in which a user's programs keep what they can make again."""
    home = Path.home()
    if platform == "win32":
        return Path(environment.get("LOCALAPPDATA") or home / "AppData" / "Local")
    if platform == "darwin":
        return home / "Library" / "Caches"
    return Path(environment.get("XDG_CACHE_HOME") or home / ".cache")


class _Memory:
    """Races by id, the newest last."""

    def __init__(self) -> None:
        self._contents: dict[str, bytes] = {}

    def write(self, race_id: str, content: bytes) -> None:
        self._contents.pop(race_id, None)
        self._contents[race_id] = content

    def read(self, race_id: str, limit: int) -> bytes | None:
        return self._contents.get(race_id)

    def read_start(self, race_id: str, limit: int) -> bytes | None:
        return self.read(race_id, limit)

    def delete(self, race_id: str) -> None:
        self._contents.pop(race_id, None)

    def newest(self) -> dict[str, int]:
        """Sizes by id, the newest first."""
        return {race_id: len(content) for race_id, content in reversed(list(self._contents.items()))}


class _Folder:
    """A private folder with a file for each race.  ``OSError`` where it cannot be made or is not ours."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if hasattr(os, "getuid"):
            if folder.stat().st_uid != os.getuid():
                raise PermissionError(f"{folder} belongs to another user; set {SETTING} to a folder of your own.")
            folder.chmod(0o700)
        files.check_writable(folder)
        self._folder = folder
        for left in folder.glob(".s2v-*.tmp"):  # by a server that was killed while it wrote
            if time.time() - left.stat().st_mtime > MAX_WRITE_SECONDS:
                left.unlink(missing_ok=True)

    def write(self, race_id: str, content: bytes) -> None:
        files.write_bytes(self._path(race_id), content)

    def read(self, race_id: str, limit: int) -> bytes | None:
        try:
            return reading.read_bytes(self._path(race_id), "stored race", limit)
        except FileNotFoundError:
            return None
        except (OSError, ValueError) as error:
            log.warning("A stored race is skipped: %s", error)
            return None

    def read_start(self, race_id: str, limit: int) -> bytes | None:
        path = self._path(race_id)
        try:
            if not stat.S_ISREG(path.stat().st_mode):
                return None
            with path.open("rb") as file:
                length = file.read(8)
                return length + file.read(min(limit, int.from_bytes(length, "little")))
        except OSError:
            return None

    def delete(self, race_id: str) -> None:
        self._path(race_id).unlink(missing_ok=True)

    def newest(self) -> dict[str, int]:
        """Sizes by id, the newest first."""
        found = sorted(self._list(), reverse=True)
        return {race_id: size for _, race_id, size in found}

    def _list(self) -> Iterator[tuple[float, str, int]]:
        for entry in os.scandir(self._folder):
            race_id = entry.name.removesuffix(ENDING)
            if entry.name != race_id and _is_id(race_id) and entry.is_file(follow_symlinks=False):
                try:
                    known = entry.stat()
                except FileNotFoundError:  # another server has just deleted it
                    continue
                yield known.st_mtime, race_id, known.st_size

    def _path(self, race_id: str) -> Path:
        return self._folder / f"{race_id}{ENDING}"


_Files = _Memory | _Folder


def _is_id(text: str) -> bool:
    return re.fullmatch("[0-9a-f]{16}", text) is not None


def _this_server() -> list[float]:
    return [os.getpid(), psutil.Process().create_time()]


def _end_lost(race: Race, server: Any) -> None:
    """Ends the runs of a race whose end was never written: its server has ended first, or it is not this one."""
    try:
        lives = psutil.Process(int(server[0])).create_time() == server[1] and int(server[0]) != os.getpid()
    except (psutil.Error, TypeError, ValueError, IndexError, OverflowError):
        lives = False
    for run in race.all_runs:
        run._restore("interrupted", ELSEWHERE if lives else CUT_OFF, [], None)
