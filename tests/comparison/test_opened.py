"""Files of models are opened within a limit of memory."""

from __future__ import annotations

import os
import subprocess
import sys

PROGRAM = """
import resource
import torch
from s2v.comparison import opened, sources
from s2v.comparison.sources import TrainedModel
from s2v.models.checkpoints import dumps
from s2v.models.model import LocationModel
from s2v.models.recipe import Recipe

file = dumps(LocationModel(Recipe(encoder="xyz", hidden=2048, layers=8), "presence", ("a", "b")))
sources.take([file])
source = TrainedModel("file:a", "a.safetensors", sources.digest(file))
assert opened.opened_model(source).file == file
opened.MAX_MEMORY = opened.MEMORY_PER_BYTE = 0
before = resource.getrlimit(resource.RLIMIT_AS)
try:
    opened.opened_model(source)
except ValueError as error:
    print(error)
assert resource.getrlimit(resource.RLIMIT_AS) == before
"""


def test_a_file_that_takes_too_much_memory_gets_a_sentence() -> None:
    # So that large pieces of memory always come from the system, not from what the first opening has freed.
    environment = os.environ | {"MALLOC_MMAP_THRESHOLD_": "65536"}
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], env=environment, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("a.safetensors takes more memory than its ")
