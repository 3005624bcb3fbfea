"""``python -m s2v import``: a published checkpoint becomes a model of this lab."""

from __future__ import annotations

import argparse
import sys
import warnings
from pathlib import Path

from s2v import reading
from s2v.cli.out import check_file
from s2v.errors import clipped
from s2v.models.choices import NETWORKS


def describe(command: argparse.ArgumentParser) -> None:
    command.add_argument("checkpoint", metavar="CHECKPOINT", type=Path, help="a file that TorchSpatial's trainer wrote")
    command.add_argument("--out", metavar="MODEL.safetensors", type=Path, required=True, help="the file to write")
    command.add_argument(
        "--classes", metavar="NAMES.txt", type=Path, help="names of the classes in the file's order, one per line"
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
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        model = torchspatial.import_torchspatial(options.checkpoint, classes)
    recipe = model.recipe
    network = [f"{name}={getattr(recipe, name)}" for name in NETWORKS[recipe.network].parameters]
    encoder = [f"{name}={value}" for name, value in recipe.encoder_params.items()]
    print("encoder:", recipe.encoder, *encoder)
    print("network:", recipe.network, *network)
    print(f"classes: {len(model.classes)}, each with its own probability ({model.task})")
    for warning in caught:
        print(clipped(f"note: {warning.message}"), file=sys.stderr)
    written = "Replaced:" if options.out.exists() else "Written:"
    checkpoints.save(model, options.out)
    print(written, options.out, file=sys.stderr)
