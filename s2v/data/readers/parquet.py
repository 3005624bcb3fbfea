"""Tables in Parquet.  pyarrow reads them in a process of its own, for a damaged file can end the process it is read in.

``parquet_process.py`` is what runs there.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from s2v.data.readers.cells import MAX_ROWS, Cell, Row, Sheet, shown, title, too_many_rows

MAX_UNPACKED = 400_000_000  # bytes of the columns that are read
SECONDS = 120  # until reading is given up

_PROGRAM = Path(__file__).with_name("parquet_process.py")


def parquet_sheet(raw: bytes, name: str) -> Sheet:
    """The table in a Parquet file; ``ValueError`` where it is damaged or holds too much."""
    (head,) = _ask(raw, name, None)
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
        return _rows(_ask(raw, name, chosen), wanted)

    return Sheet(name, columns, rows)


def _rows(batches: list[dict[str, Any]], wanted: tuple[int | None, ...]) -> Iterator[Row]:
    row = 0
    for batch in batches:
        columns = iter(batch["columns"])
        cells = ([None] * batch["rows"] if column is None else _cells(next(columns)) for column in wanted)
        for triple in zip(*cells, strict=True):
            row += 1
            yield Row(row, *triple)


def _cells(column: dict[str, Any]) -> list[Cell]:
    """The cells of a column, of which texts come as words and the number of each cell's word."""
    cells: list[Any] = column["cells"]
    words: list[Cell] | None = column.get("words")
    return cells if words is None else [None if cell is None else words[cell] for cell in cells]


def _ask(raw: bytes, name: str, columns: list[int] | None) -> list[dict[str, Any]]:
    """What the other process says: the head of the table, or batches of rows of some columns."""
    order = json.dumps({"columns": columns, "max_rows": MAX_ROWS, "max_unpacked": MAX_UNPACKED, "seconds": SECONDS})
    gave_up = ValueError(f"{title(name)} is damaged: nothing can read it. Write it again, or save it as CSV.")
    try:
        done = subprocess.run(
            [sys.executable, "-P", str(_PROGRAM), order], input=raw, capture_output=True, timeout=SECONDS, check=True
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
