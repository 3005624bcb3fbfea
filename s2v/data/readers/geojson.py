"""GeoJSON of points: their coordinates are the places, their properties the columns.

All forms are read: a collection of features, a feature or a geometry alone (RFC 7946), and a sequence of them, one in
each line or marked as RFC 8142 says.  ``crs``, which older versions allowed, is understood.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, NamedTuple

from s2v.data.readers.base import NO_POINTS, Options, Reader, Row, Table, beginning, title
from s2v.data.readers.cells import Cell, shown
from s2v.data.readers.crs import Crs, crs_of_file, understood

MAX_PARTS = 3_000_000  # objects and lists: each takes up to 230 bytes in memory, and as little as 2 in the file
MAX_DEPTH = 20  # of collections in collections
_RECORD = b"\x1e"  # begins each text of a sequence (RFC 8142)
_GEOMETRIES = (
    *("Point", "MultiPoint", "LineString", "MultiLineString", "Polygon", "MultiPolygon"),
    "GeometryCollection",
)


class NotJson(NamedTuple):
    """A text of a sequence that is not JSON, and why."""

    why: str


def read_geojson(content: bytes, name: str, options: Options) -> Table:
    """The features of a GeoJSON file; ``ValueError`` where it is none, or in coordinates that are not known."""
    features, crs = _features(content, title(name))
    if options.crs:
        crs = understood(options.crs, "crs=")
    columns = tuple(dict.fromkeys(key for feature in features for key in _mapping(_mapping(feature).get("properties"))))

    def rows(longitude: int | None, latitude: int | None, target: int | None) -> Iterator[Row]:
        wanted = None if target is None else columns[target]
        for number, feature in enumerate(features, 1):
            if isinstance(feature, NotJson):
                yield Row(number, None, None, None, f"it is not JSON ({feature.why})")
            else:
                yield from _rows(number, _mapping(feature), wanted)

    return Table(name, columns, rows, noun="feature", has_places=True, crs=crs)


GEOJSON = Reader(
    name="GeoJSON",
    title="GeoJSON",
    suffixes=(".geojson", ".json", ".geojsonl", ".geojsons", ".geojsonseq", ".ndjson", ".ndgeojson"),
    recognises=lambda content: beginning(content)[:1] in (b"{", b"[", _RECORD),
    read=read_geojson,
    max_bytes=50_000_000,  # takes some twenty times its size in memory
)


def _features(content: bytes, title: str) -> tuple[list[Any], Crs | None]:
    """The features of a file, geometries without properties among them, and what their coordinates are in."""
    if content.count(b"{") + content.count(b"[") > MAX_PARTS:
        raise ValueError(f"{title} has more than {MAX_PARTS:,} objects and lists, the most that are read. {_ALLOWED}")
    try:
        found = [json.loads(content)]
    except RecursionError:
        raise ValueError(f"{title} is nested too deep for GeoJSON. {_ALLOWED}") from None
    except ValueError as error:  # not JSON, not UTF-8, or a number of thousands of digits
        found = _sequence(content)
        if not any(_mapping(part) for part in found[:10]):
            raise ValueError(f"{title} is not JSON ({str(error)[:200].rstrip('.')}). {_ALLOWED}") from None
    features: list[Any] = []
    for part in found:
        features += _features_of(part, title, alone=len(found) == 1)
    return features, _crs(_mapping(found[0]), title)


def _sequence(content: bytes) -> list[Any]:
    """The texts of a sequence: one a line, or each after a record separator, if there is one."""
    marked = beginning(content).startswith(_RECORD)
    texts = (text.strip() for text in (content.split(_RECORD) if marked else content.splitlines()))
    return [_parsed(text) for text in texts if text]


def _parsed(text: bytes) -> Any:
    try:
        return json.loads(text)
    except RecursionError:
        return NotJson("nested too deep")
    except ValueError as error:
        return NotJson(str(error)[:100].rstrip("."))


def _features_of(part: Any, title: str, alone: bool) -> list[Any]:
    kind = _mapping(part).get("type")
    if kind == "FeatureCollection" and isinstance(part.get("features"), list):
        return list(part["features"])
    if kind in _GEOMETRIES:
        geometries = part.get("geometries") if alone and kind == "GeometryCollection" else None
        return [{"geometry": geometry} for geometry in (geometries if isinstance(geometries, list) else [part])]
    if kind == "Feature" or not alone:
        return [part]
    other = next((what for key, what in _OTHER.items() if key in _mapping(part)), None)
    found = other or f"its type is {shown(kind)}"
    raise ValueError(f"{title} is JSON but no GeoJSON: {found}. {_ALLOWED}")


_ALLOWED = (
    "Allowed are a FeatureCollection, features or geometries, of points, as one text or one a line; QGIS and GDAL "
    "write such files."
)
_OTHER = {  # a member, and what has it
    "objects": "it is TopoJSON",
    "spatialReference": "it is the JSON of ESRI",
    "geometryType": "it is the JSON of ESRI",
    "elements": "it is the JSON of Overpass (OpenStreetMap)",
}


def _crs(found: dict[str, Any], title: str) -> Crs | None:
    """What the member ``crs`` of older GeoJSON says."""
    crs = found.get("crs")
    if crs is None:
        return None
    kind, properties = _mapping(crs).get("type"), _mapping(_mapping(crs).get("properties"))
    code = properties.get("code")
    if kind == "EPSG" and isinstance(code, int | str):
        return crs_of_file(title, f"EPSG:{code}")
    name = properties.get("name", crs)
    if kind == "link" or not isinstance(name, str):
        what = "refers to a definition elsewhere, and nothing is fetched" if kind == "link" else "is not understood"
        raise ValueError(f"{title}: its crs {what}. Pass it as crs=..., such as crs='EPSG:4326' for degrees.")
    return crs_of_file(title, name)


def _rows(number: int, feature: dict[str, Any], wanted: str | None) -> Iterator[Row]:
    """One row for each point of a feature, or one that says what is wrong with it."""
    target = None if wanted is None else _mapping(feature.get("properties")).get(wanted)
    if isinstance(target, list | dict):
        what = "a list" if isinstance(target, list) else "an object"
        yield Row(number, None, None, None, f"{shown(wanted)} holds {what}; allowed are numbers, texts and booleans")
        return
    geometry = feature.get("geometry")
    if "geometry" in feature and geometry is None:
        yield Row(number, None, None, target)  # a feature without a place
        return
    points, wrong = points_of(geometry)
    if wrong:
        yield Row(number, None, None, None, wrong)
    for x, y in points:
        yield Row(number, x, y, target)
    if not points and not wrong:
        yield Row(number, None, None, target)


def points_of(geometry: Any, depth: int = 0) -> tuple[list[tuple[float, float]], str]:
    """Coordinates of the points in a geometry, and what is wrong with it, if anything."""
    kind, coordinates = _mapping(geometry).get("type"), _mapping(geometry).get("coordinates")
    if kind == "GeometryCollection" and depth < MAX_DEPTH and isinstance(geometry.get("geometries"), list):
        found: list[tuple[float, float]] = []
        for part in geometry["geometries"]:
            points, wrong = points_of(part, depth + 1)
            if wrong:
                return [], wrong
            found += points
        return found, ""
    if kind not in ("Point", "MultiPoint"):
        return [], f"its geometry is {shown(kind)}; {NO_POINTS}" if geometry else f"it has no geometry; {NO_POINTS}"
    if coordinates == []:  # an empty point
        return [], ""
    points = []
    for point in [coordinates] if kind == "Point" or not isinstance(coordinates, list) else coordinates:
        if not (isinstance(point, list) and len(point) >= 2 and _is_number(point[0]) and _is_number(point[1])):
            return [], f"its coordinates {_brief(point)} are not two numbers; allowed is [longitude, latitude]"
        points.append((point[0], point[1]))
    return points, ""


def _mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _is_number(value: Cell) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _brief(point: Any) -> str:
    """Coordinates as a message shows them; long or nested ones are left out."""
    flat = not isinstance(point, list | dict) or (
        len(point) <= 3 and not any(isinstance(p, list | dict) for p in point)
    )
    return shown(point) if flat else "[...]"
