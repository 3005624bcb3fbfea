"""Parquet.  pyarrow reads it in a process of its own, because a damaged file can kill the process that reads it.

``parquet_process.py`` is what runs there.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from s2v.data.readers.base import MAX_ROWS, Options, Reader, Row, Table, title, too_many_rows
from s2v.data.readers.cells import Cell, shown
from s2v.data.readers.crs import understood

MAX_UNPACKED = 400_000_000  # bytes of the columns that are read
MAX_SECONDS = 120  # for reading; then it is given up

_PROGRAM = Path(__file__).with_name("parquet_process.py")


def read_parquet(content: bytes, name: str, options: Options) -> Table:
    """The table in a Parquet file; ``ValueError`` where it is damaged or holds too much."""
    (head,) = _ask(content, name, None)
    if head["rows"] > MAX_ROWS:
        raise too_many_rows(title(name))
    columns = tuple(head["columns"])

    def rows(*wanted: int | None) -> Iterator[Row]:
        chosen = [column for column in wanted if column is not None]
        for column in chosen:
            if kind := head["refused"][column]:
                raise ValueError(
                    f"{title(name)}: its column {shown(columns[column])} holds {shown(kind)}. Numbers, texts and "
                    "booleans can be read: convert it first, or choose another column."
                )
        return _rows(_ask(content, name, chosen), wanted)

    return Table(name, columns, rows, crs=understood(options.crs, "crs="))


PARQUET = Reader(
    name="Parquet",
    title="Parquet",
    suffixes=(".parquet", ".pq"),
    recognises=lambda content: content.startswith(b"PAR1"),
    read=read_parquet,
)


def _rows(batches: list[dict[str, Any]], wanted: tuple[int | None, ...]) -> Iterator[Row]:
    row = 0
    for batch in batches:
        columns = iter(batch["columns"])
        cells = ([None] * batch["rows"] if column is None else _cells(next(columns)) for column in wanted)
        for triple in zip(*cells, strict=True):
            row += 1
            yield Row(row, *triple)


def _cells(column: dict[str, Any]) -> list[Cell]:
    """The cells of a column; texts come as a list of words and, for each cell, the number of its word."""
    cells: list[Any] = column["cells"]
    words: list[Cell] | None = column.get("words")
    return cells if words is None else [None if cell is None else words[cell] for cell in cells]


def _ask(content: bytes, name: str, columns: list[int] | None) -> list[dict[str, Any]]:
    """The answers of the other process: the head of the table, or batches of rows of some columns."""
    request = json.dumps(
        {"columns": columns, "max_rows": MAX_ROWS, "max_unpacked": MAX_UNPACKED, "seconds": MAX_SECONDS}
    )
    gave_up = ValueError(f"{title(name)} is damaged: nothing can read it. Write it again, or save it as CSV.")
    try:
        done = subprocess.run(
            [sys.executable, "-P", str(_PROGRAM), request],
            input=content,
            capture_output=True,
            timeout=MAX_SECONDS,
            check=True,
        )
    except (subprocess.SubprocessError, BrokenPipeError):
        raise gave_up from None
    answers: list[dict[str, Any]] = [json.loads(line) for line in done.stdout.splitlines()]
    if columns is None and not answers:
        raise gave_up
    for answer in answers:
        if "too_many" in answer:
            raise too_many_rows(title(name))
        if "unpacked" in answer:
            raise ValueError(
                f"{title(name)} unpacks to {answer['unpacked'] / 1e6:,.1f} MB in the columns that are read; allowed "
                f"are {MAX_UNPACKED // 10**6} MB. Take a sample of the rows, or shorten long texts."
            )
        if "error" in answer:
            raise ValueError(
                f"{title(name)} is damaged or no Parquet that can be read ({answer['error']}). Write it again."
            )
    return answers
