"""Geometries in the cells of a table: WKT, EWKT of PostGIS, WKB in hexadecimal digits, or GeoJSON.

QGIS, GDAL, PostGIS, Earth Engine and Wikidata write their tables so.  Only points are read.
"""

from __future__ import annotations

import json
import re
import struct
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from typing import NamedTuple

from s2v.data.readers.base import NO_POINTS, Row, Table
from s2v.data.readers.cells import Cell, shown
from s2v.data.readers.columns import fits
from s2v.data.readers.crs import crs_of_file
from s2v.data.readers.geojson import points_of

SAMPLE_ROWS = 100  # rows that show whether a column holds geometries
_NAME = re.compile(r"wkt|wkb|geo|shape|point|location|coord|position", re.IGNORECASE)
_KINDS = "POINT MULTIPOINT LINESTRING MULTILINESTRING POLYGON MULTIPOLYGON GEOMETRYCOLLECTION"
_NUMBER = r"[-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[-+]?\d+)?"
_TUPLE = rf"({_NUMBER})\s+({_NUMBER})(?:\s+(?:{_NUMBER}|nan)){{0,2}}"
_WKT = re.compile(
    rf"(?:SRID=(\d{{1,9}})\s*;)?\s*({'|'.join(_KINDS.split(' '))}|[A-Z]+)\s*(?:ZM|Z|M)?\s*(EMPTY|\(.*\))",
    re.IGNORECASE | re.DOTALL,
)
_POINT = re.compile(rf"\(\s*{_TUPLE}\s*\)", re.IGNORECASE)
_POINTS = re.compile(rf"\(\s*\(?\s*{_TUPLE}\s*\)?\s*(?:,\s*\(?\s*{_TUPLE}\s*\)?\s*)*\)", re.IGNORECASE)
_ONE = re.compile(_TUPLE, re.IGNORECASE)
_PARTS = re.compile(
    rf"\(\s*POINT\s*Z?\s*\(\s*{_TUPLE}\s*\)\s*(?:,\s*POINT\s*Z?\s*\(\s*{_TUPLE}\s*\)\s*)*\)", re.IGNORECASE
)
_HEX = re.compile(r"0[01](?:[0-9a-f]{2}){12,}", re.IGNORECASE)
_HAS_SRID, _HAS_Z, _HAS_M = 0x20000000, 0x80000000, 0x40000000


class Geometry(NamedTuple):
    """Points of a cell, its coordinate system ("" for none), and what is wrong with it ("" for nothing)."""

    points: list[tuple[float, float]]
    srid: str = ""
    wrong: str = ""


def in_geometry(table: Table) -> Table:
    """The table with the places of its column of geometries, if it has one and no longitudes and latitudes."""
    if table.in_geometry is not None:
        return table.in_geometry
    columns = table.columns
    if table.has_places or all(any(fits(which, column) for column in columns) for which in ("lon", "lat")):
        return table
    lines: Table | None = None  # or areas: their problem is the better message
    for number, name in enumerate(columns):
        if _NAME.search(name):
            found = [geometry for cell in _sample(table, number) if (geometry := parsed(cell)) is not None]
            srid = found[0].srid if found else ""
            if any(not geometry.wrong for geometry in found):
                return _with_places(table, number, srid)
            lines = lines or (_with_places(table, number, srid) if found else None)
    return lines or table


def parsed(cell: Cell) -> Geometry | None:
    """The geometry in a cell; None where it is none."""
    if not isinstance(cell, str):
        return None
    cell = " ".join(cell.split())  # also so that the patterns cannot take long over blanks
    if wkt := _WKT.fullmatch(cell):
        return _of_wkt(wkt)
    if _HEX.fullmatch(cell):
        return _of_wkb(bytes.fromhex(cell))
    if cell.startswith('{"') or cell.startswith("{'"):
        return _of_json(cell)
    return None


def _sample(table: Table, column: int) -> list[Cell]:
    """Cells of a column that are not blank."""
    rows = islice(table.rows(column, None, None), SAMPLE_ROWS)
    return [row.longitude for row in rows if isinstance(row.longitude, str) and row.longitude.strip()]


def _with_places(table: Table, column: int, srid: str) -> Table:
    crs = table.crs or (crs_of_file(table.title, f"EPSG:{srid}") if srid not in ("", "0") else None)

    def rows(longitude: int | None, latitude: int | None, target: int | None) -> Iterator[Row]:
        for row in table.rows(column, None, target):
            cell = row.longitude
            if row.problem or cell is None or (isinstance(cell, str) and not cell.strip()):
                yield row
                continue
            geometry = parsed(cell)
            if geometry is None:
                problem = (
                    f"{shown(table.columns[column])} {shown(cell)} is no point; allowed is POINT (longitude latitude)"
                )
                yield Row(row.number, None, None, None, problem)
            elif geometry.srid not in ("", srid):
                problem = (
                    f"its SRID is {geometry.srid}, that of the first is {srid or 'not given'}; allowed is one for all"
                )
                yield Row(row.number, None, None, None, problem)
            elif geometry.wrong:
                yield Row(row.number, None, None, None, geometry.wrong)
            else:
                for x, y in geometry.points:
                    yield Row(row.number, x, y, row.target)
                if not geometry.points:
                    yield Row(row.number, None, None, row.target)

    return replace(table, rows=rows, fast=None, has_places=True, crs=crs, geometry=table.columns[column])


def _of_wkt(found: re.Match[str]) -> Geometry:
    srid, kind, inside = found[1] or "", found[2].upper(), found[3]
    kind = kind if kind in _KINDS.split(" ") else kind.removesuffix("M").removesuffix("Z")  # "POINTZ"
    if inside.upper() == "EMPTY":
        return Geometry([], srid)
    shape = {"POINT": _POINT, "MULTIPOINT": _POINTS, "GEOMETRYCOLLECTION": _PARTS}.get(kind)
    if shape is None:
        return Geometry([], srid, f"its geometry is {shown(kind)}; {NO_POINTS}")
    if kind == "GEOMETRYCOLLECTION" and not shape.fullmatch(inside):
        return Geometry([], srid, f"its geometry is a collection of more than points; {NO_POINTS}")
    if not shape.fullmatch(inside):
        return Geometry([], srid, f"its geometry {shown(found[0])} is not well written; {NO_POINTS}")
    return Geometry([(float(x), float(y)) for x, y in _ONE.findall(inside)], srid)


def _of_wkb(raw: bytes) -> Geometry:
    """Points and multipoints of ISO and of PostGIS."""
    try:
        kind, srid, _ = _header(raw, 0)
        if kind not in (1, 4):
            return Geometry([], srid, f"its geometry is not a point (type {kind} of WKB); {NO_POINTS}")
        if kind == 1:
            return Geometry(_finite([_point(raw, 0)[0]]), srid)
        order = "<" if raw[0] else ">"
        start = 9 if not srid else 13
        (count,) = struct.unpack_from(f"{order}I", raw, start - 4)
        points = []
        for _ in range(min(count, len(raw) // 21)):
            point, start = _point(raw, start)
            points.append(point)
        return Geometry(_finite(points), srid)
    except struct.error:
        return Geometry([], "", f"its geometry is cut off; {NO_POINTS}")


def _header(raw: bytes, start: int) -> tuple[int, str, int]:
    """Type, SRID and number of coordinates of a geometry in WKB."""
    order = "<" if raw[start] else ">"
    (code,) = struct.unpack_from(f"{order}I", raw, start + 1)
    srid = str(struct.unpack_from(f"{order}I", raw, start + 5)[0]) if code & _HAS_SRID else ""
    kind = code & 0xFFFF
    size = 2 + bool(code & _HAS_Z) + bool(code & _HAS_M) + (0, 1, 1, 2)[min(kind // 1000, 3)]
    return kind % 1000, srid, size


def _point(raw: bytes, start: int) -> tuple[tuple[float, float], int]:
    """The coordinates of a point that begins there, and where it ends."""
    kind, srid, size = _header(raw, start)
    if kind != 1:
        raise struct.error
    first = start + (9 if srid else 5)
    return struct.unpack_from(f"{'<' if raw[start] else '>'}2d", raw, first), first + 8 * size


def _finite(points: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """The points that are not empty."""
    return [(x, y) for x, y in points if x == x or y == y]


def _of_json(cell: str) -> Geometry | None:
    try:
        found = json.loads(cell)
    except (ValueError, RecursionError):
        return None
    if not isinstance(found, dict) or not isinstance(found.get("type"), str):
        return None
    points, wrong = points_of(found)
    return Geometry(points, "", wrong)
