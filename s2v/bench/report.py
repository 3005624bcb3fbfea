"""A suite's result as a table for people and as data."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path

import torch

Cell = float | int | str


@dataclass(frozen=True)
class Report:
    """Rows by column name; ``about`` says what was run, ``notes`` how to read it."""

    suite: str
    about: str
    columns: tuple[str, ...]
    rows: tuple[dict[str, Cell], ...]
    notes: tuple[str, ...]

    @property
    def machine(self) -> str:
        """What of the machine matters to the times."""
        return (
            f"{os.cpu_count()} cores, torch {torch.__version__} with {torch.get_num_threads()} threads and "
            f"{torch.backends.cpu.get_cpu_capability()}; load average {_load()}"
        )

    def markdown(self) -> str:
        """The table, with its notes below."""
        lines = [" | ".join(self.columns), " | ".join(["---"] + ["---:"] * (len(self.columns) - 1))]
        lines += [" | ".join(_text(row[name]) for name in self.columns) for row in self.rows]
        table = "\n".join(f"| {line} |" for line in lines)
        notes = "\n".join(f"- {note}" for note in (f"{self.about}; {self.machine}.", *self.notes))
        return f"{table}\n\n{notes}\n"

    def write(self, folder: Path) -> tuple[Path, Path]:
        """``SUITE.json`` and ``SUITE.md`` in ``folder``, which is made if need be."""
        folder.mkdir(parents=True, exist_ok=True)
        data, table = folder / f"{self.suite}.json", folder / f"{self.suite}.md"
        content = {"suite": self.suite, "about": self.about, "machine": self.machine, "rows": self.rows}
        data.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
        table.write_text(self.markdown(), encoding="utf-8")
        return data, table


def _text(cell: Cell) -> str:
    if not isinstance(cell, float):
        return str(cell)
    return f"{cell:,.0f}" if cell >= 1000 else f"{cell:.3g}" if cell >= 100 else f"{cell:.2f}"


def _load() -> str:
    return f"{os.getloadavg()[0]:.1f} in the last minute" if hasattr(os, "getloadavg") else "unknown"
