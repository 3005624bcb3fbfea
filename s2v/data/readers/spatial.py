"""Spatial formats that GDAL reads, through pyogrio, the optional extra ``spatial``, in a process of its own.

Each format is opened with its own driver only, so that no other kind of file, and nothing that refers to other files or
to the network, can hide behind its name.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

from s2v.data.readers import apart
from s2v.data.readers.base import CENTROIDS, MAX_ROWS, Batch, Options, Reader, Table, beginning, title, too_many_rows
from s2v.data.readers.cells import shown
from s2v.data.readers.crs import crs_of_file, understood

MAX_LISTED = 20  # layers that a message names
_UNDEFINED = ("undefined", "unknown")


def read_layer(files: Mapping[str, bytes], name: str, what: str, driver: str, options: Options) -> Table:
    """The points of a layer of a file of one or several parts, the main one first; ``what`` is the format in words."""
    if importlib.util.find_spec("pyogrio") is None:
        raise ValueError(
            f"{title(name)} is {what}, which takes the package pyogrio to read: install it with pip install "
            '"sphere2vec-lab[spatial]", or save the file as GeoJSON.'
        )
    drivers = [driver]

    def ask(columns: list[int] | None, layer: str) -> list[apart.Answer]:
        return apart.ask(name, files, driver, columns=columns, geometry=True, layer=layer, drivers=drivers)

    (head,) = ask(None, options.layer)
    if head["layer"] is None:
        raise _unclear(title(name), head["layers"], options.layer)
    if head["rows"] > MAX_ROWS:
        raise too_many_rows(title(name))
    columns = tuple(head["columns"])

    def batches(longitude: int | None, latitude: int | None, target: int | None) -> Iterator[Batch]:
        chosen = [] if target is None else [target]
        apart.check_columns(title(name), columns, head["refused"], chosen)
        return apart.geometry_batches(ask(chosen, head["layer"]))

    said = head["geometry"]["crs"]
    if options.crs:
        crs = understood(options.crs, "crs=")
    else:
        crs = crs_of_file(title(name), None if any(word in said[:40].lower() for word in _UNDEFINED) else said)
    return Table.of_batches(batches, name, columns, noun="feature", has_places=True, crs=crs)


def _reader(name: str, what: str, suffix: str, driver: str, recognises: Callable[[bytes], bool]) -> Reader:
    def read(content: bytes, title: str, options: Options) -> Table:
        # A name of our own: what the user's says may mean something to GDAL.
        return read_layer({f"points{suffix}": content}, title, what, driver, options)

    return Reader(name=name, title=name, suffixes=(suffix,), recognises=recognises, read=read, has_layers=True)


def _is_kml(content: bytes) -> bool:
    start = beginning(content)
    return start.startswith(b"<") and b"<kml" in start[:10_000]


GEOPACKAGE = _reader(
    "GeoPackage",
    "a GeoPackage",
    ".gpkg",
    "GPKG",
    lambda content: (
        content.startswith(b"SQLite format 3\0")
        and (content[68:70] == b"GP" or b"gpkg_contents" in content[:1_000_000])
    ),
)
FLATGEOBUF = _reader(
    "FlatGeobuf", "FlatGeobuf", ".fgb", "FlatGeobuf", lambda content: content.startswith(b"fgb\x03fgb")
)
KML = _reader("KML", "KML", ".kml", "LIBKML", _is_kml)


def read_shapefile(parts: Mapping[str, bytes], name: str, options: Options) -> Table:
    """The points of a shapefile, from its parts by their endings, the main one first."""
    if ".dbf" not in parts or (".prj" not in parts and not options.crs):
        missing = ".dbf, with the columns" if ".dbf" not in parts else ".prj, with the coordinate system"
        raise ValueError(
            f"{title(name)} is a shapefile without its {missing}. Give a zip archive of its parts (.shp, .shx, .dbf, "
            ".prj)" + ("." if ".dbf" not in parts else ", or pass crs=..., such as crs='EPSG:4326' for degrees.")
        )
    files = {f"points{suffix}": content for suffix, content in parts.items() if suffix != ".prj"}
    table = read_layer(
        files, name, "a shapefile", "ESRI Shapefile", replace(options, layer="", crs=options.crs or "EPSG:4326")
    )
    # The text of the .prj is understood here: GDAL gives the whole file up where it is nonsense.
    return (
        table if options.crs else replace(table, crs=crs_of_file(title(name), parts[".prj"].decode(errors="replace")))
    )


SHAPEFILE = Reader(
    name="shapefile",
    title="shapefiles (zipped)",
    suffixes=(".zip", ".shp"),
    recognises=lambda content: content.startswith(b"\x00\x00\x27\x0a"),
    read=lambda content, name, options: read_shapefile({".shp": content}, name, options),
    has_layers=True,
)


def _unclear(title: str, layers: list[list[str]], wanted: str) -> ValueError:
    """The error for a file that does not have the layer that is wanted, or not exactly one with points."""
    if not layers:
        return ValueError(f"{title} has no layers: it is empty or damaged. Write it again, or save it as GeoJSON.")
    names = [f"{shown(name)} ({kind or 'no geometry'})" for name, kind in layers[:MAX_LISTED]]
    more = f" and {len(layers) - MAX_LISTED:,} more" if len(layers) > MAX_LISTED else ""
    there_are = f"Its layers are: {', '.join(names)}{more}."
    if wanted:
        return ValueError(f"{title} has no layer {shown(wanted)}. {there_are}")
    if len(layers) > 1 and sum("Point" in kind or kind.startswith(("Unknown", "Geom")) for _, kind in layers) > 1:
        return ValueError(f"{title} has several layers: name one with layer=... (--layer). {there_are}")
    return ValueError(f"{title} has no layer of points. {there_are} {CENTROIDS}.")
