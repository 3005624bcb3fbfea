"""What the suites ``waves`` and ``waves_test`` compare: encoders with their parameters, networks and trainings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Variant:
    """An encoder with its parameters but for the scale, the settings of the recipe, and how many are averaged.

    Members of a mean differ in the seeds of their encoder, weights and batches, and learn the same places.
    """

    name: str
    encoder: str
    params: Mapping[str, Any] = field(default_factory=dict, hash=False)
    settings: Mapping[str, Any] = field(default_factory=dict, hash=False)
    members: int = 1


KRIGING = Variant("kriging", "kriging")


def _pw(scales: int, frames: int, steps: int, members: int = 1, **settings: Any) -> Variant:
    name = f"plane_waves, {scales} scales of {frames} frames"
    params = {"scales": scales, "frames": frames}
    return Variant(_name(name, steps, members, settings), "plane_waves", params, {"steps": steps, **settings}, members)


def _mw(frames: int, smoothness: float, weighting: float, steps: int, members: int = 1, **settings: Any) -> Variant:
    name = f"matern_waves, {frames} frames, smoothness {smoothness:g}, weighting {weighting:g}"
    params = {"frames": frames, "smoothness": smoothness, "weighting": weighting}
    return Variant(_name(name, steps, members, settings), "matern_waves", params, {"steps": steps, **settings}, members)


def _name(name: str, steps: int, members: int, settings: Mapping[str, Any]) -> str:
    more = [f"{steps:,} steps", *(f"{key} {value}" for key, value in settings.items())]
    return f"{name}; {', '.join(more)}" + (f"; mean of {members}" if members > 1 else "")


_500 = (
    _pw(8, 4, 1000),
    _pw(8, 4, 300),
    _pw(8, 4, 100),
    _pw(8, 4, 300, batch=512),
    _pw(8, 4, 300, hidden=512, layers=1),
    _pw(8, 4, 300, 4),
    _pw(16, 3, 1000),
    _pw(4, 8, 1000),
    _pw(8, 8, 1000),
    _pw(8, 8, 100),
    _pw(8, 8, 100, 4),
    _pw(16, 4, 100, 4),
    _pw(64, 1, 100, 4),
    _pw(4, 16, 100, 4),
    *(_mw(64, smoothness, 1.0, 100, 4) for smoothness in (0.0, 0.25, 0.5, 1.0)),
    *(_mw(64, 0.5, weighting, 100, 4) for weighting in (0.0, 0.5)),
    _pw(8, 8, 100, 4, batch=64),
    _mw(64, 0.5, 1.0, 100, 4, batch=64),
    _mw(64, 1.0, 1.0, 100, 4, batch=64),
)
_2000 = (
    _pw(8, 8, 200),
    _pw(8, 8, 200, 4),
    _pw(8, 8, 600),
    *(_mw(64, smoothness, 1.0, 600) for smoothness in (0.0, 0.5, 1.0)),
    _mw(64, 0.5, 0.0, 600),
    _pw(8, 8, 600, 4),
    _mw(64, 0.5, 1.0, 600, 4),
)
_LARGE = {"hidden": 256, "batch": 512}
_20000 = (
    _pw(8, 8, 3000),
    _mw(64, 0.5, 1.0, 3000),
    _pw(8, 8, 3000, **_LARGE),
    *(_mw(64, smoothness, 1.0, 3000, **_LARGE) for smoothness in (0.0, 0.25, 0.5)),
    *(_mw(64, 0.5, weighting, 3000, **_LARGE) for weighting in (0.0, 0.5)),
    _mw(128, 0.5, 1.0, 3000, **_LARGE),
    _pw(8, 8, 6000, **_LARGE),
    _mw(64, 0.5, 1.0, 6000, **_LARGE),
    _pw(8, 8, 3000, 4, **_LARGE),
    _mw(64, 0.5, 1.0, 3000, 4, **_LARGE),
)
# By the number of places.  Fewer are learned in fewer steps, so a variant of one size is not tried at another.
TRIED: Mapping[int, tuple[Variant, ...]] = {500: _500, 2000: _2000, 20_000: _20000}

# By validation places (docs/waves.md has the rule), with the present encoder of the same width in the same training.
CHOSEN: Mapping[int, tuple[Variant, Variant]] = {
    500: (_pw(8, 8, 100, 4, batch=64), _mw(64, 0.5, 1.0, 100, 4, batch=64)),
    2000: (_pw(8, 8, 600, 4), _mw(64, 0.5, 1.0, 600, 4)),
    20_000: (_pw(8, 8, 6000, **_LARGE), _mw(64, 0.5, 1.0, 6000, **_LARGE)),
}
