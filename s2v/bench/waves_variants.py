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


def _band(frames: int, smoothness: float, weighting: float = 1.0, **more: Any) -> dict[str, Any]:
    return {"frames": frames, "smoothness": smoothness, "weighting": weighting, **more}


def _four(
    name: str, params: dict[str, Any], encoder: str = "matern_waves", members: int = 4, **settings: Any
) -> Variant:
    return Variant(name, name, encoder, params, settings, members)


_ALL = (
    *(
        _four(f"pw {s}x{k} x4", _present(s, k), "plane_waves")
        for s, k in ((16, 3), (16, 4), (32, 2), (64, 1), (4, 16), (8, 16), (16, 8))
    ),
    _four("pw 8x8 x4 b64", _present(8, 8), "plane_waves", batch=64),
    _four("pw 8x8 x8", _present(8, 8), "plane_waves", members=8),
    _four("pw 8x8 x4 300", _present(8, 8), "plane_waves", steps=300),
    _four("pw 8x8 x4 300 b64", _present(8, 8), "plane_waves", steps=300, batch=64),
    _four("pw 8x8 x4 50", _present(8, 8), "plane_waves", steps=50),
    _four("pw 8x8 x4 r.3", {**_present(8, 8), "max_radius": 0.3}, "plane_waves"),
    _four("pw 8x8 x4 h512", _present(8, 8), "plane_waves", hidden=512),
    _four("pw 8x8 x4 l1", _present(8, 8), "plane_waves", layers=1, hidden=512),
    _four("pw 8x8 x4 l3", _present(8, 8), "plane_waves", layers=3),
    *(_four(f"b64 {p:g} w1 x4", _band(64, p)) for p in (0, 0.25, 0.5, 1, 1.5)),
    *(_four(f"b64 {p:g} w0 x4", _band(64, p, 0.0)) for p in (0.25, 0.5, 1)),
    *(_four(f"b64 {p:g} w.5 x4", _band(64, p, 0.5)) for p in (0.5, 1)),
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
    _four("pw 8x8 600", _present(8, 8), "plane_waves", 1, steps=600),
    _four("pw 8x8 600 b64", _present(8, 8), "plane_waves", 1, steps=600, batch=64),
    _four("pw 8x8 200", _present(8, 8), "plane_waves", 1, steps=200),
    _four("pw 8x8 200 x4", _present(8, 8), "plane_waves", steps=200),
    _four("pw 8x8 600 x4", _present(8, 8), "plane_waves", steps=600),
    *(_four(f"b64 {p:g} w1 600", _band(64, p), members=1, steps=600) for p in (0, 0.25, 0.5, 1, 1.5)),
    *(_four(f"b64 {p:g} w1 600 x4", _band(64, p), steps=600) for p in (0, 0.25, 0.5, 1, 1.5)),
    *(_four(f"b64 {p:g} w0 600", _band(64, p, 0.0), members=1, steps=600) for p in (0.25, 0.5, 1)),
    _four("pw 8x8 3000", _present(8, 8), "plane_waves", 1, steps=3000),
    _four("pw 8x8 3000 h256 b512", _present(8, 8), "plane_waves", 1, steps=3000, hidden=256, batch=512),
    _four("b64 0.5 w1 3000", _band(64, 0.5), members=1, steps=3000),
    _four("b64 0.5 w1 3000 h256 b512", _band(64, 0.5), members=1, steps=3000, hidden=256, batch=512),
    _four("b64 1 w1 3000 h256 b512", _band(64, 1), members=1, steps=3000, hidden=256, batch=512),
    _four("b128 0.5 w1 3000 h256 b512", _band(128, 0.5), members=1, steps=3000, hidden=256, batch=512),
    Variant("pw 8x4 100", "100 steps", "plane_waves", _present(8, 4), {"steps": 100}),
    Variant("pw 8x4 1000", "1000 steps", "plane_waves", _present(8, 4), {"steps": 1000}),
    Variant("pw 8x4 batch 512", "batches of 512", "plane_waves", _present(8, 4), {"batch": 512}),
    Variant("pw 8x4 lr .002", "rate .002", "plane_waves", _present(8, 4), {"learning_rate": 0.002}),
    Variant("pw 8x4 one layer", "512", "plane_waves", _present(8, 4), {"layers": 1, "hidden": 512}),
    Variant("pw 8x4 x4", "mean of four", "plane_waves", _present(8, 4), members=4),
    Variant("m32 1.5 x4", "mean of four", params=_matern(32, 1.5), members=4),
    Variant("m32 1.5 one layer", "512", params=_matern(32, 1.5), settings={"layers": 1, "hidden": 512}),
    Variant("m64 1.5 linear", "linear", params=_matern(64, 1.5), settings={"network": "linear"}),
    Variant("m64 1.5 w1 linear", "linear", params=_matern(64, 1.5, 1.0), settings={"network": "linear"}),
    Variant("m64 .5 w1 linear", "linear", params=_matern(64, 0.5, 1.0), settings={"network": "linear"}),
    Variant("pw 8x8 x4", "mean of four", "plane_waves", _present(8, 8), members=4),
    Variant("m64 1.5 x4", "mean of four", params=_matern(64, 1.5), members=4),
    Variant("m64 1", "", params=_matern(64, 1.0)),
    Variant("m64 2.5", "", params=_matern(64, 2.5)),
    Variant("m64 .5", "", params=_matern(64, 0.5)),
    Variant("m64 1.5 w1", "", params=_matern(64, 1.5, 1.0)),
    Variant("m128 1.5", "", params=_matern(128, 1.5)),
    Variant("m64 1.5 batch 64", "", params=_matern(64, 1.5), settings={"batch": 64}),
    Variant("m64 1.5 batch 32", "", params=_matern(64, 1.5), settings={"batch": 32}),
    Variant("m64 1.5 lr .01", "", params=_matern(64, 1.5), settings={"learning_rate": 0.01}),
    Variant("m64 1.5 lr .02", "", params=_matern(64, 1.5), settings={"learning_rate": 0.02}),
    Variant("m64 1.5 lr .002", "", params=_matern(64, 1.5), settings={"learning_rate": 0.002}),
    Variant("m64 1.5 h512", "", params=_matern(64, 1.5), settings={"hidden": 512}),
    Variant("m64 1.5 l3", "", params=_matern(64, 1.5), settings={"layers": 3}),
    Variant("m64 1.5 drop", "", params=_matern(64, 1.5), settings={"dropout": 0.3}),
    Variant("m64 1.5 gelu", "", params=_matern(64, 1.5), settings={"activation": "gelu"}),
    Variant("m64 1.5 tanh", "", params=_matern(64, 1.5), settings={"activation": "tanh"}),
    Variant("m64 1.5 residual", "", params=_matern(64, 1.5), settings={"network": "residual"}),
    Variant("m64 1.5 siren", "", params=_matern(64, 1.5), settings={"network": "siren"}),
    Variant("m64 .5 w.5", "64 frames, smoothness 0.5, half weighted", params=_matern(64, 0.5, 0.5)),
    Variant("m64 1.5", "64 frames, smoothness 1.5, drawn", params=_matern(64, 1.5)),
    Variant("m64 1.5 w.5", "64 frames, smoothness 1.5, half weighted", params=_matern(64, 1.5, 0.5)),
)
VARIANTS: Mapping[str, Variant] = {variant.name: variant for variant in _ALL}
