"""GDAL reads the field back from a GeoTIFF: values, places, names and colours of classes."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
import rasterio
import rasterio.shutil
import rioxarray
import xarray as xr
from rasterio.crs import CRS
from rasterio.warp import transform

from s2v import export
from s2v.data import distance_field
from s2v.fields import Field, Grid
from s2v.palette import class_colors, hex_to_rgb
from tests.export.fields import GRIDS, NAMES, classes, values

WGS_84 = CRS.from_epsg(4326)


def written(field: Field, folder: Path, distance: Field | None = None, cog: bool = False) -> Path:
    return export.write(field, folder / "map.tif", distance, cog)


def gdal_band(path: Path) -> ElementTree.Element:
    """What GDAL knows of the first band, its names and colours included: its virtual copy tells."""
    rasterio.shutil.copy(path, path.with_suffix(".vrt"), driver="VRT")
    band = ElementTree.parse(path.with_suffix(".vrt")).find("VRTRasterBand")
    assert band is not None
    return band


def categories(path: Path) -> list[str]:
    return [each.text or "" for each in gdal_band(path).iter("Category")]


def colors(path: Path) -> list[tuple[int, ...]]:
    return [tuple(int(entry.attrib[f"c{i}"]) for i in (1, 2, 3)) for entry in gdal_band(path).iter("Entry")]


@pytest.mark.parametrize("cog", [False, True], ids=["plain", "cog"])
@pytest.mark.parametrize("make", [values, classes])
@pytest.mark.parametrize("name", GRIDS)
def test_each_value_is_at_its_place(name: str, make, cog: bool, tmp_path: Path) -> None:
    field = make(GRIDS[name])
    with rioxarray.open_rasterio(written(field, tmp_path, cog=cog), masked=True) as read:
        assert (CRS.from_user_input(read.rio.crs) == WGS_84) == (name == "world")
        x, y = transform(WGS_84, CRS.from_user_input(read.rio.crs), *field.grid.lonlat[field.known].T)
        found = read.sel(
            band=1,
            x=xr.DataArray(x, dims="place"),
            y=xr.DataArray(y, dims="place"),
            method="nearest",
            tolerance=1e-6 * read.rio.bounds()[2],
        )
        np.testing.assert_array_equal(found, field.values[field.known].astype(np.float32))
        np.testing.assert_array_equal(read.sel(band=1).notnull(), field.known)


@pytest.mark.parametrize(("name", "place"), [("north", (0.0, 90.0)), ("south", (77.0, -90.0))])
def test_a_pole_lies_in_the_middle(name: str, place: tuple[float, float], tmp_path: Path) -> None:
    with rasterio.open(written(values(GRIDS[name]), tmp_path)) as read:
        x, y = transform(WGS_84, read.crs, *([part] for part in place))
        assert (x[0], y[0]) == pytest.approx((0.0, 0.0), abs=1e-3)  # metres
        edge = transform(WGS_84, read.crs, [90.0], [GRIDS[name].edge * np.sign(place[1])])[0][0]
        assert read.bounds.right == pytest.approx(edge)


def test_the_dateline_is_the_edge_of_the_world(tmp_path: Path) -> None:
    field = values(GRIDS["world"])
    with rasterio.open(written(field, tmp_path)) as read:
        assert read.bounds == (-180.0, -90.0, 180.0, 90.0)
        band = read.read(1)
        for longitude, column in ((-179.99, 0), (179.99, 35)):
            row, found = read.index(longitude, 0.01)
            assert found == column
            assert band[row, found] == np.float32(field.values[row, column])


def test_values_say_what_they_are(tmp_path: Path) -> None:
    with rasterio.open(written(values(GRIDS["world"]), tmp_path)) as read:
        assert (read.dtypes, read.descriptions, read.units) == (("float32",), ("Height",), ("m",))
        assert np.isnan(read.nodata)
        tags = read.tags()
        assert (tags["TIFFTAG_IMAGEDESCRIPTION"], tags["credit"]) == ("Height (m)", "Möwen & Co.")
        assert tags["TIFFTAG_SOFTWARE"].startswith("sphere2vec-lab")
        assert "sphere2vec-lab" in tags["history"]
    assert [path.name for path in tmp_path.iterdir()] == ["map.tif"]


@pytest.mark.parametrize("cog", [False, True], ids=["plain", "cog"])
def test_classes_are_integers_with_names_and_colours(cog: bool, tmp_path: Path) -> None:
    path = written(classes(GRIDS["world"]), tmp_path, cog=cog)
    with rasterio.open(path) as read:
        assert (read.dtypes, read.nodata) == (("uint8",), 255)
        table = read.colormap(1)
        assert [table[i][:3] for i in range(len(NAMES))] == [hex_to_rgb(color) for color in class_colors(len(NAMES))]
        assert json.loads(read.tags()["class_names"]) == list(NAMES)  # where the second file was lost
    assert categories(path) == list(NAMES)


@pytest.mark.parametrize(
    ("count", "kind", "missing"), [(255, "uint8", 255), (256, "uint16", 65535), (70_000, "int32", 2**31 - 1)]
)
def test_the_integers_are_as_wide_as_the_classes_ask(count: int, kind: str, missing: int, tmp_path: Path) -> None:
    names = tuple(f"species {number}" for number in range(count))
    grid = Grid.equirectangular(1)
    numbers = np.arange(grid.rows * grid.columns)[::-1].reshape(grid.shape) % count
    path = written(Field(numbers.astype(float), grid, "Species", classes=names), tmp_path)
    with rasterio.open(path) as read:
        assert (read.dtypes, read.nodata) == ((kind,), missing)
        np.testing.assert_array_equal(read.read(1), numbers)
    assert categories(path) == list(names)
    if count < 1000:
        assert colors(path)[:count] == [hex_to_rgb(color) for color in class_colors(count)]


def test_letters_that_xml_cannot_hold_cost_no_map(tmp_path: Path) -> None:
    names = ("a\x00b", "a\ud800b", "]]>", "<!--", "&amp;")
    expected = ["a?b", "a?b", "]]>", "<!--", "&amp;"]
    assert categories(written(classes(GRIDS["world"], names), tmp_path)) == expected


def test_the_names_of_an_older_map_do_not_stay(tmp_path: Path) -> None:
    written(classes(GRIDS["world"]), tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {"map.tif", "map.tif.aux.xml"}
    path = written(values(GRIDS["world"]), tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["map.tif"]
    assert categories(path) == []


@pytest.mark.parametrize("cog", [False, True], ids=["plain", "cog"])
@pytest.mark.parametrize("name", GRIDS)
def test_the_distance_to_the_data_is_a_band(name: str, cog: bool, tmp_path: Path) -> None:
    distance = distance_field([[0.0, 90.0], [180.0, -20.0]], GRIDS[name])
    inside = GRIDS[name].inside
    with rasterio.open(written(values(GRIDS[name]), tmp_path, distance, cog)) as read:
        assert read.descriptions == ("Height", "Distance to the nearest training place")
        assert read.units == ("m", "km")
        np.testing.assert_array_equal(read.read(2)[inside], distance.values[inside])
        assert np.isnan(read.read(2)[~inside]).all()
    path = written(classes(GRIDS[name]), tmp_path, distance, cog)
    with rasterio.open(path) as read:
        assert read.dtypes == ("uint16", "uint16")
        band = read.read(2, masked=True)
        np.testing.assert_array_equal(~np.ma.getmaskarray(band), inside)
        assert np.abs(band[inside] - distance.values[inside]).max() <= 0.5
        np.testing.assert_array_equal(
            read.read(1)[classes(GRIDS[name]).known], classes(GRIDS[name]).values[classes(GRIDS[name]).known]
        )
    assert categories(path) == list(NAMES)
    assert colors(path)[: len(NAMES)] == [hex_to_rgb(color) for color in class_colors(len(NAMES))]


def test_a_large_cloud_optimised_file_has_overviews_that_keep_the_classes(tmp_path: Path) -> None:
    grid = Grid.equirectangular(0.25)
    numbers = (grid.lonlat[..., 0] > 0) * 4.0
    path = written(Field(numbers, grid, "Half", classes=("west", "", "", "", "east")), tmp_path, cog=True)
    with rasterio.open(path) as read:
        assert read.tags(ns="IMAGE_STRUCTURE")["LAYOUT"] == "COG"
        assert read.overviews(1)
        small = read.read(1, out_shape=(grid.rows // 4, grid.columns // 4))
        assert set(np.unique(small)) == {0, 4}
