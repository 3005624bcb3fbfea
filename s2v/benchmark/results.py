"""The file of finished cells: Parquet, each cell exactly once, always the whole old file or the whole new one."""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from s2v import files
from s2v.models.recipe import Recipe

FORMAT = b"s2v benchmark 1"
MAX_BYTES = 1 << 30  # of a file
MAX_CELLS = 1_000_000
BATCH_CELLS = 64  # that are read at a time
_WHERE = frozenset({"device"})  # settings that decide where a cell is computed, not what comes out

# Column names, and Arrow's names of their types.
SCHEMA: Mapping[str, str] = {
    "key": "string",
    "recipe": "string",
    "contestant": "string",
    "data": "string",
    "split": "string",
    "points": "int64",
    "seed": "int64",
    "task": "string",
    "metric": "string",
    "score": "double",
    "bayes": "double",
    "north": "double",
    "south": "double",
    "dateline": "double",
    "seconds": "double",
    "train_seconds": "double",
    "parameters": "int64",
    "features": "int64",
    "params": "string",
    "trials": "string",
    "gains": "binary",
    "problem": "string",
    "version": "string",
}


class ResultsError(ValueError):
    """A file is no result of the benchmark, or a damaged one; the message says which."""


def key_of(recipe: Recipe) -> str:
    """What a cell is known by: the settings of its recipe that are not at their defaults, in 16 hexadecimal digits.

    A setting that a later version adds leaves the keys of finished cells as they are.

    Examples
    --------
    >>> key_of(Recipe()) == key_of(Recipe(hidden=128)) != key_of(Recipe(hidden=64))
    True
    """
    default = asdict(Recipe())
    own = {f.name: getattr(recipe, f.name) for f in fields(recipe) if f.name not in _WHERE}
    named = {name: value for name, value in own.items() if value != default[name] or name in ("data", "encoder")}
    text = json.dumps({**named, "encoder_params": dict(recipe.encoder_params)}, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


class Results:
    """The finished cells of a file, which need not exist yet.

    Parameters
    ----------
    path : str or path

    Raises
    ------
    ResultsError
        For a file that is no result of the benchmark, or a damaged one.

    Examples
    --------
    >>> import tempfile
    >>> from s2v.benchmark.cell import compute
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     results = Results(f"{folder}/cells.parquet")
    ...     results.add([compute(Recipe(data="vmf:U3", predictor="knn", points=500))])
    ...     Results(f"{folder}/cells.parquet").rows[0]["contestant"]
    'knn'
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path)
        self._rows = {row["key"]: row for row in read(self.path)} if self.path.exists() else {}

    @property
    def rows(self) -> list[dict[str, Any]]:
        """One for each cell, in the order in which they were finished."""
        return list(self._rows.values())

    def __contains__(self, recipe: Recipe) -> bool:
        return key_of(recipe) in self._rows

    def row(self, recipe: Recipe) -> dict[str, Any] | None:
        """The finished cell of a recipe, or None."""
        return self._rows.get(key_of(recipe))

    def add(self, rows: Sequence[Mapping[str, Any]]) -> None:
        """Write finished cells, beside those that are in the file by now: another process may have added some.

        Raises
        ------
        OSError
            Where the file cannot be written; it is then as it was.
        """
        with _locked(self.path):
            if self.path.exists():
                self._rows = {row["key"]: row for row in read(self.path)} | self._rows
            merged = dict(self._rows)
            for row in rows:
                merged.setdefault(row["key"], dict(row))  # of two results of one cell the first counts
            files.write_bytes(self.path, encode(list(merged.values())))
            self._rows = merged


def gains_of(row: Mapping[str, Any]) -> NDArray[np.float64]:
    """What each test place (places,) adds to the score of a cell, the mean of which it is; empty if it failed."""
    return np.frombuffer(row["gains"], dtype=np.float16).astype(float)


def read(path: str | os.PathLike[str]) -> list[dict[str, Any]]:
    """The cells of a file, checked.

    Raises
    ------
    ResultsError
        For a file that is no result of the benchmark, or a damaged one.
    """
    path = Path(path)
    if path.stat().st_size > MAX_BYTES:
        raise ResultsError(f"{path} has {path.stat().st_size:,} bytes; results of the benchmark have at most 1 GB.")
    return rows_of(path, str(path), MAX_CELLS, MAX_BYTES)


def encode(rows: Sequence[Mapping[str, Any]]) -> bytes:
    """A file of these cells."""
    import pyarrow  # type: ignore[import-untyped]
    import pyarrow.parquet as parquet  # type: ignore[import-untyped]

    out = io.BytesIO()
    table = pyarrow.Table.from_pylist([dict(row) for row in rows], schema=_schema())
    parquet.write_table(table, out, compression="zstd")
    return out.getvalue()


def rows_of(source: Any, name: str, max_cells: int, max_opened: int) -> list[dict[str, Any]]:
    """The cells of a file, or of its content, within limits; ``ResultsError`` where it has more, or is damaged."""
    import pyarrow
    import pyarrow.parquet as parquet

    texts = [column for column, kind in SCHEMA.items() if kind in ("string", "binary")]
    rows: list[dict[str, Any]] = []
    try:
        with parquet.ParquetFile(source) as file:
            if (file.schema_arrow.metadata or {}).get(b"s2v") != FORMAT or not file.schema_arrow.equals(_schema()):
                raise ResultsError(f"{name} holds no results of this version of the benchmark. Choose another file.")
            if file.metadata.num_rows > max_cells:
                raise ResultsError(f"{name} has {file.metadata.num_rows:,} cells; allowed are {max_cells:,}.")
        # A dictionary stands for texts that are repeated: a small file could hold more of them than there is memory.
        opened = 0
        with parquet.ParquetFile(source, read_dictionary=texts) as file:
            for batch in file.iter_batches(BATCH_CELLS):
                opened += sum(_length(batch.column(column)) for column in texts)
                if opened > max_opened:
                    raise ResultsError(f"{name} holds more than {max_opened:,} bytes when it is opened.")
                rows += batch.to_pylist()
    except (pyarrow.ArrowException, OSError) as error:
        raise ResultsError(f"{name} cannot be read as results of the benchmark: {_short(error)}") from None
    keys = {row["key"] for row in rows}
    if None in keys or len(keys) < len(rows):
        raise ResultsError(f"{name} is damaged: it holds a cell twice. Choose another file.")
    return rows


def _length(column: Any) -> int:
    """Bytes of a column of texts once its dictionary is written out."""
    import pyarrow.compute as compute  # type: ignore[import-untyped]

    return compute.sum(compute.take(compute.binary_length(column.dictionary), column.indices)).as_py() or 0


def _schema() -> Any:
    import pyarrow

    columns = [pyarrow.field(name, pyarrow.type_for_alias(kind)) for name, kind in SCHEMA.items()]
    return pyarrow.schema(columns, metadata={b"s2v": FORMAT})


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Only one process of this machine is inside; where the system has no such locks, several may be."""
    try:
        import fcntl
    except ImportError:
        yield
        return
    with open(path.with_name(f".{path.name}.lock"), "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _short(error: Exception) -> str:
    return str(error).splitlines()[0][:200] or type(error).__name__
