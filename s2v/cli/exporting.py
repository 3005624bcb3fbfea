"""``python -m s2v export``: a model as an ONNX file, for other programs and languages."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from s2v.cli.out import check_file

SUFFIX = ".onnx"


def describe(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "model", metavar="MODEL", type=Path, help="a .safetensors file that train, import or s2v.save wrote"
    )
    command.add_argument(
        "--out",
        metavar=f"FILE{SUFFIX}",
        type=Path,
        required=True,
        help="the file to write: places (longitude, latitude in degrees, float32) in, values or probabilities out",
    )


def work(options: argparse.Namespace) -> None:
    """Writes a model as ONNX."""
    if options.out.suffix.lower() != SUFFIX:
        raise ValueError(f"--out {options.out}: the suffix must be {SUFFIX}. Maps are written by: python -m s2v map")
    check_file(options.out)
    from s2v.models import checkpoints, onnx_export  # slow to load: torch

    onnx_export.export_onnx(checkpoints.load(options.model), options.out)
    print(options.out)
    print(f"One input, {onnx_export.INPUT}: float32 (places, 2), longitude first, in degrees.", file=sys.stderr)
