"""xarray, rioxarray and GDAL read the field back: its values, its places, its coordinate system, its words."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pytest
import rasterio
import rioxarray  # noqa: F401  (gives arrays .rio)
import xarray as xr
from rasterio.crs import CRS
from rasterio.warp import transform

from s2v import cf, export
from s2v.data import distance_field
from s2v.fields import Field, Grid
from tests.export.fields import GRIDS, NAMES, classes, values

WGS_84 = CRS.from_epsg(4326)
LEGAL = re.compile(r"[A-Za-z0-9_\-.+@]+")  # CF 1.8, section 3.5


def written(field: Field, folder: Path, distance: Field | None = None) -> Path:
    return export.write(field, folder / "map.nc", distance)


@pytest.mark.parametrize("name", GRIDS)
def test_a_field_in_xarray_is_the_field(name: str) -> None:
    field = values(GRIDS[name])
    array = field.to_xarray()
    np.testing.assert_array_equal(array, np.where(field.known, field.values, np.nan))
    assert (array.name, array.units, array.long_name, array.credit) == ("height", "m", "Height", "Möwen & Co.")
    assert "sphere2vec-lab" in array.history
    assert CRS.from_user_input(array.rio.crs) == CRS.from_wkt(field.grid.crs)
    longitude, latitude = xr.broadcast(array.lon, array.lat)
    places = np.stack([longitude.transpose(*array.dims), latitude.transpose(*array.dims)], -1)
    np.testing.assert_allclose(places[field.known], field.grid.lonlat[field.known], atol=1e-12)


@pytest.mark.parametrize("name", GRIDS)
@pytest.mark.parametrize("make", [values, classes])
def test_gdal_finds_each_value_at_its_place(name: str, make, tmp_path: Path) -> None:
    field = make(GRIDS[name])
    with rasterio.open(written(field, tmp_path)) as read:
        assert read.crs == CRS.from_wkt(field.grid.crs)
        assert (read.crs == WGS_84) == (name == "world")
        x, y = transform(WGS_84, read.crs, *field.grid.lonlat[field.known].T)
        left, top = read.bounds.left, read.bounds.top
        columns, rows = (np.array(x) - left) / read.res[0], (top - np.array(y)) / read.res[1]
        np.testing.assert_allclose(np.stack([rows, columns], -1), np.argwhere(field.known) + 0.5, atol=1e-6)
        band = read.read(1, masked=True)
        np.testing.assert_array_equal(~np.ma.getmaskarray(band), field.known)
        np.testing.assert_array_equal(band[field.known], field.values[field.known].astype(band.dtype))
        assert band.dtype == (np.int16 if field.classes else np.float32)


@pytest.mark.parametrize("name", GRIDS)
def test_rioxarray_finds_each_value_at_its_place(name: str, tmp_path: Path) -> None:
    field = values(GRIDS[name])
    with xr.open_dataset(written(field, tmp_path), decode_coords="all") as read:
        x, y = transform(WGS_84, read.rio.crs, *field.grid.lonlat[field.known].T)
        nearest = {read.rio.x_dim: xr.DataArray(x, dims="place"), read.rio.y_dim: xr.DataArray(y, dims="place")}
        found = read.height.sel(nearest, method="nearest")
        np.testing.assert_array_equal(found, field.values[field.known].astype(np.float32))


def test_the_conventions_are_kept(tmp_path: Path) -> None:
    with xr.open_dataset(written(values(GRIDS["world"]), tmp_path), decode_cf=False) as read:
        assert read.Conventions == "CF-1.8"
        assert (read.title, read.credit) == ("Height", "Möwen & Co.")
        assert read.height.dims == ("lat", "lon")
        assert (np.diff(read.lat) > 0).all()
        for axis, unit in (("lat", "degrees_north"), ("lon", "degrees_east")):
            assert read[axis].units == unit
            assert "_FillValue" not in read[axis].attrs  # section 2.5.1: axes have no gaps
        assert read[read.height.grid_mapping].grid_mapping_name == "latitude_longitude"
        assert "coordinates" not in read.height.attrs
    with xr.open_dataset(written(values(GRIDS["south"]), tmp_path), decode_cf=False) as read:
        assert read.x.standard_name == "projection_x_coordinate"
        assert read.height.coordinates.split() == ["lat", "lon"]
        mapping = read[read.height.grid_mapping]
        assert mapping.grid_mapping_name == "lambert_azimuthal_equal_area"
        assert mapping.latitude_of_projection_origin == -90
        assert mapping.earth_radius == 6371008.8


def test_a_file_that_has_only_the_words_of_the_conventions_is_placed_by_them(tmp_path: Path) -> None:
    for name, grid in GRIDS.items():
        mapping = cf.grid_mapping(grid.kind)
        array = values(grid).to_xarray()
        array.spatial_ref.attrs = {key: mapping[key] for key in mapping if key not in ("crs_wkt", "spatial_ref")}
        places = np.array([[10.0, 70.0], [-170.0, 70.0]]) * (1, -1 if name == "south" else 1)
        expected = transform(WGS_84, CRS.from_wkt(grid.crs), *places.T)
        np.testing.assert_allclose(transform(WGS_84, array.rio.crs, *places.T), expected, rtol=1e-9)


def test_classes_are_integers_with_legal_words_and_their_own_names(tmp_path: Path) -> None:
    field = classes(GRIDS["world"])
    with xr.open_dataset(written(field, tmp_path), decode_cf=False) as read:
        variable = read.predicted_class
        words = variable.flag_meanings.split(" ")
        assert (variable.dtype, variable.flag_values.dtype.kind, variable.flag_values.itemsize) == (np.int16, "i", 2)
        assert variable.flag_values.tolist() == list(range(len(NAMES)))
        assert len(set(words)) == len(words) == len(NAMES)
        assert all(LEGAL.fullmatch(word) for word in words)
        assert json.loads(variable.class_names) == list(NAMES)
        assert len(variable.flag_colors.split(" ")) == len(NAMES)
        known = field.known[::-1]
        np.testing.assert_array_equal(variable.values[known], field.values[::-1][known])
        assert (variable.values[~known] == variable.attrs["_FillValue"]).all()


@pytest.mark.parametrize(
    "names",
    [
        ("a b", "a_b", "a_b_2", "a.b"),
        ("", " ", "\t", "_"),
        ("海", "山", "Ω", "Ж"),
        ("same",) * 5,
        ("C++", "C#", "c@home", "x-y", "1.5"),
        ("Æther", "Øre", "ß", "ﬁn", "Å"),
        ("a\x00b", "a\ud800b", "a\nb"),
        ("x" * 5000, "x" * 5001),
        tuple(f"species {i}" for i in range(300)),
    ],
    ids=range(9),
)
def test_words_of_any_classes_are_legal_and_differ(names: tuple[str, ...]) -> None:
    words = cf.flag_meanings(names)
    assert len(set(words)) == len(names)
    assert all(LEGAL.fullmatch(word) for word in words)
    content = export.to_netcdf(Field(np.zeros((1, 2)), Grid("equirectangular", 1, 2), "Any", classes=names))
    with xr.open_dataset(content, engine="scipy", decode_cf=False) as read:
        assert json.loads(read["any"].class_names) == [cf.clean(name) for name in names]


def test_many_classes_keep_their_numbers() -> None:
    names = tuple(str(number) for number in range(40_000))
    grid = Grid.equirectangular(1)
    field = Field(np.arange(180 * 360.0).reshape(180, 360) % 40_000, grid, "Species", classes=names)
    np.testing.assert_array_equal(field.to_xarray(), field.values)


def test_fields_of_several_grids_stand_in_one_file() -> None:
    fields = [values(GRIDS["world"]), values(GRIDS["world"]), classes(GRIDS["north"])]
    with xr.open_dataset(export.to_netcdf(fields), engine="scipy", decode_coords="all") as read:
        assert set(read.data_vars) == {"height", "height_2", "predicted_class"}
        assert read.predicted_class.dims == ("y_2", "x_2")
        assert read.predicted_class.encoding["grid_mapping"] == "spatial_ref_2"
        assert read.height_2.credit == "Möwen & Co."
        assert read.title == "Height; Predicted class"
    with pytest.raises(ValueError, match="no fields"):
        export.to_netcdf([])


def test_a_title_that_is_the_name_of_an_axis_takes_no_axis_away() -> None:
    for title in ("Lat", "lon", "x", "Spatial ref", "2 m", ""):
        field = Field(np.zeros((1, 2)), Grid("equirectangular", 1, 2), title)
        assert list(export.to_dataset(field).data_vars) == ["value"]


@pytest.mark.parametrize("make", [values, classes])
@pytest.mark.parametrize("name", GRIDS)
def test_the_distance_to_the_data_stands_beside_the_values(name: str, make, tmp_path: Path) -> None:
    field = make(GRIDS[name])
    distance = distance_field([[0.0, 90.0], [180.0, -20.0]], field.grid)
    with xr.open_dataset(written(field, tmp_path, distance)) as read:
        assert list(read.data_vars) == [cf.variable_name(field.title), "distance_km", "spatial_ref"]
        inside = field.grid.inside
        np.testing.assert_array_equal(read.distance_km.values[::-1][inside], distance.values[inside])
        assert read.distance_km.units == "km"
        assert (read.distance_km.isnull().values[::-1] == ~inside).all()


def test_a_field_of_which_nothing_is_known_is_written() -> None:
    for make in (values, classes):
        nothing = make(GRIDS["world"]).with_values(np.full(GRIDS["world"].shape, np.nan))
        with xr.open_dataset(export.to_netcdf(nothing), engine="scipy") as read:
            assert read[cf.variable_name(nothing.title)].isnull().all()
