"""The server's linear algebra takes one thread, unless its user says otherwise."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

PROGRAM = """
import numpy
from threadpoolctl import threadpool_info
from s2v.ui import threads
threads.limit()
import scipy.linalg
print({library["num_threads"] for library in threadpool_info() if library["user_api"] == "blas"})
"""


@pytest.mark.parametrize("own", ["", "2"])
def test_linear_algebra_takes_one_thread_or_what_the_user_says(own: str) -> None:
    unset = {name: value for name, value in os.environ.items() if not name.endswith("_NUM_THREADS")}
    environment = unset | ({"OPENBLAS_NUM_THREADS": own} if own else {})
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], env=environment, capture_output=True, text=True, timeout=120, check=True
    )
    assert done.stdout.strip() == f"{{{own or 1}}}"
