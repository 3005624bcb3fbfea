"""A file of finished cells that somebody else wrote: opened in a process of its own, with limits, and checked.

A damaged Parquet file can kill, or take over, what reads it.  ``python -m s2v.benchmark.foreign`` is the process that
does: it takes the file from its input and writes lines of JSON.
"""

from __future__ import annotations

import base64
import io
import json
import math
import sys
import threading
from collections.abc import Mapping, Sequence
from typing import Any

from s2v import processes
from s2v.benchmark.results import SCHEMA, ResultsError, key_of, rows_of
from s2v.errors import shown
from s2v.evaluation.scores import MAIN_SCORES
from s2v.models.recipe import Recipe

MAX_BYTES = 64 << 20  # of a file
MAX_OPENED = 256 << 20  # bytes of its texts when it is opened
MAX_CELLS = 20_000
MAX_MEMORY = 3 << 30  # bytes of address space of the process
MAX_SECONDS = 60
MAX_AT_ONCE = 2  # processes; others wait

_TYPES: Mapping[str, type] = {"string": str, "binary": bytes, "int64": int, "double": float}
_turns = threading.BoundedSemaphore(MAX_AT_ONCE)


def decode(content: bytes, name: str) -> list[dict[str, Any]]:
    """The cells of a file that somebody else wrote, checked, within limits for such files.

    Parameters
    ----------
    content : bytes
        At most ``MAX_BYTES``.
    name : str
        Of the file, for messages.

    Raises
    ------
    ResultsError
        For a file that is no result of the benchmark, a damaged or a large one, and for cells that cannot be compared.
    """
    if len(content) > MAX_BYTES:
        raise ResultsError(f"{name} has {len(content):,} bytes; allowed are {MAX_BYTES:,}.")
    given_up = ResultsError(
        f"{name} cannot be read as results of the benchmark: opening it takes more than {MAX_SECONDS} s or "
        f"{MAX_MEMORY / 1e9:.1f} GB, or ends what does. Choose another file."
    )
    try:
        rows = [_row(json.loads(line)) for line in _lines(content, name)]
    except (ValueError, TypeError, KeyError, RecursionError):
        raise given_up from None
    if not rows or "done" not in rows[-1]:
        raise ResultsError(rows[-1]["error"]) if rows and "error" in rows[-1] else given_up
    check(rows[:-1], name)
    return rows[:-1]


def check(rows: Sequence[Mapping[str, Any]], name: str) -> None:
    """``ResultsError`` for rows that are not what ``s2v.benchmark.cell`` writes, or cannot be compared."""
    places: dict[Any, int] = {}
    for row in rows:
        for column, kind in SCHEMA.items():
            if type(row.get(column)) is not _TYPES[kind]:
                raise ResultsError(f"{name} is damaged: a cell has no {column}.")
        if row["task"] not in MAIN_SCORES:
            raise ResultsError(f"{name} is damaged: a cell has the task {shown(row['task'])}.")
        try:
            recipe = Recipe.from_json(row["recipe"])
        except ValueError as error:
            raise ResultsError(f"{name} holds a cell that this version cannot read: {error}") from None
        who = recipe.predictor or recipe.encoder
        said = (row["key"], row["contestant"], row["data"], row["points"], row["split"], row["seed"], row["task"])
        if said != (key_of(recipe), who, recipe.data, recipe.points, recipe.split, recipe.seed, recipe.task):
            raise ResultsError(f"{name} is damaged: a cell is not that of its recipe.")
        if not math.isfinite(row["score"]):
            continue
        setting = row["data"], row["points"], row["split"]
        if not row["gains"] or len(row["gains"]) != places.setdefault(setting, len(row["gains"])):
            raise ResultsError(f"{name} is damaged: the cells of {row['data']} have different numbers of test places.")


def main() -> None:
    """Reads the file in the input and writes its rows; what is wrong with it is an answer, too."""
    import resource  # here, since Windows has none

    limits = json.loads(sys.argv[1])
    for limit, value in ((resource.RLIMIT_AS, limits["memory"]), (resource.RLIMIT_CPU, limits["seconds"])):
        resource.setrlimit(limit, (value, value))
    try:
        for row in rows_of(io.BytesIO(sys.stdin.buffer.read()), limits["name"], limits["cells"], limits["opened"]):
            print(json.dumps({**row, "gains": row["gains"] and base64.b64encode(row["gains"]).decode()}))
        print('{"done": true}')
    except ResultsError as error:
        print(json.dumps({"error": str(error)}))


def _lines(content: bytes, name: str) -> list[bytes]:
    """What the process writes, at most about as much as a file may hold; nothing where it takes too long."""
    limits = {"name": name, "cells": MAX_CELLS, "opened": MAX_OPENED, "memory": MAX_MEMORY, "seconds": MAX_SECONDS}
    with _turns:
        process = processes.start("s2v.benchmark.foreign", json.dumps(limits))
        clock = threading.Timer(MAX_SECONDS, process.kill)
        clock.start()
        try:
            assert process.stdin is not None
            assert process.stdout is not None
            try:
                with process.stdin as to:
                    to.write(content)
            except BrokenPipeError:  # it has ended
                pass
            with process.stdout as out:
                return out.read(2 * MAX_OPENED + (1 << 20)).splitlines()
        finally:
            clock.cancel()
            process.kill()
            process.wait()


def _row(found: dict[str, Any]) -> dict[str, Any]:
    """A row as it was before it was JSON."""
    if found.get("gains"):
        found["gains"] = base64.b64decode(found["gains"], validate=True)
    elif found.get("gains") == "":
        found["gains"] = b""
    return found


if __name__ == "__main__":
    main()
