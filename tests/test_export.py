"""What is written can be read by others, and is the field."""

import csv
import io
import json

import numpy as np
import pytest
from PIL import Image
from PIL.TiffImagePlugin import ImageFileDirectory_v2
from scipy.io import netcdf_file
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


def test_netcdf_follows_the_conventions() -> None:
    with netcdf_file(io.BytesIO(export.to_netcdf(HEIGHT)), mmap=False) as read:
        assert read.Conventions == b"CF-1.8"
        variable = read.variables["geoid_height"]
        assert variable.dimensions == ("lat", "lon")
        assert variable.units == b"m"
        np.testing.assert_array_equal(read.variables["lat"][:], GRID.lonlat[::-1, 0, 1])
        np.testing.assert_array_equal(read.variables["lon"][:], GRID.lonlat[0, :, 0])
        np.testing.assert_array_equal(variable[:][::-1], VALUES.astype(np.float32))
    with netcdf_file(io.BytesIO(export.to_netcdf(CLASSES)), mmap=False) as read:
        variable = read.variables["land_cover"]
        assert variable.flag_meanings.decode().split() == ["Ice", "Evergreen_forest", "Água"]
        np.testing.assert_array_equal(variable[:][::-1], CLASSES.values)


def test_geotiff_says_where_it_lies() -> None:
    picture = Image.open(io.BytesIO(export.to_geotiff(HEIGHT)))
    np.testing.assert_array_equal(np.asarray(picture), VALUES.astype(np.float32))
    tags = picture.tag_v2
    assert tags[33550] == (10.0, 10.0, 0.0)
    assert tags[33922][3:5] == (-180.0, 90.0)
    keys = np.array(tags[34735]).reshape(-1, 4)
    assert keys[0].tolist() == [1, 1, 0, len(keys) - 1]
    assert {int(k): int(v) for k, _, _, v in keys[1:]} == {1024: 2, 1025: 1, 2048: 4326, 2054: 9102}
    assert tags[270] == "Geoid height (m)"
    assert "1 Evergreen forest" in Image.open(io.BytesIO(export.to_geotiff(CLASSES))).tag_v2[270]


def test_the_suffix_decides_and_what_does_not_fit_is_named(tmp_path) -> None:
    for suffix in export.FORMATS:
        path = export.write(HEIGHT, tmp_path / f"height{suffix}")
        assert path.read_bytes() == export.FORMATS[suffix](HEIGHT)
    assert export.write(HEIGHT, tmp_path / "HEIGHT.TIF").read_bytes() == export.to_geotiff(HEIGHT)
    with pytest.raises(ValueError, match=r"one of \.csv, \.geojson, \.nc, \.tif"):
        export.write(HEIGHT, tmp_path / "height.xls")
    polar = Grid.polar("south", 21)
    for suffix in (".geojson", ".nc", ".tif"):
        with pytest.raises(ValueError, match=r"a south polar one. Choose the whole world, or \.csv"):
            export.FORMATS[suffix](Field(polar.lonlat[..., 1], polar, "Latitude"))


def test_a_title_that_is_the_name_of_an_axis_takes_no_axis_away() -> None:
    with netcdf_file(io.BytesIO(export.to_netcdf(Field(GRID.lonlat[..., 1], GRID, "Lat"))), mmap=False) as read:
        assert {name: variable.shape for name, variable in read.variables.items()} == {
            "lat": (18,),
            "lon": (36,),
            "value": (18, 36),
        }


def test_a_field_of_which_nothing_is_known_is_written() -> None:
    nothing = HEIGHT.with_values(np.full(GRID.shape, np.nan))
    assert export.to_csv(nothing).count(b"\n") == 1
    assert json.loads(export.to_geojson(nothing))["features"] == []
    assert np.isnan(np.asarray(Image.open(io.BytesIO(export.to_geotiff(nothing))))).all()
    with netcdf_file(io.BytesIO(export.to_netcdf(nothing)), mmap=False) as read:
        assert np.isnan(read.variables["geoid_height"][:]).all()


@pytest.mark.parametrize("field", [HEIGHT, CLASSES], ids=["values", "classes"])
def test_the_distance_to_the_data_stands_beside_the_values(field: Field) -> None:
    distance = distance_field([[0.0, 90.0], [180.0, -20.0]], GRID)
    table = list(csv.reader(io.StringIO(export.to_csv(field, distance).decode())))
    assert table[0][-1] == "distance_km"
    known = np.isfinite(field.values)
    np.testing.assert_allclose([float(row[-1]) for row in table[1:]], distance.values[known], rtol=1e-6)
    with netcdf_file(io.BytesIO(export.to_netcdf(field, distance)), mmap=False) as read:
        far = read.variables["distance_km"]
        np.testing.assert_array_equal(far[:], distance.values[::-1])
        assert (far.units, far.dimensions) == (b"km", ("lat", "lon"))
        assert len(read.variables) == 4
    content = export.to_geotiff(field, distance)
    tags = ImageFileDirectory_v2(content[:8])
    file = io.BytesIO(content)
    file.seek(tags.next)
    tags.load(file)
    bands = [
        np.frombuffer(content[start : start + count], "<f4").reshape(GRID.shape)
        for start, count in zip(tags[273], tags[279], strict=True)
    ]
    np.testing.assert_array_equal(bands, [field.values.astype(np.float32), distance.values])
    assert end_of(tags) == len(content)
    assert "Distance to the nearest training place" in tags[42112]


def end_of(tags: ImageFileDirectory_v2) -> int:
    """Where the last band of a file ends."""
    return int(tags[273][-1] + tags[279][-1])


def test_distances_that_do_not_fit_are_refused() -> None:
    with pytest.raises(ValueError, match="on another grid than 'Geoid height'"):
        export.to_csv(HEIGHT, distance_field([[0.0, 90.0]], Grid.equirectangular(20)))
    with pytest.raises(ValueError, match=r"no distance of each. Choose \.csv, \.nc or \.tif"):
        export.to_geojson(HEIGHT, distance_field([[0.0, 90.0]], GRID))
