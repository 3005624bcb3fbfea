"""The results that the page shows: those that ship with the project, and files that are opened."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import streamlit as st

from s2v import assets
from s2v.benchmark import SUITES, Results, ResultsError
from s2v.benchmark.foreign import MAX_BYTES, decode
from s2v.benchmark.table import Table
from s2v.ui import pictures
from s2v.ui.messages import plain, shorten

FOLDER = "benchmark"  # in assets/
FILE = "file"  # the choice of the file that is open, beside the names of suites


@dataclass(frozen=True)
class Opened:
    """Results that are open: the ``name`` of their suite or file, their title, the rows and the table of them."""

    name: str
    title: str
    rows: tuple[Mapping[str, Any], ...]
    table: Table
    path: str  # in code that is copied

    @property
    def is_file(self) -> bool:
        """Whether somebody has opened it here."""
        return self.name == FILE

    @property
    def tasks(self) -> tuple[str, ...]:
        """The tasks of the data sets: scores of different tasks are not compared."""
        return tuple(self._tables)

    def of_task(self, task: str) -> Table:
        """The table of the settings of a task."""
        return self._tables.get(task, self.table.on([]))

    @cached_property
    def _tables(self) -> dict[str, Table]:
        return self.table.by_task()


def names() -> list[str]:
    """The suites whose results ship with the project."""
    return [name for name in SUITES if _path(name).is_file()]


def command(suite: str) -> str:
    """What computes the results of a suite."""
    return f"python -m s2v bench {suite} --out assets/{FOLDER}"


def suite(name: str) -> Opened | None:
    """The stored results of a suite; None where they are not computed yet.

    Raises
    ------
    ResultsError
        Where the file is damaged.
    """
    path = _path(name)
    return _read(path, path.stat().st_mtime_ns) if path.is_file() else None


def opened_file() -> Opened | None:
    """Shows where to open a file of results; returns what is in it, or None with a sentence for a wrong one."""
    with st.expander("Open results of your own", icon=":material/upload_file:"):
        uploaded = st.file_uploader(
            "A file that `python -m s2v bench` has written (SUITE.parquet)",
            key="benchmark file",
            max_upload_size=MAX_BYTES >> 20,
            help="It stays in the memory of this session; nothing in it is run.",
        )
    if uploaded is None:
        return None
    content = uploaded.getvalue()
    key = hashlib.sha256(content).hexdigest()
    name = shorten(uploaded.name)
    try:
        with st.spinner("Opening the file…"):
            return pictures.cached(
                "benchmark opened", key, lambda: _of(FILE, name, decode(content, name), uploaded.name)
            )
    except ResultsError as error:
        st.error(plain(str(error)), icon=":material/error:")
        return None


def show_missing() -> None:
    """Says which suites are not computed yet, and how they are."""
    missing = [name for name in SUITES if name not in names()]
    if missing:
        with st.expander(f"Not computed yet: {', '.join(missing)}", icon=":material/hourglass_empty:"):
            st.markdown("These commands compute them. They may be stopped at any time and go on where they were.")
            st.code("\n".join(command(name) for name in missing), language="bash")


def of_rows(name: str, title: str, rows: Sequence[Mapping[str, Any]], path: str) -> Opened:
    """Results that were computed here."""
    return _of(name, title, rows, path)


def _path(name: str) -> Path:
    return assets.ASSETS / FOLDER / f"{name}.parquet"


@lru_cache(maxsize=len(SUITES))
def _read(path: Path, _: int) -> Opened:
    name = path.stem
    return _of(name, SUITES[name].title, Results(path).rows, f"assets/{FOLDER}/{path.name}")


def _of(name: str, title: str, rows: Sequence[Mapping[str, Any]], path: str) -> Opened:
    if not rows:
        raise ResultsError(f"{title} holds no cells.")
    return Opened(name, title, tuple(rows), Table(rows), path)
