"""The suffix decides the format, and what cannot be is refused before the work."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
import rasterio
import rioxarray  # noqa: F401  (gives arrays .rio)
import xarray as xr

from s2v import export
from s2v.fields import Field, Grid
from tests.export.fields import GRIDS, NAMES, classes, values

CASES = Path(__file__).parent / "cases"


def test_the_suffix_decides(tmp_path: Path) -> None:
    field = values(GRIDS["world"])
    begins = {".csv": b"longitude,", ".geojson": b'{"type":"FeatureCollection"', ".nc": b"CDF", ".tif": b"II"}
    assert begins.keys() == export.FORMATS.keys()
    for suffix, begin in begins.items():
        assert export.write(field, tmp_path / f"height{suffix}").read_bytes().startswith(begin)
        assert export.write(field, tmp_path / f"HEIGHT{suffix.upper()}").read_bytes().startswith(begin)


@pytest.mark.parametrize(
    ("name", "grid", "options", "words"),
    [
        ("a.xls", "world", {}, r"one of \.csv, \.geojson, \.nc, \.tif"),
        ("a", "world", {}, r"one of \.csv, \.geojson, \.nc, \.tif"),
        ("a.geojson", "south", {}, r"a south polar one"),
        ("a.geojson", "world", {"distance": True}, "no distance of each"),
        ("a.nc", "world", {"cog": True}, "only a GeoTIFF can be cloud-optimised"),
        ("a.csv", "north", {"cog": True}, "only a GeoTIFF can be cloud-optimised"),
    ],
)
def test_what_cannot_be_is_refused(name: str, grid: str, options: dict[str, bool], words: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=words):
        export.check(tmp_path / name, GRIDS[grid], **options)


def test_a_place_where_nothing_can_be_written_is_refused(tmp_path: Path) -> None:
    (tmp_path / "folder.tif").mkdir()
    (tmp_path / "a.tif.aux.xml").mkdir()
    for path in ("nowhere/a.nc", "folder.tif", "a.tif"):
        with pytest.raises(OSError, match="cannot be written"):
            export.check(tmp_path / path, GRIDS["world"])


def test_a_link_stays_one(tmp_path: Path) -> None:
    (tmp_path / "map.tif").symlink_to(tmp_path / "real.tif")
    export.write(classes(GRIDS["world"]), tmp_path / "map.tif")
    assert (tmp_path / "map.tif").is_symlink()
    assert {path.name for path in tmp_path.iterdir()} == {"map.tif", "real.tif", "real.tif.aux.xml"}


def test_a_map_of_the_first_version_is_read_and_written_again_without_its_faults() -> None:
    """The old one is of floats, and lost letters of its names; the new one is of integers, with the same answers."""
    with rasterio.open(CASES / "exported_classes.tif") as read:
        old, bounds = read.read(1, masked=True), read.bounds
    again = classes(GRIDS["world"]).with_values(old.filled(np.nan).astype(float))
    with rasterio.open(io.BytesIO(export.to_geotiff(again))) as read:
        assert (read.bounds, read.dtypes) == (bounds, ("uint8",))
        np.testing.assert_array_equal(read.read(1, masked=True), old)


@pytest.mark.parametrize("name", ["exported_flags.nc", "exported_without_crs.nc"])
def test_a_netcdf_of_the_first_version_is_read_and_written_again_with_its_coordinate_system(name: str) -> None:
    with xr.open_dataset(CASES / name) as old:
        assert old.rio.crs is None
        ((title, array),) = old.data_vars.items()
        names = NAMES if "flag_values" in array.attrs else ()
        field = Field(
            array.values[::-1].astype(float), Grid.equirectangular(180 / len(array)), array.long_name, classes=names
        )
        with xr.open_dataset(export.to_netcdf(field), engine="scipy", decode_coords="all") as new:
            assert new.rio.crs.to_epsg() == 4326
            np.testing.assert_array_equal(new[title], array)
            np.testing.assert_array_equal(new.lat, old.lat)
            np.testing.assert_array_equal(new.lon, old.lon)
