"""Splits of a data set into training, validation and test: at random, or by whole blocks of equal area.

The blocks are the cells of a Fibonacci lattice: each place belongs to its nearest lattice point by great circle.  With
the usual 200 cells their areas differ by at most 7 % and a block is about 1,800 km across.  Which blocks are held out
is fixed: a fifth for test, a tenth for validation.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Literal, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

from s2v import sphere
from s2v.data.nearest import cell_of
from s2v.data.streams import stream
from s2v.errors import shown

Split = Literal["random", "blocked"]
SPLITS: tuple[Split, ...] = get_args(Split)
BLOCKS = 200
TRAIN, VALIDATION, TEST = 0, 1, 2

Indices = NDArray[np.int64]
Rows = NDArray[np.float64]
Sample = Callable[[int, np.random.Generator], Rows]


def check_split(split: str) -> Split:
    """The split itself; ``ValueError`` for an unknown one."""
    for known in SPLITS:
        if split == known:
            return known
    raise ValueError(f"split={shown(split)} is not one of {', '.join(SPLITS)}.")


def block_of(lonlat: ArrayLike, blocks: int = BLOCKS) -> Indices:
    """Number (...,) of the block that each place (..., 2) is in: that of the nearest point of the Fibonacci lattice."""
    places = sphere.check_lonlat(np.asarray(lonlat, dtype=float))
    return cell_of(places, blocks)


def part_of(lonlat: ArrayLike, blocks: int = BLOCKS) -> Indices:
    """The part (...,) that the block of each place is in: ``TRAIN``, ``VALIDATION`` or ``TEST``."""
    return _parts(blocks)[block_of(lonlat, blocks)]


def draw(
    sample: Sample, counts: tuple[int, int, int], seed: int, split: Split, blocks: int = BLOCKS, chunk: int = 4096
) -> tuple[Rows, Indices, Indices, Indices]:
    """Places drawn by ``sample``, and the index arrays of training, validation and test.

    Each part has its own random stream.  Only the training places follow the seed, and more of them continue the same
    stream, so that a smaller set is the beginning of a larger one.

    Parameters
    ----------
    sample : callable
        ``sample(n, rng)``: rows (n, columns) that begin with longitude and latitude; more of them begin with the same.
    counts : (int, int, int)
        Places in each part.
    seed : int
    split : "random" or "blocked"
        With "blocked", places that fall into another part's blocks are drawn again.
    blocks : int, default 200
    chunk : int, default 4096
        Rows that are drawn at a time for a part of blocks.

    Returns
    -------
    rows, train, val, test : arrays

    Raises
    ------
    ValueError
        Where hardly any place falls into a part's blocks.
    """
    streams = stream("training places", seed), stream("validation places"), stream("test places")
    if split == "random":
        parts = [sample(count, rng) for count, rng in zip(counts, streams, strict=True)]
    else:
        parts = [
            _within(part, sample, count, rng, blocks, chunk)
            for part, (count, rng) in enumerate(zip(counts, streams, strict=True))
        ]
    train, val, test = np.split(np.arange(sum(counts)), np.cumsum(counts)[:-1])
    return np.concatenate(parts), train, val, test


def deal(lonlat: ArrayLike, points: int, seed: int, split: Split, held_out: tuple[int, int]) -> list[Indices]:
    """Indices of training, validation and test into given places.

    Held-out places are the same for every seed and every number of points.  Places left over are in no part.

    Parameters
    ----------
    lonlat : array (n, 2)
        Different places in degrees, longitude first.
    points : int
        At most as many training places.
    seed : int
        Of the training places.
    split : "random" or "blocked"
    held_out : (int, int)
        At most as many places of validation and test, and at most a tenth and a fifth of all.

    Returns
    -------
    list of three index arrays
    """
    places = np.asarray(lonlat, dtype=float)
    order = stream("order of given places").permutation(len(places))
    val, test = min(held_out[0], len(places) // 10), min(held_out[1], len(places) // 5)
    if split == "blocked":
        part = part_of(places)[order]
        pools = [order[part == which] for which in (TRAIN, VALIDATION, TEST)]
    else:
        pools = [order[val + test :], order[:val], order[val : val + test]]
    chosen = stream("training places", seed).permutation(pools[0])[:points]
    return [chosen, pools[1][:val], pools[2][:test]]


def _within(part: int, sample: Sample, count: int, rng: np.random.Generator, blocks: int, chunk: int) -> Rows:
    """The first ``count`` places of the stream that lie in the blocks of a part."""
    kept: list[Rows] = []
    found = drawn = 0
    while found < count:
        rows = sample(chunk, rng)
        rows = rows[part_of(rows[:, :2], blocks) == part]
        kept.append(rows)
        found, drawn = found + len(rows), drawn + chunk
        if found < drawn / 1000 and drawn >= 40_000:
            raise ValueError(
                "Hardly any places lie in the blocks that are held out: these data cover too little of the sphere to "
                "be cut into blocks. Use split='random'."
            )
    return np.concatenate(kept)[:count]


@lru_cache(maxsize=8)
def _parts(blocks: int) -> Indices:
    parts = np.full(blocks, TRAIN, dtype=np.int64)
    order = stream("held-out blocks").permutation(blocks)
    parts[order[: blocks // 5]] = TEST
    parts[order[blocks // 5 : blocks // 5 + blocks // 10]] = VALIDATION
    return parts
