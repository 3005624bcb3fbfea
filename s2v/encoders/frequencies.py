"""The frequencies of a multi-scale encoder, for every family in one place."""

from __future__ import annotations

import math
import sys

from s2v.errors import shown

KINDS = ("geometric", "integer", "odd")


def frequencies(
    scales: int, min_radius: float, max_radius: float, kind: str = "geometric", step: float = 1.0
) -> tuple[float, ...]:
    """``scales`` frequencies, the highest first: 1 / (min_radius (max_radius/min_radius)^(s/(scales-1))).

    ``geometric`` is the published form (Sphere2Vec, ``_cal_freq_list``).  At one scale that divides by zero; here one
    scale has the coarsest radius, which is the plain angle for the sphere family.

    ``integer`` moves every frequency to a multiple of ``step`` (the frequency whose wave closes after one turn of
    longitude), ``odd`` to an odd multiple: the nearest ones that keep all scales distinct.
    ``ValueError`` where a radius is not positive, the radii do not rise or the kind is unknown.
    """
    if scales < 1 or scales != int(scales):
        raise ValueError(f"scales={shown(scales)} is not a whole number of at least 1.")
    if not min_radius > 0:
        raise ValueError(f"min_radius={shown(min_radius)} must be above 0.")
    if not min_radius < max_radius:
        raise ValueError(
            f"min_radius={min_radius:g} must be below max_radius={max_radius:g}: the finest scale comes first. "
            "Are they swapped, or is one in degrees and the other in radians?"
        )
    if kind not in KINDS:
        raise ValueError(f"frequencies={shown(kind)} is not one of {', '.join(KINDS)}.")
    if scales == 1:
        radii = [max_radius]
    else:
        growth = math.log(max_radius / min_radius) / (scales - 1)
        radii = [min_radius * math.exp(s * growth) for s in range(scales)]
    published = [1 / radius for radius in radii]
    if kind == "geometric":
        return tuple(published)
    spacing = 2 if kind == "odd" else 1
    multiples: list[int] = []
    for wanted in reversed(published):  # from the lowest: each takes the nearest multiple that is still free
        nearest = 1 + spacing * max(0, round((wanted / step - 1) / spacing))
        multiples.append(max(nearest, multiples[-1] + spacing) if multiples else nearest)
    return tuple(step * m for m in reversed(multiples))


def are_multiples(values: tuple[float, ...], step: float, odd: bool = False) -> bool:
    """Whether every frequency is a multiple of ``step``, or an ``odd`` multiple, up to rounding."""
    ratios = [value / step for value in values]
    whole = all(abs(r - round(r)) <= max(1e-9, 4 * sys.float_info.epsilon * r) for r in ratios)
    return whole and (not odd or all(round(r) % 2 == 1 for r in ratios))
