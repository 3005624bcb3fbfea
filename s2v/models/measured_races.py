"""Where an encoder made for the sphere wins, ties and loses, as measured once: the Train page lists it.  Free of torch.

``python -m s2v bench races --out assets/races`` measures all of it again, which takes some minutes.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, fields
from functools import cache
from typing import Literal, cast

from s2v.assets import asset_path, damaged

ROUND = "sphereM"
Outcome = Literal["win", "tie", "loss"]
SEEDS = 3
# What the search tried, three seeds each, sphereM against grid, theory and xyz on the whole sphere and near the poles.
TRIED = (
    "geoid (500 and 20,000 places; blocks of 2,000 km; beyond 70 degrees), relief (2,000; 1,000 km away), land and "
    "ocean, land cover, checkerboards of 20, 200 and 2,000 cells, cities by country, population of cities, languages, "
    "and the mixtures U1, U2, U3, S1.1, S4.1 and S4.4, after 200 to 2,500 steps"
)


@dataclass(frozen=True)
class MeasuredRace:
    """A race of sphereM ``against`` another encoder, and what came out on a ``part`` of the sphere.

    ``score`` and ``other`` are the means over the seeds; ``difference`` is the first minus the second, with 90 %
    intervals over places and over seeds.
    """

    data: str
    places: int
    steps: int
    trials: int
    against: str
    part: str
    metric: str
    score: float
    other: float
    difference: float
    low: float
    high: float
    seeds_low: float
    seeds_high: float
    outcome: Outcome

    @property
    def title(self) -> str:
        """The race in a few words."""
        return f"{self.data}, {self.places:,} places, {ROUND} against {self.against}, {self.part}"

    def row(self) -> dict[str, str | int | float]:
        """The race as a row of the suite's table."""
        return {_COLUMNS.get(f.name, f.name): getattr(self, f.name) for f in fields(self)}


_COLUMNS = {"score": ROUND, "seeds_low": "low over seeds", "seeds_high": "high over seeds"}


@cache
def measured_races() -> tuple[MeasuredRace, ...]:
    """The races in the order of the file; ``AssetError`` where it is missing or damaged."""
    path = asset_path("races", "races.json")
    try:
        rows = json.loads(path.read_text(encoding="utf-8"))["rows"]
        return tuple(_race(row) for row in rows)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise damaged(path, f"it cannot be read ({error})") from error


def _race(row: dict[str, str | int | float]) -> MeasuredRace:
    given = {f.name: row[_COLUMNS.get(f.name, f.name)] for f in fields(MeasuredRace)}
    if given["outcome"] not in ("win", "tie", "loss"):
        raise ValueError(f"outcome={given['outcome']!r}")
    for name in ("score", "other", "difference", "low", "high", "seeds_low", "seeds_high"):
        given[name] = float(given[name])
    return MeasuredRace(**cast("dict[str, object]", given))  # type: ignore[arg-type]
