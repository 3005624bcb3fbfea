"""Measurements: ``python -m s2v bench SUITE``.  A new suite is one module here with ``run(...) -> Report``, and a line.

The authors' published code is timed in the same run.  It is the optional package ``torchspatial``
(``make bench-tools``); without it its columns are empty.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Suite:
    """What a suite measures, and the clock and the number of torch's threads that it is run with unless told otherwise.

    ``None`` threads leaves the number to torch.
    """

    summary: str
    clock: str = "wall"
    threads: int | None = None


# Learning is compared across days and loads, so it counts processor time on one thread.
SUITES: Mapping[str, Suite] = {
    "encoders": Suite("speed and memory of every encoder"),
    "device": Suite("whether a GPU gives what the CPU gives, and how fast"),
    "estimators": Suite("which encoder the estimators start with", threads=1),
    "files": Suite("time and memory of reading a million places"),
    "first_race": Suite("what the Train page should start with", threads=1),
    "folds": Suite("how far held-out places lie in folds of degrees and in blocks of equal area", threads=1),
    "learning": Suite("how fast each encoder learns", clock="cpu", threads=1),
    "lessons": Suite("the numbers of the lessons", threads=1),
    "live": Suite("a class of visitors on the Train page"),
    "pages": Suite("answers to the pages of comparisons"),
    "precision": Suite("what is learned in bfloat16"),
    "predictors": Suite("how well the reference predictors fill a map", clock="cpu", threads=1),
    "races": Suite("where round encoders win, tie and lose", threads=1),
    "scales": Suite("the scale that follows from the data against each encoder's default", threads=1),
    "soak": Suite("whether random sessions, killed processes and hostile input break anything"),
    "step": Suite("one training step"),
    "tuning": Suite("how long the trials of an encoder's scale must be", threads=1),
    "variogram": Suite("whether the scale that variograms suggest learns no less than the usual one", threads=1),
    "waves": Suite("which plane waves come level with local kriging, on validation places", threads=1),
    "waves_test": Suite("the chosen plane waves against kriging, on test places", threads=1),
}
