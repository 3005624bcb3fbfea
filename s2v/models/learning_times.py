"""Which encoders learn soon, as measured: what a page can tell before somebody waits.

The numbers come with the project; ``python -m s2v bench learning --clock cpu --threads 1 --out assets/learning``
measures them anew (some minutes).  Reading them is free of torch.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from functools import cache

from s2v.assets import asset_path, damaged

PATIENCE = 5.0  # seconds
GOAL = 95.0  # percent of the best possible accuracy


@dataclass(frozen=True)
class Speed:
    """How an encoder learned, with the defaults: steps and seconds to the goal on one core, NaN where it never came.

    ``best`` and ``end`` are the highest and the last accuracy, ``heart`` that on the training places, in percent of the
    best possible; ``features`` is the length of the code, ``whole`` the seconds of the whole run.
    """

    encoder: str
    features: int
    steps: float
    seconds: float
    whole: float
    best: float
    end: float
    heart: float

    @property
    def remark(self) -> str:
        """Why a class would wait in vain, in a sentence; empty where it need not."""
        if not self.best >= GOAL:
            return f"It comes to {self.best:.0f} % of the best possible accuracy at most."
        if self.seconds > PATIENCE:
            return f"It takes {self.seconds:.0f} seconds to come near the best possible accuracy: its steps are slow."
        if self.end < GOAL:
            return (
                f"It comes near the best possible accuracy after {self.steps:,.0f} steps, then falls back to "
                f"{self.end:.0f} % of it: with {self.features:,} features it learns the training places by heart "
                f"(there it has {self.heart:.0f} % of what is possible elsewhere). Fewer steps with dropout help."
            )
        return ""


@cache
def speeds() -> dict[str, Speed]:
    """The encoders that were measured, by name; ``AssetError`` where the file is missing or damaged."""
    path = asset_path("learning", "learning.json")
    try:
        rows = json.loads(path.read_text(encoding="utf-8"))["rows"]
        return {row["encoder"]: _speed(row) for row in rows}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise damaged(path, f"it cannot be read ({error})") from error


def _speed(row: dict[str, str | int | float]) -> Speed:
    names = ("steps", "seconds", "whole run (s)", "best %", "end %", "training places %")
    numbers = (math.nan if row[name] == "-" else float(row[name]) for name in names)
    return Speed(str(row["encoder"]), int(row["features"]), *numbers)
