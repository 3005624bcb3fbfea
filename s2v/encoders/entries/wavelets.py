"""Spherical wavelets, as an entry of the registry.  Free of torch."""

from __future__ import annotations

import math

from s2v.encoders import wavelet_levels
from s2v.encoders.spec import EncoderSpec, Landmarks, Scale
from s2v.parameters import Parameter

WAVELETS = EncoderSpec(
    "wavelets",
    "Spherical wavelets",
    "Mexican hats around centres spread evenly over the sphere, at several widths: each feature sees one region.",
    "FAIR-Earth, ICLR 2025, arXiv 2502.06831, with centres as close as each width asks for",
    "s2v.encoders.wavelets:Wavelets",
    (
        Parameter(
            "levels",
            int,
            3,
            "Levels",
            "Each further level is twice as wide as the one before, and has a quarter of its wavelets.",
            low=1,
            high=8,
        ),
        Parameter(
            "finest",
            float,
            10.0,
            "Finest width",
            "Dilation of the narrowest wavelets; half of it is sharper and takes four times the features.",
            low=2.0,
            high=60.0,
            unit="degrees",
        ),
    ),
    spherical=True,
    dateline=True,
    poles=True,
    scale=Scale("finest", lambda radius: 2.5 * math.degrees(radius), low=5.0),  # finer: a thousand features and more
    landmarks=Landmarks("centres"),
    example={"levels": 3, "finest": 25.0},
    features=lambda p: sum(wavelet_levels.centers(p["levels"], p["finest"])),
)
