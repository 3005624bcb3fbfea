"""Fill values: numbers such as -9999 that stand for "no value"."""

from __future__ import annotations

import re
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

MIN_REPEATS = 2  # a fill value stands in several rows
FAR = 10.0  # ranges of the other values beyond which one that repeats is named
_NINES = re.compile(r"(-99|-?9{3,})(\.9+)?")
_LIMITS = frozenset((-32768.0, 32767.0, -65535.0, 65535.0, 2.0**31 - 1, -(2.0**31), 2.0**32 - 1, -8888.0, -7777.0))
_HUGE = 1e19  # the fill values of NetCDF and of floating-point rasters are larger
_MAX_FILLS = 4  # in a column


class Fills(NamedTuple):
    """Values that stand for none, and values that may."""

    left_out: tuple[float, ...]
    doubtful: tuple[float, ...]


def is_fill(value: float) -> bool:
    """Whether programs write this number where there is no value.

    Examples
    --------
    >>> is_fill(-9999.0), is_fill(99999.0), is_fill(-32768.0), is_fill(1e20), is_fill(25.0)
    (True, True, True, True, False)
    """
    return bool(_NINES.fullmatch(f"{value:.10g}")) or value in _LIMITS or _HUGE <= abs(value) < np.inf


def find_fills(values: NDArray[np.float64]) -> Fills:
    """Fill values among finite numbers (n,): they repeat and lie far beyond all others.

    A number that programs use for that is one if it lies as far beyond the others as these reach, or below 0 where none
    of them does; any other number is doubtful if it repeats ten times as far beyond.
    """
    different, counts = np.unique(values, return_counts=True)
    left_out: list[float] = []
    doubtful: list[float] = []
    for _ in range(_MAX_FILLS):
        if len(different) < 2:
            break
        for end, rest in ((0, slice(1, None)), (-1, slice(None, -1))):
            value, others = float(different[end]), different[rest]
            low, high = float(others[0]), float(others[-1])
            gap = low - value if end == 0 else value - high
            if counts[end] < MIN_REPEATS or not gap > 0:
                continue
            below_zero = end == 0 and value < 0 <= low and gap > 0.1 * (high - low)
            if is_fill(value) and (gap >= high - low or below_zero):
                left_out.append(value)
            elif len(others) > 1 and gap > FAR * (high - low):
                doubtful.append(value)
            else:
                continue
            different, counts = others, counts[rest]
            break
        else:
            break
    return Fills(tuple(left_out), tuple(doubtful))
