"""How fast each encoder learns, as measured once: the Train page warns of slow ones.  Free of torch.

The numbers ship with the project.  ``python -m s2v bench learning --out assets/learning`` measures all of them again,
which takes some minutes; with ``--names NAME`` it measures one and leaves the others as they are.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from functools import cache

from s2v.assets import asset_path, damaged

MAX_SECONDS = 5.0  # to the goal, without a remark
GOAL = 95.0  # percent of the best possible accuracy


@dataclass(frozen=True)
class Speed:
    """How an encoder learned, with the defaults: steps and seconds to the goal on one core, NaN where never reached.

    ``best`` and ``end`` are the highest and the last accuracy, ``train_accuracy`` that on the training places, in
    percent of the best possible; ``features`` is the length of the code, ``total_seconds`` the time of the whole run.
    """

    encoder: str
    features: int
    steps: float
    seconds: float
    total_seconds: float
    best: float
    end: float
    train_accuracy: float

    @property
    def remark(self) -> str:
        """One sentence on what is slow or goes wrong; empty for an encoder that learns quickly."""
        if not self.best >= GOAL:
            return f"It reaches at most {self.best:.0f} % of the best possible accuracy."
        if self.seconds > MAX_SECONDS:
            return f"It takes {self.seconds:.0f} seconds to come near the best possible accuracy: its steps are slow."
        if self.end < GOAL:
            return (
                f"It comes near the best possible accuracy after {self.steps:,.0f} steps, then falls back to "
                f"{self.end:.0f} % of it: with {self.features:,} features it memorises the training places (its "
                f"accuracy there is {self.train_accuracy:.0f} % of the best possible elsewhere). Fewer steps with "
                "dropout help."
            )
        return ""


def speed(name: str) -> Speed | None:
    """The speed of an encoder, or None where it was not measured; ``AssetError`` as ``speeds``."""
    return speeds().get(name)


def remark(name: str) -> str:
    """``Speed.remark`` of an encoder, or how to measure one that was not; empty for one that learns quickly."""
    measured = speed(name)
    return measured.remark if measured else f"Not measured: `{command(name)}`"


def command(name: str) -> str:
    """The command that measures an encoder and keeps the numbers of the others."""
    return f"python -m s2v bench learning --names {name} --out assets/learning"


@cache
def speeds() -> dict[str, Speed]:
    """The measured encoders by name; ``AssetError`` where the file is missing or damaged."""
    path = asset_path("learning", "learning.json")
    try:
        rows = json.loads(path.read_text(encoding="utf-8"))["rows"]
        return {row["encoder"]: _speed(row) for row in rows}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise damaged(path, f"it cannot be read ({error})") from error


def _speed(row: dict[str, str | int | float]) -> Speed:
    columns = ("steps", "seconds", "whole run (s)", "best %", "end %", "training places %")
    numbers = (math.nan if row[name] == "-" else float(row[name]) for name in columns)
    return Speed(str(row["encoder"]), int(row["features"]), *numbers)
