"""Where training runs: in worker processes of a Dask cluster, embedded or anywhere, never in the page's process.

``Engine`` starts the cluster and the runs, ``Run`` is what a page sees of one, ``Frame`` is one picture of it.
Nothing here imports torch; the workers do.
"""

from __future__ import annotations

from s2v.engine.desk import Desk, DeskError, question
from s2v.engine.engine import Engine
from s2v.engine.frames import FINE, LIVE, Frame
from s2v.engine.runs import Run, Status

__all__ = ["FINE", "LIVE", "Desk", "DeskError", "Engine", "Frame", "Run", "Status", "question"]
