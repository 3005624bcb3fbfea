"""The suites of ``python -m s2v bench`` that are the benchmark: many cells on a cluster, each kept in a file."""

from __future__ import annotations

import argparse
import math
import re
import signal
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from s2v.benchmark.suites import SUITES
from s2v.cli.out import check_file, make_folder
from s2v.evaluation.phrases import time_left

if TYPE_CHECKING:
    from s2v.benchmark.runner import Progress

__all__ = ["SUITES", "describe", "refuse", "work"]

LINE_SECONDS = 2.0  # between two lines of progress
OWN = ("workers", "scheduler", "predictors")  # options that the other suites do not have
OTHERS = ("sessions", "minutes", "seed", "rounds", "threads", "clock")


def describe(command: argparse.ArgumentParser) -> None:
    """Adds the options that only the benchmark has."""
    command.add_argument("--workers", type=int, help="the benchmark: processes (one a core, as far as memory allows)")
    command.add_argument(
        "--predictors",
        type=lambda text: tuple(part.strip() for part in text.split(",")),
        metavar="NAME,...",
        help="the benchmark: reference predictors beside the --encoders; '' is none",
    )
    command.add_argument(
        "--scheduler", metavar="ADDRESS", help="the benchmark: a Dask scheduler in place of processes here (tcp://...)"
    )


def refuse(options: argparse.Namespace) -> None:
    """``ValueError`` where another suite is given an option of the benchmark."""
    _refuse(options, OWN)


def work(options: argparse.Namespace) -> None:
    """Has all cells computed that are not in the file yet, and prints the table.  Ctrl-C keeps what is finished."""
    _refuse(options, OTHERS)
    suite = SUITES[options.suite]
    cells = suite.cells(
        options.repeat,
        options.steps,
        options.points,
        _contestants(options),
        data_sets=None if options.dataset is None else _data_sets(options.dataset),
        splits=options.rungs,
        trials=options.trials,
    )
    if not cells:
        raise ValueError("There is no cell: none of these contestants serves the task of these data. Name others.")
    if options.workers is not None and options.workers < 1:
        raise ValueError(f"--workers {options.workers}: allowed is a whole number of at least 1.")
    folder = options.out or Path()
    make_folder(folder, ())
    path = folder / f"{suite.name}.parquet"
    check_file(path)

    from s2v.benchmark import ladder, report
    from s2v.benchmark.results import Results  # slow to load
    from s2v.benchmark.runner import run

    results, asked_to_stop = Results(path), []
    before = signal.signal(signal.SIGINT, lambda *_: asked_to_stop.append(True))
    said = -math.inf
    try:
        for progress in run(
            cells,
            results,
            workers=options.workers,
            address=options.scheduler,
            should_stop=lambda: bool(asked_to_stop),
        ):
            if progress.note or time.monotonic() - said > LINE_SECONDS or progress.done == progress.total:
                said = time.monotonic()
                print(_line(progress), file=sys.stderr, flush=True)
    finally:
        signal.signal(signal.SIGINT, before)
    wanted = [row for cell in cells if (row := results.row(cell)) is not None]
    if wanted:
        print((ladder if suite.by_distance else report).markdown(wanted))
    print(f"{len(wanted):,} of {len(cells):,} cells are in {path}.", file=sys.stderr)
    if asked_to_stop:
        print("Stopped; the same command goes on from here.", file=sys.stderr)
        raise SystemExit(130)
    for row in wanted:
        if row["problem"]:
            print(f"note: {row['contestant']} on {row['data']}, seed {row['seed']}: {row['problem']}", file=sys.stderr)


def _contestants(options: argparse.Namespace) -> tuple[str, ...] | None:
    """The encoders and predictors that are named; None for those of the suite."""
    if options.names is None and options.predictors is None:
        return None
    return tuple(name for name in (*(options.names or ()), *(options.predictors or ())) if name)


def _data_sets(text: str) -> tuple[str, ...]:
    """The names in a list, in which a comma may also stand before a parameter of a data set.

    Examples
    --------
    >>> _data_sets("geoid, checkerboard,cells=400,vmf:U1")
    ('geoid', 'checkerboard,cells=400', 'vmf:U1')
    """
    return tuple(name.strip() for name in re.split(r",(?! *[a-z_]+ *=)", text))


def _refuse(options: argparse.Namespace, names: tuple[str, ...]) -> None:
    for name in names:
        if getattr(options, name, None) is not None:
            option = {"dataset": "data"}.get(name, name)
            raise ValueError(f"the suite {options.suite} has no --{option}.")


def _line(progress: Progress) -> str:
    if progress.note:
        return progress.note
    line = f"{progress.done:,} of {progress.total:,} cells"
    if not math.isnan(progress.left) and progress.left > 0:
        line += f", {time_left(progress.left)}"
    if (row := progress.newest) is not None:
        line += f"; {_newest(row)}"
    return line


def _newest(row: dict[str, Any]) -> str:
    where = f"{row['contestant']} on {row['data']}" + ("" if row["split"] == "random" else f", {row['split']}")
    return f"{where}: {row['metric']} {row['score']:.3f}" if not row["problem"] else f"{where}: {row['problem']}"
