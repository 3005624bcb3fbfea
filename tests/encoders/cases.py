"""What the tests of all encoders share: one telling setting of every encoder, and places that always include
the poles, the dateline and their neighbourhoods."""

import math

import numpy as np
import torch
from hypothesis import strategies as st

from s2v import encoders

# Settings in which every scale matters; the registry decides which encoders there are.
SETTINGS: dict[str, dict] = {
    "tile": {"cell": 15.0, "features": 8},
    "rbf": {"anchors": 40, "bandwidth": 20.0},
    "rff": {"features": 24, "bandwidth": 9.0},
    "grid": {"scales": 6, "min_radius": 2.0},
    "theory": {"scales": 6, "min_radius": 2.0},
    "nerf": {"scales": 4},
    "sphereC": {"scales": 6, "min_radius": 0.02},
    "sphereC+": {"scales": 6, "min_radius": 0.02},
    "sphereM": {"scales": 6, "min_radius": 0.02},
    "sphereM+": {"scales": 6, "min_radius": 0.02},
    "dfs": {"scales": 4, "min_radius": 0.02},
    "spherical_harmonics": {"degree": 9},
    "geoclip_rff": {"features": 6},
    "plane_waves": {"scales": 5, "min_radius": 0.05, "frames": 2},
}

MULTI_SCALE = [
    name for name, spec in encoders.ENCODERS.items() if any(p.name == "frequencies" for p in spec.parameters)
]


def build(name: str, **params):
    """The encoder of that name in its test setting."""
    return encoders.encoder(name, **{**SETTINGS.get(name, {}), **params})


def variants():
    """(name, parameters) of every encoder, with every kind of frequencies and with one scale where there are scales."""
    for name in encoders.ENCODERS:
        yield name, SETTINGS.get(name, {})
    for name in MULTI_SCALE:
        for kind in ("integer", "odd"):
            yield name, {**SETTINGS[name], "frequencies": kind}
        yield name, {**SETTINGS[name], "scales": 1}
    yield "wrap", {"latitude": "true"}
    yield "plane_waves", {**SETTINGS["plane_waves"], "scales": 1}


VARIANTS = list(variants())
VARIANT_IDS = [f"{name}-{'-'.join(str(v) for v in params.values())}" for name, params in VARIANTS]

SPECIAL = np.array(
    [
        [0, 90], [37, 90], [-180, 90], [180, 90], [0, -90], [-122, -90], [180, -90],  # both poles, several longitudes
        [180, 0], [-180, 0], [180, 71], [-180, 71], [179.9999, -16], [-179.9999, -16],  # the dateline
        [10, 89.9999], [10, -89.9999], [0, 0], [90, 0], [-90, 0], [15.6, 78.2],
    ],
    dtype=float,
)  # fmt: skip


def places(n: int = 200, seed: int = 5) -> torch.Tensor:
    """Places (n + special ones, 2), float64, uniform on the sphere."""
    rng = np.random.default_rng(seed)
    uniform = np.stack([rng.uniform(-180, 180, n), np.degrees(np.arcsin(rng.uniform(-1, 1, n)))], -1)
    return torch.from_numpy(np.concatenate([SPECIAL, uniform]))


def lonlats():
    """Hypothesis: one place; poles and dateline come up often."""
    longitude = st.one_of(st.sampled_from([-180.0, 180.0, 0.0, 90.0]), st.floats(-180, 180))
    latitude = st.one_of(st.sampled_from([-90.0, 90.0, 0.0]), st.floats(-90, 90))
    return st.tuples(longitude, latitude).map(lambda p: np.array(p))


def rotation(seed: int) -> np.ndarray:
    """A random rotation matrix."""
    q, r = np.linalg.qr(np.random.default_rng(seed).standard_normal((3, 3)))
    q = q * np.sign(np.diag(r))
    return q * np.sign(np.linalg.det(q))


def spread_of(code: torch.Tensor) -> float:
    """Root mean square of the codes around their mean."""
    return math.sqrt(float((code - code.mean(0)).square().sum(1).mean()))
