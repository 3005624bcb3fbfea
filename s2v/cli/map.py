"""``python -m s2v map``: a model's predictions as a picture or as data."""

from __future__ import annotations

import argparse
from pathlib import Path

from s2v import export, files
from s2v.cli.out import check_file

PICTURES = (".png", ".svg", ".pdf")
DATA = tuple(export.FORMATS)
MIN_DEGREES = 0.1  # six million cells of the world
PIXELS = 601  # side of a polar map
PROJECTIONS = ("world", "north", "south")


def describe(command: argparse.ArgumentParser) -> None:
    command.add_argument("model", metavar="MODEL", type=Path, help="a .safetensors file that train or import wrote")
    command.add_argument(
        "--out", metavar="FILE", type=Path, required=True, help=f"its suffix is the format: {' '.join(PICTURES + DATA)}"
    )
    command.add_argument(
        "--class",
        dest="of",
        metavar="NAME",
        help="map the probability of this class (default: the most probable class)",
    )
    command.add_argument("--projection", choices=PROJECTIONS, default="world", help="the whole world, or one pole")
    command.add_argument(
        "--edge", type=float, default=50.0, metavar="DEGREES", help="latitude at the edge of a polar map (50)"
    )
    command.add_argument(
        "--degrees", type=float, default=1.0, metavar="DEGREES", help="width of a cell of the world (1)"
    )
    command.add_argument("--dark", action="store_true", help="pictures for a dark page")


def work(options: argparse.Namespace) -> None:
    """Evaluates a model on a grid and writes the file."""
    suffix = options.out.suffix.lower()
    if suffix not in PICTURES + DATA:
        raise ValueError(f"--out {options.out}: the suffix must be one of {', '.join(PICTURES + DATA)}.")
    check_file(options.out)
    if not 0 <= options.edge <= 85:
        raise ValueError(f"--edge {options.edge:g} is outside its range; allowed is a latitude from 0 to 85 degrees.")
    if not options.degrees >= MIN_DEGREES:
        raise ValueError(f"--degrees {options.degrees:g} is too small; allowed is {MIN_DEGREES:g} or more.")

    from s2v.fields import Grid
    from s2v.models import checkpoints  # slow to load: torch
    from s2v.models.predictions import predicted

    if options.projection == "world":
        grid = Grid.equirectangular(options.degrees)
    else:
        grid = Grid.polar(options.projection, PIXELS, options.edge)
    field = predicted(checkpoints.load(options.model), grid, options.of)
    if suffix in PICTURES:
        from s2v.figures.printed import printed_map

        files.write_bytes(options.out, printed_map(field, suffix[1:], dark=options.dark))
    else:
        export.write(field, options.out)
    print(options.out)
