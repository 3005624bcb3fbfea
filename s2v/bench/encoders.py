"""The suite ``encoders``: every encoder, on places uniform on the sphere."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from s2v import sphere
from s2v.bench import published
from s2v.bench.measure import WALL, Clock, peak_over_output, seconds, waited_for
from s2v.bench.report import Cell, Report
from s2v.encoders import ENCODERS, encoder, spec
from s2v.encoders.base import Encoder
from s2v.encoders.blocks import empty_result  # the floor writes to the same kind of memory
from s2v.models.device import CPU, room, title, torch_device

_MISSING = "-"


@dataclass(frozen=True)
class Case:
    """An encoder with its parameters, and the number of phases per place whose sine and cosine it needs.

    ``phases`` is None where ``Encoder.phases`` knows it; without either there is no floor to compare with.
    """

    name: str
    params: Mapping[str, Any] = field(default_factory=dict)
    phases: int | None = None

    @property
    def title(self) -> str:
        return " ".join([self.name, *(f"{name}={value}" for name, value in self.params.items())])


# Encoders that are not named here are measured with their defaults.
_CASES = (
    Case("direct", {}, 0),
    Case("wrap", {}, 2),
    Case("tile", {}, 0),
    Case("rbf", {}, 0),
    Case("rff", {"features": 64}, 64),
    Case("xyz", {}, 2),
    Case("nerf", {"scales": 16}),
    Case("grid", {"scales": 64}, 128),
    Case("theory", {"scales": 64}),
    Case("sphereC", {"scales": 64}, 128),
    Case("sphereC+", {"scales": 64}, 128),
    Case("sphereM", {"scales": 64}, 128),
    Case("sphereM+", {"scales": 64}, 128),
    Case("dfs", {"scales": 16}, 32),
    Case("spherical_harmonics", {"degree": 10}, 2),
    Case("spherical_harmonics", {"degree": 40}, 2),
    Case("geoclip_rff", {"features": 256}),
    Case("plane_waves", {"scales": 16}),
)


def cases(names: Sequence[str] | None = None) -> list[Case]:
    """The cases of these encoders, or of all; ``ValueError`` for an unknown name."""
    chosen = [spec(name).name for name in (ENCODERS if names is None else names)]
    return [case for name in chosen for case in ([c for c in _CASES if c.name == name] or [Case(name)])]


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
    "Ratios are of medians over alternating repetitions in one run. Memory is the peak of torch's and numpy's "
    "allocations in a call, the result included, over the size of the result.",
    "The floor is torch's sines and cosines of the same phases and one write of the result, in the same dtype; for "
    "float32 the phases are float32 already. Ours are compiled, sine and cosine together, on one core, so they may be "
    "below the floor. Encoders without waves are compared with the write alone.",
    "Published is the authors' package torchspatial 0.0.0.1: float64 its numpy encoding, float32 the same converted to "
    "a float32 tensor, as its training does. Its sphereM+ and dfs give wrong values (one frequency in place of many); "
    "the work is the same.",
    "scipy is special.sph_harm_y_all. The published closed form of spherical harmonics is in no package: elsewhere (2 "
    "cores of an Intel Xeon, 10,000 points, degree 40, float64) it took 1463 to 1573 ms.",
)


def run(
    points: int = 10_000,
    repeat: int = 9,
    clock: Clock = WALL,
    on_progress: Callable[[str], None] = lambda line: None,
    names: Sequence[str] | None = None,
    device: str = "cpu",
) -> Report:
    """The table for ``points`` places, of all encoders or those in ``names``; published code runs on the CPU only."""
    where = torch_device(device)
    if points < 1:
        raise ValueError(f"points={points} is not a whole number of at least 1.")
    rows = []
    for case in cases(names):
        on_progress(case.title)
        rows.append(measure(case, points, repeat, clock, where))
    on = "" if where == CPU else f" on {title(where)}"
    about = f"{points:,} points a call{on}, {repeat} repetitions, {clock.title}"
    return Report("encoders", about, COLUMNS, tuple(rows), NOTES)


def measure(case: Case, points: int, repeat: int, clock: Clock = WALL, device: torch.device = CPU) -> dict[str, Cell]:
    """One row of the table."""
    ours = encoder(case.name, **case.params).requires_grad_(False).to(device)
    row: dict[str, Cell] = dict.fromkeys(COLUMNS, _MISSING)
    row |= {"encoder": case.title, "columns": ours.dim}
    phases = _phases(case, ours)
    for dtype in (torch.float32, torch.float64):
        short = str(dtype).removeprefix("torch.")
        lonlat = torch.from_numpy(sphere.random_points(points)).to(device, dtype)
        calls: dict[str, Callable[[], Any]] = {"ours": partial(ours, lonlat)}
        if phases is not None:
            calls["floor"] = floor(points, phases, ours.dim, dtype, device)
        theirs = published.encode(case.name, ours.params, lonlat) if device == CPU else None
        if theirs is not None:
            calls["published"] = theirs
        if case.name == "spherical_harmonics" and dtype == torch.float64 and device == CPU:
            calls["scipy"] = partial(scipy_harmonics, lonlat.numpy(), case.params["degree"])
        took = seconds({name: waited_for(call, device) for name, call in calls.items()}, repeat, clock)
        row[f"{short}: points/s"] = points / took["ours"]
        row[f"{short}: memory/output"] = peak_over_output(partial(ours, lonlat))
        if "floor" in took:
            row[f"{short}: time/floor"] = took["ours"] / took["floor"]
        for other in ("published", "scipy"):
            if other in took:
                row[f"{short}: times faster than {other}"] = took[other] / took["ours"]
    return row


def _phases(case: Case, built: Encoder) -> int | None:
    if case.phases is not None:
        return case.phases
    known = built.phases()
    return None if known is None else known.matrix.shape[1]


def floor(points: int, phases: int, columns: int, dtype: torch.dtype, device: torch.device = CPU) -> Callable[[], Any]:
    """The least work with torch's sines: sines and cosines (points, phases), and a new result filled once.

    Sines and cosines go to one small buffer, so that they cost no memory traffic.
    """
    generator = torch.Generator().manual_seed(0)
    phase = (torch.rand((points, phases), generator=generator, dtype=torch.float64) * 2 - 1).mul_(math.pi)
    phase = phase.to(device, dtype)
    blocks = phase.split(max(1, room(1 << 17, device) // phases)) if phases else ()
    scratch = torch.empty_like(phase[: len(blocks[0])] if blocks else phase)

    def call() -> Tensor:
        for block in blocks:
            torch.sin(block, out=scratch[: len(block)])
            torch.cos(block, out=scratch[: len(block)])
        return empty_result(points, columns, phase).fill_(1.0)

    return call


def scipy_harmonics(lonlat: NDArray[np.float64], degree: int) -> NDArray[np.float64]:
    """The same real harmonics (n, degree^2) by scipy, up to a factor (-1)^m; in blocks, because scipy's are complex."""
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
