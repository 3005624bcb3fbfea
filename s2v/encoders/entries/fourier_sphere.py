"""The double Fourier sphere, as an entry of the registry.  Free of torch."""

from __future__ import annotations

from s2v.encoders.spec import EncoderSpec, Params, Scale
from s2v.parameters import Parameter


def _features(p: Params) -> int:
    degree: int = p["degree"]
    odd, even = degree // 2, (degree - 1) // 2  # orders of each parity
    return degree + 2 * odd * (degree - 1) + 2 * even * max(0, degree - 2)


FOURIER_SPHERE = EncoderSpec(
    "fourier_sphere",
    "Double Fourier sphere",
    "Waves in longitude times waves in latitude, of the parity that closes the poles: all spherical harmonics below a "
    "degree are sums of them. No tears, but near the poles the waves still crowd.",
    "Merilees 1973, Orszag 1974: the bases of weather models, not those of Sphere2Vec dfs",
    "s2v.encoders.fourier_sphere:FourierSphere",
    (
        Parameter(
            "degree",
            int,
            8,
            "Degrees L",
            "Waves up to L-1 in longitude and latitude, somewhat under 2 L*L features; about 180/L degrees of detail.",
            low=1,
            high=100,
        ),
    ),
    spherical=True,
    dateline=True,
    poles=True,
    smooth=False,  # at the poles, from order 3 on
    scale=Scale("degree", lambda radius: 1 + 0.5 / radius, high=24),
    example={"degree": 7},
    features=_features,
)
