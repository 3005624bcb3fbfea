"""The suite ``encoders``: every encoder at a telling setting, on places uniform on the sphere."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from s2v import sphere
from s2v.bench import published
from s2v.bench.measure import WALL, Clock, peak_over_output, seconds
from s2v.bench.report import Report
from s2v.encoders import encoder
from s2v.encoders.base import empty_result  # the write of the floor is to the same memory

_MISSING = "-"


@dataclass(frozen=True)
class Case:
    """An encoder's setting, and how many sines and cosines of phases it needs for a place."""

    name: str
    phases: int
    params: Mapping[str, Any] = field(default_factory=dict)

    @property
    def title(self) -> str:
        return " ".join([self.name, *(f"{name}={value}" for name, value in self.params.items())])


CASES = (
    Case("direct", 0),
    Case("wrap", 2),
    Case("tile", 0),
    Case("rbf", 0),
    Case("rff", 64, {"features": 64}),
    Case("xyz", 2),
    Case("nerf", 48, {"scales": 16}),
    Case("grid", 128, {"scales": 64}),
    Case("theory", 192, {"scales": 64}),
    Case("sphereC", 128, {"scales": 64}),
    Case("sphereC+", 128, {"scales": 64}),
    Case("sphereM", 128, {"scales": 64}),
    Case("sphereM+", 128, {"scales": 64}),
    Case("dfs", 32, {"scales": 16}),
    Case("spherical_harmonics", 2, {"degree": 10}),
    Case("spherical_harmonics", 2, {"degree": 40}),
    Case("geoclip_rff", 768, {"features": 256}),
    Case("plane_waves", 144, {"scales": 16}),
)

COLUMNS = (
    "encoder",
    "columns",
    "float32: points/s",
    "float64: points/s",
    "float32: memory/output",
    "float64: memory/output",
    "float32: time/floor",
    "float64: time/floor",
    "float32: times faster than published",
    "float64: times faster than published",
    "float64: times faster than scipy",
)

NOTES = (
    "Ratios are of medians over alternating repetitions in one run. Memory is the most that torch's allocator and "
    "numpy's had handed out at one time in a call, the result included, over the result.",
    "The floor is the bare sines and cosines of the same phases and one write of the result, by torch, in the same "
    "type; for float32 it gets phases that are float32 already. Ours are compiled, sine and cosine together, and "
    "use one core, so they may be below. Encoders without waves (0 phases) are compared with the write alone.",
    "Published is the authors' package torchspatial 0.0.0.1: float64 its numpy encoding, float32 the same converted to "
    "a float32 tensor, as its training does. Its sphereM+ and dfs give wrong values (one frequency in place of many); "
    "the work is the same.",
    "scipy is special.sph_harm_y_all. The published closed form of spherical harmonics is in no package: elsewhere (2 "
    "cores of an Intel Xeon, 10,000 points, degree 40, float64) it took 1463 to 1573 ms.",
)


def run(
    points: int = 10_000, repeat: int = 9, clock: Clock = WALL, tell: Callable[[str], None] = lambda line: None
) -> Report:
    """The table for ``points`` places; ``tell`` gets a line for each case when its turn comes."""
    if points < 1:
        raise ValueError(f"points={points} is not a whole number of at least 1.")
    rows = []
    for case in CASES:
        tell(case.title)
        rows.append(measure(case, points, repeat, clock))
    return Report(
        "encoders", f"{points:,} points a call, {repeat} repetitions, {clock.title}", COLUMNS, tuple(rows), NOTES
    )


def measure(case: Case, points: int, repeat: int, clock: Clock = WALL) -> dict[str, float | int | str]:
    """One row of the table."""
    ours = encoder(case.name, **case.params).requires_grad_(False)
    row: dict[str, float | int | str] = dict.fromkeys(COLUMNS, _MISSING)
    row |= {"encoder": case.title, "columns": ours.dim}
    for dtype in (torch.float32, torch.float64):
        short = str(dtype).removeprefix("torch.")
        lonlat = torch.from_numpy(sphere.random_points(points)).to(dtype)
        calls: dict[str, Callable[[], Any]] = {
            "ours": partial(ours, lonlat),
            "floor": floor(points, case.phases, ours.dim, dtype),
        }
        theirs = published.encode(case.name, ours.params, lonlat)
        if theirs is not None:
            calls["published"] = theirs
        if case.name == "spherical_harmonics" and dtype == torch.float64:
            calls["scipy"] = partial(scipy_harmonics, lonlat.numpy(), case.params["degree"])
        took = seconds(calls, repeat, clock)
        row[f"{short}: points/s"] = points / took["ours"]
        row[f"{short}: memory/output"] = peak_over_output(partial(ours, lonlat))
        row[f"{short}: time/floor"] = took["ours"] / took["floor"]
        for other in ("published", "scipy"):
            if other in took:
                row[f"{short}: times faster than {other}"] = took[other] / took["ours"]
    return row


def floor(points: int, phases: int, columns: int, dtype: torch.dtype) -> Callable[[], Any]:
    """The least work with torch's own sines: sines and cosines (points, phases), and a fresh result filled once.

    Sines and cosines are written to the same small memory again and again, so that they cost no memory traffic.
    """
    generator = torch.Generator().manual_seed(0)
    phase = (torch.rand((points, phases), generator=generator, dtype=torch.float64) * 2 - 1).mul_(math.pi).to(dtype)
    blocks = phase.split(max(1, (1 << 17) // phases)) if phases else ()
    scratch = torch.empty_like(phase[: len(blocks[0])] if blocks else phase)

    def call() -> Tensor:
        for block in blocks:
            torch.sin(block, out=scratch[: len(block)])
            torch.cos(block, out=scratch[: len(block)])
        return empty_result(points, columns, phase).fill_(1.0)

    return call


def scipy_harmonics(lonlat: NDArray[np.float64], degree: int) -> NDArray[np.float64]:
    """The same real harmonics (n, degree^2) by scipy, up to a factor (-1)^m; in pieces, as scipy's are complex."""
    from scipy.special import sph_harm_y_all

    out = np.empty((len(lonlat), degree * degree))
    for start in range(0, len(lonlat), 1000):
        angles = np.deg2rad(lonlat[start : start + 1000])
        # (degree, order, n), with the negative orders at the end; scipy's angles are colatitude, longitude
        values = sph_harm_y_all(degree - 1, degree - 1, np.pi / 2 - angles[:, 1], angles[:, 0])
        for n in range(degree):
            block = out[start : start + 1000, n * n : (n + 1) ** 2]
            block[:, n] = values[n, 0].real
            positive = math.sqrt(2) * values[n, 1 : n + 1]
            block[:, n + 1 :] = positive.real.T
            block[:, :n] = positive.imag[::-1].T
    return out
