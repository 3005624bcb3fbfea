"""The result of a suite, as a table to read and as data."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import torch

from s2v import files

Cell = float | int | str


def this_machine() -> str:
    """What affects times on this machine."""
    return (
        f"{os.cpu_count()} cores, torch {torch.__version__} with {torch.get_num_threads()} threads and "
        f"{torch.backends.cpu.get_cpu_capability()}; load average {_load()}"
    )


@dataclass(frozen=True)
class Report:
    """Rows by column name; ``about`` says what was run, ``notes`` how to read it.

    The first of the ``columns`` name a row, as many as ``name_columns`` says.

    A row that was measured on another machine, or on another day, says so under ``"machine"``.  ``failed`` names what
    was measured and must not be, where a suite has such figures.
    """

    suite: str
    about: str
    columns: tuple[str, ...]
    rows: tuple[dict[str, Cell], ...]
    notes: tuple[str, ...]
    machine: str = field(default_factory=this_machine)
    failed: tuple[str, ...] = ()
    name_columns: int = 1

    def markdown(self) -> str:
        """The table, with its notes below."""
        lines = [" | ".join(self.columns), " | ".join(["---"] + ["---:"] * (len(self.columns) - 1))]
        lines += [" | ".join(_text(row[name]) for name in self.columns) for row in self.rows]
        table = "\n".join(f"| {line} |" for line in lines)
        own = [f"{self._name(row)}: {row['machine']}." for row in self.rows if "machine" in row]
        notes = "\n".join(f"- {note}" for note in (f"{self.about}; {self.machine}.", *own, *self.notes))
        return f"{table}\n\n{notes}\n"

    def write(self, folder: Path, merge: bool = False) -> tuple[Path, Path]:
        """``SUITE.json`` and ``SUITE.md`` in ``folder``, which is made if need be.

        With ``merge`` the rows of a ``SUITE.json`` that is already there are kept, but for those measured anew.
        ``ValueError`` where that file was measured in another way.
        """
        data, table = folder / f"{self.suite}.json", folder / f"{self.suite}.md"
        report = self._merged(data) if merge and data.exists() else self
        content = {"suite": report.suite, "about": report.about, "machine": report.machine, "rows": report.rows}
        text = {data: json.dumps(content, indent=1) + "\n", table: report.markdown()}
        files.write_files(folder, {path.name: part.encode() for path, part in text.items()})
        return data, table

    def _merged(self, path: Path) -> Report:
        try:
            old: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
            about, machine, rows = old["about"], old["machine"], old["rows"]
            complete = all(set(self.columns) <= set(row) for row in rows)
        except (ValueError, KeyError, TypeError):
            complete = False
        if not complete:
            raise ValueError(
                f"{path} is no result of this suite, so nothing can be merged into it. Choose another --out."
            )
        if about != self.about:
            raise ValueError(
                f"{path} holds {about}; this is {self.about}. Rows of one table must be measured alike: give the "
                "same options, or another --out."
            )
        new = {self._name(row): {**row, "machine": self.machine} for row in self.rows}
        kept = [new.pop(self._name(row), row) for row in rows]
        return replace(self, rows=(*kept, *new.values()), machine=machine)

    def _name(self, row: Mapping[str, Cell]) -> str:
        return ", ".join(str(row[column]) for column in self.columns[: self.name_columns])


def _text(cell: Cell) -> str:
    if not isinstance(cell, float):
        return str(cell)
    return f"{cell:,.0f}" if cell >= 1000 else f"{cell:.3g}" if cell >= 100 else f"{cell:.2f}"


def _load() -> str:
    return f"{os.getloadavg()[0]:.1f} in the last minute" if hasattr(os, "getloadavg") else "unknown"
