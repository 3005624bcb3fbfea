"""Results of single samples, as TorchSpatial writes them: where a classifier of images with places is right.

A file is a CSV with a row for each test sample and the columns lon, lat, true_class_prob, reciprocal_rank, hit@1 and
hit@3.
"""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from s2v.cells import cell_of, cells_across
from s2v.errors import clipped, shown
from s2v.evaluation.judged import Judged, Score
from s2v.evaluation.judging import judge
from s2v.fields import Field, Grid, symmetric_limits

COLUMNS = ("lon", "lat", "true_class_prob", "reciprocal_rank", "hit@1", "hit@3")
MAX_BYTES = 200_000_000
MAX_ROWS = 2_000_000
BLOCK_KM = 500.0  # samples of one block are not independent: intervals draw whole blocks
DENSITIES = 4  # groups of samples by how many others are around
SAME_PLACE = 1e-4  # degrees: files may be rounded
CELLS = 2000  # of equal area on the map of where which one is right more often: discs of 570 km
QUANTILE = 0.98  # of its cells lie within the limits of its colours
MIN_LIMIT = 0.1
MIN_SAMPLES = 5  # in a cell of that map

Numbers = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class SampleResults:
    """The results of one model at its test samples.

    Attributes
    ----------
    lonlat : array (n, 2)
        Degrees, longitude first.
    probability : array (n,)
        Of the true class.
    reciprocal_rank : array (n,)
        One over the rank of the true class.
    hit1, hit3 : array (n,) of bool
        Whether the true class was the most probable one, or among the first three.
    left_out : int
        Rows without a place or without a result.

    Examples
    --------
    >>> text = "lon,lat,true_class_prob,reciprocal_rank,hit@1,hit@3\\n15.6,78.2,0.4,0.5,0,1\\n"
    >>> found = read_samples(text.encode(), "results.csv")
    >>> found.lonlat.tolist(), found.hit1.tolist(), found.hit3.tolist()
    ([[15.6, 78.2]], [False], [True])
    """

    lonlat: Numbers
    probability: Numbers
    reciprocal_rank: Numbers
    hit1: NDArray[np.bool_]
    hit3: NDArray[np.bool_]
    left_out: int = 0


@dataclass(frozen=True)
class McNemar:
    """McNemar's exact test of two classifiers on the same samples (McNemar 1947; the exact form is a sign test).

    Attributes
    ----------
    only_first, only_second : int
        Samples that one of them alone gets right.
    p_value : float
        How probable a difference at least as large is where both are right equally often and samples are independent.

    Examples
    --------
    >>> McNemar(only_first=8, only_second=2, p_value=0.11).only_first
    8
    """

    only_first: int
    only_second: int
    p_value: float


def read_samples(content: bytes, name: str) -> SampleResults:
    """Reads the results of single samples.

    Parameters
    ----------
    content : bytes
        Of a CSV in UTF-8 with at least ``COLUMNS``; others are ignored.
    name : str
        Of the file, for messages.

    Returns
    -------
    SampleResults

    Raises
    ------
    ValueError
        For a file that is too large, no text, without these columns, or without a row that has a result.

    Examples
    --------
    >>> read_samples(b"lon,lat\\n0,0\\n", "places.csv")
    Traceback (most recent call last):
    ValueError: places.csv has no column true_class_prob, reciprocal_rank, hit@1, hit@3; ...
    """
    if len(content) > MAX_BYTES:
        raise ValueError(clipped(f"{name} is too large; allowed are {MAX_BYTES / 1e6:g} MB."))
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ValueError(clipped(f"{name} is not text in UTF-8. Give the CSV that TorchSpatial writes.")) from None
    try:
        rows = csv.reader(io.StringIO(text, newline=""))
        header = [column.strip() for column in next(rows, [])]
        missing = [column for column in COLUMNS if column not in header]
        if missing:
            raise ValueError(
                clipped(
                    f"{name} has no column {', '.join(missing)}; results of single samples have the columns "
                    f"{', '.join(COLUMNS)}, this file {shown(header)}."
                )
            )
        places = [header.index(column) for column in COLUMNS]
        values, left_out = _values(rows, places, name)
    except csv.Error as error:
        raise ValueError(clipped(f"{name} is not a CSV that can be read ({error}).")) from None
    if not len(values):
        raise ValueError(clipped(f"{name} has no row with a place and a result."))
    lonlat = values[:, :2].copy()
    return SampleResults(lonlat, values[:, 2], values[:, 3], values[:, 4] > 0.5, values[:, 5] > 0.5, left_out)


def check_paired(results: Mapping[str, SampleResults]) -> None:
    """``ValueError`` unless the samples of all files are the same, in the same order.

    Parameters
    ----------
    results : mapping of str to SampleResults

    Examples
    --------
    >>> check_paired({})
    """
    names = list(results)
    for name in names[1:]:
        a, b = results[names[0]].lonlat, results[name].lonlat
        if len(a) != len(b):
            raise ValueError(
                clipped(
                    f"{names[0]} has {len(a):,} samples, {name} {len(b):,}: only results of the same test samples can "
                    "be compared."
                )
            )
        if apart := int((np.abs(a - b).max(axis=1) > SAME_PLACE).sum()):
            raise ValueError(
                clipped(
                    f"{apart:,} of {len(a):,} samples of {names[0]} and {name} lie at other places: only results of "
                    "the same test samples, in the same order, can be compared."
                )
            )


def mcnemar(first: ArrayLike, second: ArrayLike) -> McNemar:
    """McNemar's exact test.

    Parameters
    ----------
    first, second : array (n,) of bool
        Whether each classifier is right, sample by sample.

    Returns
    -------
    McNemar

    Raises
    ------
    ValueError
        For other shapes.

    Examples
    --------
    >>> found = mcnemar([True] * 10 + [False] * 2, [False] * 10 + [True] * 2)
    >>> found.only_first, found.only_second, round(found.p_value, 4)
    (10, 2, 0.0386)
    """
    from scipy.stats import binomtest  # here, because it is slow to import

    a, b = np.asarray(first, dtype=bool), np.asarray(second, dtype=bool)
    if a.ndim != 1 or a.shape != b.shape:
        raise ValueError(f"The results have shapes {a.shape} and {b.shape}; both are (n,), sample by sample.")
    only_first, only_second = int((a & ~b).sum()), int((b & ~a).sum())
    total = only_first + only_second
    p_value = float(binomtest(only_first, total, 0.5).pvalue) if total else 1.0
    return McNemar(only_first, only_second, p_value)


def judge_samples(results: Mapping[str, SampleResults]) -> Judged:
    """Accuracy by latitude, and paired differences, with intervals that draw whole blocks of ``BLOCK_KM``.

    Parameters
    ----------
    results : mapping of str to SampleResults
        At the same samples (``check_paired``), at least one.

    Returns
    -------
    Judged

    Examples
    --------
    >>> from s2v import sphere
    >>> places, yes = sphere.random_points(500), np.ones(500, dtype=bool)
    >>> judged = judge_samples({"right": SampleResults(places, yes * 1.0, yes * 1.0, yes, yes)})
    >>> judged.score("right").value
    1.0
    """
    lonlat = next(iter(results.values())).lonlat
    return _judged(results, np.arange(len(lonlat)), cell_of(lonlat, cells_across(BLOCK_KM)))


def by_density(results: Mapping[str, SampleResults]) -> list[tuple[str, dict[str, Score]]]:
    """Accuracy where samples are rare and where they are many.

    Parameters
    ----------
    results : mapping of str to SampleResults
        At the same samples.

    Returns
    -------
    list of (str, dict of str to Score)
        For up to ``DENSITIES`` groups of about as many samples, from the rarest: how many samples there are in the
        block of ``BLOCK_KM`` around, in words, and the accuracy of each model.

    Examples
    --------
    >>> from s2v import sphere
    >>> places, yes = sphere.random_points(500), np.ones(500, dtype=bool)
    >>> [words for words, _ in by_density({"right": SampleResults(places, yes * 1.0, yes * 1.0, yes, yes)})]
    ['1', '2 to 3']
    """
    lonlat = next(iter(results.values())).lonlat
    blocks = cell_of(lonlat, cells_across(BLOCK_KM))
    around = np.bincount(blocks)[blocks]
    highest = np.unique(np.quantile(around, np.arange(1, DENSITIES + 1) / DENSITIES, method="nearest"))
    found = []
    for low, high in zip([int(around.min()), *(highest[:-1] + 1)], highest, strict=True):
        rows = np.flatnonzero((around >= low) & (around <= high))
        if len(rows):
            judged = _judged(results, rows, blocks)
            words = f"{low:,}" if low == high else f"{low:,} to {high:,}"
            found.append((words, {name: judged.score(name) for name in results}))
    return found


def difference_field(first: SampleResults, second: SampleResults, cells: int = CELLS, degrees: float = 1.0) -> Field:
    """Where the first model is right more often than the second, in cells of equal area.

    Parameters
    ----------
    first, second : SampleResults
        At the same samples.
    cells : int, default 2000
        Of equal area on the sphere.
    degrees : float, default 1
        Cells of the field that is drawn.

    Returns
    -------
    Field
        The difference of the shares of samples that are right; NaN in cells of fewer than ``MIN_SAMPLES``.

    Examples
    --------
    >>> from s2v import sphere
    >>> places, yes = sphere.random_points(500), np.ones(500, dtype=bool)
    >>> right, wrong = (SampleResults(places, hit * 1.0, hit * 1.0, hit, hit) for hit in (yes, ~yes))
    >>> float(difference_field(right, wrong, cells=20, degrees=10).values.mean())
    1.0
    """
    grid = Grid.equirectangular(degrees)
    cell = cell_of(first.lonlat, cells)
    counts = np.bincount(cell, minlength=cells)
    gain = np.bincount(cell, first.hit1.astype(float) - second.hit1, minlength=cells)
    shares = np.where(counts >= MIN_SAMPLES, gain / np.maximum(counts, 1), np.nan)
    values = shares[cell_of(grid.lonlat.reshape(-1, 2), cells)].reshape(grid.shape)
    limit = max(symmetric_limits(values, QUANTILE)[1], MIN_LIMIT)
    return Field(values, grid, "Difference in accuracy", "", (-limit, limit), "RdBu_r")


def _judged(results: Mapping[str, SampleResults], rows: NDArray[np.int64], blocks: NDArray[np.int64]) -> Judged:
    # Right is class 0, wrong is class 1, and the truth is always "right".
    lonlat = next(iter(results.values())).lonlat
    wrong = {name: (~found.hit1[rows]).astype(int) for name, found in results.items()}
    return judge("classification", np.zeros(len(rows), dtype=int), wrong, lonlat[rows], groups=blocks[rows])


def _values(rows: Iterator[list[str]], places: Sequence[int], name: str) -> tuple[Numbers, int]:
    """The numbers of the rows that have all, and how many have not."""
    found, left_out = [], 0
    for i, row in enumerate(rows):
        if i >= MAX_ROWS:
            raise ValueError(clipped(f"{name} has more than {MAX_ROWS:,} rows, which is the most that is read."))
        if not row:
            continue
        try:
            numbers = [_number(row[place]) for place in places]
        except (IndexError, ValueError):
            left_out += 1
            continue
        if abs(numbers[0]) > 360 or abs(numbers[1]) > 90 or not all(0 <= value <= 1 for value in numbers[2:]):
            left_out += 1
            continue
        found.append(numbers)
    return np.array(found, dtype=float).reshape(-1, len(places)), left_out


def _number(text: str) -> float:
    text = text.strip()
    value = {"True": 1.0, "False": 0.0}[text] if text in ("True", "False") else float(text)
    if not math.isfinite(value):
        raise ValueError
    return value
