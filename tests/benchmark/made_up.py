"""Made-up cells: which share of the places is right is known."""

from __future__ import annotations

import numpy as np

from s2v.benchmark.cell import empty_row
from s2v.models.recipe import Recipe

PLACES = 4000


def cell(
    name: str,
    data: str,
    seed: int,
    share: float,
    luck: float = 0.0,
    bayes: float = 0.9,
    points: int = 20000,
    **parts: float,
) -> dict[str, object]:
    """A share of the places is right, the same ones for all but for luck."""
    rng = np.random.default_rng([seed, *name.encode()])
    gains = (np.arange(PLACES) < share * PLACES).astype(float)
    wrong = rng.random(PLACES) < luck
    gains[wrong] = 1 - gains[wrong]
    row = empty_row(Recipe(data=data, encoder=name, seed=seed, points=points))
    return {**row, "score": gains.mean(), "bayes": bayes, "gains": gains.astype(np.float16).tobytes(), **parts}


def rows(
    shares: dict[str, float],
    luck: float = 0.0,
    seeds: int = 3,
    data: tuple[str, ...] = ("vmf:U1", "vmf:U2"),
    **more: float,
) -> list[dict[str, object]]:
    """Cells of these contestants on some data sets."""
    return [
        cell(name, each, seed, share, luck, **more)  # type: ignore[arg-type]
        for each in data
        for name, share in shares.items()
        for seed in range(seeds)
    ]
