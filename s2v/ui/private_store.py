"""What an owner of races has alone, in memory: the file that is open, data of its own, and the ended races on them.

Nothing of it is on disk, no other owner sees it, and it goes when its owner goes.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from s2v.data import OwnData

if TYPE_CHECKING:
    from s2v.engine import Race, RaceStore
    from s2v.engine.race_store import StoredModel

MAX_OWN_DATA = 3  # data sets of an owner: each takes some megabytes


class KeptFile(NamedTuple):
    """The file that an owner has open, and how it is read: arguments of ``s2v.data.read_points``."""

    name: str
    content: bytes
    how: Mapping[str, Any]


class PrivateStore:
    """Files, data and races by owner.  All methods may be called from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._data: dict[str, list[OwnData]] = {}  # the newest last
        self._races: dict[str, RaceStore] = {}
        self._files: dict[str, KeptFile] = {}

    def keep_file(self, owner: str, file: KeptFile | None) -> None:
        """Keeps the file that an owner has open, in place of the last one; None for none."""
        with self._lock:
            if file is None:
                self._files.pop(owner, None)
            else:
                self._files[owner] = file

    def file(self, owner: str) -> KeptFile | None:
        """The file that an owner has open."""
        with self._lock:
            return self._files.get(owner)

    def keep_data(self, owner: str, found: OwnData) -> None:
        """Keeps an owner's data, the last ones alone."""
        with self._lock:
            others = [data for data in self._data.get(owner, []) if data.name != found.name]
            self._data[owner] = [*others[1 - MAX_OWN_DATA :], found]

    def data(self, owner: str, gone: Iterable[str] = ()) -> list[OwnData]:
        """An owner's data, the newest last; at first those of the first of some others who have ``gone``."""
        with self._lock:
            if owner not in self._data:
                self._data[owner] = next((self._data[other] for other in gone if self._data.get(other)), [])
            return list(self._data[owner])

    def forget_data(self, owner: str) -> None:
        """Drops an owner's data."""
        with self._lock:
            self._data[owner] = []

    def keep_race(self, owner: str, race: Race) -> None:
        """Keeps an owner's race that has ended."""
        from s2v.engine import RaceStore  # here, because it takes a second to import

        with self._lock:
            store = self._races.setdefault(owner, RaceStore())
        store.keep(race)

    def race(self, owner: str, race: str) -> Race | None:
        """An owner's race by its id."""
        store = self._store(owner)
        return store.find(race) if store else None

    def model(self, owner: str, run: str) -> StoredModel | None:
        """The model of an owner's race, by the first letters of its run's id."""
        store = self._store(owner)
        return store.model(run) if store else None

    def forget(self, owner: str) -> None:
        """Drops all that an owner has."""
        with self._lock:
            self._files.pop(owner, None)
            self._data.pop(owner, None)
            self._races.pop(owner, None)

    def _store(self, owner: str) -> RaceStore | None:
        with self._lock:
            return self._races.get(owner)
