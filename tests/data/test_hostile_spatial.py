"""Spatial files that are damaged or meant to harm: each is read without harm, or refused with one sentence."""

from __future__ import annotations

import io
import os
import socket
import sqlite3
import struct
from contextlib import closing
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
import shapely

from s2v import data
from s2v.data.readers import apart
from tests.data.test_spatial import LONLAT, geoparquet, said, wkb, write, zipped

WKB = {"encoding": "WKB", "geometry_types": []}
KML = '<?xml version="1.0"?>{}<kml xmlns="http://www.opengis.net/kml/2.2"><Document>{}</Document></kml>'
PLACE = "<Placemark><name>{}</name><Point><coordinates>{}</coordinates></Point></Placemark>"


@pytest.fixture(scope="module")
def geopackage(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return write(tmp_path_factory.mktemp("spatial") / "a.gpkg", "GPKG", layer="birds").read_bytes()


def changed(content: bytes, tmp_path: Path, *statements: str) -> Path:
    """The GeoPackage after some SQL."""
    path = tmp_path / "evil.gpkg"
    path.write_bytes(content)
    with closing(sqlite3.connect(path)) as database:
        for statement in statements:
            database.execute(statement)
        database.commit()
    return path


def test_views_and_triggers_of_a_geopackage_do_not_run(geopackage: bytes, tmp_path: Path) -> None:
    endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i AS fid, NULL AS geom FROM n"
    path = changed(
        geopackage,
        tmp_path,
        f"CREATE VIEW evil AS {endless}",
        "INSERT INTO gpkg_contents (table_name, data_type, identifier) VALUES ('evil', 'features', 'evil')",
        "INSERT INTO gpkg_geometry_columns VALUES ('evil', 'geom', 'POINT', 4326, 0, 0)",
        "CREATE TRIGGER t AFTER INSERT ON birds BEGIN SELECT load_extension('/tmp/evil.so'); END",
    )
    before = path.read_bytes()
    np.testing.assert_allclose(data.read_points(path).lonlat, LONLAT)
    assert "has no layer 'evil'" in said(path, layer="evil")
    assert path.read_bytes() == before  # only a copy is opened


@pytest.mark.parametrize(
    ("statements", "message"),
    [
        (
            (
                "ALTER TABLE gpkg_contents RENAME TO contents",
                "CREATE VIEW gpkg_contents AS SELECT * FROM contents WHERE load_extension('/tmp/evil.so') IS NULL",
            ),
            "damaged or no file that can be read",
        ),
        (
            (
                "PRAGMA writable_schema = ON",
                "INSERT INTO sqlite_master VALUES ('table', 'v', 'v', 0, 'CREATE VIRTUAL TABLE v USING VirtualOGR(1)')",
            ),
            "its table 'v' is a program's",
        ),
    ],
)
def test_geopackages_that_would_run_something_are_refused(
    statements: tuple[str, ...], message: str, geopackage: bytes, tmp_path: Path
) -> None:
    assert message in said(changed(geopackage, tmp_path, *statements))


def test_cut_files_are_refused(geopackage: bytes, tmp_path: Path) -> None:
    assert "damaged" in said(io.BytesIO(geopackage[: len(geopackage) // 2]))
    flat = write(tmp_path / "a.fgb", "FlatGeobuf").read_bytes()
    assert "damaged" in said(io.BytesIO(flat[:300]))
    shape = write(tmp_path / "s.shp", "ESRI Shapefile")
    parts = {suffix: shape.with_suffix(suffix).read_bytes() for suffix in (".shp", ".dbf", ".prj")}
    cut = parts | {".shp": parts[".shp"][:150]}
    text = said(zipped({f"s{suffix}": content for suffix, content in cut.items()}))
    assert "damaged" in text
    assert "/tmp" not in text
    many = bytearray(parts[".dbf"])
    many[4:8] = struct.pack("<I", 2**31 - 1)  # rows that are not there
    table = zipped({f"s{suffix}": content for suffix, content in (parts | {".dbf": bytes(many)}).items()})
    assert len(data.read_points(table).lonlat) == 30


def test_kml_reaches_for_nothing_else(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.2)
        url = f"http://127.0.0.1:{server.getsockname()[1]}/a.kml"
        link = f"<NetworkLink><Link><href>{url}</href></Link></NetworkLink>"
        style = f"<styleUrl>{url}#x</styleUrl>"
        text = KML.format(
            "", link + PLACE.format("a", "1,2").replace("<Point>", f"{style}<Point>") + PLACE.format("b", "3,4,5")
        )
        assert data.read_points(io.BytesIO(text.encode())).lonlat.tolist() == [[1, 2], [3, 4]]
        with pytest.raises(TimeoutError):
            server.accept()
    for entity in ('<!ENTITY x SYSTEM "file:///etc/passwd">', '<!ENTITY x "ha">'):
        assert "damaged" in said(
            io.BytesIO(KML.format(f"<!DOCTYPE kml [{entity}]>", PLACE.format("&x;", "1,2")).encode())
        )
    layer = "<OGRVRTLayer name='p'><SrcDataSource>CSV:/etc/passwd</SrcDataSource></OGRVRTLayer>"
    virtual = f"<OGRVRTDataSource><!-- <kml -->{layer}</OGRVRTDataSource>"
    assert "damaged" in said(io.BytesIO(virtual.encode()))


def test_nothing_is_left_behind(geopackage: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(apart.tempfile, "tempdir", str(tmp_path))
    data.read_points(io.BytesIO(geopackage))
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize(
    ("cell", "count"),
    [
        (b"\x01\x07\x00\x00\x00\x01\x00\x00\x00" * 200_000 + shapely.to_wkb(shapely.Point(1, 2)), None),  # collections
        (b"\x01\x04\x00\x00\x00" + struct.pack("<I", 2**32 - 1) + shapely.to_wkb(shapely.Point(1, 2)), 30),
        (b"", 30),
        (b"\x01" * 40, 30),
    ],
)
def test_hostile_wkb_is_left_out_or_refused(cell: bytes, count: int | None) -> None:
    file = geoparquet(pa.array([cell, *wkb(shapely.points(LONLAT)).to_pylist()], pa.binary()), WKB)
    if count is None:
        assert "damaged" in said(file)
    else:
        assert len(data.read_points(file).lonlat) == count


@pytest.mark.parametrize(
    ("column", "message"),
    [
        ({**WKB, "crs": "+proj=longlat +nadgrids=/etc/passwd"}, "names files"),
        ({**WKB, "crs": {"type": "x"}}, "no coordinate system that is known"),
        ({**WKB, "crs": 7}, "no coordinate system that is known"),
    ],
)
def test_hostile_coordinate_systems_are_refused(column: dict[str, object], message: str) -> None:
    assert message in said(geoparquet(wkb(shapely.points(LONLAT)), column))
