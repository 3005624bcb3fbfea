"""Towns and cities by name, without the network.

Source and licence: ``assets/data/CREDITS.md``.
"""

from __future__ import annotations

import lzma
import re
import threading
import unicodedata
import zipfile
import zlib
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from s2v.assets import asset_path, damaged
from s2v.data.cities import country_names

# Letters that Unicode does not take apart into a plain letter and a mark.
_PLAIN_LETTERS = str.maketrans({"ø": "o", "đ": "d", "ð": "d", "ł": "l", "ı": "i", "æ": "ae", "œ": "oe", "þ": "th"})
_MARKS = re.compile(r"[\u0300-\u036f]")
_BETWEEN_WORDS = re.compile(r"[ \-‐‑'’‘ʻʼ`´.,()/]+")  # tabs and line ends stay: they separate names in a table
_AT_THE_ENDS = re.compile(r"^ | $|(?<=\t) | (?=\t)", re.MULTILINE)
_COUNTRY_CODES = {"usa": "us", "u s a": "us", "u s": "us", "uk": "gb", "u k": "gb", "united kingdom": "gb"}
_lock = threading.Lock()  # many sessions may search first at the same time; one of them reads the table


@dataclass(frozen=True)
class NamedPlace:
    """A town or city.

    Attributes
    ----------
    name, country : str
    lonlat : (float, float), degrees
    people : int
        How many live there; 0 where unknown.
    is_exact : bool
        Whether one of its names is the one searched for; of others only the beginning is.
    """

    name: str
    country: str
    lonlat: tuple[float, float]
    people: int
    is_exact: bool


def find(text: str, most: int = 8) -> list[NamedPlace]:
    """Towns and cities of a name, the most likely first.

    Parameters
    ----------
    text : str
        A name or its beginning, in any case, with or without diacritics. After a comma it may have the country: its
        name, a word of it or the beginning of one, or its two-letter code. Cities of 100,000 people or more, and all
        places beyond 60 degrees of latitude, are found under their names in other languages, too.
    most : int, default 8
        How many to return at most.

    Returns
    -------
    list of NamedPlace
        First those whose whole name it is, then those whose own name begins with it, then those of which another name
        does; among each of them the largest first.

    Examples
    --------
    >>> find("koln")[0].name
    'Köln'
    >>> [place.country for place in find("Tromso, norway")]
    ['Norway']
    """
    found = _find(simple(text), "", most)
    name, comma, country = text.rpartition(",")
    return _find(simple(name), simple(country), most) if comma and not found else found


def simple(text: str) -> str:
    """A name as it is compared: small letters without diacritics, one space between words.

    Examples
    --------
    >>> simple("São Paulo"), simple("L'Aquila"), simple("Ny-Ålesund")
    ('sao paulo', 'l aquila', 'ny alesund')
    """
    letters = unicodedata.normalize("NFKD", text.casefold().translate(_PLAIN_LETTERS))
    return _AT_THE_ENDS.sub("", _BETWEEN_WORDS.sub(" ", _MARKS.sub("", letters)))


@dataclass(frozen=True, eq=False)
class _Table:
    names: list[str]  # each place's own
    country: NDArray[np.int64]  # of each place, its row in what follows
    countries: tuple[str, ...]
    codes: list[str]
    lonlat: NDArray[np.float64]
    people: NDArray[np.int64]
    searched: str  # all names, simplified: a line for each place, tabs between its names, its own first
    starts: NDArray[np.int64]  # of the lines

    def place(self, row: int, is_exact: bool) -> NamedPlace:
        longitude, latitude = (round(float(angle), 4) for angle in self.lonlat[row])
        country = self.countries[self.country[row]]
        return NamedPlace(self.names[row], country, (longitude, latitude), int(self.people[row]), is_exact)

    def in_countries(self, wanted: str) -> set[int]:
        """Rows of the countries that a simplified text may mean."""
        code = _COUNTRY_CODES.get(wanted, wanted)
        return {
            row
            for row, name in enumerate(self.countries)
            if self.codes[row] == code or f" {simple(name)}".find(f" {wanted}") >= 0
        }


def _find(wanted: str, country: str, most: int) -> list[NamedPlace]:
    if not wanted:
        return []
    with _lock:
        table = _table()
    ranks: dict[int, int] = {}  # of rows: 0 for a whole name, 1 for the beginning of its own, 2 of another
    for match in re.finditer(rf"(?<=[\n\t]){re.escape(wanted)}([^\n\t]*)", table.searched):
        row = int(np.searchsorted(table.starts, match.start(), side="right")) - 1
        rank = 0 if not match[1] else 1 if match.start() == table.starts[row] else 2
        ranks[row] = min(rank, ranks.get(row, rank))
    if country:
        allowed = table.in_countries(country)
        ranks = {row: rank for row, rank in ranks.items() if int(table.country[row]) in allowed}
    ordered = sorted(ranks, key=lambda row: (ranks[row], -table.people[row], row))
    return [table.place(row, ranks[row] == 0) for row in ordered[:most]]


@lru_cache(maxsize=1)
def _table() -> _Table:
    cities, names = asset_path("data", "cities_geonames500.npz"), asset_path("data", "city_names_geonames.txt.xz")
    try:
        with np.load(cities, allow_pickle=False) as file:
            lonlat = np.stack([file["lon"], file["lat"]], -1).astype(float)
            people, country, codes = file["pop"].astype(np.int64), file["cc"].astype(np.int64), file["codes"]
        with lzma.open(names, "rt", encoding="utf-8") as lines:
            text = lines.read().rstrip("\n")
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile, zlib.error, lzma.LZMAError) as error:
        raise damaged(names, f"it or {cities.name} cannot be read ({error})") from error
    countries = country_names(asset_path("data", "countries_iso3166.tsv"), codes)
    own = [line.partition("\t")[0] for line in text.split("\n")]
    if len(own) != len(lonlat):
        raise damaged(names, f"it has {len(own)} lines, and {cities.name} {len(lonlat)} places")
    searched = "\n" + simple(text)
    starts = np.array([match.end() for match in re.finditer("\n", searched)])
    return _Table(own, country, countries, [str(code).lower() for code in codes], lonlat, people, searched, starts)
