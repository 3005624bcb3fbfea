"""Cities and languages: the right answers at known places, the long tail, and damaged files."""

import gzip
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from s2v import assets, data, sphere
from s2v.data import cities, languages
from s2v.data.observations import Observations

LONGITUDES = st.floats(-180, 180) | st.sampled_from([-180.0, -179.999, 0.0, 179.999, 180.0])
LATITUDES = st.floats(-90, 90) | st.sampled_from([-90.0, -89.9999, 89.9999, 90.0])
everywhere = settings(max_examples=100, deadline=None)


@pytest.mark.parametrize(
    ("longitude", "latitude", "country"),
    [
        (2.35, 48.85, "France"),
        (-58.4, -34.6, "Argentina"),
        (139.7, 35.7, "Japan"),
        (15.6, 78.2, "Svalbard & Jan Mayen"),
        (178.4, -18.1, "Fiji"),
        (-179.2, 66.3, "Russia"),  # beyond the dateline
        (21.2, 42.7, "Kosovo"),  # GeoNames' own code
        (12.4534, 41.9033, "Vatican City"),  # a single place
    ],
)
def test_countries_of_known_places(longitude: float, latitude: float, country: str) -> None:
    d = data.load("cities", points=10)
    number = d.truth_at([longitude, latitude])
    assert not np.isnan(number)
    assert d.classes[int(number)] == country


@pytest.mark.parametrize(("longitude", "latitude"), [(0.0, 90.0), (77.0, -90.0), (-140.0, 0.0), (-40.0, 75.0)])
@pytest.mark.parametrize("name", ["cities", "cities:population", "cities:presence", "languages"])
def test_truth_is_unknown_far_from_any_place(name: str, longitude: float, latitude: float) -> None:
    assert np.isnan(data.load(name, points=10).truth_at([longitude, latitude]))


def test_populations_of_known_cities() -> None:
    d = data.load("cities:population", points=10)
    assert float(d.truth_at([121.458, 31.222])) == pytest.approx(7.4, abs=0.1)  # Shanghai, 25 million
    assert d.target.min() >= 0
    assert d.target.max() < 7.5


def test_classes_without_a_training_place_are_named() -> None:
    few = data.load("cities", points=200)
    assert len(few.classes) == 246
    assert len(few.unseen) > 100
    every = data.load("cities", points=200_000)
    usual = data.load("cities", points=20_000)
    assert len(every.unseen) < 10 < len(usual.unseen) < 50
    assert "Vatican City" in usual.unseen
    tail = data.load("languages")
    assert len(tail.classes) == 70
    assert tail.classes[0] == "Atlantic-Congo"
    assert (np.bincount(tail.target)[:1] >= np.bincount(tail.target)).all()
    assert tail.unseen == ()
    assert "the smallest 10" in tail.summary


def test_asking_for_too_many_points_gives_all_there_are() -> None:
    d = data.load("languages", points=10**6)
    assert len(d.train) + len(d.val) + len(d.test) == 6685
    assert (len(d.val), len(d.test)) == (668, 1337)


def test_presences_have_one_class_or_families() -> None:
    assert data.load("cities:presence", 50).classes == ("town or city",)
    assert not data.load("cities:presence", 50).target.any()
    families, presences = data.load("languages", 50), data.load("languages:presence", 50)
    assert (families.task, presences.task) == ("classification", "presence")
    np.testing.assert_array_equal(families.target, presences.target)


@everywhere
@given(longitude=LONGITUDES, latitude=LATITUDES, turns=st.integers(-1, 1))
def test_truth_in_between_is_that_of_the_nearest_place(longitude: float, latitude: float, turns: int) -> None:
    centres = np.array([[179.5, 10.0], [-179.8, 12.0], [30.0, 89.5], [-150.0, 89.0], [0.0, -90.0], [10.0, 50.0]])
    table = Observations(centres, np.arange(len(centres)), reach=500.0)
    place = np.array([longitude, latitude])
    distance = sphere.great_circle_km(centres, place)
    found = float(table.nearest(np.array([longitude + 360 * turns, latitude])))
    nearest = np.sort(distance)[:2]
    if nearest[0] > 500.01:
        assert np.isnan(found)
    elif nearest[0] < 499.99 and nearest[1] - nearest[0] > 1e-6:
        assert found == distance.argmin()


def restored(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, **changed: bytes) -> None:
    """All data files in a folder of their own, some of them changed (dots in names written as two underscores)."""
    (tmp_path / "data").mkdir()
    for file in ("cities_geonames500.npz", "countries_iso3166.tsv", "languages_glottolog.csv.gz"):
        content = changed.get(file.replace(".", "__"), assets.asset_path("data", file).read_bytes())
        (tmp_path / "data" / file).write_bytes(content)
    monkeypatch.setattr(assets, "ASSETS", tmp_path)


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("cities", "cities_geonames500.npz"),
        ("cities:presence", "countries_iso3166.tsv"),
        ("languages", "languages_glottolog.csv.gz"),
    ],
)
@pytest.mark.parametrize("how", ["missing", "rubbish", "empty", "cut"])
def test_a_missing_or_damaged_file_is_named(
    name: str, file: str, how: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = assets.asset_path("data", file).read_bytes()
    content = {"rubbish": b"\xff\xfe neither this nor that", "empty": b"", "cut": whole[: len(whole) // 2]}
    restored(tmp_path, monkeypatch, **{file.replace(".", "__"): content.get(how, b"")})
    if how == "missing":
        (tmp_path / "data" / file).unlink()
    with pytest.raises(assets.AssetError, match=file):
        data.load(name, points=10)


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        ("name,latitude,longitude,family\nA,95,0,F\n", "not on the sphere"),
        ("name,latitude,longitude,family\nA,nan,0,F\n", "not on the sphere"),
        ("name,latitude,longitude,family\nA,5,0,\n", "without a family"),
        ("name,latitude,longitude\nA,5,0\n", "family"),
        ("name,latitude,longitude,family\n", "no languages"),
    ],
)
def test_damaged_rows_of_languages_are_refused(
    rows: str, reason: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    restored(tmp_path, monkeypatch, languages_glottolog__csv__gz=gzip.compress(rows.encode()))
    with pytest.raises(assets.AssetError, match=reason):
        data.load("languages", points=10)


def test_classes_of_a_single_place_make_a_data_set(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = "name,latitude,longitude,family\nA,5,0,F\nB,6,1,G\nB,6,1,G\n"
    restored(tmp_path, monkeypatch, languages_glottolog__csv__gz=gzip.compress(rows.encode()))
    d = data.load("languages", points=10)
    assert (len(d.train), len(d.val), len(d.test)) == (2, 0, 0)  # two are at one place
    assert d.unseen == ()
    assert cities.REACH < languages.REACH
