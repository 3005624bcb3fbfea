"""Parameters and facts that several encoders share."""

from __future__ import annotations

import math
from collections.abc import Callable

from s2v.encoders.frequencies import KINDS, are_multiples, frequencies
from s2v.encoders.spec import Params, Scale
from s2v.parameters import Parameter

SCALES = Parameter(
    "scales", int, 16, "Scales", "Number of wavelengths: more give a richer code and a longer one.", low=1, high=128
)
FREQUENCIES = Parameter(
    "frequencies",
    str,
    "geometric",
    "Frequencies",
    "geometric is the published form and tears at the dateline and the poles; integer closes the dateline; odd also "
    "closes the poles for sphereC and sphereM. Those two keep all scales distinct: more scales than whole numbers "
    "between the radii make the finest finer than the smallest radius.",
    choices=KINDS,
)
SEED = Parameter("seed", int, 0, "Encoder seed", "Another seed draws other random directions.", low=0, high=2**31 - 1)


def min_radius(default: float, unit: str) -> Parameter:
    return Parameter(
        "min_radius",
        float,
        default,
        "Smallest radius",
        "The finest detail the code can show; smaller is sharper, and noisier where there are few points.",
        low=1e-7,
        high=1000.0 if unit == "degrees" else math.pi,  # 1000 is the default of Space2Vec theory
        unit=unit,
        log=True,
    )


def max_radius(default: float, unit: str) -> Parameter:
    return Parameter(
        "max_radius",
        float,
        default,
        "Largest radius",
        "The coarsest scale; the published value is the whole circle for planar and 1 for spherical encoders.",
        low=1e-6,
        high=10_000.0 if unit == "degrees" else 20 * math.pi,  # 10,000 is the default of Space2Vec
        unit=unit,
        log=True,
    )


IN_RADIANS = (SCALES, min_radius(0.01, "radians"), max_radius(1.0, "radians"), FREQUENCIES)
IN_DEGREES = (SCALES, min_radius(0.5, "degrees"), max_radius(360.0, "degrees"), FREQUENCIES)


def closed(wavenumber: float, odd: bool = False) -> Callable[[Params], bool]:
    """The fact that all frequencies are multiples of a wavenumber, or odd multiples."""

    def holds(p: Params) -> bool:
        values = frequencies(p["scales"], p["min_radius"], p["max_radius"], p["frequencies"], wavenumber)
        return are_multiples(values, wavenumber, odd)

    return holds


SMALLEST_RADIANS = Scale("min_radius", lambda radius: radius)
SMALLEST_DEGREES = Scale("min_radius", math.degrees)
