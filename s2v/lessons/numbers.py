"""The functions behind the numbers of lessons.  To add one: a function here, named in texts by its name, and a line in
``FUNCTIONS``.

They take a second or less each, but for torch, which they load; so ``python -m s2v bench lessons --out assets/lessons``
computes all ahead, and the tests compute them again.  Those of trainings come from the shipped results of the benchmark
and from the measured races of Train.
"""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

import numpy as np

from s2v import data
from s2v.assets import asset_path
from s2v.benchmark.results import read
from s2v.benchmark.setting import Setting
from s2v.benchmark.suites import SUITES
from s2v.benchmark.table import Table
from s2v.comparison.fair import fair
from s2v.encoders.registry import EncoderConfig, split_text
from s2v.lessons.parser import SIGNS
from s2v.lessons.words import Number, NumberName
from s2v.models.measured_races import MeasuredRace, measured_races

# The suites of the benchmark, and who is compared in lessons: intervals hold for all of them together.
COMPARED: Mapping[str, tuple[str, ...]] = {
    "fields": ("kriging", "idw", "plane_waves", "sphereM", "grid"),
    "presence": ("kde", "knn", "sphereM", "grid"),
    "vmf": ("direct", "wrap", "grid", "theory", "sphereM", "xyz", "plane_waves", "knn"),
}


def compute(name: NumberName) -> Number:
    """The number; ``ValueError`` says what is wrong with its name."""
    function = FUNCTIONS.get(name.function)
    if function is None:
        raise ValueError(f"{name.function!r} is no number; there are: {', '.join(FUNCTIONS)}.")
    arguments = dict(name.arguments)
    try:
        inspect.signature(function).bind(**arguments)
    except TypeError as error:
        allowed = ", ".join(inspect.signature(function).parameters)
        raise ValueError(f"{name.key}: {error}; its arguments are: {allowed}.") from None
    found = function(**arguments)
    return found if isinstance(found, Number) else Number(float(found))


def stretch(encoder: str, lat: str) -> float:
    """The largest over the smallest stretch at a latitude, the mean over longitudes."""
    return float(_tissot(encoder, lat).anisotropy.mean())


def area(encoder: str, lat: str) -> float:
    """How many times an area grows at a latitude, the mean over longitudes."""
    return float(_tissot(encoder, lat).area.mean())


def tear(encoder: str, at: str) -> float:
    """The largest distance between two codes of one place, in units of the code's spread."""
    character = _character(encoder)
    return float({"dateline": character.dateline_tear, "north": character.north_tear}[at])


def agreement(encoder: str, where: str = "everywhere") -> float:
    """Rank agreement of the code with great-circle distance, everywhere or above 70 N."""
    character = _character(encoder)
    return float({"everywhere": character.fidelity, "north": character.fidelity_north}[where])


def poles_alike(encoder: str) -> float:
    """The similarity of the North Pole to the South Pole."""
    return float(_character(encoder).poles_alike)


def by_direction(encoder: str, lon: str, lat: str) -> float:
    """The largest difference of similarity between two directions, at any one distance from a place."""
    from s2v.comparison.kernel_shape import similarity_profile

    profile = similarity_profile(_config(encoder), (float(lon), float(lat)))
    return float((profile.high - profile.low).max())


def patch(encoder: str, lon: str, lat: str, of: str) -> float:
    """The patch of likeness around a place: its "length" north-south and "width" east-west in kilometres, their
    "ratio", or its "half" width."""
    from s2v.comparison.kernel_shape import main_lobe

    lobe = main_lobe(_config(encoder), (float(lon), float(lat)))
    return {
        "length": lobe.north_south,
        "width": lobe.east_west,
        "ratio": lobe.north_south / lobe.east_west,
        "half": lobe.half_width,
    }[of]


def features(encoder: str) -> int:
    """The length of the code."""
    return int(_character(encoder).features)


def beyond(lat: str) -> float:
    """The share of the Earth's area beyond a latitude around both poles, in percent."""
    return 100 * (1 - math.sin(math.radians(float(lat))))


def raced(data: str, places: str, against: str, part: str, of: str = "difference") -> Number:
    """From the measured races of Train: by how much sphereM was ahead ``of`` another encoder, or either score."""
    found = _raced(data, places, against, part)
    if of == "difference":
        return Number(found.difference, found.low, found.high, found.seeds_low, found.seeds_high)
    return Number({"score": found.score, "other": found.other}[of])


def races(outcome: str) -> int:
    """How many of the measured races of Train had that outcome: win, tie or loss."""
    return sum(race.outcome == outcome for race in measured_races())


def difference(data: str, a: str, b: str, split: str = "random", points: str = "5000") -> Number:
    """By how much contestant ``a`` scored more than ``b`` in the benchmark."""
    gap = _table_with(data).against(b, Setting(data, int(points), split))[a]
    return Number(gap.value, gap.low, gap.high, *gap.over_seeds)


def score(data: str, of: str, split: str = "random", points: str = "5000") -> float:
    """The score of a contestant in the benchmark, the mean over the seeds."""
    return float(_table_with(data).score(of, Setting(data, int(points), split)).mean)


def mixtures(a: str, b: str, outcome: str) -> int:
    """On how many of the mixtures of the benchmark ``a`` was ahead of ``b``, behind it, or tied with it."""
    table, sign = _table("vmf"), SIGNS[outcome]
    return sum(table.against(b, setting)[a].sign == sign for setting in table.settings)


def ceiling(data: str, points: str = "5000") -> float:
    """The best possible score on a mixture."""
    cells = _table_with(data).cells("xyz", Setting(data, int(points), "random"))
    return float(np.mean([cell["bayes"] for cell in cells]))


def distance(data: str, split: str, points: str = "5000") -> float:
    """Kilometres from a test place to the nearest training place, the median."""
    return float(np.median(_load(data, int(points), 0, split).test_distances_km))


def seeds() -> int:
    """How many seeds the compared cells of the benchmark have."""
    return min(
        len(table.cells(name, setting))
        for table in map(_table, COMPARED)
        for setting in table.settings
        for name in table.contestants
    )


FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    function.__name__: function
    for function in (
        *(stretch, area, tear, agreement, poles_alike, by_direction, patch, features, beyond),
        *(raced, races, difference, score, mixtures, ceiling, distance, seeds),
    )
}


def _config(text: str) -> EncoderConfig:
    """An encoder as the comparison pages have it, from its text in their addresses."""
    name, params = split_text(text)
    return fair(name, **params)


def _tissot(encoder: str, lat: str) -> Any:
    from s2v import distortion
    from s2v.comparison import codes

    longitude = -180 + (np.arange(12) + 0.5) * 30
    return distortion.tissot(codes.encoder(_config(encoder)), np.stack([longitude, np.full(12, float(lat))], -1))


def _character(encoder: str) -> Any:
    from s2v.comparison.stretch import character

    return character(_config(encoder))


def _raced(name: str, places: str, against: str, part: str) -> MeasuredRace:
    for race in measured_races():
        if (race.data, race.places, race.against, race.part) == (name, int(places), against, part):
            return race
    raise ValueError(f"There is no measured race on {name} with {places} places against {against}, {part}.")


def _table_with(name: str) -> Table:
    """The table of the suite that has a data set."""
    suite = next((suite for suite in COMPARED if name in SUITES[suite].data), None)
    if suite is None:
        raise ValueError(f"{name!r} is in none of the compared suites: {', '.join(COMPARED)}.")
    return _table(suite)


@cache
def _table(suite: str) -> Table:
    rows = read(asset_path("benchmark", f"{suite}.parquet"))
    return Table([row for row in rows if row["contestant"] in COMPARED[suite]])


_load = cache(data.load)
