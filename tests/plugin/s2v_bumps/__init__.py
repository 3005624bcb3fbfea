"""What the encoder ``bumps`` is.  Free of torch: the lab lists encoders without it."""

from s2v.encoders import EncoderSpec
from s2v.parameters import Parameter

SPEC = EncoderSpec(
    "bumps",
    "Round bumps",
    "Bumps around random places, round on the sphere.",
    "exp(concentration (cos(angle) - 1)): the von Mises-Fisher density, up to its factor",
    "s2v_bumps.encoder:Bumps",
    (
        Parameter("bumps", int, 64, "Bumps", "Number of bumps, one feature each.", low=1, high=4096),
        Parameter("concentration", float, 50.0, "Concentration", "Larger is narrower.", low=0.1, high=1e5, log=True),
        Parameter("seed", int, 0, "Encoder seed", "Another seed draws other places.", low=0, high=2**31 - 1),
    ),
    spherical=True,
    dateline=True,
    poles=True,
    example={"bumps": 24, "concentration": 8.0},
)
