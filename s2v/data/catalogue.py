"""Which data sets there are, for widgets, checks and command lines: reads no data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Task = Literal["regression", "classification", "presence"]


@dataclass(frozen=True)
class Entry:
    """What is known of a data set before it is read: title, task and the module of its family in ``s2v.data``."""

    title: str
    task: Task
    family: str


CATALOGUE: dict[str, Entry] = {
    "geoid": Entry("Geoid height", "regression", "rasters"),
    "relief": Entry("Relief (bedrock)", "regression", "rasters"),
    "land_cover": Entry("Land cover", "classification", "rasters"),
}


def names() -> tuple[str, ...]:
    """Names of the data sets, in the order in which they are offered."""
    return tuple(CATALOGUE)


def check_name(name: str) -> str:
    """The name itself if there is such a data set; else ``ValueError`` listing the names.  Reads no file."""
    if name not in CATALOGUE:
        raise ValueError(f"data={name!r} is unknown; there are: {', '.join(CATALOGUE)}.")
    return name
