"""GeoJSON (RFC 7946) of points: their coordinates are the places, their properties the columns."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from s2v.data.readers.base import Options, Reader, Row, Table, beginning, title
from s2v.data.readers.cells import Cell, shown

MAX_PARTS = 3_000_000  # objects and lists: each takes up to 230 bytes in memory, and as little as 2 in the file
_WGS84 = ("CRS84", "EPSG:4326", "EPSG::4326")


def read_geojson(content: bytes, name: str, options: Options) -> Table:
    """The features of a GeoJSON file; ``ValueError`` where it is none, or in coordinates other than degrees."""
    features = _features(content, title(name))
    columns = tuple(dict.fromkeys(key for feature in features for key in _mapping(_mapping(feature).get("properties"))))

    def rows(longitude: int | None, latitude: int | None, target: int | None) -> Iterator[Row]:
        wanted = None if target is None else columns[target]
        for number, feature in enumerate(features, 1):
            yield from _rows(number, _mapping(feature), wanted)

    return Table(name, columns, rows, noun="feature", has_places=True)


GEOJSON = Reader(
    name="GeoJSON",
    title="GeoJSON",
    suffixes=(".geojson", ".json"),
    recognises=lambda content: beginning(content)[:1] in (b"{", b"["),
    read=read_geojson,
    max_bytes=50_000_000,  # takes some twenty times its size in memory
)


def _features(content: bytes, title: str) -> list[Any]:
    if content.count(b"{") + content.count(b"[") > MAX_PARTS:
        raise ValueError(f"{title} has more than {MAX_PARTS:,} objects and lists, the most that are read. {_ALLOWED}")
    try:
        found = json.loads(content)
    except RecursionError:
        raise ValueError(f"{title} is nested too deep for GeoJSON. {_ALLOWED}") from None
    except ValueError as error:  # not JSON, not UTF-8, or a number of thousands of digits
        hint = " One feature in each line (GeoJSONSeq) is not read." if "Extra data" in str(error) else ""
        raise ValueError(f"{title} is not JSON ({str(error)[:200].rstrip('.')}).{hint} {_ALLOWED}") from None
    kind = _mapping(found).get("type")
    if kind == "Feature":
        return [found]
    if kind != "FeatureCollection" or not isinstance(found.get("features"), list):
        raise ValueError(f"{title} is JSON but no GeoJSON: its type is {shown(kind)}. {_ALLOWED}")
    system = _mapping(_mapping(found.get("crs")).get("properties")).get("name")
    if isinstance(system, str) and not system.endswith(_WGS84):
        raise ValueError(f"{title} is in the coordinates {shown(system)}. Save it in degrees (WGS 84, EPSG:4326).")
    features: list[Any] = found["features"]
    return features


_ALLOWED = "Allowed is a FeatureCollection of features whose geometry is a Point or a MultiPoint."


def _rows(number: int, feature: dict[str, Any], wanted: str | None) -> Iterator[Row]:
    """One row for each point of a feature, or one that says what is wrong with it."""
    geometry = _mapping(feature.get("geometry"))
    kind, coordinates = geometry.get("type"), geometry.get("coordinates")
    target = None if wanted is None else _mapping(feature.get("properties")).get(wanted)
    if "geometry" in feature and feature["geometry"] is None:
        yield Row(number, None, None, None)  # RFC 7946, 3.2: a feature without a place
    elif kind not in ("Point", "MultiPoint"):
        found = f"its geometry is {shown(kind)}" if geometry else "it has no geometry"
        yield Row(number, None, None, None, f"{found}; allowed are Point and MultiPoint")
    elif isinstance(target, list | dict):
        what = "a list" if isinstance(target, list) else "an object"
        yield Row(number, None, None, None, f"{shown(wanted)} holds {what}; allowed are numbers, texts and booleans")
    else:
        points = [coordinates] if kind == "Point" else coordinates
        for point in points if isinstance(points, list) and points else [points]:
            if isinstance(point, list) and len(point) >= 2 and _is_number(point[0]) and _is_number(point[1]):
                yield Row(number, point[0], point[1], target)
            else:
                problem = f"its coordinates {_brief(point)} are not two numbers; allowed is [longitude, latitude]"
                yield Row(number, None, None, None, problem)


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
