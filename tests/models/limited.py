"""Reads hostile files with little memory: a program that ``test_hostile_files`` runs, with their folder as argument.

It prints a JSON object: for each file what the library raised and what the command line printed.
"""

from __future__ import annotations

import contextlib
import io
import json
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path

import torch  # noqa: F401 - before memory is limited

import s2v
from s2v import reading
from s2v.cli import main
from s2v.models import checkpoints, torchspatial  # noqa: F401

MAX_MEMORY = 1_500_000_000  # bytes more than once everything is imported


def raised(call: Callable[[], object]) -> list[str]:
    """Class and message of what it raises."""
    try:
        call()
    except Exception as error:
        return [type(error).__name__, str(error)]
    return ["nothing", ""]


def printed(arguments: list[str]) -> list[object]:
    """Exit status and what is on stderr."""
    text = io.StringIO()
    with contextlib.redirect_stderr(text):
        status = main(arguments)
    return [status, text.getvalue()]


def answers(path: Path) -> dict[str, object]:
    file, out = str(path), str(path.parent / "out")
    start = time.monotonic()
    if path.suffix == ".safetensors":
        found = raised(lambda: s2v.load(path)), printed(["map", file, "--out", f"{out}.csv", "--degrees", "30"])
    elif path.suffix == ".pt":
        found = raised(lambda: s2v.import_torchspatial(path)), printed(["import", file, "--out", f"{out}.safetensors"])
    else:
        # It must not be a recipe: as one it would be trained.
        found = (
            raised(lambda: s2v.Recipe.from_json(reading.read_text(path, "recipe"))),
            printed(["train", file, "--out", out]),
        )
    return {"library": found[0], "command": found[1], "seconds": time.monotonic() - start}


if __name__ == "__main__":
    used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (used + MAX_MEMORY, used + MAX_MEMORY))
    print(json.dumps({path.name: answers(path) for path in sorted(Path(sys.argv[1]).iterdir())}))
