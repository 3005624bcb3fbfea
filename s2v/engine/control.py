"""What a page asks of a run while it trains: sent by the engine to the run's worker."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class RunControl:
    """How far a run may train, and which class its maps show.

    It trains up to step ``limit``; a limit below the steps already done pauses it.  A reference predictor, which takes
    no steps, begins once the limit is above 0.  ``watched_class`` is the number of
    the class whose probability is on its maps.  ``paused``: the run stays at its limit, so all maps there are of that
    step.  ``finish``: it takes no more steps, sends its last frame, and ends.  ``revision`` grows with each change: a
    worker ignores a control that arrives after a newer one.
    """

    limit: int
    watched_class: int = 0
    paused: bool = False
    finish: bool = False
    revision: int = 0
