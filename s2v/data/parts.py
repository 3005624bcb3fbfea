"""The places of training, validation and test, drawn or chosen from given ones as a split says."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

from s2v import sphere
from s2v.cells import cells_across
from s2v.data import blocks, route
from s2v.data.blocks import TEST, TRAIN, VALIDATION, Indices
from s2v.data.nearest import is_within
from s2v.data.splits import Rung, Split, rung
from s2v.data.streams import stream

MIN_TRAINING, MIN_HELD_OUT = 10, 5  # places that a split other than "random" must leave

Rows = NDArray[np.float64]
Sample = Callable[[int, np.random.Generator], Rows]
Region = Callable[[Rows], Indices]


def region(split: Split, cells: int | None = None) -> Region:
    """A function that gives the part (...,) of places (..., 2) under a split; "random" has no regions.

    Beyond the latitude of "latitude:DEG" lie both validation and test, and all is called ``TEST``.

    Parameters
    ----------
    split : str
    cells : int, optional
        Cut the sphere into so many blocks, whatever the split says of their size.

    Returns
    -------
    callable

    Examples
    --------
    >>> region("latitude:70")(np.array([[15.6, 78.2], [2.35, 48.85]])) == TEST
    array([ True, False])
    """
    kind, size = rung(split)
    if kind == "latitude":
        return lambda lonlat: np.where(abs(lonlat[..., 1]) >= size, TEST, TRAIN)
    if kind == "blocks":
        count = cells or cells_across(size)
        return lambda lonlat: blocks.part_of(lonlat, count)
    return route.part_of


def draw(
    sample: Sample,
    counts: tuple[int, int, int],
    seed: int,
    split: Split,
    cells: int | None = None,
    chunk: int = 4096,
) -> tuple[Rows, Indices, Indices, Indices]:
    """Places drawn by ``sample``, and the index arrays of training, validation and test.

    Each part has its own random stream.  Only the training places follow the seed, and more of them continue the same
    stream, so that a smaller set is the beginning of a larger one.

    Parameters
    ----------
    sample : callable
        ``sample(n, rng)``: rows (n, columns) that begin with longitude and latitude; more of them begin with the same.
    counts : (int, int, int)
        Places in each part; with "buffer" and "control" before training places are dropped.
    seed : int
    split : str
        With "blocks" and "latitude", places that fall into another part's region are drawn again.
    cells : int, optional
        As in ``region``.
    chunk : int, default 4096
        Rows that are drawn at a time where some are drawn again.

    Returns
    -------
    rows, train, val, test : arrays
        Rows that were dropped are in no part.

    Raises
    ------
    ValueError
        Where hardly any place falls into a part's region, or too few training places are left.
    """
    found = rung(split)
    parts: list[Rows] = []
    streams = stream("training places", seed), stream("validation places"), stream("test places")
    for part, (count, rng) in enumerate(zip(counts, streams, strict=True)):
        if found.kind == "random" or (found.along_a_line and part == TRAIN):
            parts.append(sample(count, rng))
        elif found.along_a_line and sample is sphere.random_points:
            parts.append(route.random_points(part, count, rng))
        elif found.along_a_line:
            parts.append(_along_the_route(part, sample, count, chunk))
        else:
            where = TEST if found.kind == "latitude" and part == VALIDATION else part
            parts.append(_within(region(split, cells), where, sample, count, rng, chunk, split))
    rows = np.concatenate(parts)
    train, val, test = np.split(np.arange(sum(counts)), np.cumsum(counts)[:-1])
    return rows, *_kept(rows[:, :2], (train, val, test), split)


def deal(lonlat: ArrayLike, points: int, seed: int, split: Split, held_out: tuple[int, int]) -> list[Indices]:
    """Indices of training, validation and test into given places.

    Held-out places are the same for every seed and every number of points.  Places left over are in no part.

    Parameters
    ----------
    lonlat : array (n, 2)
        Different places in degrees, longitude first.
    points : int
        At most as many training places; with "buffer" and "control" before some are dropped.
    seed : int
        Of the training places.
    split : str
    held_out : (int, int)
        At most as many places of validation and test, and at most a tenth and a fifth of all; with "buffer" and
        "control" about a 24th and a 12th.

    Returns
    -------
    list of three index arrays

    Raises
    ------
    ValueError
        Where too few places are left in a part.
    """
    places = np.asarray(lonlat, dtype=float)
    found = rung(split)
    share = 24 if found.along_a_line else 10
    val, test = min(held_out[0], len(places) // share), min(held_out[1], 2 * len(places) // share)
    order = stream("order of given places").permutation(len(places))
    if found.kind == "random":
        pools = [order[val + test :], order[:val], order[val : val + test]]
    else:
        part = (strip(places, val + test) if found.along_a_line else region(split)(places))[order]
        pools = [order[part == which] for which in (TRAIN, VALIDATION, TEST)]
        if found.kind == "latitude":
            third = len(pools[TEST]) // 3
            pools = [pools[TRAIN], pools[TEST][:third], pools[TEST][third:]]
    if not found.along_a_line:  # there all were chosen to be held out
        pools[1:] = pools[1][:val], pools[2][:test]
    chosen = stream("training places", seed).permutation(pools[0])[:points]
    return list(_kept(places, (chosen, pools[1], pools[2]), split))


def strip(lonlat: ArrayLike, count: int) -> Indices:
    """The part of each of given places if ``count`` of them are held out along a line that halves them.

    The line is where a plane cuts the sphere, across the longest extent of the places and through their median, so that
    those left on both sides reach as far away as they can.  It turns with the places: a rotation of the sphere changes
    nothing.  Along it every third stretch is for validation, as along the route (``s2v.data.route``).

    Parameters
    ----------
    lonlat : array (n, 2)
        Different places in degrees, longitude first.
    count : int

    Returns
    -------
    array (n,) of int64
        ``TRAIN``, ``VALIDATION`` or ``TEST``.

    Examples
    --------
    >>> equator = np.stack([np.arange(0, 90.0), np.zeros(90)], -1)
    >>> np.flatnonzero(strip(equator, 4))
    array([43, 44, 45, 46])
    """
    vectors = sphere.to_unit_vectors(np.asarray(lonlat, dtype=float))
    axes = np.linalg.eigh(vectors.T @ vectors)[1].T[::-1]  # where most places are, where they extend to, and the rest
    if (vectors @ axes[0]).sum() < 0:
        axes[0] *= -1  # towards most places, whichever way the sphere is turned
    across = vectors @ axes[1]
    held_out = np.argsort(abs(across - np.median(across)), kind="stable")[:count]
    along = np.arctan2(vectors[held_out] @ axes[2], vectors[held_out] @ axes[0])
    parts = np.full(len(vectors), TRAIN, dtype=np.int64)
    parts[held_out[np.argsort(along, kind="stable")]] = route.stretch_parts(count)
    return parts


def _kept(lonlat: Rows, parts: tuple[Indices, Indices, Indices], split: Split) -> tuple[Indices, Indices, Indices]:
    """The parts without the training places that a split drops; ``ValueError`` where too few places are left."""
    train, val, test = parts
    found = rung(split)
    if found.along_a_line and len(train) and len(val) + len(test):
        far = ~is_within(found.size, lonlat[train], lonlat[np.concatenate([val, test])])
        train = train[far] if found.kind == "buffer" else train[: far.sum()]  # they are in random order
    enough = min(MIN_TRAINING, len(parts[0])), MIN_HELD_OUT, MIN_HELD_OUT
    if split not in ("random", "blocked") and any(
        len(part) < most for part, most in zip((train, val, test), enough, strict=True)
    ):
        raise ValueError(_too_few(split, found, len(train), len(parts[0]), len(val), len(test)))
    return train, val, test


def _too_few(split: Split, found: Rung, train: int, before: int, val: int, test: int) -> str:
    of = f" of {before:,}" if found.along_a_line else ""
    advice = {
        "blocks": "Choose smaller blocks, more places",
        "latitude": "Choose another latitude, more places",
    }.get(found.kind, "Choose a smaller distance, more training places")
    return (
        f"split={split!r} leaves {train:,}{of} training places, {val:,} for validation and {test:,} for test; at least "
        f"{MIN_TRAINING}, {MIN_HELD_OUT} and {MIN_HELD_OUT} are needed. {advice}, or split='random'."
    )


@lru_cache(maxsize=8)
def _along_the_route(part: int, sample: Sample, count: int, chunk: int) -> Rows:
    """Places of a part near the route, which is a 300th of the sphere: found once, since they are always the same."""
    rng = stream("validation places" if part == VALIDATION else "test places")
    return _within(route.part_of, part, sample, count, rng, chunk, "buffer:KM", 20_000)


def _within(
    where: Region,
    part: int,
    sample: Sample,
    count: int,
    rng: np.random.Generator,
    chunk: int,
    split: Split,
    rare: int = 1000,
) -> Rows:
    """The first ``count`` places of the stream that lie in the region of a part, where one in ``rare`` does."""
    kept: list[Rows] = []
    found = drawn = 0
    while found < count:
        rows = sample(chunk, rng)
        rows = rows[where(rows[:, :2]) == part]
        kept.append(rows)
        found, drawn = found + len(rows), drawn + chunk
        if found < drawn / rare and drawn >= 40 * rare:
            raise ValueError(
                f"Hardly any places lie where split={split!r} wants them: these data cover too little of the sphere. "
                "Use split='random'."
            )
    return np.concatenate(kept)[:count]
