"""The suites of ``python -m s2v bench`` that are the benchmark: many cells on a cluster, each kept in a file."""

from __future__ import annotations

import argparse
import math
import re
import signal
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from s2v import data
from s2v.benchmark.suites import SUITES
from s2v.cli.out import check_file, make_folder
from s2v.evaluation.phrases import time_left

if TYPE_CHECKING:
    from s2v.benchmark.results import Results
    from s2v.benchmark.runner import Progress
    from s2v.models.recipe import Recipe

__all__ = [
    "SUITES",
    "contestants",
    "describe",
    "have_computed",
    "names_of",
    "open_results",
    "refuse",
    "refuse_others",
    "work",
]

LINE_SECONDS = 2.0  # between two lines of progress
OWN = ("workers", "scheduler", "predictors")  # options that the other suites do not have
OTHERS = ("sessions", "minutes", "seed", "rounds", "threads", "clock")


def describe(command: argparse.ArgumentParser) -> None:
    """Adds the options that only the benchmark has."""
    command.add_argument("--workers", type=int, help="the benchmark: processes (one a core, as far as memory allows)")
    command.add_argument(
        "--predictors",
        type=names_of,
        metavar="NAME,...",
        help="the benchmark: reference predictors beside the --encoders; '' is none",
    )
    command.add_argument(
        "--scheduler", metavar="ADDRESS", help="the benchmark: a Dask scheduler in place of processes here (tcp://...)"
    )


def refuse(options: argparse.Namespace) -> None:
    """``ValueError`` where another suite is given an option of the benchmark."""
    _refuse(options, OWN)


def refuse_others(options: argparse.Namespace, *more: str) -> None:
    """``ValueError`` where the benchmark is given an option of the other suites, or one of ``more``."""
    _refuse(options, (*OTHERS, *more))


def work(options: argparse.Namespace) -> None:
    """Has all cells computed that are not in the file yet, and prints the table.  Ctrl-C keeps what is finished."""
    refuse_others(options)
    suite = SUITES[options.suite]
    cells = suite.cells(
        options.repeat,
        options.steps,
        options.points,
        contestants(options),
        data_sets=None if options.dataset is None else _data_sets(options.dataset),
        splits=options.rungs,
        trials=options.trials,
    )
    if not cells:
        raise ValueError("There is no cell: none of these contestants serves the task of these data. Name others.")
    results = open_results(options, lambda folder: folder / f"{suite.name}.parquet")

    from s2v.benchmark import ladder, report  # slow to load

    have_computed(cells, results, options, (ladder if suite.by_distance else report).markdown)


def open_results(options: argparse.Namespace, file_of: Callable[[Path], Path]) -> Results:
    """The finished cells in the folder of --out; ``ValueError`` or ``OSError`` where they cannot be kept there."""
    if options.workers is not None and options.workers < 1:
        raise ValueError(f"--workers {options.workers}: allowed is a whole number of at least 1.")
    folder = options.out or Path()
    make_folder(folder, ())
    check_file(file_of(folder))

    from s2v.benchmark.results import Results  # slow to load

    return Results(file_of(folder))


def have_computed(
    cells: Sequence[Recipe],
    results: Results,
    options: argparse.Namespace,
    in_words: Callable[[list[dict[str, Any]]], str],
) -> None:
    """Has those cells computed that are not in the results yet, and prints all ``in_words``; ``SystemExit`` after
    Ctrl-C, with what is finished."""
    from s2v.benchmark.runner import run  # slow to load

    asked_to_stop: list[bool] = []
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
        print(in_words(wanted))
    print(f"{len(wanted):,} of {len(cells):,} cells are in {results.path}.", file=sys.stderr)
    if asked_to_stop:
        print("Stopped; the same command goes on from here.", file=sys.stderr)
        raise SystemExit(130)
    for row in wanted:
        if row["problem"]:
            where = f"{row['contestant']} on {_data(row)}, seed {row['seed']}"
            print(f"note: {where}: {row['problem']}", file=sys.stderr)


def names_of(text: str) -> tuple[str, ...]:
    """The names in a list: "" is one, that of nobody."""
    return tuple(part.strip() for part in text.split(","))


def contestants(options: argparse.Namespace) -> tuple[str, ...] | None:
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
    where = f"{row['contestant']} on {_data(row)}" + ("" if row["split"] == "random" else f", {row['split']}")
    return f"{where}: {row['metric']} {row['score']:.3f}" if not row["problem"] else f"{where}: {row['problem']}"


def _data(row: dict[str, Any]) -> str:
    name: str = row["data"]
    return data.title_of(name) if data.is_own(name) else name
