"""A program: Parquet from its input, lines of JSON to its output.  ``parquet`` runs it, and survives it.

Its argument is an object with ``columns``: null for the head of the table, else the numbers of the columns whose cells
are wanted, batch by batch.  Texts are sent once a batch and clipped, so that one that comes a million times, as bombs
have it, is never written out.  It is run by its path and imports nothing of the project, so that it starts soon.
"""

from __future__ import annotations

import json
import resource
import sys
from collections.abc import Iterator
from typing import Any

MEMORY = 4 * 2**30  # bytes of addresses
BATCH = 20_000  # rows
MAX_MESSAGE = 250  # letters of a text that are kept: more than the name of a class may have


def main(order: dict[str, Any]) -> None:
    """Writes the answers; what is wrong with the file is an answer, too."""
    for limit, most in (
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_CPU, order["seconds"]),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(limit, (most, most))
    try:
        raw = sys.stdin.buffer.read()
        for answer in [head(raw)] if order["columns"] is None else batches(raw, order):
            print(json.dumps(answer))
    except (OSError, ValueError, KeyError, NotImplementedError, MemoryError) as error:  # as pyarrow's own errors are
        print(json.dumps({"error": " ".join(str(error).split())[:200].rstrip(".")}))


def head(raw: bytes) -> dict[str, Any]:
    """Names of the columns, for each the type if it cannot be read, and how many rows there are."""
    file = opened(raw)
    schema = file.schema_arrow
    refused = ["" if readable(field.type) else str(field.type)[:100] for field in schema]
    return {"columns": [field.name for field in schema], "refused": refused, "rows": file.metadata.num_rows}


def batches(raw: bytes, order: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The cells of the wanted columns."""
    schema = opened(raw).schema_arrow
    names = [schema.field(column).name for column in order["columns"]]
    file = opened(raw, names)
    size = unpacked(file.metadata, names)
    if size > order["max_unpacked"]:
        yield {"unpacked": size}
        return
    rows = 0
    for batch in file.iter_batches(BATCH, columns=names, use_threads=False):
        rows += len(batch)
        if rows > order["max_rows"]:
            yield {"too_many": rows}
            return
        yield {"rows": len(batch), "columns": [cells(batch.column(name)) for name in names]}


def opened(raw: bytes, texts: Any = ()) -> Any:
    """The file; columns of ``texts`` are held as different words and their numbers."""
    import pyarrow.parquet  # type: ignore[import-untyped]

    return pyarrow.parquet.ParquetFile(pyarrow.BufferReader(raw), read_dictionary=list(texts))


def readable(kind: Any) -> bool:
    """Whether a type is one of numbers, texts or booleans."""
    from pyarrow import types

    inner = kind.value_type if types.is_dictionary(kind) else kind
    texts = types.is_string(inner) or types.is_large_string(inner) or types.is_string_view(inner)
    numbers = types.is_integer(inner) or types.is_floating(inner) or types.is_decimal(inner)
    return texts or numbers or types.is_boolean(inner) or types.is_null(inner)


def unpacked(metadata: Any, names: list[str]) -> int:
    """Bytes that the columns take once they are unpacked, as the file itself says."""
    groups = (metadata.row_group(i) for i in range(metadata.num_row_groups))
    parts = (group.column(i) for group in groups for i in range(group.num_columns))
    return sum(part.total_uncompressed_size for part in parts if part.path_in_schema in names)


def cells(values: Any) -> dict[str, Any]:
    """The cells of a column of a batch as JSON has them, with their words where these are sent apart."""
    from pyarrow import types

    if types.is_dictionary(values.type):
        return {"words": [plain(word) for word in values.dictionary.to_pylist()], "cells": values.indices.to_pylist()}
    return {"cells": [plain(cell) for cell in values.to_pylist()]}


def plain(cell: Any) -> Any:
    """Texts clipped, decimals as floats, all others as they are."""
    if isinstance(cell, str):
        return cell[:MAX_MESSAGE]
    return cell if cell is None or isinstance(cell, bool | int | float) else float(cell)


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
