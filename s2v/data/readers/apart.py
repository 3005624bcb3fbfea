"""Binary files are read in a process of its own, because a damaged one can kill, or take over, what reads it.

``apart_program.py`` is what runs there: with limits of time, memory and disk, without the network, and with nothing but
the file.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from s2v.data.readers.base import MAX_ROWS, NO_POINTS, Batch, title, too_many_rows
from s2v.data.readers.cells import Cell, shown

MAX_UNPACKED = 400_000_000  # bytes of the columns that are read
MAX_SECONDS = 120  # for reading; then it is given up

_PROGRAM = Path(__file__).with_name("apart_program.py")
_SEALED = {
    "GDAL_DRIVER_PATH": "disable",
    "GDAL_HTTP_PROXY": "127.0.0.1:9",  # where nothing answers
    "CPL_VSIL_CURL_ALLOWED_EXTENSIONS": ".none",
    "PROJ_NETWORK": "OFF",
    "SHAPE_RESTORE_SHX": "YES",
}
Answer = dict[str, Any]


def ask(name: str, files: Mapping[str, bytes], file_format: str, **request: Any) -> list[Answer]:
    """What the other process answers: the head of the table, or batches of rows of some columns.

    ``files`` are the parts of one file, the main one first; ``name`` is for messages.  ``ValueError`` where it is
    damaged, or holds too much.
    """
    gave_up = ValueError(f"{title(name)} is damaged: nothing can read it. Write it again, or save it as CSV.")
    found = _run(list(files.values()), {**request, "format": file_format, "files": [[n, len(files[n])] for n in files]})
    if found is None or (request["columns"] is None and not found):
        raise gave_up
    for answer in found:
        if "too_many" in answer:
            raise too_many_rows(title(name))
        if "unpacked" in answer:
            raise ValueError(
                f"{title(name)} unpacks to {answer['unpacked'] / 1e6:,.1f} MB in the columns that are read; allowed "
                f"are {MAX_UNPACKED // 10**6} MB. Take a sample of the rows, or shorten long texts."
            )
        if "error" in answer:
            called = "Parquet" if file_format == "parquet" else "file"
            raise ValueError(
                f"{title(name)} is damaged or no {called} that can be read ({answer['error']}). Write it again."
            )
    return found


def table_batches(batches: Sequence[Answer], wanted: Sequence[int | None]) -> Iterator[Batch]:
    """Batches of rows from answers whose columns are those wanted that are not None."""
    before = 0  # rows of earlier batches
    for batch in batches:
        columns = iter(batch["columns"])
        x, y, targets = ([None] * batch["rows"] if column is None else _cells(next(columns)) for column in wanted)
        yield Batch(range(before + 1, before + batch["rows"] + 1), x, y, targets)
        before += batch["rows"]


def geometry_batches(batches: Sequence[Answer]) -> Iterator[Batch]:
    """Batches of rows from answers with points and at most one column, the target: one row for each point."""
    before = 0
    for batch in batches:
        count, at = batch["rows"], batch["at"]
        targets = _cells(batch["columns"][0]) if batch["columns"] else [None] * count
        problems = [
            (before + int(row) + 1, f"its geometry is {f'a {kind}' if kind else 'damaged'}; {NO_POINTS}")
            for row, kind in batch["wrong"].items()
        ]
        x, y = batch["x"], batch["y"]
        if len(at) != count or problems:  # several points in a row, or none
            without = sorted(set(range(count)) - set(at) - {int(row) for row in batch["wrong"]})
            at, x, y = at + without, x + [None] * len(without), y + [None] * len(without)
        yield Batch([before + row + 1 for row in at], x, y, [targets[row] for row in at], problems)
        before += count


def check_columns(title: str, columns: Sequence[str], refused: Sequence[str], chosen: Sequence[int]) -> None:
    """``ValueError`` for a chosen column of a type that is refused."""
    for column in chosen:
        if kind := refused[column]:
            raise ValueError(
                f"{title}: its column {shown(columns[column])} holds {shown(kind)}. Numbers, texts and booleans can be "
                "read: convert it first, or choose another column."
            )


def _cells(column: Answer) -> list[Cell]:
    """The cells of a column; texts come as a list of words and, for each cell, the number of its word."""
    cells: list[Any] = column["cells"]
    words: list[Cell] | None = column.get("words")
    return cells if words is None else [None if cell is None else words[cell] for cell in cells]


@cache
def _drivers() -> frozenset[str]:
    """All drivers that GDAL has here."""
    found = _run([], {"format": "drivers"})
    return frozenset(found[0].get("drivers", ())) if found else frozenset()


def _run(content: Sequence[bytes], request: Answer) -> list[Answer] | None:
    """Lines of JSON that the program writes; None where it ends otherwise than it should."""
    names = ("GDAL_", "OGR_", "CPL_", "VSI_", "PROJ_")
    environment = {key: value for key, value in os.environ.items() if not key.startswith(names)} | _SEALED
    if "drivers" in request:
        environment["GDAL_SKIP"] = ",".join(sorted(_drivers() - set(request["drivers"])))
    limits = {"max_rows": MAX_ROWS, "max_unpacked": MAX_UNPACKED, "seconds": MAX_SECONDS}
    with tempfile.TemporaryDirectory(prefix="s2v-") as folder:
        try:
            done = subprocess.run(
                [sys.executable, "-P", str(_PROGRAM), json.dumps({**request, **limits, "folder": folder})],
                input=content[0] if len(content) == 1 else b"".join(content),
                capture_output=True,
                timeout=MAX_SECONDS,
                check=True,
                cwd=folder,
                env=environment | {"TMPDIR": folder},
            )
        except (subprocess.SubprocessError, BrokenPipeError):
            return None
    return [json.loads(line) for line in done.stdout.splitlines()]
