"""What the commands are told of a user's file, and what they say that they understood of it."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING, Any

from s2v.data.catalogue import TASKS
from s2v.errors import clipped

if TYPE_CHECKING:
    from s2v.data import DataSet

OF_A_FILE = ("lon", "lat", "target", "task", "crs", "layer", "encoding", "decimal", "thousands", "skip_wrong")


def describe(command: argparse._ActionsContainer, several_targets: bool = False) -> None:
    """Adds the options that say how a file is read."""
    for name, about in (
        ("lon", "column of longitudes in your file, if its name is not recognised"),
        ("lat", "column of latitudes"),
    ):
        command.add_argument(f"--{name}", metavar="COLUMN", help=about)
    about = "column to learn: texts and few whole numbers are classes, other numbers are values"
    if several_targets:
        about += "; may be given several times (default: every column that can be learned)"
    command.add_argument("--target", metavar="COLUMN", action="append" if several_targets else "store", help=about)
    about = "what the coordinates in your file are, if not degrees and the file does not say it, such as EPSG:25832"
    command.add_argument("--crs", help=about)
    command.add_argument("--layer", metavar="NAME", help="layer of a spatial file, or file in a zip archive")
    command.add_argument("--encoding", metavar="NAME", help="encoding of a text file, such as cp1251, if not UTF-8")
    command.add_argument("--decimal", metavar="SIGN", help="decimal sign of the target, . or , if it is not recognised")
    command.add_argument("--thousands", metavar="SIGN", help="thousands sign of the target: , or . or ' or a blank")
    about = "join classes with fewer rows than this into one, 'other' (default 1: none)"
    command.add_argument("--min-count", metavar="ROWS", type=int, default=1, help=about)
    about = "leave out rows with wrong cells even if they are more than half"
    command.add_argument("--skip-wrong", action="store_true", help=about)
    about = "what the column is, if it is not recognised; without a column the places are presences"
    command.add_argument("--task", choices=TASKS, help=about)


def said(options: argparse.Namespace) -> dict[str, Any]:
    """The arguments of ``read_points``."""
    return {name: getattr(options, name) for name in (*OF_A_FILE, "min_count")}


def refuse(options: argparse.Namespace, file: str) -> None:
    """``ValueError`` where something is said of a file, and none is given."""
    given = [name for name in OF_A_FILE if getattr(options, name)] + ["min_count"] * (options.min_count != 1)
    if given:
        flags = ", ".join(f"--{name.replace('_', '-')}" for name in given)
        raise ValueError(f"{flags}: that is said of a file; give it with {file}.")


def say_understood(dataset: DataSet) -> None:
    """Prints what was understood of a file, and the first rows that are wrong."""
    if dataset.understood is None:
        return
    one_by_one = [problem for problem in dataset.problems if problem.startswith(f"{dataset.understood.noun} ")]
    for line in (*dataset.understood.lines, *(f"left out: {problem}" for problem in one_by_one[:20])):
        print(clipped(line), file=sys.stderr)
