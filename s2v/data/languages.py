"""Languages of the world at their places, with their families.

Source and licence: ``assets/data/CREDITS.md``.
"""

from __future__ import annotations

import csv
import gzip
import zlib
from collections import Counter
from functools import lru_cache
from pathlib import Path

import numpy as np

from s2v.assets import asset_path, damaged
from s2v.data.dataset import DataSet, Description, Request
from s2v.data.observations import Observations, first_rows, known_at_places

REACH = 250.0  # kilometres: one point stands for a language that may be spoken far around it


def load(request: Request) -> DataSet:
    """See ``s2v.data.load``."""
    languages, families = _languages(asset_path("data", "languages_glottolog.csv.gz"))
    counts = np.bincount(languages.values)
    what = f"{len(languages.values):,} languages in {len(families)} families, one point each"
    tail = (
        f"a long tail: {families[0]} has {counts[0]:,}, {(counts < 20).sum()} families fewer than 20, the smallest "
        f"{counts.min()}; smaller families and single languages are not in the file"
    )
    where = f"The map of the truth shows the family of the nearest language within {REACH:g} km and nothing beyond."
    summaries = {
        "languages": f"The family of a language by its place: {what}; {tail}. Families live intermingled, so no model "
        f"is right everywhere. Look at which families are lost first: the rare and the scattered. {where}",
        "languages:presence": f"Where languages of each family were found, and nothing of where they are not, as in "
        f"records of species: {what}; {tail}. Look at how far a family's range reaches beyond its points. {where}",
    }
    description = Description(
        classes=families,
        credit="Glottolog 4.0 (Hammarström, Forkel and Haspelmath), CC BY 4.0, doi:10.5281/zenodo.596479.",
        spread="where languages are spoken",
        summary=summaries[request.base],
    )
    return known_at_places(request, languages, description)


@lru_cache(maxsize=2)
def _languages(path: Path) -> tuple[Observations, tuple[str, ...]]:
    """The places with class numbers, and the names of the classes, the largest family first."""
    try:
        with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        lonlat = np.array([[float(row["longitude"]), float(row["latitude"])] for row in rows])
        family = [row["family"] for row in rows]
        if not rows or not all(family):
            raise ValueError("it holds no languages, or some without a family")
        if not (abs(lonlat) <= (180, 90)).all():
            raise ValueError("it holds places that are not on the sphere")
    except (OSError, EOFError, ValueError, KeyError, TypeError, csv.Error, zlib.error) as error:
        raise damaged(path, f"it cannot be read ({error})") from error
    families = tuple(name for name, _ in Counter(family).most_common())
    number = {name: i for i, name in enumerate(families)}
    rows_kept = first_rows(lonlat)
    numbers = np.array([number[name] for name in family], dtype=np.int64)
    return Observations(lonlat[rows_kept], numbers[rows_kept], REACH), families
