"""``python -m s2v variogram``: how fast codes and data grow apart with distance, and the scale that fits."""

from __future__ import annotations

import argparse
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from s2v.cli import own_file, several_encoders
from s2v.encoders.registry import spec

if TYPE_CHECKING:
    from s2v.data import DataSet

LATITUDES = (0, 60, 80, 89)


def describe(command: argparse.ArgumentParser) -> None:
    several_encoders.describe(command)
    command.add_argument("--data", required=True, metavar="NAME", help="a built-in data set, or your own file")
    command.add_argument("--points", type=int, help="training places (default the data set's own number)")
    own_file.describe(command)
    command.add_argument("--json", action="store_true", help="all numbers, unrounded, as JSON")


def work(options: argparse.Namespace) -> None:
    """Prints half-sill distances in kilometres: of the data, of each code, and of each code north-south and east-west
    at some latitudes; and the scale at which the code of an encoder meets the data."""
    configs = several_encoders.parse(options)
    dataset = _data(options)
    from s2v.comparison.variograms import code_variogram, suggested  # slow to load: torch
    from s2v.predictors import empirical_variogram

    of_data = empirical_variogram(dataset)
    rows: dict[str, dict[str, Any]] = {}
    for config in configs:
        found = code_variogram(config)
        row = {"half_sill": found.half_sill}
        for latitude in LATITUDES:
            at = int((found.latitude == latitude).argmax())
            row[f"north_south_{latitude}"] = float(found.half_north_south[at])
            row[f"east_west_{latitude}"] = float(found.half_east_west[at])
        fitted = None
        if spec(config.name).has_scale(dict(config.params)):
            fitted = suggested(config, of_data.half_sill, of_data.spacing).text
        rows[config.text] = {**{k: v if v == v else None for k, v in row.items()}, "suggested": fitted}
    about = {"half_sill": of_data.half_sill, "spacing": of_data.spacing, "places": len(dataset.train)}
    if options.json:
        print(json.dumps({"data": about, "encoders": rows}, indent=1))
        return
    print(f"half-sill distance of the data: {of_data.half_sill:,.0f} km; places lie {of_data.spacing:,.0f} km apart")
    width = max(len(text) for text in [*rows, "encoder"])
    titles = ("km", *(f"{way} {latitude}" for latitude in LATITUDES for way in ("N-S", "E-W")))
    print(f"{'encoder':{width}}  " + "  ".join(f"{title:>7}" for title in titles) + "  suggested")
    for text, row in rows.items():
        numbers = "  ".join(f"{'-' if v is None else f'{v:,.0f}':>7}" for k, v in row.items() if k != "suggested")
        print(f"{text:{width}}  {numbers}  {row['suggested'] or '-'}")


def _data(options: argparse.Namespace) -> DataSet:
    from s2v import data

    path = Path(options.data)
    # The names of some mixtures look like a suffix: vmf:S1.1.
    if not path.is_file() and not path.suffix[1:].isalpha() and os.sep not in options.data:
        own_file.refuse(options, "--data FILE")
        return data.load(options.data, options.points)
    dataset = data.read_points(path, points=options.points, **own_file.said(options))
    own_file.say_understood(dataset)
    return dataset
