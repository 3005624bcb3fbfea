"""A program that reads Parquet from its input and writes lines of JSON.  ``parquet`` runs it, and outlives it.

Its argument is an object with ``columns``: null for the head of the table, else the numbers of the columns whose cells
are wanted, batch by batch.  Texts are clipped and sent once a batch, so that one that is repeated a million times, as
in a decompression bomb, is never written out.  It is run by its path and imports nothing of the project, to start fast.
"""

from __future__ import annotations

import json
import resource
import sys
from collections.abc import Iterator
from typing import Any

MAX_MEMORY = 4 * 2**30  # bytes of address space
BATCH = 20_000  # rows
MAX_TEXT = 250  # letters of a text that are kept: more than the name of a class may have


def main(request: dict[str, Any]) -> None:
    """Writes the answers; an error in the file is an answer, too."""
    for limit, value in (
        (resource.RLIMIT_AS, MAX_MEMORY),
        (resource.RLIMIT_CPU, request["seconds"]),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(limit, (value, value))
    try:
        raw = sys.stdin.buffer.read()
        for answer in [head(raw)] if request["columns"] is None else batches(raw, request):
            print(json.dumps(answer))
    # pyarrow's errors are subclasses of these.
    except (OSError, ValueError, KeyError, NotImplementedError, MemoryError) as error:
        print(json.dumps({"error": " ".join(str(error).split())[:200].rstrip(".")}))


def head(raw: bytes) -> dict[str, Any]:
    """Names of the columns, for each the type if it cannot be read, and how many rows there are."""
    file = opened(raw)
    schema = file.schema_arrow
    refused = ["" if readable(field.type) else str(field.type)[:100] for field in schema]
    return {"columns": [field.name for field in schema], "refused": refused, "rows": file.metadata.num_rows}


def batches(raw: bytes, request: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The cells of the wanted columns."""
    schema = opened(raw).schema_arrow
    names = [schema.field(column).name for column in request["columns"]]
    file = opened(raw, names)
    size = unpacked(file.metadata, names)
    if size > request["max_unpacked"]:
        yield {"unpacked": size}
        return
    rows = 0
    for batch in file.iter_batches(BATCH, columns=names, use_threads=False):
        rows += len(batch)
        if rows > request["max_rows"]:
            yield {"too_many": rows}
            return
        yield {"rows": len(batch), "columns": [cells(batch.column(name)) for name in names]}


def opened(raw: bytes, texts: Any = ()) -> Any:
    """The file; columns of ``texts`` are dictionary-encoded."""
    import pyarrow.parquet  # type: ignore[import-untyped]

    return pyarrow.parquet.ParquetFile(pyarrow.BufferReader(raw), read_dictionary=list(texts))


def readable(kind: Any) -> bool:
    """Whether a type holds numbers, texts or booleans."""
    from pyarrow import types

    inner = kind.value_type if types.is_dictionary(kind) else kind
    texts = types.is_string(inner) or types.is_large_string(inner) or types.is_string_view(inner)
    numbers = types.is_integer(inner) or types.is_floating(inner) or types.is_decimal(inner)
    return texts or numbers or types.is_boolean(inner) or types.is_null(inner)


def unpacked(metadata: Any, names: list[str]) -> int:
    """Bytes that the columns take once unpacked, according to the file."""
    groups = (metadata.row_group(i) for i in range(metadata.num_row_groups))
    parts = (group.column(i) for group in groups for i in range(group.num_columns))
    return sum(part.total_uncompressed_size for part in parts if part.path_in_schema in names)


def cells(values: Any) -> dict[str, Any]:
    """The cells of a column of a batch, ready for JSON; with words to which they refer if it is dictionary-encoded."""
    from pyarrow import types

    if types.is_dictionary(values.type):
        return {"words": [plain(word) for word in values.dictionary.to_pylist()], "cells": values.indices.to_pylist()}
    return {"cells": [plain(cell) for cell in values.to_pylist()]}


def plain(cell: Any) -> Any:
    """Texts clipped, decimals as floats, everything else unchanged."""
    if isinstance(cell, str):
        return cell[:MAX_TEXT]
    return cell if cell is None or isinstance(cell, bool | int | float) else float(cell)


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
