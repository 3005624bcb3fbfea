"""Own data that this process holds, so that their names work wherever the name of a built-in data set does.

A page holds the data of its session, and a worker those of its runs.  What nobody refers to any more is gone: there is
no list of it, and nothing is written.
"""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache, update_wrapper
from typing import Any, Concatenate, Generic, ParamSpec, TypeVar
from weakref import WeakValueDictionary

import numpy as np
from numpy.typing import NDArray

from s2v.data.catalogue import Task, check_name, entry
from s2v.data.dataset import DataSet, Request
from s2v.data.own import own
from s2v.data.splits import Split
from s2v.data.streams import stream
from s2v.errors import shown

P = ParamSpec("P")
T = TypeVar("T")

_NO_ARGUMENTS: Mapping[str, Any] = {}
MAX_PLACES = 250_000  # a recipe trains on 200,000 at most
MAX_DERIVED = 24  # results that are kept of the same data: splits, maps, distances


@dataclass(frozen=True, eq=False)
class OwnData:
    """Places of a user's own with what is known of them, before they are split.

    Attributes
    ----------
    task : "regression", "classification" or "presence"
    lonlat : array (n, 2)
        Degrees, longitude first.
    target : array (n,)
        As in ``DataSet``.
    classes, title, credit, summary, units
        As in ``DataSet``.
    file, how : str, mapping
        The name of the file that they are from, and the arguments of ``read_points`` with which it was read.

    Examples
    --------
    >>> from s2v import data, sphere
    >>> places = sphere.random_points(100)
    >>> mine = hold(OwnData.of(data.own(places, places[:, 1], title="warmth")))
    >>> len(data.load(mine.name, points=50, split="blocks:1000").train), data.title_of(mine.name)
    (50, 'warmth')
    """

    task: Task
    lonlat: NDArray[np.float64]
    target: NDArray[Any]
    classes: tuple[str, ...] = ()
    title: str = ""
    credit: str = "Your own data."
    summary: str = ""
    units: str = ""
    file: str = ""
    how: Mapping[str, Any] = field(default_factory=dict)
    _derived: OrderedDict[Hashable, Any] = field(default_factory=OrderedDict, init=False, repr=False, compare=False)

    @classmethod
    def of(cls, dataset: DataSet, file: str = "", how: Mapping[str, Any] = _NO_ARGUMENTS) -> OwnData:
        """All places of a data set of a user's own; of very many a part, chosen at random, which is said."""
        lonlat, target, summary = dataset.lonlat, dataset.target, dataset.summary
        if len(lonlat) > MAX_PLACES:
            some = np.sort(stream("own data", 0).permutation(len(lonlat))[:MAX_PLACES])
            summary = f"{summary} Of these, {MAX_PLACES:,} chosen at random are used here."
            lonlat, target = lonlat[some], target[some]
        return cls(
            task=dataset.task,
            lonlat=lonlat,
            target=target,
            classes=dataset.classes,
            title=dataset.title,
            credit=dataset.credit,
            summary=summary,
            units=dataset.units,
            file=file,
            how=how,
        )

    @cached_property
    def name(self) -> str:
        """The name of these data: it has their task, how many classes they have, and a digest of all that they are."""
        digest = hashlib.sha256(repr((self.task, self.classes, self.title, self.units)).encode())
        digest.update(np.ascontiguousarray(self.lonlat).tobytes())
        digest.update(np.ascontiguousarray(self.target).tobytes())
        classes = f"classes={len(self.classes)}," if self.classes else ""
        return check_name(f"own:{self.task},{classes}id={digest.hexdigest()[:16]}")

    def dataset(self, points: int | None = None, seed: int = 0, split: Split = "random") -> DataSet:
        """The data set of these places, split as ``s2v.data.load`` says."""
        points = min(points or len(self.lonlat), len(self.lonlat))
        return self.derived(("dataset", points, seed, split), lambda: self._dataset(points, seed, split))

    def derived(self, key: Hashable, make: Callable[[], T]) -> T:
        """The result of ``make``, which is kept with these data, and leaves with them; the last few are."""
        with _lock:
            once: _Once[T] = self._derived.setdefault(key, _Once())
            self._derived.move_to_end(key)
            while len(self._derived) > MAX_DERIVED:
                self._derived.popitem(last=False)
        return once(make)

    def _dataset(self, points: int, seed: int, split: Split) -> DataSet:
        made = own(
            self.lonlat,
            self.target,
            self.task,
            classes=self.classes,
            title=self.title,
            credit=self.credit,
            summary=self.summary,
            units=self.units,
            points=points,
            seed=seed,
            split=split,
        )
        return replace(made, name=self.name)

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_derived": OrderedDict()}  # a worker splits by itself


_lock = threading.Lock()
_held: WeakValueDictionary[str, OwnData] = WeakValueDictionary()


def hold(data: OwnData) -> OwnData:
    """Makes the name of these data work in this process for as long as somebody refers to what this returns."""
    with _lock:
        return _held.setdefault(data.name, data)


def find(name: str) -> OwnData | None:
    """The data of that name; None where this process does not hold them, or they are built in."""
    with _lock:
        return _held.get(name)


def load(request: Request) -> DataSet:
    """See ``s2v.data.load``."""
    found = find(request.name)
    if found is None:
        raise ValueError(
            f"data={shown(request.name)} are places of your own, which are not open here: make a data set of them with "
            "s2v.data.own or s2v.data.read_points, and hand it over with s2v.train(recipe, dataset=...)."
        )
    return found.dataset(request.points, request.seed, request.split)


def title_of(name: str) -> str:
    """The title of a data set, built in or of a user's own.

    Parameters
    ----------
    name : str
        With or without parameters.

    Returns
    -------
    str

    Raises
    ------
    ValueError
        For an unknown name.

    Examples
    --------
    >>> title_of("geoid"), title_of("own:regression")
    ('Geoid height', 'Your values')
    """
    found = find(name)
    return found.title if found and found.title else entry(name).title


def cached_by_name(maxsize: int) -> Callable[[Callable[Concatenate[str, P], T]], _Cached[P, T]]:
    """A cache for functions whose first argument is the name of a data set.

    Parameters
    ----------
    maxsize : int
        Results that are kept of built-in data sets.  Those of a user's own data are kept with the data, and leave with
        them.

    Returns
    -------
    decorator

    Examples
    --------
    >>> @cached_by_name(8)
    ... def shout(name: str) -> str:
    ...     print("computed")
    ...     return name.upper()
    >>> shout("geoid"), shout("geoid")
    computed
    ('GEOID', 'GEOID')
    """
    return lambda function: _Cached(function, maxsize)


class _Cached(Generic[P, T]):
    def __init__(self, function: Callable[Concatenate[str, P], T], maxsize: int) -> None:
        self._function = function
        self._lock = threading.Lock()
        self._built_in: Any = lru_cache(maxsize)(lambda *args, **kwargs: _Once())
        self.cache_clear: Callable[[], None] = self._built_in.cache_clear
        update_wrapper(self, function)

    def __call__(self, name: str, *args: P.args, **kwargs: P.kwargs) -> T:
        found = find(name)
        if found is None:
            with self._lock:
                once: _Once[T] = self._built_in(name, *args, **kwargs)
            return once(lambda: self._function(name, *args, **kwargs))
        key = (self._function, args, tuple(kwargs.items()))
        return found.derived(key, lambda: self._function(name, *args, **kwargs))


class _Once(Generic[T]):
    """A result that one thread computes, while others that ask for it wait."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._made: list[T] = []

    def __call__(self, make: Callable[[], T]) -> T:
        with self._lock:
            if not self._made:
                self._made.append(make())
            return self._made[0]
