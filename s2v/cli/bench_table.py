"""``python -m s2v bench table FILE``: the benchmark on a user's own table."""

from __future__ import annotations

import argparse
import contextlib
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from s2v.cli import benchmark, own_file
from s2v.data.splits import check_split
from s2v.errors import clipped, shown

if TYPE_CHECKING:
    from s2v.benchmark.own_tables import OwnTarget
    from s2v.data.readers.survey import Column

NAME = "table"
SUMMARY = "the benchmark: on your own FILE of places and targets, at random and in ever larger blocks"


def describe(command: argparse.ArgumentParser) -> None:
    """Adds the file, and the options that say how it is read."""
    command.add_argument("file", nargs="?", metavar="FILE", help="table: your file, such as a CSV")
    own_file.describe(command.add_argument_group("how FILE is read"), several_targets=True)


def refuse(options: argparse.Namespace) -> None:
    """``ValueError`` where another suite is given a file, or told how one is read."""
    if options.file is not None:
        raise ValueError(f"the suite {options.suite} has no file; {shown(options.file)} was given.")
    own_file.refuse(options, "bench table FILE")


def work(options: argparse.Namespace) -> None:
    """Has all cells computed that are not in the file of results yet, and prints a table for each target."""
    benchmark.refuse_others(options, "dataset")
    if options.file is None:
        raise ValueError("bench table needs a file: python -m s2v bench table FILE, such as stations.csv.")
    if options.points is not None and options.points < 10:
        raise ValueError(f"--points {options.points}: allowed is a whole number of at least 10.")
    for rung in options.rungs or ():
        check_split(rung)
    from s2v.benchmark import own_tables  # slow to load
    from s2v.benchmark.report import markdown

    results = benchmark.open_results(options, own_tables.file_of)
    targets = _targets(options)
    own_tables.check_same_table(results, [target.own.name for target in targets], lambda: _names_of_all(options))
    budget = {"seeds": options.repeat, "steps": options.steps, "trials": options.trials}
    names = benchmark.contestants(options)
    cells = [cell for target in targets for cell in target.suite.cells(names=names, **budget)]
    if not cells:
        raise ValueError("There is no cell: none of these contestants serves the task of a target. Name others.")

    def in_words(rows: list[dict[str, Any]]) -> str:
        mine = {target: [row for row in rows if row["data"] == target.own.name] for target in targets}
        tables = [target.markdown(own) for target, own in mine.items() if own]
        notes = "\n".join(f"- {note}" for note in own_tables.NOTES)
        return "\n".join([*tables, notes, "", "### All targets and rungs", "", markdown(rows)])

    benchmark.have_computed(cells, results, options, in_words)


def _targets(options: argparse.Namespace) -> list[OwnTarget]:
    """The targets of the file: those that are asked for, or all that can be learned; says what was understood."""
    if options.target is not None:
        return [_target(options, name) for name in dict.fromkeys(options.target)]
    found = []
    for column in _columns(options):
        if column.task is None:
            _say(f"no target: {shown(column.name)}, {column.about}")
            continue
        try:
            found.append(_target(options, column.name))
        except ValueError as error:
            _say(f"no target: {error}")
    if not found:
        raise ValueError(
            f"{shown(Path(options.file).name)} has no column to learn beside the coordinates. Name one with --target, "
            "if there is."
        )
    return found


def _target(options: argparse.Namespace, name: str) -> OwnTarget:
    from s2v.benchmark.own_tables import OwnTarget
    from s2v.data import read_points

    how = {**own_file.said(options), "target": name}
    dataset = read_points(options.file, **how)
    target = OwnTarget.of(dataset, Path(options.file).name, how, options.points, options.rungs)
    own_file.say_understood(dataset)
    for sentence in target.left_out:
        _say(f"left out: {sentence}")
    return target


def _names_of_all(options: argparse.Namespace) -> list[str]:
    """The names of the data of all targets of the file, those that were not asked for, too."""
    from s2v.data import OwnData, read_points

    found = []
    for column in _columns(options):
        with contextlib.suppress(ValueError):
            how = {**own_file.said(options), "target": column.name}
            found.append(OwnData.of(read_points(options.file, **how)).name)
    return found


def _columns(options: argparse.Namespace) -> tuple[Column, ...]:
    from s2v.data.readers.several import columns_of

    return columns_of(
        options.file, options.lon, options.lat, encoding=options.encoding, crs=options.crs, layer=options.layer
    )


def _say(line: str) -> None:
    print(clipped(line), file=sys.stderr)
