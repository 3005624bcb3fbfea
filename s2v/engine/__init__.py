"""Where training runs: in worker processes of a Dask cluster, embedded or anywhere, never in the page's process.

``Engine`` starts the cluster and the races, ``Race`` and its ``Run`` are what a page sees of one, ``Frame`` is one
picture of a run.
Nothing here imports torch; the workers do.
"""

from __future__ import annotations

from s2v.engine.comparison_worker import Desk, DeskError, question
from s2v.engine.engine import Engine, QueueFullError
from s2v.engine.frames import FINE, LAYERS, LIVE, Frame
from s2v.engine.races import MAX_CONTESTANTS, MAX_SEEDS, Race
from s2v.engine.runs import Run, Status

__all__ = [
    "FINE",
    "LAYERS",
    "LIVE",
    "MAX_CONTESTANTS",
    "MAX_SEEDS",
    "Desk",
    "DeskError",
    "Engine",
    "Frame",
    "QueueFullError",
    "Race",
    "Run",
    "Status",
    "question",
]
