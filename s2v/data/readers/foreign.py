"""What a file is that is not read, by its first bytes: a message must name the true reason."""

from __future__ import annotations

from s2v.data.readers.base import beginning

_PACKED = "unpack it"
_SAVE = "save it as one of the formats that are read"
_GRID = "take the values at places out of it, and save them as CSV"
_MODEL = "it holds no places"
_MAGIC: dict[bytes, tuple[str, str]] = {
    b"\x1f\x8b": ("packed by gzip", _PACKED),
    b"BZh": ("packed by bzip2", _PACKED),
    b"\xfd7zXZ": ("packed by xz", _PACKED),
    b"\x28\xb5\x2f\xfd": ("packed by Zstandard", _PACKED),
    b"7z\xbc\xaf\x27\x1c": ("a 7z archive", _PACKED),
    b"Rar!": ("a RAR archive", _PACKED),
    b"\xd0\xcf\x11\xe0": ("an old Excel workbook, or another old Office document", _SAVE),
    b"%PDF-": ("a PDF", _SAVE),
    b"{\\rtf": ("a Rich Text document", _SAVE),
    b"SQLite format 3": ("a SQLite database, but no GeoPackage", _SAVE),
    b"ARROW1": ("an Arrow or Feather file", _SAVE),
    b"FEA1": ("a Feather file", _SAVE),
    b"ORC": ("an ORC file", _SAVE),
    b"Obj\x01": ("an Avro file", _SAVE),
    b"RDX": ("a file of R (.RData)", _SAVE),
    b"RDA": ("a file of R (.RData)", _SAVE),
    b"X\n\x00\x00": ("a file of R (.rds)", _SAVE),
    b"MATLAB 5.0 MAT-file": ("a MATLAB file", _SAVE),
    b"$FL2": ("an SPSS file", _SAVE),
    b"<stata_dta>": ("a Stata file", _SAVE),
    b"\x93NUMPY": ("a NumPy array", "read it with NumPy, and pass it to s2v.data.own"),
    b"CDF\x01": ("NetCDF", _GRID),
    b"CDF\x02": ("NetCDF", _GRID),
    b"CDF\x05": ("NetCDF", _GRID),
    b"\x89HDF\r\n": ("HDF5, as NetCDF-4 is", _GRID),
    b"GRIB": ("GRIB", _GRID),
    b"II*\x00": ("a TIFF image, such as GeoTIFF", _GRID),
    b"MM\x00*": ("a TIFF image, such as GeoTIFF", _GRID),
    b"II+\x00": ("a TIFF image, such as GeoTIFF", _GRID),
    b"MM\x00+": ("a TIFF image, such as GeoTIFF", _GRID),
    b"LASF": ("a LAS point cloud", _SAVE),
    b"\x89PNG": ("a PNG image", _SAVE),
    b"\xff\xd8\xff": ("a JPEG image", _SAVE),
    b"GIF8": ("a GIF image", _SAVE),
    b"BM": ("a bitmap image", _SAVE),
    b"RIFF": ("a WebP image, or sound or video", _SAVE),
    b"\x7fELF": ("a program", _SAVE),
    b"MZ": ("a program", _SAVE),
    b"version https://git-lfs": ("a pointer of Git LFS, not the file itself", "fetch it with git lfs pull"),
}
_MARKUP: dict[bytes, str] = {
    b"<html": "a web page",
    b"<!doctype html": "a web page",
    b"<gpx": "GPX",
    b"<ogrvrtdatasource": "a virtual data source (VRT), which refers to other files",
    b"<vrtdataset": "a virtual raster (VRT), which refers to other files",
    b"<netcdf": "NcML",
    b"<svg": "an SVG image",
    b"<osm": "OpenStreetMap XML",
    b":featurecollection": "GML",
    b"<workbook": "an Excel workbook in XML",
}


def foreign(content: bytes) -> tuple[str, str] | None:
    """What a file is that no reader reads, and what to do with it; None where that is not known."""
    for magic, found in _MAGIC.items():
        # Short ones could begin a text: bytes that no text has must follow.
        if content.startswith(magic) and (len(magic) > 4 or not _is_text(content[:1000])):
            return found
    if content[8:12] == b"DUCK":
        return "a DuckDB database", _SAVE
    if content[8:10] == b'{"' and content[4:8] == bytes(4):  # the length of its header comes first
        return "a safetensors file", _MODEL
    if len(content) > 2 and content[0] == 0x80 and content[1] in range(2, 6) and content[-1:] == b".":
        return "a pickle, which could run code and is never opened", _SAVE
    start = beginning(content)
    if start.startswith(b"<"):
        head = start[:2000].lower()
        name = next((what for tag, what in _MARKUP.items() if tag in head), "XML")
        return name, _SAVE
    return None


def is_binary(content: bytes) -> bool:
    """Whether a file is no text in any encoding, judged by its beginning: UTF-16 has a zero in every second byte."""
    start = content[:2000]
    zeros = [start[offset::2].count(0) for offset in (0, 1)]
    return sum(zeros) > 0 and not (max(zeros) > len(start) / 8 and min(zeros) <= max(zeros) / 20)


def _is_text(start: bytes) -> bool:
    return not any(byte < 32 and byte not in b"\t\n\r\f" for byte in start)
