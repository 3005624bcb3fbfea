"""Workers of the embedded cluster announce the GPU that they see."""

from __future__ import annotations

import subprocess
import sys

import pytest

from s2v.engine import gpu

SPEC = {"cls": "distributed.Worker", "opts": {"nthreads": 1}}


def test_a_worker_announces_the_gpu_that_it_sees(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gpu, "sees_gpu", lambda: True)
    assert gpu.announced(SPEC) == {"cls": "distributed.Worker", "opts": {"nthreads": 1, "resources": {"GPU": 1}}}
    scheduler = {"cls": "distributed.Scheduler", "opts": {}}
    assert gpu.announced(scheduler) == scheduler
    monkeypatch.setattr(gpu, "sees_gpu", lambda: False)
    assert gpu.announced(SPEC) == SPEC


def test_without_a_driver_no_torch_is_loaded() -> None:
    program = (
        "import sys; from s2v.engine import gpu; gpu.DRIVER = 'none.so'; print(gpu.sees_gpu(), 'torch' in sys.modules)"
    )
    found = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert found.stdout.split() == ["False", "False"]
