"""Boards of classes, in the memory of the server: names that students chose, and the races that they show.

A board is found by its code.  It goes when its teacher closes it, ``IDLE_HOURS`` after it was last used, or with the
server.  Nothing of it is on disk.
"""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from s2v.ui.teaching.names import check_name, key_of

MAX_BOARDS = 50  # on a server
MAX_BOARDS_OF_ONE = 3  # of one browser
MAX_NAMES = 120  # on a board
MAX_RACES = 400  # on a board; the oldest leave first
MAX_RACES_OF_ONE = 40  # of one name; the oldest leave first
IDLE_HOURS = 6
CODE_LENGTH = 8
LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ"  # no I and O, which look like digits


class BoardError(ValueError):
    """What cannot be done with a board, in a sentence."""


@dataclass(frozen=True)
class Scored:
    """A contestant of a race: its score on held-out places, with its interval over them once there is one (else NaN).

    ``runs`` are the scores of its seeds, on which equal settings differ by luck alone.
    """

    title: str
    value: float
    low: float
    high: float
    runs: tuple[tuple[int, float], ...]  # seed, score


@dataclass(frozen=True)
class SharedRace:
    """A race on a board.  Races with the same ``setting`` can be compared: all but encoders and seed is the same."""

    race: str
    name: str
    began: float
    data: str
    setting: str
    score: str
    scored: tuple[Scored, ...]
    done: float
    status: str
    is_final: bool = False


class Board:
    """A board; all methods may be called from any thread."""

    def __init__(self, code: str, owner: str, own_seeds: bool, now: float) -> None:
        self.code, self.owner, self.own_seeds, self.made = code, owner, own_seeds, now
        self._lock = threading.Lock()
        self._names: dict[str, str] = {}  # by visitor
        self._seats: dict[str, int] = {}  # by visitor, from 1
        self._removed: set[str] = set()  # keys of names
        self._hidden: set[str] = set()  # ids of races
        self._races: dict[str, SharedRace] = {}  # by id, the newest last
        self._looked = 0.0

    def join(self, visitor: str, text: str) -> int:
        """Enters a visitor under a name; returns the visitor's number.  ``ValueError`` says why not."""
        name = check_name(text)
        with self._lock:
            taken = {key_of(other) for who, other in self._names.items() if who != visitor}
            if key_of(name) in taken:
                raise BoardError("Somebody of the class has this name already; add a letter.")
            if key_of(name) in self._removed:
                raise BoardError("The teacher has removed this name; choose another one.")
            if visitor not in self._seats and len(self._seats) >= MAX_NAMES:
                raise BoardError(f"This board has {MAX_NAMES} names, the most that it takes.")
            self._names[visitor] = name
            return self._seats.setdefault(visitor, len(self._seats) + 1)

    def leave(self, visitor: str) -> None:
        """Takes a visitor's name and races off the board."""
        with self._lock:
            self._drop(self._names.pop(visitor, ""))

    def name_of(self, visitor: str) -> str:
        """The name that a visitor has chosen; "" for none."""
        with self._lock:
            return self._names.get(visitor, "")

    def seat_of(self, visitor: str) -> int:
        """The number of a visitor who has joined, at some time."""
        with self._lock:
            return self._seats[visitor]

    def show(self, visitor: str, race: SharedRace) -> bool:
        """Puts a visitor's race on the board, or its news; False where it may not be there."""
        with self._lock:
            if self._names.get(visitor) != race.name or race.race in self._hidden:
                return False
            self._put(race)
            mine = [each.race for each in self._races.values() if each.name == race.name]
            for old in mine[:-MAX_RACES_OF_ONE]:
                del self._races[old]
            for old in list(self._races)[:-MAX_RACES]:
                del self._races[old]
            return True

    def look(self, seconds: float, news: Callable[[SharedRace], SharedRace | None]) -> None:
        """Asks for the ``news`` of races that have not ended, at most once in so many seconds for all who look."""
        with self._lock:
            now = time.monotonic()
            if now - self._looked < seconds:
                return
            self._looked = now
            live = [race for race in self._races.values() if not race.is_final]
        for race in live:
            newer = news(race)
            with self._lock:
                if newer is not None and race.race in self._races and not self._races[race.race].is_final:
                    self._put(newer)

    def races(self) -> list[SharedRace]:
        """All races, the newest first."""
        with self._lock:
            return sorted(self._races.values(), key=lambda race: -race.began)

    def names(self) -> list[str]:
        """All names, in order."""
        with self._lock:
            return sorted(self._names.values(), key=key_of)

    def remove_race(self, race: str) -> None:
        """Takes a race off the board for good."""
        with self._lock:
            self._races.pop(race, None)
            self._hidden.add(race)

    def remove_name(self, name: str) -> None:
        """Takes a name with its races off the board for good; who had it can choose another."""
        with self._lock:
            self._removed.add(key_of(name))
            for visitor in [who for who, other in self._names.items() if other == name]:
                del self._names[visitor]
            self._drop(name)

    def _put(self, race: SharedRace) -> None:
        self._races[race.race] = race

    def _drop(self, name: str) -> None:
        for race in [each.race for each in self._races.values() if each.name == name]:
            del self._races[race]


class Boards:
    """The boards of a server, by code.  All methods may be called from any thread."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._boards: dict[str, Board] = {}
        self._used: dict[str, float] = {}

    def make(self, owner: str, own_seeds: bool = True) -> Board:
        """A new board of an owner; ``BoardError`` where there are too many."""
        with self._lock:
            self._expire()
            mine = [board for board in self._boards.values() if board.owner == owner]
            if len(mine) >= MAX_BOARDS_OF_ONE:
                raise BoardError(f"You have {len(mine)} boards, the most for one browser: close one first.")
            if len(self._boards) >= MAX_BOARDS:
                raise BoardError(
                    f"This server has {MAX_BOARDS} boards, the most that it takes. They go {IDLE_HOURS} hours after "
                    "their last use: try again later."
                )
            code = "".join(secrets.choice(LETTERS) for _ in range(CODE_LENGTH))
            board = self._boards[code] = Board(code, owner, own_seeds, self._clock())
            self._used[code] = self._clock()
            return board

    def find(self, code: str) -> Board | None:
        """The board of a code, however it was typed; None for none, or one that has expired."""
        with self._lock:
            self._expire()
            board = self._boards.get(code.strip().upper()[: CODE_LENGTH + 1])
            if board:
                self._used[board.code] = self._clock()
            return board

    def of(self, owner: str) -> list[Board]:
        """The boards of an owner, the newest first."""
        with self._lock:
            self._expire()
            return [board for board in reversed(self._boards.values()) if board.owner == owner]

    def close(self, code: str, owner: str) -> bool:
        """Closes a board of this owner; False for any other."""
        with self._lock:
            board = self._boards.get(code)
            if board is None or board.owner != owner:
                return False
            del self._boards[code], self._used[code]
            return True

    def _expire(self) -> None:
        for code in [c for c, used in self._used.items() if self._clock() - used > 3600 * IDLE_HOURS]:
            del self._boards[code], self._used[code]


@dataclass(frozen=True)
class Place:
    """Where a result stands among those of the same setting: between the places ``first`` and ``last`` of ``count``."""

    first: int
    last: int
    count: int


def places(races: Sequence[SharedRace]) -> Mapping[tuple[str, str], Place]:
    """The places of final results, by race and title, among those of the same setting.

    A result is ahead of another where their intervals do not meet, which is cautious; all others are level.
    """
    found: dict[tuple[str, str], Place] = {}
    for setting in {race.setting for race in races}:
        results = [
            ((race.race, scored.title), scored)
            for race in races
            if race.setting == setting and race.is_final
            for scored in race.scored
            if scored.low <= scored.value <= scored.high
        ]
        for key, mine in results:
            better = sum(other.low > mine.high for _, other in results)
            worse = sum(other.high < mine.low for _, other in results)
            found[key] = Place(better + 1, len(results) - worse, len(results))
    return found
