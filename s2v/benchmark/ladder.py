"""The ladder: how the contestants' scores fall with the distance of the held-out places from the training places.

What ``s2v.evaluation.ladder`` draws and says of a climb on the Train page, from finished cells.  Free of torch.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from s2v import data
from s2v.benchmark.report import as_table, number, title_of
from s2v.benchmark.results import gains_of
from s2v.benchmark.setting import Setting
from s2v.benchmark.table import Table
from s2v.data import DataSet
from s2v.errors import user_message
from s2v.evaluation import Judged, judge
from s2v.evaluation.ladder import Ladder, RungResult, distance_range
from s2v.evaluation.scores import MAIN_SCORES

NOTES = (
    "Intervals of 90 %: over places, of which blocks of 500 km are resampled where places are held out together; and, "
    "with three seeds or more, over seeds by Student's t.",
    "Median km: from the test places to the nearest training place.  North and south: above 70 degrees; where the "
    "truth is known everywhere, on places for that.",
)


def climbs(table: Table) -> list[tuple[str, int]]:
    """The data sets and numbers of training places that have cells on several splits.

    Parameters
    ----------
    table : Table
        Of the suite ``ladder``, or any other.  Presences are left out: they are scored against background places.

    Examples
    --------
    >>> climbs(Table([]))
    []
    """
    splits: dict[tuple[str, int], set[str]] = {}
    for setting in table.settings:
        if setting.radius is None and data.entry(setting.data).task != "presence":
            splits.setdefault((setting.data, setting.points), set()).add(setting.split)
    return [climb for climb, found in splits.items() if len(found) > 1]


def ladder(table: Table, name: str, points: int, most: int | None = None) -> Ladder:
    """What came out on each rung, the controls last.

    Parameters
    ----------
    table : Table
    name : str
        Of the data set.
    points : int
        Training places.
    most : int, optional
        Contestants, those of the best mean rank; all of them unless given.
    """
    mine = [s for s in table.settings if (s.data, s.points, s.radius) == (name, points, None)]
    mine.sort(key=lambda setting: _height(setting.split))
    here = [contestant for contestant in table.contestants if any(table.cells(contestant, s) for s in mine)]
    here = here[:most]
    return Ladder([title_of(contestant) for contestant in here], [_rung(table, setting, here) for setting in mine])


def markdown(rows: Sequence[Mapping[str, Any]]) -> str:
    """A table for each data set, with what it says in words.

    Parameters
    ----------
    rows : sequence of dict
        Rows of ``Results``.
    """
    table = Table(rows)
    parts = [_markdown(table, name, points) for name, points in climbs(table)]
    return "\n".join([*parts, *(f"- {note}" for note in NOTES)]) + "\n"


def _height(split: str) -> tuple[int, float]:
    kind, size = data.rung(split)
    return ("random", "blocks", "buffer", "latitude", "control").index(kind), size


def _rung(table: Table, setting: Setting, contestants: Sequence[str]) -> RungResult:
    title, kind = data.split_title(setting.split), data.rung(setting.split).kind
    cells = {name: found for name in contestants if (found := table.cells(name, setting))}
    messages = {title_of(row["contestant"]): row["problem"] for row in table.problems(setting)}
    seeds = sorted({row["seed"] for found in cells.values() for row in found}) or [0]
    try:
        datasets = [data.load(setting.data, setting.points, seed, setting.split) for seed in seeds]
    except ValueError as error:
        return RungResult(setting.split, title, kind, messages={"": user_message(error) or str(error)})
    far = distance_range(np.concatenate([dataset.test_distances_km for dataset in datasets]))
    judged = _judged(datasets[0], {title_of(name): found for name, found in cells.items()})
    return RungResult(setting.split, title, kind, far, len(datasets[0].train), judged, messages)


def _judged(dataset: DataSet, cells: Mapping[str, Sequence[Mapping[str, Any]]]) -> Judged | None:
    """The scores on the test places, which are the same for every seed."""
    lonlat, target = dataset.lonlat[dataset.test], dataset.target[dataset.test]
    if not cells or any(len(gains_of(row)) != len(target) for found in cells.values() for row in found):
        return None
    predictions = {
        name: [_prediction(dataset, target, gains_of(row)) for row in found] for name, found in cells.items()
    }
    return judge(dataset.task, target, predictions, lonlat, groups=dataset.groups_of(lonlat))


def _prediction(dataset: DataSet, target: NDArray[Any], gains: NDArray[np.float64]) -> NDArray[Any]:
    """A prediction with the errors of a cell, whose scores are the same as those of the real one."""
    if dataset.task == "classification":
        wrong = (target + 1) % max(2, len(dataset.classes))
        return np.where(gains > 0.5, target, wrong)
    errors = np.sqrt(np.clip(1 - np.nan_to_num(gains, nan=1.0), 0, None) * target[~np.isnan(target)].var())
    found: NDArray[np.float64] = np.nan_to_num(target) + errors
    return found


def _markdown(table: Table, name: str, points: int) -> str:
    climbed = ladder(table, name, points)
    score = MAIN_SCORES[data.entry(name).task].word
    head = ("rung", "median km", "training places", "contestant", score, "over places", "over seeds", "north", "south")
    lines: list[Sequence[str]] = [head]
    by_title = {title_of(contestant): contestant for contestant in table.contestants}
    for row in climbed.rows():
        setting, contestant = Setting(name, points, str(row["split"])), str(row["contestant"])
        value, km = float(row["score"]), float(row["median km"])
        lines.append(
            (
                setting.split,
                "–" if math.isnan(km) else f"{km:,.0f}",
                f"{row['training places']:,}",
                contestant,
                f"{value:.3f}" if math.isfinite(value) else str(row["message"]) or "–",
                _between(row, "low", "high"),
                _between(row, "low over seeds", "high over seeds"),
                *(number(table.score(by_title[contestant], setting, part).mean) for part in ("north", "south")),
            )
        )
    words = "\n".join(f"- {sentence}" for sentence in climbed.sentences())
    return f"### {data.title_of(name)}, {points:,} training places\n\n{as_table(lines)}\n\n{words}\n"


def _between(row: Mapping[str, Any], low: str, high: str) -> str:
    ends = float(row[low]), float(row[high])
    return "–" if any(map(math.isnan, ends)) else f"{ends[0]:.3f} to {ends[1]:.3f}"
