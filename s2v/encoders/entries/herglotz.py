"""Herglotz features, as an entry of the registry.  Free of torch."""

from __future__ import annotations

from s2v.encoders.shared import SEED
from s2v.encoders.spec import EncoderSpec, Landmarks, Scale
from s2v.parameters import Parameter

HERGLOTZ = EncoderSpec(
    "herglotz",
    "Herglotz features",
    "Wave packets on the sphere, each around a place of its own, that hold harmonics of all degrees; their frequencies "
    "are learned.",
    "Hanon et al. 2025, arXiv 2502.13777; spherical-inr 1.0.1, HerglotzPE",
    "s2v.encoders.herglotz:Herglotz",
    (
        Parameter("features", int, 128, "Features", "Number of wave packets.", low=1, high=4096),
        Parameter(
            "degree",
            int,
            15,
            "Degree L",
            "Frequencies start between 0 and L waves in a turn: higher is sharper, and noisier where there are few "
            "points.",
            low=1,
            high=100,
        ),
        SEED,
    ),
    spherical=True,
    dateline=True,
    poles=True,
    table=lambda p: p["features"],
    work=lambda p: 130.0 * p["features"],  # measured, with the derivative in the frequencies
    # Half the degrees of harmonics, as a packet reaches beyond L; with more than features, packets leave gaps.
    scale=Scale("degree", lambda radius: 0.5 / radius, least=lambda p: 0.5 / p["features"]),
    landmarks=Landmarks("places of wave packets"),
    example={"features": 24, "degree": 6},
    features=lambda p: p["features"],
)
