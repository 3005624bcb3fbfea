"""What a worker reports of a run: typed events, pickled on their way to the engine through a Dask queue.

A pickled frame passes through the scheduler as plain bytes.  No torch here: the engine's process unpickles these.
"""

from __future__ import annotations

import pickle
from collections.abc import Mapping
from dataclasses import dataclass

from s2v.engine.frames import Frame
from s2v.engine.runs import Status
from s2v.engine.turns import QueuePosition
from s2v.models.trials import Tuning


@dataclass(frozen=True)
class Started:
    """A worker has begun the run; ``worker`` is its address."""

    worker: str


@dataclass(frozen=True)
class StepsDone:
    """So many ``steps`` are done; their frame comes when it has been made."""

    steps: int


@dataclass(frozen=True)
class QueuePositions:
    """Where all runs stand that wait for their turns on a worker, by their ids: sent by one of them."""

    positions: Mapping[str, QueuePosition]


@dataclass(frozen=True)
class Ended:
    """The run has ended; ``message`` is for people, ``details`` for the server's log."""

    status: Status
    message: str = ""
    details: str = ""


Event = Started | Tuning | StepsDone | Frame | QueuePositions | Ended


def encode(event: Event) -> bytes:
    """The event as bytes."""
    return pickle.dumps(event, pickle.HIGHEST_PROTOCOL)


def decode(data: bytes) -> Event:
    """The event that ``encode`` was given."""
    event: Event = pickle.loads(data)
    return event
