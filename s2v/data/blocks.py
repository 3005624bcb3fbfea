"""Blocks of equal area, of which whole ones are held out.

The blocks are the cells of a Fibonacci lattice: each place belongs to its nearest lattice point by great circle, so no
block ends at the dateline or at a pole.  Which blocks are held out is fixed: a fifth for test, a tenth for validation.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

from s2v.cells import cell_of
from s2v.data.streams import stream

BLOCKS = 200  # some 1,800 km across
TRAIN, VALIDATION, TEST = 0, 1, 2

Indices = NDArray[np.int64]


def block_of(lonlat: ArrayLike, blocks: int = BLOCKS) -> Indices:
    """Number (...,) of the block that each place (..., 2) is in: that of the nearest point of the Fibonacci lattice."""
    return cell_of(lonlat, blocks)


def part_of(lonlat: ArrayLike, blocks: int = BLOCKS) -> Indices:
    """The part (...,) that the block of each place is in: ``TRAIN``, ``VALIDATION`` or ``TEST``."""
    return _parts(blocks)[block_of(lonlat, blocks)]


@lru_cache(maxsize=8)
def _parts(blocks: int) -> Indices:
    parts = np.full(blocks, TRAIN, dtype=np.int64)
    order = stream("held-out blocks").permutation(blocks)
    parts[order[: blocks // 5]] = TEST
    parts[order[blocks // 5 : blocks // 5 + blocks // 10]] = VALIDATION
    return parts
