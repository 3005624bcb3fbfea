"""Encoders as they are compared: with the same smallest and largest radius, so that none is finer from the outset."""

from __future__ import annotations

import math
from typing import Any

from s2v.encoders.registry import EncoderConfig, spec

MIN_RADIUS, MAX_RADIUS = 0.1, 1.0  # radians: large enough to see on a whole globe


def with_radii(name: str, smallest: float, largest: float, **params: Any) -> EncoderConfig:
    """An encoder with these radii in radians, converted to the encoder's unit; ignored if it has no radii."""
    own: dict[str, Any] = {}
    for parameter in spec(name).parameters:
        if parameter.name in ("min_radius", "max_radius"):
            radius = smallest if parameter.name == "min_radius" else largest
            own[parameter.name] = radius if parameter.unit == "radians" else math.degrees(radius)
    return EncoderConfig.of(name, **{**own, **params})


def fair(name: str, **params: Any) -> EncoderConfig:
    """An encoder as the comparison pages start with it: the same smallest and largest radius for all."""
    return with_radii(name, MIN_RADIUS, MAX_RADIUS, **params)
