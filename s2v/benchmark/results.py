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
            files.write_bytes(self.path, _encoded(list(merged.values())))
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
    import pyarrow  # type: ignore[import-untyped]
    import pyarrow.parquet as parquet  # type: ignore[import-untyped]

    path = Path(path)
    if path.stat().st_size > MAX_BYTES:
        raise ResultsError(f"{path} has {path.stat().st_size:,} bytes; results of the benchmark have at most 1 GB.")
    try:
        with parquet.ParquetFile(path) as file:
            known = (file.schema_arrow.metadata or {}).get(b"s2v") == FORMAT
            if known and file.metadata.num_rows > MAX_CELLS:
                raise ResultsError(f"{path} has {file.metadata.num_rows:,} cells; allowed are {MAX_CELLS:,}.")
            table = file.read() if known else None
    except (pyarrow.ArrowException, OSError) as error:
        raise ResultsError(f"{path} cannot be read as results of the benchmark: {_short(error)}") from None
    if table is None or not table.schema.equals(_schema()):
        raise ResultsError(f"{path} holds no results of this version of the benchmark. Choose another file.")
    rows: list[dict[str, Any]] = table.to_pylist()
    keys = {row["key"] for row in rows}
    if None in keys or len(keys) < len(rows):
        raise ResultsError(f"{path} is damaged: it holds a cell twice. Choose another file.")
    return rows


def _schema() -> Any:
    import pyarrow

    columns = [pyarrow.field(name, pyarrow.type_for_alias(kind)) for name, kind in SCHEMA.items()]
    return pyarrow.schema(columns, metadata={b"s2v": FORMAT})


def _encoded(rows: Sequence[Mapping[str, Any]]) -> bytes:
    import pyarrow
    import pyarrow.parquet as parquet

    out = io.BytesIO()
    table = pyarrow.Table.from_pylist([dict(row) for row in rows], schema=_schema())
    parquet.write_table(table, out, compression="zstd")
    return out.getvalue()


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
