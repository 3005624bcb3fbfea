"""``python -m s2v find``: which encoder for these points?"""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from s2v import files
from s2v.cli import own_file
from s2v.cli.out import check_file
from s2v.errors import clipped

if TYPE_CHECKING:
    from s2v.models.standings import Standings

LINE_SECONDS = 2.0  # between two lines of progress
TOP = 12  # rows of the table at the end


def describe(command: argparse.ArgumentParser) -> None:
    command.add_argument("data", metavar="FILE", help="your own file, or the name of a built-in data set")
    own_file.describe(command)
    command.add_argument("--points", type=int, help="training places (default all, at most 20,000)")
    command.add_argument("--steps", type=int, help="of a finalist's training (default 2000, or fewer for large data)")
    command.add_argument("--seed", type=int, default=0, help="of places, weights and batches (default 0)")
    command.add_argument("--workers", type=int, help="processes (default one a core, as far as memory allows)")
    command.add_argument("--out", metavar="FILE.json", type=Path, help="where the result is written as JSON")


def work(options: argparse.Namespace) -> None:
    """Searches in worker processes and prints the answer; Ctrl-C ends it with what there is."""
    if options.out is not None:
        check_file(options.out)
    for name, least in (("points", 10), ("steps", 1), ("workers", 1), ("seed", 0)):
        given = getattr(options, name)
        if given is not None and given < least:
            raise ValueError(f"--{name} {given}: allowed is a whole number of at least {least}.")
    name, kept = _data(options)
    from s2v.engine import Engine  # slow to load
    from s2v.models.search_report import findings, json_of, progress_in_words, rows_of

    with Engine(workers=options.workers) as engine:
        search = engine.search(name, "shell", points=options.points, steps=options.steps, seed=options.seed)
        before = signal.signal(signal.SIGINT, lambda *_: search.stop())
        try:
            said = time.monotonic()
            while not search.wait(0.2):
                now = search.standings
                if time.monotonic() - said >= LINE_SECONDS and now:
                    said = time.monotonic()
                    line = _line(now, progress_in_words(now)) if now.share else "Waiting for the worker processes"
                    print(line, file=sys.stderr, flush=True)
        finally:
            signal.signal(signal.SIGINT, before)
    del kept
    if search.standings is None:
        if search.message:
            raise ValueError(search.message)
        raise KeyboardInterrupt
    if search.message:
        print(clipped(f"note: {search.message}"), file=sys.stderr)
    _print_table(rows_of(search.standings))
    for finding in findings(search.standings):
        print(f"\n{finding.heading}\n  {finding.text}")
    if options.out is not None:
        text = json.dumps(json_of(search.standings), indent=1, ensure_ascii=False) + "\n"
        files.write_bytes(options.out, text.encode())
        print("Written:", options.out, file=sys.stderr)


def _data(options: argparse.Namespace) -> tuple[str, Any]:
    """The name of the data, and what keeps them open."""
    from s2v import data
    from s2v.data import held

    path = Path(options.data)
    # The names of some mixtures look like a suffix: vmf:S1.1.
    if not path.is_file() and not path.suffix[1:].isalpha() and os.sep not in options.data:
        own_file.refuse(options, "the path of yours")
        data.entry(options.data)  # says which there are
        return options.data, None
    how = own_file.said(options)
    dataset = data.read_points(path, **how)
    own_file.say_understood(dataset)
    kept = held.hold(held.OwnData.of(dataset, path.name, how))
    return kept.name, kept


def _line(standings: Standings, progress: str) -> str:
    best = next((row for row in standings.rows if row.scores), None)
    return f"{progress}; leading: {best.contestant.title}" if best else progress


def _print_table(rows: list[dict[str, Any]]) -> None:
    def text(value: Any) -> str:
        return "–" if value is None else f"{value:.3f}" if isinstance(value, float) else str(value)

    table = [list(rows[0]), *([text(value) for value in row.values()] for row in rows[:TOP])]
    widths = [max(len(line[i]) for line in table) for i in range(len(table[0]))]
    for line in table:
        print("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())
    if len(rows) > TOP:
        print(f"and {len(rows) - TOP} more")
