"""Zip archives: the one file in them that can be read, or the parts of a shapefile.

Sizes are checked while unpacking, not believed; nothing is written under a name from an archive.
"""

from __future__ import annotations

import io
import zipfile
import zlib
from pathlib import PurePosixPath

from s2v.data.readers.base import MAX_BYTES, title
from s2v.data.readers.cells import shown

MAX_FILES = 10_000  # in an archive
MAX_LISTED = 20  # names that a message lists
SHAPEFILE = (".shp", ".shx", ".dbf", ".prj", ".cpg")  # its parts, the main one first
_ENTRY = b"PK\x01\x02"
_KINDS = {  # what an archive is by a file in it
    "[Content_Types].xml": "an Office document, such as an Excel workbook: save it as CSV",
    "mimetype": "an OpenDocument file, such as a spreadsheet: save it as CSV",
    "data.pkl": "a PyTorch file, which holds weights: see python -m s2v import",
}


def is_zip(content: bytes) -> bool:
    """Whether a file is a zip archive, judged by its beginning."""
    return content.startswith((b"PK\x03\x04", b"PK\x05\x06"))


def unpacked(content: bytes, name: str, wanted: str, suffixes: tuple[str, ...]) -> dict[str, bytes]:
    """The file in an archive that has one of the ``suffixes``, by its name; a shapefile by the names of its parts.

    ``wanted`` chooses among several, by its name or path.  ``ValueError`` where there is none, or several and none is
    wanted, or where the archive is damaged, encrypted or too large.
    """
    damaged = f"{title(name)} is a damaged zip archive: pack it again, or give the file in it."
    if content.count(_ENTRY) > MAX_FILES:
        raise ValueError(
            f"{title(name)} is a zip archive of more than {MAX_FILES:,} files. Give the file that matters."
        )
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = {entry.filename: entry for entry in archive.infolist() if not _is_hidden(entry)}
            paths = {path: PurePosixPath(path) for path in entries}
            for pure in paths.values():
                if kind := _KINDS.get(pure.name):
                    raise ValueError(f"{title(name)} is {kind}.")
            readable = [path for path, pure in paths.items() if pure.suffix.lower() in (*suffixes, ".shp")]
            chosen = _chosen(readable, list(paths), name, wanted)
            pure = paths[chosen]
            if pure.suffix.lower() != ".shp":
                return {pure.name: _bytes(archive, entries[chosen], MAX_BYTES, name)}
            parts: dict[str, bytes] = {}
            for suffix in SHAPEFILE:
                for path, other in paths.items():
                    if other.parent == pure.parent and other.stem == pure.stem and other.suffix.lower() == suffix:
                        left = MAX_BYTES - sum(map(len, parts.values()))
                        parts[suffix] = _bytes(archive, entries[path], left, name)
                        break
            return parts
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, UnicodeError, OverflowError):
        raise ValueError(damaged) from None
    except (RuntimeError, NotImplementedError):  # zipfile's errors for passwords and for rare ways to pack
        raise ValueError(f"{title(name)} is encrypted or packed in a rare way: pack it as an ordinary zip.") from None


def _is_hidden(entry: zipfile.ZipInfo) -> bool:
    """Whether an entry is a folder, or what a Mac or a version control adds."""
    parts = PurePosixPath(entry.filename).parts
    return (
        entry.is_dir() or not parts or any(part == "__MACOSX" or part.startswith(".") for part in parts if part != "..")
    )


def _chosen(readable: list[str], every: list[str], name: str, wanted: str) -> str:
    if wanted:
        found = [path for path in every if wanted in (path, PurePosixPath(path).name, PurePosixPath(path).stem)]
        found = [path for path in found if path in readable] or found
        if len(found) == 1:
            return found[0]
        raise ValueError(f"{title(name)} has {len(found) or 'no'} files {shown(wanted)} in it. {_there_are(every)}")
    best = [path for path in readable if not path.lower().endswith(".txt")]  # beside the data may be a readme.txt
    for paths in (best, readable):
        if len(paths) == 1:
            return paths[0]
    if readable:
        raise ValueError(
            f"{title(name)} holds several files: name one with layer=... (--layer). {_there_are(readable)}"
        )
    raise ValueError(f"{title(name)} is a zip archive without a file that can be read. {_there_are(every)}")


def _there_are(paths: list[str]) -> str:
    more = f" and {len(paths) - MAX_LISTED:,} more" if len(paths) > MAX_LISTED else ""
    return f"In it are: {', '.join(map(shown, paths[:MAX_LISTED]))}{more}." if paths else "It is empty."


def _bytes(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, allowed: int, name: str) -> bytes:
    if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise NotImplementedError
    with archive.open(entry) as file:
        content = file.read(allowed + 1)
    if len(content) > allowed:
        raise ValueError(
            f"{title(name)} unpacks to more than {MAX_BYTES // 10**6} MB, the most that is read. Take a sample of the "
            "rows, or only the columns that are needed."
        )
    return content
