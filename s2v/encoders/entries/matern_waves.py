"""Matérn waves, as an entry of the registry.  Free of torch."""

from __future__ import annotations

from s2v.encoders.shared import SEED
from s2v.encoders.spec import EncoderSpec, Landmarks, Scale
from s2v.parameters import Parameter

MATERN_WAVES = EncoderSpec(
    "matern_waves",
    "Matérn plane waves",
    "Plane waves through space along random orthonormal frames, drawn so that their similarity is a Matérn kernel: the "
    "sphere's metric exactly, no tears.",
    "this project; spectrum: Rasmussen and Williams 2006, 4.2; relatives: Rahimi and Recht 2007, Yu et al. 2016",
    "s2v.encoders.matern_waves:MaternWaves",
    (
        Parameter("frames", int, 32, "Frames", "Orthonormal frames.", low=2, high=512),
        Parameter("range", float, 0.3, "Range", "Length scale.", low=0.01, high=2.0, unit="radians", log=True),
        Parameter("smoothness", float, 1.5, "Smoothness", "0.5 is the exponential kernel.", low=0.5, high=10.0),
        Parameter("weighting", float, 0.0, "Weighting", "Share by amplitude.", low=0.0, high=1.0),
        SEED,
    ),
    spherical=True,
    dateline=True,
    poles=True,
    scale=Scale("range", lambda radius: 4 * radius),
    landmarks=Landmarks("wave directions"),
    example={"frames": 4, "range": 0.5, "smoothness": 1.0, "weighting": 0.5},
    features=lambda p: 6 * p["frames"],
)
