"""Widths of the wavelets' levels, and how many centres each has.  Free of torch."""

from __future__ import annotations

import math

SPACING = 1.5  # of the centres of a level, in its dilations


def dilations(levels: int, finest: float) -> tuple[float, ...]:
    """The dilation of each level in radians, the finest (degrees) first; each is twice the one before.

    Examples
    --------
    >>> [round(math.degrees(a)) for a in dilations(3, 10.0)]
    [10, 20, 40]
    """
    return tuple(math.radians(finest) * 2.0**level for level in range(levels))


def centers(levels: int, finest: float) -> tuple[int, ...]:
    """How many centres each level has: as many as lie ``SPACING`` dilations apart, and at least one.

    Examples
    --------
    >>> centers(3, 10.0)
    (183, 46, 11)
    """
    return tuple(max(1, round(4 * math.pi / (SPACING * a) ** 2)) for a in dilations(levels, finest))
