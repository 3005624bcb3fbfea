"""Matérn features, as an entry of the registry.  Free of torch."""

from __future__ import annotations

import numpy as np

from s2v.encoders.matern_kernel import degree_probabilities, kernel
from s2v.encoders.shared import SEED
from s2v.encoders.spec import EncoderSpec, Landmarks, Params, Scale
from s2v.parameters import Parameter


def _work(p: Params) -> float:
    """Measured: 10 ns a feature, and 5 for each of its degrees."""
    probabilities = degree_probabilities(p["range"], p["smoothness"])
    return float(p["features"] * (10 + 5 * np.arange(len(probabilities)) @ probabilities))


MATERN = EncoderSpec(
    "matern",
    "Matérn features",
    "Legendre polynomials around random places, drawn so that their similarity is a Matérn kernel of great-circle "
    "distance.",
    "this project; spectrum: Lang and Schwab 2015, Borovitskiy et al. 2020; random features: Rahimi and Recht 2007",
    "s2v.encoders.matern:Matern",
    (
        Parameter(
            "features",
            int,
            256,
            "Features",
            "Number of polynomials: more bring the similarity closer to the kernel.",
            low=8,  # of fewer, all may be constant
            high=4096,
        ),
        Parameter(
            "range",
            float,
            0.3,
            "Range",
            "Length scale of the kernel, as in kriging: shorter is sharper, and noisier where there are few points.",
            low=0.02,
            high=1.0,
            unit="radians",
            log=True,
        ),
        Parameter(
            "smoothness",
            float,
            1.5,
            "Smoothness",
            "0.5 is the exponential kernel of rough fields, 1.5 suits most; with large values it nears a Gaussian. Of "
            "rough kernels with a short range, detail beyond degree 1000 is left out.",
            low=0.5,
            high=10.0,
        ),
        SEED,
    ),
    spherical=True,
    dateline=True,
    poles=True,
    scale=Scale("range", lambda radius: 4 * radius),
    work=_work,
    aimed_kernel=lambda p, distance: kernel(distance, p["range"], p["smoothness"]),
    landmarks=Landmarks("directions"),
    example={"features": 24, "range": 0.5, "smoothness": 1.0},
    features=lambda p: p["features"],
)
