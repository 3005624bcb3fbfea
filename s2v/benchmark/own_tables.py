"""The benchmark on a user's own table, as those of CoordBench: places, and targets that are known of them.

Each target is a suite of its own.  Its held-out places lie at random and in ever larger blocks of equal area, which
end neither at the dateline nor at a pole, for as long as the extent of the places allows.  Free of torch.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from s2v import data
from s2v.benchmark.report import as_table, title_of
from s2v.benchmark.results import Results, ResultsError
from s2v.benchmark.setting import Setting
from s2v.benchmark.suites import Grid, Suite
from s2v.benchmark.table import Table, mean_interval
from s2v.cells import cells_across
from s2v.data import DataSet, OwnData, held
from s2v.data.blocks import block_of
from s2v.data.nearest import neighbour_km
from s2v.errors import shown, user_message
from s2v.evaluation.judged import Score
from s2v.evaluation.phrases import with_interval
from s2v.evaluation.scores import MAIN_SCORES

CONTESTANTS = ("plane_waves", "sphereM", "spherical_harmonics", "grid", "xyz", "kriging", "idw", "knn")
STEPS = 800
MIN_PLACES = 50  # different ones, so that a tenth is enough to choose constants by
MIN_SEEDS = 3  # to tell a difference
MIN_BLOCKS = 5  # with test places, unless a rung is asked for
MAX_POINTS = 20_000  # training places, unless more are asked for


@dataclass(frozen=True, eq=False)
class OwnTarget:
    """A target of a user's table, ready for the benchmark; its data are known by their name for as long as it is there.

    Attributes
    ----------
    own : OwnData
    suite : Suite
        Its cells.
    splits : tuple of str
        The rungs that the places allow.
    left_out : tuple of str
        A sentence for each rung that they do not allow.

    Examples
    --------
    >>> from s2v import sphere
    >>> places = sphere.random_points(500)
    >>> found = OwnTarget.of(data.own(places, places[:, 1], title="warmth"))
    >>> found.suite.title, found.splits
    ('warmth', ('random', 'blocks:500', 'blocks:1000', 'blocks:2000', 'blocks:5000'))
    >>> len(found.suite.cells(seeds=1, names=["xyz", "kriging"]))
    10
    """

    own: OwnData
    suite: Suite
    splits: tuple[str, ...]
    left_out: tuple[str, ...] = ()

    @classmethod
    def of(
        cls,
        dataset: DataSet,
        file: str = "",
        how: Mapping[str, Any] | None = None,
        points: int | None = None,
        rungs: Sequence[str] | None = None,
    ) -> OwnTarget:
        """The target of a data set of a user's own.

        Parameters
        ----------
        dataset : DataSet
        file, how : str, mapping
            As for ``OwnData``.
        points : int, optional
            Training places, at most; all, up to 20,000, unless given.
        rungs : sequence of str, optional
            Splits in place of those that suit the places: at random, and in blocks larger than the distance of a place
            to its nearest one.

        Raises
        ------
        ValueError
            For fewer than 50 different places, a target that is the same at all of them, an unknown split, or where no
            rung can be done.
        """
        own = held.hold(OwnData.of(dataset, file, how or {}))
        different = len(np.unique(own.lonlat, axis=0))
        if different < MIN_PLACES:
            raise ValueError(
                f"{shown(own.title)} is known at {different} different places; the benchmark needs {MIN_PLACES}, to "
                "hold out a tenth for validation and a fifth for test."
            )
        if own.task == "regression" and np.ptp(own.target) == 0:
            raise ValueError(
                f"{shown(own.title)} is {own.target[0]:g} at all places: there is nothing to learn. Choose another "
                "column."
            )
        count = min(len(own.lonlat), MAX_POINTS if points is None else points)
        splits, left_out = _rungs(own, count, rungs)
        if not splits:
            raise ValueError(f"{shown(own.title)}: {left_out[0]}")
        grid = Grid((own.name,), (count,), splits, contestants=CONTESTANTS)
        return cls(own, Suite("table", own.title, own.summary, (grid,), STEPS), splits, left_out)

    def markdown(self, rows: Sequence[Mapping[str, Any]]) -> str:
        """Its scores as a table: a line for each contestant, the best mean rank first, and a column for each rung.

        Parameters
        ----------
        rows : sequence of dict
            Finished cells of this target.
        """
        table = Table(rows)
        settings = sorted(table.settings, key=lambda setting: self.splits.index(setting.split))
        datasets = [self.own.dataset(setting.points, 0, setting.split) for setting in settings]
        ties = [table.not_behind(setting) if _seeds(table, setting) >= MIN_SEEDS else [] for setting in settings]
        lines = [
            ("", *(setting.split for setting in settings)),
            ("*training / test places*", *(f"{len(d.train):,} / {len(d.test):,}" for d in datasets)),
            ("*km to the nearest training place*", *(f"{np.median(d.test_distances_km):,.0f}" for d in datasets)),
        ]
        for name in table.contestants:
            lines.append((title_of(name), *map(partial(_score, table, name), settings, ties)))
        kind = f"{len(self.own.classes):,} classes" if self.own.classes else "values"
        head = f"### {self.own.title}: {MAIN_SCORES[self.own.task].word} of {kind}"
        return head + "\n\n" + as_table(lines) + "\n"


NOTES = (
    "Scores on test places, the mean over the seeds, with 90 % intervals over places, or over blocks of 500 km where "
    "blocks are held out.",
    "Bold: the best, and what cannot be told from it by intervals over places and over seeds. With fewer than 3 seeds "
    "no difference can be told, and nothing is bold.",
    "Blocks have equal area, and whole ones are held out; none ends at the dateline or at a pole.",
)


def check_same_table(results: Results, names: Iterable[str], all_names: Callable[[], Iterable[str]]) -> None:
    """``ResultsError`` where a file has finished cells, and all are of data of other names.

    Parameters
    ----------
    results : Results
    names : iterable of str
        Of the data whose cells are to be kept there.
    all_names : callable
        ``all_names()``: the names of all targets of the table, asked for where none of ``names`` has a cell.
    """
    there = {row["data"] for row in results.rows}
    if there and there.isdisjoint(names) and there.isdisjoint(all_names()):
        raise ResultsError(
            f"{results.path} holds results of another table, or of this one read in another way. Choose another folder "
            "with --out."
        )


def file_of(folder: Path) -> Path:
    """Where the finished cells of a table are kept."""
    return folder / "table.parquet"


def _rungs(own: OwnData, points: int, asked: Sequence[str] | None) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The splits that the places allow, and why others are left out."""
    if asked is None:
        near = float(np.median(neighbour_km(own.lonlat)))
        tried = ["random", *(f"blocks:{km}" for km in data.DISTANCES if km > near)]
    else:
        tried = list(dict.fromkeys(map(data.check_split, asked)))
    found, left_out = [], []
    for split in tried:
        try:
            dataset = own.dataset(points, 0, split)
        except ValueError as error:
            left_out.append(user_message(error) or str(error))
            continue
        kind, km = data.rung(split)
        blocks = len(np.unique(block_of(dataset.lonlat[dataset.test], cells_across(km)))) if kind == "blocks" else 0
        if asked is None and kind == "blocks" and blocks < MIN_BLOCKS:
            left_out.append(f"split={split!r} has test places in {blocks} blocks; at least {MIN_BLOCKS} are needed.")
        else:
            found.append(split)
    return tuple(found), tuple(left_out)


def _seeds(table: Table, setting: Setting) -> int:
    return max(len(table.cells(name, setting)) for name in table.contestants)


def _score(table: Table, name: str, setting: Setting, bold: Sequence[str]) -> str:
    cells = table.cells(name, setting)
    if not cells:
        return "–"
    text = with_interval(Score(table.score(name, setting).mean, mean_interval(cells, setting), 0))
    return f"**{text}**" if name in bold else text
