"""Files that are not read are called what they are, by their content, whatever their names say."""

from __future__ import annotations

import io
import pickle
import struct
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from PIL import Image

from s2v import data, export
from s2v.fields import Field, Grid


def image(kind: str) -> bytes:
    Image.new("L", (4, 4)).save(file := io.BytesIO(), kind)
    return file.getvalue()


def array() -> bytes:
    np.save(file := io.BytesIO(), np.zeros((2, 2)))
    return file.getvalue()


def netcdf(**options: str) -> bytes:
    return bytes(xr.Dataset({"v": ("x", np.arange(3.0))}).to_netcdf(**options))


def safetensors() -> bytes:
    header = b'{"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}'
    return struct.pack("<Q", len(header)) + header + bytes(4)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (netcdf(format="NETCDF3_CLASSIC", engine="scipy"), "is NetCDF: take the values at places out of it"),
        (b"\x89HDF\r\n\x1a\n" + bytes(99), "is HDF5, as NetCDF-4 is"),
        (image("TIFF"), "is a TIFF image, such as GeoTIFF"),
        (image("PNG"), "is a PNG image"),
        (image("JPEG"), "is a JPEG image"),
        (image("GIF"), "is a GIF image"),
        (image("BMP"), "is a bitmap image"),
        (image("WEBP"), "is a WebP image"),
        (b"GRIB" + bytes(99), "is GRIB"),
        (array(), "is a NumPy array"),
        (pickle.dumps({"lon": [1, 2]}), "is a pickle, which could run code and is never opened"),
        (safetensors(), "is a safetensors file: it holds no places"),
        (b"\xd0\xcf\x11\xe0" + bytes(99), "is an old Excel workbook"),
        (b"%PDF-1.7\n", "is a PDF"),
        (b"RDX3\nX\n" + bytes(9), "is a file of R (.RData)"),
        (b"ARROW1\0\0" + bytes(99), "is an Arrow or Feather file"),
        (b"7z\xbc\xaf\x27\x1c" + bytes(99), "is a 7z archive: unpack it"),
        (b"<!DOCTYPE html>\n<html><body>Log in</body></html>", "is a web page"),
        (b'<?xml version="1.0"?><gpx version="1.1"></gpx>', "is GPX"),
        (
            b'<OGRVRTDataSource><OGRVRTLayer name="a"/></OGRVRTDataSource>',
            "virtual data source (VRT), which refers to other",
        ),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:1\n", "a pointer of Git LFS, not the file itself"),
        (b"lon,lat\n1,2\n\x00\x01\x02,4\n", "holds NUL bytes, so it is no text"),
        ("lon,lat\n1,2\n".encode("utf-16-le"), "UTF-16 without its mark"),
    ],
)
@pytest.mark.parametrize("name", ["a.csv", "a.dat"])
def test_a_file_that_is_not_read_is_called_what_it_is(name: str, content: bytes, message: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(ValueError, match=r".") as raised:
        data.read_points(tmp_path / name)
    assert message in str(raised.value)
    assert str(raised.value).startswith(f"The file '{name}' ")
    assert len(str(raised.value)) < 500


@pytest.mark.parametrize(("suffix", "what"), [(".nc", "NetCDF"), (".tif", "a TIFF image, such as GeoTIFF")])
def test_our_own_maps_are_called_what_they_are(suffix: str, what: str, tmp_path: Path) -> None:
    grid = Grid.equirectangular(30.0)
    export.write(Field(grid.lonlat[..., 1].copy(), grid, "latitude"), tmp_path / f"map{suffix}")
    with pytest.raises(ValueError, match=what):
        data.read_points(tmp_path / f"map{suffix}")


@pytest.mark.parametrize(
    "header", [b"BM,lon,lat\n", b"MZ,lon,lat\n", b"ORC,lon,lat\n", b"RDA,lon,lat\n", b"GIF8,lon,lat\n"]
)
def test_a_table_whose_first_column_has_such_a_name_is_read(header: bytes) -> None:
    assert data.read_points(io.BytesIO(header + b"a,1,2\nb,3,4\n")).lonlat.tolist() == [[1, 2], [3, 4]]
