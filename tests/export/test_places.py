"""Files of places, read again by the reader of users' files."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from s2v import data, sphere
from s2v.export import places_csv, places_geojson

PLACES = sphere.random_points(60, seed=1)
COLUMNS = {"class": ["tern", "gull", "auk"] * 20, "depth": [0.5 * i for i in range(60)]}


@pytest.mark.parametrize(("ending", "write"), [("csv", places_csv), ("geojson", places_geojson)])
def test_the_lab_reads_its_own_files_of_places(ending: str, write: object, tmp_path: Path) -> None:
    file = tmp_path / f"places.{ending}"
    file.write_bytes(write(PLACES, COLUMNS))  # type: ignore[operator]
    found = data.read_points(file, target="class")
    np.testing.assert_allclose(found.lonlat, PLACES, atol=1e-6)
    assert [found.classes[number] for number in found.target] == COLUMNS["class"]
    np.testing.assert_array_equal(data.read_points(file, target="depth").target, COLUMNS["depth"])


def test_texts_are_no_formulas_in_a_spreadsheet_and_stay_as_they_are_in_geojson() -> None:
    assert places_csv([[1, 2]], {"class": ["=1+1"]}) == b"longitude,latitude,class\n1.0,2.0,'=1+1\n"
    (feature,) = json.loads(places_geojson([[1, 2]], {"class": ["=1+1"]}))["features"]
    assert feature["properties"] == {"class": "=1+1"}


def test_coordinates_have_no_more_digits_than_they_are_worth() -> None:
    assert b"15.6,78.2," in places_csv([[15.600000000000001, 78.19999999999999]], {"value": [1.0]})
