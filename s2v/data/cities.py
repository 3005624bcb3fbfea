"""Towns and cities of the world: their country, their population, or just that they are there.

Source and licence: ``assets/data/CREDITS.md``.
"""

from __future__ import annotations

import zipfile
import zlib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from s2v.assets import asset_path, damaged
from s2v.data.dataset import DataSet, Description, Request
from s2v.data.observations import Observations, first_rows, known_at_places

REACH = 100.0  # kilometres: beyond this a town says nothing of the country or of who lives there
CREDIT = "GeoNames cities500, CC BY 4.0, geonames.org. Country names: IANA time zone database, public domain."
SPREAD = "where towns and cities are"


def load(request: Request) -> DataSet:
    """See ``s2v.data.load``."""
    cities = _cities(asset_path("data", "cities_geonames500.npz"), asset_path("data", "countries_iso3166.tsv"))
    observations, description = {
        "cities": (cities.country, _countries),
        "cities:population": (cities.population, _population),
        "cities:presence": (cities.presence, _presence),
    }[request.base]
    return known_at_places(request, observations, description(cities))


@dataclass(frozen=True, eq=False)
class _Cities:
    country: Observations
    population: Observations  # decimal logarithms, of the places whose population is known
    presence: Observations
    names: tuple[str, ...]


def _countries(cities: _Cities) -> Description:
    counts = np.bincount(cities.country.values, minlength=len(cities.names))
    largest = cities.names[int(counts.argmax())]
    return Description(
        credit=CREDIT,
        spread=SPREAD,
        classes=cities.names,
        summary=f"The country of {counts.sum():,} towns and cities: {len(counts)} countries and territories, named as "
        f"in ISO 3166. {(counts < 10).sum()} of them have fewer than ten places and {(counts == 1).sum()} a single "
        f"one, {largest} {counts.max():,}: a long tail, in which a country without a training place cannot be learned. "
        f"Look at borders where towns are dense, and at what is said of the oceans, where there are none. "
        f"The map of the truth shows the country of the nearest town within {REACH:g} km and nothing beyond. "
        "Borders as in the source; no opinion on them is meant.",
    )


def _population(cities: _Cities) -> Description:
    return Description(
        credit=CREDIT,
        spread=SPREAD,
        units="log10 of people",
        colormap="viridis",
        limits=(2.5, 6.0),
        summary=f"How many people live in each of {len(cities.population.values):,} towns and cities, as a decimal "
        "logarithm: 3 is a thousand, 6 a million. Places of unknown population are left out. Where a town lies tells "
        "little of its size: expect a modest score, part of it from what countries list: some name every village, "
        "others only towns. "
        f"The map of the truth shows the nearest town within {REACH:g} km and nothing beyond.",
    )


def _presence(cities: _Cities) -> Description:
    return Description(
        credit=CREDIT,
        spread=SPREAD,
        classes=("town or city",),
        colors=("#d55e00",),
        summary=f"Where {len(cities.presence.values):,} towns and cities are, and nothing of where there are none: a "
        "model is to find their density. Look at deserts, ice and oceans. "
        f"The map of the truth shows what lies within {REACH:g} km of a town; grey is unknown, not empty.",
    )


@lru_cache(maxsize=2)
def _cities(path: Path, names_path: Path) -> _Cities:
    try:
        with np.load(path, allow_pickle=False) as file:
            lonlat = np.stack([file["lon"], file["lat"]], -1).astype(float)
            people, country, codes = file["pop"], file["cc"].astype(np.int64), file["codes"]
        if not len(lonlat) == len(people) == len(country) > 0 or country.max() >= len(codes):
            raise ValueError("its columns do not fit together")
        # Float comparisons with NaN are false.
        if not ((abs(lonlat) <= (180, 90)).all()):
            raise ValueError("it holds places that are not on the sphere")
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile, zlib.error) as error:
        raise damaged(path, f"it cannot be read ({error})") from error
    # Of two entries for one place the larger is kept.
    order = np.argsort(-people.astype(np.int64), kind="stable")
    order = order[first_rows(lonlat[order])]
    lonlat, people, country = lonlat[order], people[order], country[order]
    known = people > 0
    return _Cities(
        Observations(lonlat, country, REACH),
        Observations(lonlat[known], np.log10(people[known]), REACH),
        Observations(lonlat, np.zeros(len(lonlat), dtype=np.int64), REACH),
        country_names(names_path, codes),
    )


def country_names(path: Path, codes: NDArray[np.str_]) -> tuple[str, ...]:
    """Names of countries by their two-letter codes, from the table at ``path``."""
    try:
        lines = [line for line in path.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")]
        names = dict(line.split("\t") for line in lines)
    except (UnicodeDecodeError, ValueError) as error:
        raise damaged(path, f"it cannot be read ({error})") from error
    names["XK"] = "Kosovo"  # GeoNames' own code: it has none in ISO 3166
    missing = [str(code) for code in codes if str(code) not in names]
    if missing:
        raise damaged(path, f"it lacks {', '.join(missing[:5])}")
    return tuple(names[str(code)] for code in codes)
