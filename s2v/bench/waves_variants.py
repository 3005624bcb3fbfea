"""What the suite ``waves`` compares: encoders with their parameters, networks and trainings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Variant:
    """An encoder with its parameters but for the scale, the settings of the recipe, and how many are averaged."""

    name: str
    what: str
    encoder: str = "matern_waves"
    params: Mapping[str, Any] = field(default_factory=dict, hash=False)
    settings: Mapping[str, Any] = field(default_factory=dict, hash=False)
    members: int = 1


KRIGING = Variant("kriging", "local kriging", encoder="kriging")


def _present(scales: int, frames: int) -> dict[str, Any]:
    return {"scales": scales, "frames": frames}


def _matern(frames: int, smoothness: float = 1.5, weighting: float = 0.0) -> dict[str, Any]:
    return {"frames": frames, "smoothness": smoothness, "weighting": weighting}


_ALL = (
    KRIGING,
    Variant("pw 16x3", "plane waves, 16 scales of 3 frames", "plane_waves", _present(16, 3)),
    Variant("pw 8x4", "plane waves, 8 scales of 4 frames", "plane_waves", _present(8, 4)),
    Variant("pw 4x8", "plane waves, 4 scales of 8 frames", "plane_waves", _present(4, 8)),
    Variant("pw 8x8", "plane waves, 8 scales of 8 frames", "plane_waves", _present(8, 8)),
    Variant("m32 .5", "32 frames, smoothness 0.5, drawn", params=_matern(32, 0.5)),
    Variant("m32 1.5", "32 frames, smoothness 1.5, drawn", params=_matern(32, 1.5)),
    Variant("m32 4", "32 frames, smoothness 4, drawn", params=_matern(32, 4.0)),
    Variant("m32 .5 w.5", "32 frames, smoothness 0.5, half weighted", params=_matern(32, 0.5, 0.5)),
    Variant("m32 .5 w1", "32 frames, smoothness 0.5, weighted", params=_matern(32, 0.5, 1.0)),
    Variant("m32 1.5 w.5", "32 frames, smoothness 1.5, half weighted", params=_matern(32, 1.5, 0.5)),
    Variant("m32 1.5 w1", "32 frames, smoothness 1.5, weighted", params=_matern(32, 1.5, 1.0)),
    Variant("m64 .5 w.5", "64 frames, smoothness 0.5, half weighted", params=_matern(64, 0.5, 0.5)),
    Variant("m64 1.5", "64 frames, smoothness 1.5, drawn", params=_matern(64, 1.5)),
    Variant("m64 1.5 w.5", "64 frames, smoothness 1.5, half weighted", params=_matern(64, 1.5, 0.5)),
)
VARIANTS: Mapping[str, Variant] = {variant.name: variant for variant in _ALL}
