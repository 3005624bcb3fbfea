"""CSV and GeoJSON hold the field."""

import csv
import io
import json

import numpy as np
import pytest
from shapely.geometry import shape

from s2v import export
from s2v.data import distance_field
from s2v.fields import Field, Grid

GRID = Grid.equirectangular(10.0)
VALUES = (np.arange(18 * 36, dtype=float).reshape(18, 36) / 7) - 20
VALUES[3, 5] = np.nan
HEIGHT = Field(VALUES, GRID, "Geoid height", "m", (-20.0, 80.0))
CLASSES = Field(
    np.repeat([[0.0], [1.0], [2.0]], 6, axis=0) * np.ones(36),
    GRID,
    "Land cover",
    limits=(-0.5, 2.5),
    classes=("Ice", "Evergreen forest", "Água"),
)
KNOWN = np.isfinite(VALUES)


def test_csv_has_a_row_for_each_known_cell() -> None:
    rows = list(csv.reader(io.StringIO(export.to_csv(HEIGHT).decode())))
    assert rows[0] == ["longitude", "latitude", "geoid_height"]
    table = np.array(rows[1:], dtype=float)
    np.testing.assert_array_equal(table[:, :2], GRID.lonlat[KNOWN])
    np.testing.assert_allclose(table[:, 2], VALUES[KNOWN], rtol=1e-8)
    named = list(csv.reader(io.StringIO(export.to_csv(CLASSES).decode())))
    assert named[1] == ["-175.0", "85.0", "0", "Ice"]
    assert named[-1][2:] == ["2", "Água"]


@pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1"])
def test_class_names_are_no_formulas_in_csv(name: str) -> None:
    field = Field(np.zeros(GRID.shape), GRID, "Land cover", limits=(-0.5, 0.5), classes=(name,))
    rows = list(csv.reader(io.StringIO(export.to_csv(field).decode())))
    assert rows[1][2:] == ["0", f"'{name}"]


def test_csv_takes_polar_maps_too_and_only_the_disc() -> None:
    polar = Grid.polar("north", 21, 60)
    rows = export.to_csv(Field(polar.lonlat[..., 1], polar, "Latitude")).decode().splitlines()
    assert len(rows) == 1 + polar.inside.sum()
    assert float(rows[len(rows) // 2 + 1].split(",")[1]) > 85


def test_geojson_covers_the_known_cells_once() -> None:
    for field in (HEIGHT, CLASSES):
        read = json.loads(export.to_geojson(field))
        shapes = [shape(feature["geometry"]) for feature in read["features"]]
        assert all(polygon.is_valid and polygon.exterior.is_ccw for polygon in shapes)
        assert sum(polygon.area for polygon in shapes) == pytest.approx(100 * np.isfinite(field.values).sum())
    assert len(json.loads(export.to_geojson(CLASSES))["features"]) == 18  # a row of one class is one polygon
    assert read["features"][-1]["properties"] == {"class": 2, "name": "Água"}


def test_a_field_of_which_nothing_is_known_is_written() -> None:
    nothing = HEIGHT.with_values(np.full(GRID.shape, np.nan))
    assert export.to_csv(nothing).count(b"\n") == 1
    assert json.loads(export.to_geojson(nothing))["features"] == []


@pytest.mark.parametrize("field", [HEIGHT, CLASSES], ids=["values", "classes"])
def test_the_distance_to_the_data_stands_beside_the_values(field: Field) -> None:
    distance = distance_field([[0.0, 90.0], [180.0, -20.0]], GRID)
    table = list(csv.reader(io.StringIO(export.to_csv(field, distance).decode())))
    assert table[0][-1] == "distance_km"
    known = np.isfinite(field.values)
    np.testing.assert_allclose([float(row[-1]) for row in table[1:]], distance.values[known], rtol=1e-6)


def test_numbers_that_are_no_class_are_left_out() -> None:
    odd = CLASSES.with_values(np.where(CLASSES.values == 1, 7.0, CLASSES.values))
    assert export.to_csv(odd).count(b"\n") == 1 + 12 * 36
    assert len(json.loads(export.to_geojson(odd))["features"]) == 12


def test_a_polar_map_is_no_geojson() -> None:
    polar = Grid.polar("south", 21)
    with pytest.raises(ValueError, match=r"a south polar one. Choose the whole world, or \.nc, \.tif or \.csv"):
        export.to_geojson(Field(polar.lonlat[..., 1], polar, "Latitude"))


def test_distances_that_do_not_fit_are_refused() -> None:
    with pytest.raises(ValueError, match="on another grid than 'Geoid height'"):
        export.to_csv(HEIGHT, distance_field([[0.0, 90.0]], Grid.equirectangular(20)))
    with pytest.raises(ValueError, match=r"no distance of each. Choose \.csv, \.nc, \.tif or a pic"):
        export.to_geojson(HEIGHT, distance_field([[0.0, 90.0]], GRID))
