"""Opens a user's file: its bytes, which format they are in, and whether that is what the name says."""

from __future__ import annotations

import codecs
from dataclasses import replace
from os import PathLike
from pathlib import Path
from typing import IO, Any

from s2v.data.readers import archive
from s2v.data.readers.base import MAX_BYTES, Options, Reader, Table, title
from s2v.data.readers.cells import shown
from s2v.data.readers.foreign import foreign, is_binary
from s2v.data.readers.geojson import GEOJSON
from s2v.data.readers.parquet import PARQUET
from s2v.data.readers.spatial import FLATGEOBUF, GEOPACKAGE, KML, SHAPEFILE, read_shapefile
from s2v.data.readers.text import TEXT

# All formats that are read; messages and the command line's help derive from them.  The last is asked first, and text
# takes whatever no other recognises.
READERS: tuple[Reader, ...] = (TEXT, PARQUET, GEOJSON, GEOPACKAGE, SHAPEFILE, FLATGEOBUF, KML)

Source = str | PathLike[str] | IO[bytes] | IO[str]

_CHUNK = 2**20
ALLOWED = f"{', '.join(reader.title for reader in READERS[:-1])}, and {READERS[-1].title}"


def open_table(source: Source, options: Options) -> Table:
    """The file with the names of its columns; the rows are read later.

    ``FileNotFoundError``, or ``ValueError`` for a file that is empty, too large, in none of the formats, or not in the
    one that its name says.
    """
    content, name = _load(source)
    if not content.removeprefix(codecs.BOM_UTF8).strip():
        raise ValueError(f"{title(name)} is empty. Allowed are {ALLOWED}, with at least one row of data.")
    if archive.is_zip(content):
        suffixes = tuple(suffix for reader in READERS if reader is not SHAPEFILE for suffix in reader.suffixes)
        parts = archive.unpacked(content, name, options.layer, suffixes)
        if ".shp" in parts:
            return read_shapefile(parts, name, options)
        ((inner, content),) = parts.items()
        name, options = f"{name}/{inner}" if name else inner, replace(options, layer="")
        if archive.is_zip(content):
            raise ValueError(f"{title(name)} is a zip archive within another: give the inner one.")
    reader = _reader(content, name, options.encoding)
    _check_size(len(content), name, reader.max_bytes)
    if options.layer and not reader.has_layers:
        raise ValueError(
            f"{title(name)} is {reader.name}, which has no layers: leave layer={shown(options.layer)} out."
        )
    if reader is SHAPEFILE and isinstance(source, str | PathLike):
        return read_shapefile({".shp": content, **_beside(Path(source))}, name, options)
    return reader.read(content, name, options)


def _beside(path: Path) -> dict[str, bytes]:
    """The other parts of a shapefile, which lie beside it."""
    found = {}
    for suffix in archive.SHAPEFILE[1:]:
        for part in (path.with_suffix(suffix), path.with_suffix(suffix.upper())):
            if part.is_file():
                _check_size(part.stat().st_size, part.name, MAX_BYTES)
                found[suffix] = part.read_bytes()
                break
    return found


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


def _reader(content: bytes, name: str, encoding: str) -> Reader:
    """The reader of the format that the content is in; ``ValueError`` where it is another than the name says."""
    found = next(reader for reader in reversed(READERS) if reader.recognises(content))
    if found is TEXT and (what := foreign(content)):
        raise ValueError(f"{title(name)} is {what[0]}: {what[1]}. Allowed are {ALLOWED}.")
    if found is TEXT and not encoding and is_binary(content):
        raise ValueError(
            f"{title(name)} holds NUL bytes, so it is no text, and in no format that is read. Allowed are {ALLOWED}."
        )
    suffix = Path(name).suffix.lower()
    named = next((reader for reader in READERS if suffix in reader.suffixes), found)
    if named is not found:
        raise ValueError(
            f"{title(name)} holds {found.name}, not {named.name} as its name says. Give it the right ending, or export "
            "it again."
        )
    return found
