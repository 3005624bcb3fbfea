"""Towns and cities are found by their names, as people write them."""

from __future__ import annotations

import lzma
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from s2v import sphere
from s2v.assets import AssetError, asset_path
from s2v.data import place_names
from s2v.data.place_names import find, simple
from tests.damage import DAMAGES, damage_copy

OSLO, TOKYO, KYIV = (10.75, 59.91), (139.69, 35.69), (30.52, 50.45)


@pytest.fixture
def fresh() -> Iterator[None]:
    """The table is read again in this test and after it."""
    place_names._table.cache_clear()
    yield
    place_names._table.cache_clear()


@pytest.mark.parametrize(
    ("text", "name", "country", "lonlat"),
    [
        ("Longyearbyen", "Longyearbyen", "Svalbard & Jan Mayen", (15.64, 78.22)),
        ("Tromsø", "Tromsø", "Norway", (18.96, 69.65)),
        ("TROMSO", "Tromsø", "Norway", (18.96, 69.65)),
        ("são paulo", "São Paulo", "Brazil", (-46.64, -23.55)),
        ("Sao Paulo", "São Paulo", "Brazil", (-46.64, -23.55)),
        ("Kyiv", "Kyiv", "Ukraine", KYIV),
        ("Kiev", "Kyiv", "Ukraine", KYIV),
        ("Київ", "Kyiv", "Ukraine", KYIV),
        ("東京", "Tokyo", "Japan", TOKYO),
        ("  oslo ", "Oslo", "Norway", OSLO),
        ("Osló", "Oslo", "Norway", OSLO),
        ("Godthåb", "Nuuk", "Greenland", (-51.72, 64.18)),  # small, but near the pole
        ("Barrow", "Utqiagvik", "United States", (-156.79, 71.29)),
        ("100 mile house", "100 Mile House", "Canada", (-121.29, 51.65)),
        ("St Petersburg", "Saint Petersburg", "Russia", (30.31, 59.94)),
        ("Washington, D.C.", "Washington", "United States", (-77.04, 38.9)),  # not a country
        ("'s-Hertogenbosch", "'s-Hertogenbosch", "Netherlands", (5.3, 51.7)),
    ],
)
def test_a_name_is_found_as_people_write_it(text: str, name: str, country: str, lonlat: tuple[float, float]) -> None:
    first = find(text)[0]
    assert (first.name, first.country, first.is_exact) == (name, country, True)
    assert sphere.great_circle_km(np.array(first.lonlat), np.array(lonlat)) < 5


@pytest.mark.parametrize("country", ["Canada", "canada", "can", "CA"])
def test_a_country_may_follow(country: str) -> None:
    assert {place.country for place in find(f"London, {country}")} == {"Canada"}


@pytest.mark.parametrize(
    ("text", "country"),
    [
        ("Boston, UK", "Britain (UK)"),
        ("Boston, United Kingdom", "Britain (UK)"),
        ("Boston, USA", "United States"),
        ("Boston, U.S.", "United States"),
        ("Sejong, Korea", "Korea (South)"),
    ],
)
def test_countries_have_several_names(text: str, country: str) -> None:
    assert find(text)[0].country == country


def test_a_country_without_such_a_place_has_none() -> None:
    assert find("Oslo, Brazil") == []


def test_the_largest_of_a_name_comes_first() -> None:
    people = [place.people for place in find("Springfield", 20) if place.is_exact]
    assert len(people) > 10
    assert people == sorted(people, reverse=True)


def test_whole_names_come_before_beginnings_of_larger_places() -> None:
    ranks = [place.is_exact for place in find("York", 20)]
    assert ranks == sorted(ranks, reverse=True)
    assert find("York")[0].is_exact
    assert [place.is_exact for place in find("Longyear")] == [False]


@pytest.mark.parametrize("text", ["", " ", ",", "-", "\t", "\n", "Oslo\nBergen", ".*", "(", "x" * 10_000])
def test_what_is_no_name_is_not_found(text: str) -> None:
    assert find(text) == []


def test_no_more_are_returned_than_asked_for() -> None:
    assert len(find("a", 3)) == 3


def test_every_place_is_found_where_it_is() -> None:
    """Names and coordinates are in two files: their rows must fit together."""
    table = place_names._table()
    assert len(table.names) == len(table.lonlat) == len(table.starts)
    for row in range(0, len(table.names), 20_000):
        found = find(f"{table.names[row]}, {table.countries[table.country[row]]}", 1000)
        assert any(np.allclose(place.lonlat, table.lonlat[row], atol=1e-4) for place in found)


@pytest.mark.parametrize("text", ["Tromsø", "'s-Hertogenbosch", "Xi’an", "Ağrı", "東京", "Straße", "Ny-Ålesund (x)"])
def test_a_simple_name_stays_as_it_is(text: str) -> None:
    assert simple(simple(text)) == simple(text)


@pytest.mark.usefixtures("fresh")
@pytest.mark.parametrize("damage", DAMAGES)
@pytest.mark.parametrize("name", ["cities_geonames500.npz", "city_names_geonames.txt.xz", "countries_iso3166.tsv"])
def test_a_damaged_file_is_named(name: str, damage: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    damage_copy("data", name, damage, tmp_path, monkeypatch)
    with pytest.raises(AssetError, match=name.replace(".", r"\.")):
        find("Oslo")


@pytest.mark.usefixtures("fresh")
def test_names_of_another_number_of_places_are_damaged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    damage_copy("data", "city_names_geonames.txt.xz", "missing", tmp_path, monkeypatch)
    asset = tmp_path / "assets" / "data" / "city_names_geonames.txt.xz"
    asset.write_bytes(lzma.compress(b"Oslo\nBergen\n"))
    assert asset.parent == asset_path("data", "cities_geonames500.npz").parent
    with pytest.raises(AssetError, match=r"it has 2 lines, and .* 234908 places"):
        find("Oslo")
