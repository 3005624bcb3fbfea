"""The maps of the Start page: how similar every place is to Longyearbyen, under a flat and a round encoder.

They are computed ahead, so that the page shows them at once: ``python -m s2v.comparison.start`` writes them to
``assets/start/``, and the tests check that they agree with the code.  Loading them needs no torch.
"""

from __future__ import annotations

import io
import json
import math
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from s2v import encoders, files
from s2v.assets import ASSETS, asset_path, damaged
from s2v.fields import Field, Grid

PLACE = "Longyearbyen"
ANCHOR = (15.6, 78.2)  # longitude, latitude in degrees
VIEW = (15.6, 68.0)  # from above here, the place, the pole and all of Europe are in sight

# The same radii for both, in the unit of each.  With a smallest radius of 0.1 rad (5.7 degrees) the similarity fades
# over some hundred kilometres: large enough to see on a whole globe, small enough to show its shape.
_RADII = {"min_radius": 0.1, "max_radius": 1.0}  # radians
ENCODERS: dict[str, dict[str, Any]] = {
    "grid": {"scales": 16, **{name: math.degrees(radius) for name, radius in _RADII.items()}},
    "sphereM": {"scales": 16, **_RADII},
}

GRID = Grid.equirectangular(0.5)
STEP = 1e-3  # the files hold similarities in whole thousandths: finer than any colour scale shows
LIMITS = (-1.0, 1.0)  # of a cosine


@dataclass(frozen=True)
class Panel:
    """One encoder's similarity of every place to ``ANCHOR``, and the ``stretch`` there.

    The stretch is how many times more a step east changes the code than the same step north.
    """

    encoder: str
    title: str
    stretch: float
    field: Field


def compute() -> tuple[Panel, ...]:
    """The panels, computed from the encoders in a second or two."""
    from s2v import distortion, kernels  # here, because they load torch

    panels = []
    for name, params in ENCODERS.items():
        enc = encoders.encoder(name, **params)
        values = kernels.similarity(enc, ANCHOR, GRID.lonlat)
        panels.append(_panel(name, float(distortion.stretch(enc, [ANCHOR])[0]), values))
    return tuple(panels)


@cache
def load() -> tuple[Panel, ...]:
    """The panels from ``assets/start/``; ``AssetError`` for a file that is missing or damaged."""
    numbers, maps = asset_path("start", "start.json"), asset_path("start", "similarity.npz")
    try:
        stretch = {name: float(value) for name, value in json.loads(numbers.read_text(encoding="utf-8")).items()}
        if set(stretch) != set(ENCODERS) or not all(value > 0 for value in stretch.values()):
            raise ValueError(f"it must give a stretch for each of {', '.join(ENCODERS)}")
    except (ValueError, TypeError, AttributeError) as error:
        raise damaged(numbers, str(error)) from error
    try:
        with np.load(maps, allow_pickle=False) as archive:
            return tuple(_panel(name, stretch[name], archive[name] * STEP) for name in ENCODERS)
    except Exception as error:  # a broken archive raises whatever error its unpacking meets first
        raise damaged(maps, str(error) or type(error).__name__) from error


def save(panels: tuple[Panel, ...], folder: Path) -> None:
    """Write the panels' files to ``folder``."""
    stretch = {panel.encoder: round(panel.stretch, 4) for panel in panels}
    whole = {panel.encoder: np.rint(panel.field.values / STEP).astype(np.int16) for panel in panels}
    maps = io.BytesIO()
    np.savez_compressed(maps, **whole)  # type: ignore[arg-type]
    numbers = json.dumps(stretch, indent=1) + "\n"
    files.write_files(folder, {"start.json": numbers.encode(), "similarity.npz": maps.getvalue()})


def _panel(name: str, stretch: float, values: NDArray[Any]) -> Panel:
    title = encoders.spec(name).title
    field = Field(values, GRID, f"Similarity to {PLACE} under {title}", "similarity", LIMITS, "RdBu_r")
    return Panel(name, title, stretch, field)


if __name__ == "__main__":
    save(compute(), ASSETS / "start")
    print("\n".join(f"{panel.title}: stretch {panel.stretch:.4f}" for panel in load()))
