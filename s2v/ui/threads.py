"""How many threads the server computes with: one, as each of its workers.

Linear algebra takes a thread for each core.  Beside trainings that use all cores these wait for each other, spinning:
the products behind an interval of the Benchmark page took 0.9 s in place of 0.06 s.
"""

from __future__ import annotations

import os
from functools import cache

from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

VARIABLE = "OPENBLAS_NUM_THREADS"


@cache
def limit() -> None:
    """Limits this process, and those that it starts, unless their user has set ``VARIABLE``."""
    if VARIABLE not in os.environ:
        os.environ[VARIABLE] = "1"  # for libraries that are loaded later
        threadpool_limits(1, user_api="blas")
