"""CSV files, which spreadsheets open."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Mapping, Sequence

_FORMULAS = ("=", "+", "-", "@", "\t", "\r")  # begin what a spreadsheet computes


def cell(text: str) -> str:
    """A text that spreadsheets do not take for a formula: an apostrophe in front marks it as text.

    Examples
    --------
    >>> cell("sea"), cell("=1+1")
    ('sea', "'=1+1")
    """
    return f"'{text}" if text.startswith(_FORMULAS) else text


def table(rows: Sequence[Mapping[str, object]]) -> bytes:
    """Rows with the same columns as a CSV file: no text is a formula, and what is missing or not finite is empty.

    Examples
    --------
    >>> table([{"encoder": "grid", "low": 0.5}, {"encoder": "@xyz", "low": float("nan")}])
    b"encoder,low\\ngrid,0.5\\n'@xyz,\\n"
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(map(cell, rows[0] if rows else ()))
    for row in rows:
        writer.writerow(map(_written, row.values()))
    return out.getvalue().encode()


def _written(value: object) -> object:
    if isinstance(value, str):
        return cell(value)
    return None if isinstance(value, float) and not math.isfinite(value) else value
