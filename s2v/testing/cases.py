"""Encoders in their test settings, and places that include the poles, the dateline and their neighbourhoods."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from hypothesis import strategies as st
from numpy.typing import NDArray
from torch import Tensor

from s2v import encoders
from s2v.encoders.base import Encoder

SPECIAL: NDArray[np.float64] = np.array(
    [
        [0, 90], [37, 90], [-180, 90], [180, 90], [0, -90], [-122, -90], [180, -90],  # both poles, several longitudes
        [180, 0], [-180, 0], [180, 71], [-180, 71], [179.9999, -16], [-179.9999, -16],  # the dateline
        [10, 89.9999], [10, -89.9999], [0, 0], [90, 0], [-90, 0], [15.6, 78.2],
    ],
    dtype=float,
)  # fmt: skip


def build(name: str, **params: Any) -> Encoder:
    """The encoder of that name, with the parameters of its example where no others are given."""
    return encoders.encoder(name, **{**encoders.spec(name).example, **params})


def variants(name: str) -> Iterator[dict[str, Any]]:
    """The encoder's example, with each other choice of a parameter, and with one scale where there are scales."""
    spec = encoders.spec(name)
    example = dict(spec.example)
    yield example
    for parameter in spec.parameters:
        for choice in parameter.choices:
            if choice != example.get(parameter.name, parameter.default):
                yield {**example, parameter.name: choice}
        if parameter.name == "scales":
            yield {**example, "scales": 1}


def places(n: int = 200, seed: int = 5) -> Tensor:
    """Places (n + special ones, 2), float64, uniform on the sphere."""
    rng = np.random.default_rng(seed)
    uniform = np.stack([rng.uniform(-180, 180, n), np.degrees(np.arcsin(rng.uniform(-1, 1, n)))], -1)
    return torch.from_numpy(np.concatenate([SPECIAL, uniform]))


def lonlats() -> st.SearchStrategy[NDArray[np.float64]]:
    """Hypothesis: one place; poles and dateline come up often."""
    longitude = st.one_of(st.sampled_from([-180.0, 180.0, 0.0, 90.0]), st.floats(-180, 180))
    latitude = st.one_of(st.sampled_from([-90.0, 90.0, 0.0]), st.floats(-90, 90))
    return st.tuples(longitude, latitude).map(np.array)


def rotation(seed: int) -> NDArray[np.float64]:
    """A random rotation matrix (3, 3)."""
    q, r = np.linalg.qr(np.random.default_rng(seed).standard_normal((3, 3)))
    q = q * np.sign(np.diag(r))
    return q * np.sign(np.linalg.det(q))
