"""``python -m s2v import``: a published checkpoint becomes a model of this lab."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from s2v import reading
from s2v.cli.out import check_file
from s2v.data import read_points
from s2v.errors import clipped


def describe(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "checkpoint",
        metavar="CHECKPOINT",
        type=Path,
        help="a file that the training of TorchSpatial, sphere2vec, SINR or geo_prior wrote",
    )
    command.add_argument("--out", metavar="MODEL.safetensors", type=Path, required=True, help="the file to write")
    command.add_argument(
        "--classes", metavar="NAMES.txt", type=Path, help="names of the classes in the file's order, one per line"
    )
    command.add_argument(
        "--time-of-year",
        metavar="FRACTION",
        type=float,
        help="of a model that also takes a date: the one it is imported for, 0 (1 January) to 1 (31 December)",
    )
    command.add_argument(
        "--anchors", metavar="PLACES.csv", type=Path, help="places of the anchors of an rbf, in the order of its params"
    )


def work(options: argparse.Namespace) -> None:
    """Imports a published checkpoint, prints what it is, and writes it as a model of this lab."""
    from s2v.models import checkpoints, torchspatial  # slow to load: torch

    if options.out.exists() and options.checkpoint.exists() and options.out.samefile(options.checkpoint):
        raise ValueError(f"--out {options.out} is the checkpoint itself; name another file.")
    check_file(options.out)
    classes = None
    if options.classes is not None:
        lines = reading.read_text(options.classes, "file of class names").splitlines()
        classes = [line.strip() for line in lines if line.strip()]
    found = torchspatial.read_checkpoint(
        options.checkpoint,
        classes,
        time_of_year=options.time_of_year,
        anchors=None if options.anchors is None else read_points(options.anchors).lonlat,
    )
    for line in found.understood:
        print(line)
    for remark in found.remarks:
        print(clipped(f"note: {remark}"), file=sys.stderr)
    written = "Replaced:" if options.out.exists() else "Written:"
    checkpoints.save(found.model, options.out)
    print(written, options.out, file=sys.stderr)
