"""Runs trainings in worker processes of a Dask cluster, embedded or elsewhere, never in the page's process.

``Engine`` starts the cluster and the races, ``Race`` and its ``Run`` are what a page sees of one, and a ``Frame`` holds
the numbers and maps of a run at one step.  Nothing here imports torch; the workers do.
"""

from __future__ import annotations

from s2v.engine.comparison_worker import ComparisonWorker
from s2v.engine.engine import Engine
from s2v.engine.frames import FINE_GRIDS, LAYER_GRID, LIVE_GRIDS, STDERR_GRIDS, Frame
from s2v.engine.race_registry import QueueFullError
from s2v.engine.race_store import RaceStore
from s2v.engine.races import MAX_CONTESTANTS, MAX_SEEDS, Race
from s2v.engine.runs import Run, Status
from s2v.engine.searches import Search

__all__ = [
    "FINE_GRIDS",
    "LAYER_GRID",
    "LIVE_GRIDS",
    "MAX_CONTESTANTS",
    "MAX_SEEDS",
    "STDERR_GRIDS",
    "ComparisonWorker",
    "Engine",
    "Frame",
    "QueueFullError",
    "Race",
    "RaceStore",
    "Run",
    "Search",
    "Status",
]
