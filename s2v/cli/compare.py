"""``python -m s2v compare``: encoders side by side in numbers, as on Similarity and Distortion."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict
from typing import Any

import numpy as np

from s2v import sphere
from s2v.cli import several_encoders
from s2v.encoders.registry import EncoderConfig
from s2v.errors import shown

MAX_ENCODERS = 40
LONGYEARBYEN = (15.6, 78.2)
COLUMNS = {
    "features": "features",
    "dateline_tear": "dateline",
    "north_tear": "N pole",
    "south_tear": "S pole",
    "fidelity": "rank",
    "anisotropy_80": "80 N",
    "anisotropy_89": "89 N",
    "east_west": "E-W km",
    "north_south": "N-S km",
}


def describe(command: argparse.ArgumentParser) -> None:
    several_encoders.describe(command)
    command.add_argument(
        "--place",
        metavar="LON,LAT",
        default=f"{LONGYEARBYEN[0]},{LONGYEARBYEN[1]}",
        help="where the width of the similarity is measured (default %(default)s, Longyearbyen); write --place=LON,LAT",
    )
    command.add_argument("--json", action="store_true", help="all numbers, unrounded, as JSON")


def work(options: argparse.Namespace) -> None:
    """Prints tears (in units of the code's spread), rank agreement with great-circle distance, largest over smallest
    stretch at 80 and 89 degrees north, and how wide the similarity to a place is east-west and north-south."""
    if len(options.encoders) > MAX_ENCODERS:
        raise ValueError(f"{len(options.encoders)} encoders; at most {MAX_ENCODERS} are compared at once.")
    place = _place(options.place)
    configs = several_encoders.parse(options)
    rows = {config.text: _numbers(config, place) for config in configs}
    if options.json:
        print(json.dumps({"place": place, "encoders": rows}, indent=1))
        return
    width = max(len(text) for text in [*rows, "encoder"])
    print(f"{'encoder':{width}}  " + "  ".join(f"{title:>8}" for title in COLUMNS.values()))
    for text, row in rows.items():
        print(f"{text:{width}}  " + "  ".join(f"{_rounded(row[name]):>8}" for name in COLUMNS))


def _numbers(config: EncoderConfig, place: tuple[float, float]) -> dict[str, Any]:
    from s2v.comparison.answering import answer  # slow to load: torch
    from s2v.comparison.questions import LobeOf, OverviewOf

    found, lobe = answer(OverviewOf(config)), answer(LobeOf(config, place))
    anisotropy = {f"anisotropy_{lat}": value for lat, value in zip((60, 80, 89), found.anisotropy, strict=True)}
    more = {"area_80": found.area, "direction": found.direction, **asdict(lobe)}
    return {
        name: value if value is None or value == value else None  # JSON has no NaN
        for name, value in {**asdict(found.character), **anisotropy, **more}.items()
    }


def _place(text: str) -> tuple[float, float]:
    try:
        lon, lat = (float(part) for part in text.split(","))
        sphere.check_lonlat(np.array([lon, lat]))
    except ValueError:
        raise ValueError(
            f"--place={shown(text)} is no place; allowed are degrees of longitude and of latitude (-90 to 90), such as "
            "--place=15.6,78.2."
        ) from None
    return lon, lat


def _rounded(value: float | None) -> str:
    if value is None:
        return "-"
    return f"{value:,.0f}" if abs(value) >= 1000 or value == int(value) else f"{value:.3g}"
