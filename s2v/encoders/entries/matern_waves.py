"""Matérn plane waves, as an entry of the registry.  Free of torch."""

from __future__ import annotations

from s2v.encoders.matern_spectrum import kernel
from s2v.encoders.shared import SEED, SMALLEST_RADIANS, max_radius, min_radius
from s2v.encoders.spec import EncoderSpec, Landmarks
from s2v.parameters import Parameter

MATERN_WAVES = EncoderSpec(
    "matern_waves",
    "Matérn plane waves",
    "Plane waves along random orthonormal frames, fine ones weaker, so that their similarity is a Matérn kernel: the "
    "sphere's metric exactly, no tears, and less is lost where the smallest radius is too small.",
    "this project, docs/waves.md; spectrum: Rasmussen and Williams 2006, eq. 4.15; relatives: Rahimi and Recht 2007, "
    "Yu et al. 2016",
    "s2v.encoders.matern_waves:MaternWaves",
    (
        Parameter(
            "frames",
            int,
            64,
            "Frames",
            "Orthonormal frames, each with its own frequency and six features: more bring the similarity closer to the "
            "kernel.",
            low=2,
            high=1024,
        ),
        min_radius(0.01, "radians"),
        max_radius(1.0, "radians"),
        Parameter(
            "smoothness",
            float,
            0.5,
            "Smoothness",
            "How fast the weight of fine detail falls, as in kriging: 0.5 is the exponential kernel of rough fields; "
            "with 0 all octaves finer than the largest radius weigh the same.",
            low=0.0,
            high=5.0,
        ),
        Parameter(
            "weighting",
            float,
            1.0,
            "Weighting",
            "1: as many waves in each octave, fine ones weaker; 0: all equally strong, fewer fine ones. The kernel is "
            "the same.",
            low=0.0,
            high=1.0,
        ),
        SEED,
    ),
    spherical=True,
    dateline=True,
    poles=True,
    aimed_kernel=lambda p, distance: kernel(distance, p["min_radius"], p["max_radius"], p["smoothness"]),
    landmarks=Landmarks("wave directions"),
    scale=SMALLEST_RADIANS,
    example={"frames": 5, "min_radius": 0.05, "smoothness": 0.8, "weighting": 0.5},
    features=lambda p: 6 * p["frames"],
)
