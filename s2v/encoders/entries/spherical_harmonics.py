"""Spherical harmonics, as an entry of the registry.  Free of torch."""

from __future__ import annotations

from s2v.encoders.spec import EncoderSpec, Scale
from s2v.parameters import Parameter

SPHERICAL_HARMONICS = EncoderSpec(
    "spherical_harmonics",
    "Spherical harmonics",
    "The sphere's own waves: all real orthonormal harmonics below a degree.",
    "Rußwurm et al. 2024, ICLR, arXiv 2310.06743; recurrence in Cartesian form after Bigi et al. 2023 (sphericart)",
    "s2v.encoders.spherical_harmonics:SphericalHarmonics",
    (
        Parameter(
            "degree",
            int,
            10,
            "Degrees L",
            "Degrees 0 to L-1, L*L features; about 180/L degrees of detail.",
            low=1,
            high=100,
        ),
    ),
    spherical=True,
    dateline=True,
    poles=True,
    isotropic=True,
    # Most of the harmonics are of the highest degrees, so these are coarser than the finest of several scales.
    scale=Scale("degree", lambda radius: 1 + 1 / (1.4 * radius), high=32),
    example={"degree": 9},
    features=lambda p: p["degree"] ** 2,
)
