"""Opens a user's file: its bytes, which format they are in, and whether that is what the name says."""

from __future__ import annotations

import codecs
from os import PathLike
from pathlib import Path
from typing import IO, Any

from s2v.data.readers.base import MAX_BYTES, Options, Reader, Table, beginning, title
from s2v.data.readers.geojson import GEOJSON
from s2v.data.readers.parquet import PARQUET
from s2v.data.readers.text import TEXT

# All formats that are read; messages and the command line's help derive from them.  The last is asked first, and text
# takes whatever no other recognises.
READERS: tuple[Reader, ...] = (TEXT, PARQUET, GEOJSON)

Source = str | PathLike[str] | IO[bytes] | IO[str]

_CHUNK = 2**20
_FOREIGN = {
    b"PK\x03\x04": "a zip archive or an Excel workbook",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook",
    b"\x1f\x8b": "packed by gzip",
    b"BZh": "packed by bzip2",
    b"\xfd7zXZ": "packed by xz",
    b"\x28\xb5\x2f\xfd": "packed by Zstandard",
    b"%PDF": "a PDF",
    b"SQLite format 3": "a database or GeoPackage",
    b"ARROW1": "an Arrow or Feather file",
    b"\x89HDF": "HDF5 or NetCDF",
    b"\x00\x00\x27\x0a": "a shapefile",
    b"<": "HTML or XML, such as KML or GPX",
}
ALLOWED = f"{', '.join(reader.title for reader in READERS[:-1])}, and {READERS[-1].title}"


def open_table(source: Source, options: Options) -> Table:
    """The file with the names of its columns; the rows are read later.

    ``FileNotFoundError``, or ``ValueError`` for a file that is empty, too large, in none of the formats, or not in the
    one that its name says.
    """
    content, name = _load(source)
    if not content.removeprefix(codecs.BOM_UTF8).strip():
        raise ValueError(f"{title(name)} is empty. Allowed are {ALLOWED}, with at least one row of data.")
    reader = _reader(content, name)
    _check_size(len(content), name, reader.max_bytes)
    return reader.read(content, name, options)


def _load(source: Source) -> tuple[bytes, str]:
    """All bytes of a file, and its name; "" for an open file without one."""
    if isinstance(source, str | PathLike):
        path = Path(source)
        if not _exists(path):
            raise FileNotFoundError(f"There is no file {str(path)[:200]!r}; nothing is fetched from elsewhere.")
        if not path.is_file():
            raise ValueError(
                f"{str(path)[:200]!r} is no file, but a folder, pipe or device. Allowed are files: {ALLOWED}."
            )
        _check_size(path.stat().st_size, path.name, MAX_BYTES)
        return path.read_bytes(), path.name
    if not callable(getattr(source, "read", None)):
        raise TypeError(f"path_or_buffer is a {type(source).__name__}; it must be a path or an open file.")
    given = getattr(source, "name", "")
    name = Path(given).name if isinstance(given, str) else ""
    return _read(source, name), name


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:  # a name that is too long, such as the text of a whole file
        return False


def _read(file: IO[Any], name: str) -> bytes:
    """An open file from its beginning, but not much more than is allowed."""
    if file.seekable():
        file.seek(0)
    parts: list[bytes] = []
    size = 0
    while part := file.read(_CHUNK):
        parts.append(part.encode() if isinstance(part, str) else part)
        size += len(parts[-1])
        _check_size(size, name, MAX_BYTES)
    return b"".join(parts)


def _check_size(size: int, name: str, allowed: int) -> None:
    if size > allowed:
        raise ValueError(
            f"{title(name)} is larger than {allowed // 10**6} MB, the most that is read. Keep only the columns of "
            "longitude, latitude and target, take a sample of the rows, or save it as Parquet."
        )


def _reader(content: bytes, name: str) -> Reader:
    """The reader of the format that the content is in; ``ValueError`` where it is another than the name says."""
    start = beginning(content)
    for magic, what in _FOREIGN.items():
        if (start if magic == b"<" else content).startswith(magic):
            raise ValueError(f"{title(name)} is {what}. Allowed are {ALLOWED}: unpack it, or save it as one of those.")
    found = next(reader for reader in reversed(READERS) if reader.recognises(content))
    suffix = Path(name).suffix.lower()
    named = next((reader for reader in READERS if suffix in reader.suffixes), found)
    if named is not found:
        raise ValueError(
            f"{title(name)} holds {found.name}, not {named.name} as its name says. Give it the right ending, or export "
            "it again."
        )
    return found
