"""GeoCLIP's random Fourier features, as an entry of the registry.  Free of torch."""

from __future__ import annotations

from s2v.encoders.shared import SEED
from s2v.encoders.spec import EncoderSpec
from s2v.parameters import Parameter

GEOCLIP_RFF = EncoderSpec(
    "geoclip_rff",
    "GeoCLIP RFF",
    "Equal Earth map projection, then random Fourier features at three levels of detail.",
    "Vivanco Cepeda et al. 2023, NeurIPS, arXiv 2309.16020; geo-clip location_encoder.py",
    "s2v.encoders.geoclip:GeoClipRff",
    (
        Parameter(
            "features",
            int,
            256,
            "Directions a level",
            "Random directions at each of the three levels; six features each.",
            low=1,
            high=4096,
        ),
        SEED,
    ),
    example={"features": 6},
    features=lambda p: 6 * p["features"],
)
