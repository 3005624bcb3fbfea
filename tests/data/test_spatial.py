"""Spatial files as people have them: GeoPackage, shapefile, FlatGeobuf, KML, GeoParquet, GeoJSON, columns of WKT."""

from __future__ import annotations

import io
import json
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pyogrio.raw
import pyproj
import pytest
import shapely

from s2v import data
from s2v.data.readers import READERS
from s2v.data.readers.geometry import parsed

CASES = Path(__file__).parent / "cases"
SPECIES = ("Larus aulis", "Sterna polus", "Uria nix")
LONLAT = np.column_stack([np.linspace(6.5, 11.5, 30), np.linspace(47, 54, 30)]).round(4)
BIRDS = np.array(SPECIES * 10, dtype=object)
PARTS = (".shp", ".shx", ".dbf", ".prj", ".cpg")


def write(
    path: Path, driver: str, crs: str = "EPSG:4326", shapes: Any = None, kind: str = "Point", layer: str | None = None
) -> Path:
    """A file of GDAL with the places in a coordinate system, and the columns ``bird`` and ``v``."""
    if shapes is None:
        shapes = shapely.points(*pyproj.Transformer.from_crs(4326, crs, always_xy=True).transform(*LONLAT.T))
    count = len(shapes)
    pyogrio.raw.write(
        path,
        geometry=shapely.to_wkb(shapes),
        field_data=[np.resize(BIRDS, count), np.arange(count) / 4],
        fields=["bird", "v"],
        geometry_type=kind,
        crs=crs,
        driver=driver,
        layer=layer,
        append=path.exists(),
    )
    return path


def zipped(files: dict[str, bytes]) -> io.BytesIO:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in files.items():
            file.writestr(name, content)
    archive.seek(0)
    return archive


def geoparquet(values: pa.Array, column: dict[str, Any] | None = None, **columns: Any) -> io.BytesIO:
    """A Parquet file with a column of geometries; ``column`` are its metadata, None for none."""
    table = pa.table({"bird": np.resize(BIRDS, len(values)), "geometry": values, **columns})
    if column is not None:
        geo = {"version": "1.1.0", "primary_column": "geometry", "columns": {"geometry": column}}
        table = table.replace_schema_metadata({"geo": json.dumps(geo)})
    pq.write_table(table, file := io.BytesIO())
    file.seek(0)
    return file


def wkb(shapes: Any) -> pa.Array:
    return pa.array(shapely.to_wkb(np.asarray(shapes, dtype=object)).tolist(), pa.binary())


def said(file: Any, **arguments: Any) -> str:
    """What is said of a file that cannot be read."""
    with pytest.raises(ValueError, match=r".") as raised:
        data.read_points(file, **arguments)
    assert len(str(raised.value)) < 1000
    return str(raised.value)


@pytest.mark.parametrize(
    ("name", "count"),
    [("geo_only.parquet", 60), ("wkt.csv", 60), ("gj_4326_url.geojson", 60)],
    ids=lambda case: str(case),
)
def test_each_case_is_read_with_its_right_value(name: str, count: int) -> None:
    d = data.read_points(CASES / name, target="species")
    assert (len(d.lonlat), d.classes, d.problems) == (count, SPECIES, ())
    first = {"geo_only.parquet": (-81.0519, -44.2334)}.get(name, (-124.3162, 57.1151))
    np.testing.assert_allclose(d.lonlat[0], first, atol=5e-5)


def test_a_bare_multipoint_is_read() -> None:
    d = data.read_points(CASES / "gj_bare_multipoint.geojson")
    assert (len(d.lonlat), d.task) == (60, "presence")


def test_metres_that_are_degrees_are_refused_until_they_are_called_so() -> None:
    path = CASES / "gj_crs_epsg_code.geojson"
    assert "said to be of EPSG:3857 (WGS 84 / Pseudo-Mercator), but look like degrees" in said(path)
    np.testing.assert_allclose(data.read_points(path, crs="EPSG:4326").lonlat[0], (-124.3162, 57.1151))


@pytest.mark.parametrize(
    ("name", "driver", "crs"),
    [
        ("a.gpkg", "GPKG", "EPSG:25832"),
        ("a.fgb", "FlatGeobuf", "EPSG:3035"),
        ("a.kml", "LIBKML", "EPSG:4326"),
        ("a.shp", "ESRI Shapefile", "EPSG:31467"),
    ],
)
def test_formats_of_gdal_are_read_in_degrees(name: str, driver: str, crs: str, tmp_path: Path) -> None:
    path = write(tmp_path / name, driver, crs)
    d = data.read_points(path, target="bird")
    order = np.argsort(d.lonlat[:, 0])  # FlatGeobuf sorts places into an index
    np.testing.assert_allclose(d.lonlat[order], LONLAT, atol=2e-5)  # without grids a datum shift is good to a metre
    assert d.classes == SPECIES
    assert [d.classes[i] for i in d.target[order]] == BIRDS.tolist()


def test_a_zipped_shapefile_is_read_and_one_without_its_parts_is_told(tmp_path: Path) -> None:
    path = write(tmp_path / "sites.shp", "ESRI Shapefile", "EPSG:32632")
    parts = {suffix: path.with_suffix(suffix).read_bytes() for suffix in PARTS}
    extra = {"__MACOSX/data/._sites.shp": b"x", "readme.txt": b"Birds.", "../../evil.csv.bak": b"x"}
    d = data.read_points(zipped({f"data/sites{suffix}": parts[suffix] for suffix in PARTS} | extra), target="v")
    np.testing.assert_allclose(d.lonlat, LONLAT, atol=1e-7)
    assert d.task == "regression"
    bare = {f"sites{suffix}": parts[suffix] for suffix in (".shp", ".shx", ".dbf")}
    assert "without its .prj" in said(zipped(bare))
    assert len(data.read_points(zipped(bare), crs="EPSG:32632").lonlat) == 30
    nonsense = bare | {"sites.prj": b"PROJCS[" * 9}
    assert "which is no coordinate system that is known" in said(zipped(nonsense))
    assert "without its .dbf" in said(io.BytesIO(parts[".shp"]))


def test_layers_are_named_and_can_be_chosen(tmp_path: Path) -> None:
    path = write(tmp_path / "a.gpkg", "GPKG", layer="birds")
    areas = shapely.buffer(shapely.points(LONLAT[:4]), 1)
    write(path, "GPKG", shapes=areas, kind="Polygon", layer="areas")
    assert len(data.read_points(path).lonlat) == 30  # the only layer of points
    assert "its geometry is a Polygon; allowed are points" in said(path, layer="areas")
    assert "has no layer 'nests'. Its layers are: 'birds' (Point), 'areas' (Polygon)" in said(path, layer="nests")
    write(path, "GPKG", shapes=shapely.points(LONLAT[:4]), layer="nests")
    assert "several layers: name one with layer=" in said(path)
    assert len(data.read_points(path, layer="nests").lonlat) == 4
    only_areas = write(tmp_path / "b.gpkg", "GPKG", shapes=areas, kind="Polygon")
    assert "no layer of points" in said(only_areas)
    assert "centroids" in said(only_areas)
    assert "has no layers" in said(io.StringIO("lon,lat\n1,2\n"), layer="birds")


@pytest.mark.parametrize("points", ["point", "multipoint"])
def test_geoparquet_may_hold_native_points(points: str) -> None:
    structs = pa.StructArray.from_arrays([pa.array(LONLAT[:, 0]), pa.array(LONLAT[:, 1])], ["x", "y"])
    values = structs if points == "point" else pa.ListArray.from_arrays(np.arange(0, 31, 2, dtype=np.int32), structs)
    d = data.read_points(geoparquet(values, {"encoding": points, "geometry_types": []}), target="bird")
    np.testing.assert_array_equal(d.lonlat, LONLAT)


def test_geoparquet_is_reprojected_and_columns_of_degrees_can_be_chosen() -> None:
    xy = pyproj.Transformer.from_crs(4326, 25832, always_xy=True).transform(*LONLAT.T)
    column = {"encoding": "WKB", "geometry_types": ["Point"], "crs": pyproj.CRS(25832).to_json_dict()}
    degrees = {"lon": LONLAT[:, 0] + 1, "lat": LONLAT[:, 1]}
    np.testing.assert_allclose(data.read_points(geoparquet(wkb(shapely.points(*xy)), column)).lonlat, LONLAT, atol=1e-9)
    both = geoparquet(wkb(shapely.points(*xy)), column, **degrees)
    np.testing.assert_allclose(data.read_points(both).lonlat, LONLAT, atol=1e-9)
    np.testing.assert_allclose(data.read_points(both, "lon", "lat").lonlat, LONLAT + np.array([1, 0]))
    areas = wkb(shapely.buffer(shapely.points(LONLAT), 1))
    with_areas = geoparquet(areas, {"encoding": "WKB", "geometry_types": ["Polygon"]}, **degrees)
    np.testing.assert_allclose(data.read_points(with_areas).lonlat, LONLAT + np.array([1, 0]))
    assert "its geometry is a Polygon" in said(geoparquet(areas, {"encoding": "WKB", "geometry_types": ["Polygon"]}))
    unknown = geoparquet(wkb(shapely.points(LONLAT)), {"encoding": "WKB", "geometry_types": [], "crs": None})
    assert "coordinate system is unknown" in said(unknown)
    assert len(data.read_points(unknown, crs=4326).lonlat) == 30
    assert len(data.read_points(geoparquet(wkb(shapely.points(LONLAT)))).lonlat) == 30  # WKB without metadata


def test_empty_and_other_geometries_are_left_out_and_collections_of_points_read() -> None:
    inner = shapely.GeometryCollection([shapely.Point(5, 6), shapely.MultiPoint([(7, 8)])])
    shapes = [
        shapely.Point(1, 2),
        None,
        shapely.Point(),
        shapely.LineString([(0, 0), (1, 1)]),
        shapely.GeometryCollection([shapely.Point(3, 4), inner]),
        shapely.GeometryCollection([shapely.Point(3, 4), shapely.LineString([(0, 0), (1, 1)])]),
        shapely.Point(9, 10, 11),
        *shapely.points([[20, 30], [21, 31]]),
    ]
    cells = wkb(shapes).to_pylist()
    cells[7] = cells[7][:-3]
    d = data.read_points(geoparquet(pa.array(cells, pa.binary()), {"encoding": "WKB", "geometry_types": []}))
    assert d.lonlat.tolist() == [[1, 2], [3, 4], [5, 6], [7, 8], [9, 10], [21, 31]]
    text = " ".join(d.problems)
    assert "row 4: its geometry is a Linestring" in text
    assert "row 6: its geometry is a Geometrycollection" in text
    assert "row 8: its geometry is damaged" in text


def point(x: float, y: float) -> dict[str, Any]:
    return {"type": "Point", "coordinates": [x, y]}


FEATURES = [{"type": "Feature", "properties": {"t": f"{i % 2}"}, "geometry": point(i, 2 * i)} for i in range(4)]


@pytest.mark.parametrize(
    "text",
    [
        json.dumps({"type": "FeatureCollection", "features": FEATURES}),
        "\n".join(map(json.dumps, FEATURES)),
        "".join(f"\x1e{json.dumps(feature, indent=1)}\n" for feature in FEATURES),  # RFC 8142
        "\n\n".join(json.dumps(feature["geometry"]) for feature in FEATURES) + "\n",
        json.dumps({"type": "GeometryCollection", "geometries": [feature["geometry"] for feature in FEATURES]}),
        json.dumps({"type": "MultiPoint", "coordinates": [[i, 2 * i, 7] for i in range(4)]}),
        json.dumps({"type": "FeatureCollection", "features": FEATURES, "crs": None}),
        json.dumps(
            {"type": "FeatureCollection", "features": FEATURES, "crs": {"type": "EPSG", "properties": {"code": "4326"}}}
        ),
        "\n".join(json.dumps({"type": "FeatureCollection", "features": [feature]}) for feature in FEATURES),
    ],
)
def test_geojson_has_many_forms(text: str) -> None:
    assert data.read_points(io.StringIO(text)).lonlat.tolist() == [[i, 2 * i] for i in range(4)]


def test_geojson_in_metres_is_reprojected() -> None:
    x, y = pyproj.Transformer.from_crs(4326, 3857, always_xy=True).transform(*LONLAT.T)
    features = [{"type": "Feature", "properties": {}, "geometry": point(*each)} for each in zip(x, y, strict=True)]
    for crs in (
        {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::3857"}},
        {"type": "EPSG", "properties": {"code": 900913}},
    ):
        text = json.dumps({"type": "FeatureCollection", "crs": crs, "features": features})
        np.testing.assert_allclose(data.read_points(io.StringIO(text)).lonlat, LONLAT, atol=1e-9)


@pytest.mark.parametrize(
    ("found", "message"),
    [
        ({"type": "Topology", "objects": {}}, "it is TopoJSON"),
        ({"spatialReference": {"wkid": 4326}, "features": []}, "the JSON of ESRI"),
        ({"version": 0.6, "elements": []}, "Overpass"),
        (
            {"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [0, 1], [0, 0]]]},
            "its geometry is 'Polygon'; allowed are points",
        ),
        (
            {
                "type": "FeatureCollection",
                "features": FEATURES,
                "crs": {"type": "link", "properties": {"href": "http://a"}},
            },
            "nothing is fetched",
        ),
        (
            {
                "type": "FeatureCollection",
                "features": FEATURES,
                "crs": {"type": "name", "properties": {"name": "urn:x:y"}},
            },
            "'urn:x:y', which is no coordinate system",
        ),
    ],
)
def test_other_json_is_told(found: dict[str, Any], message: str) -> None:
    assert message in said(io.StringIO(json.dumps(found)))


POINT = shapely.Point(1.5, -2.25)


@pytest.mark.parametrize(
    ("cell", "points", "srid"),
    [
        ("POINT (1.5 -2.25)", [(1.5, -2.25)], ""),
        ("Point(1.5 -2.25)", [(1.5, -2.25)], ""),  # Wikidata
        ("SRID=25832;POINT(1.5 -2.25)", [(1.5, -2.25)], "25832"),
        ("POINT Z (1.5 -2.25 8)", [(1.5, -2.25)], ""),
        ("POINTZM(1.5 -2.25 8 nan)", [(1.5, -2.25)], ""),
        ("POINT (1.5e0 -.225e1)", [(1.5, -2.25)], ""),
        ("POINT EMPTY", [], ""),
        ("MULTIPOINT (1 2, 3 4)", [(1, 2), (3, 4)], ""),
        ("MULTIPOINT ((1 2), (3 4))", [(1, 2), (3, 4)], ""),
        ("GEOMETRYCOLLECTION (POINT (1 2), POINT Z (3 4 5))", [(1, 2), (3, 4)], ""),
        (shapely.to_wkb(POINT, hex=True), [(1.5, -2.25)], ""),
        (shapely.to_wkb(shapely.set_srid(POINT, 4326), hex=True, include_srid=True), [(1.5, -2.25)], "4326"),
        (shapely.to_wkb(shapely.Point(1.5, -2.25, 3), hex=True, flavor="iso", byte_order=0), [(1.5, -2.25)], ""),
        (shapely.to_wkb(shapely.MultiPoint([(1, 2, 3), (4, 5, 6)]), hex=True), [(1, 2), (4, 5)], ""),
        (shapely.to_wkb(shapely.Point(), hex=True), [], ""),
        ('{"geodesic":false,"type":"Point","coordinates":[1.5,-2.25]}', [(1.5, -2.25)], ""),  # Earth Engine
    ],
)
def test_geometries_in_cells_are_understood(cell: str, points: list[tuple[float, float]], srid: str) -> None:
    found = parsed(cell)
    assert found is not None
    assert (found.points, found.srid, found.wrong) == (points, srid, "")


@pytest.mark.parametrize(
    "cell",
    [
        *(
            "LINESTRING (0 0, 1 1)",
            "POLYGON EMPTY (",
            "POINT (1)",
            "POINT (1 2 3 4 5)",
            "GEOMETRYCOLLECTION (LINESTRING (0 0, 1 1))",
        ),
        *("POINT (1,2)", "MULTIPOINT (1 2", "POINT", "hello", "", None, 5.0, shapely.to_wkb(POINT, hex=True)[:-4]),
        *(
            "GEOMETRYCOLLECTION (" * 5000,
            "POINT (" + "1" * 10**5 + "x 2)",
            "MULTIPOINT (" + "0 0," * 30_000 + "x)",
            "POINT" + " " * 10**5,
        ),
        *(
            shapely.to_wkb(shapely.LineString([(0, 0), (1, 1)]), hex=True),
            "0104000000FFFFFFFF" + "0" * 40,
            '{"' * 10**5,
        ),
    ],
)
def test_other_cells_have_no_points(cell: Any) -> None:
    found = parsed(cell)  # in no time, whatever it holds
    assert found is None or not found.points


def test_a_column_of_geometries_stands_for_longitude_and_latitude() -> None:
    rows = [
        "POINT (1 2)",
        "",
        "POINT (3 4)",
        "POLYGON ((0 0, 1 0, 0 1, 0 0))",
        "SRID=3857;POINT (5 6)",
        "?",
        "POINT (7 8)",
        "POINT (9 10)",
    ]
    table = "\n".join(["id;the_geom;t", *(f'{i};"{row}";{i % 2}' for i, row in enumerate(rows))])
    d = data.read_points(io.StringIO(table), target="t")
    assert (d.lonlat.tolist(), d.classes) == ([[1, 2], [3, 4], [7, 8], [9, 10]], ("0", "1"))
    text = " ".join(d.problems)
    assert "row 5: its geometry is 'POLYGON'" in text
    assert "row 6: its SRID is 3857" in text
    assert "row 7: 'the_geom' '?' is no point" in text
    metres = "id,geom\n1,SRID=3857;POINT (1113194.91 0)\n2,SRID=3857;POINT (2226389.82 0)\n"
    np.testing.assert_allclose(data.read_points(io.StringIO(metres)).lonlat, [[10, 0], [20, 0]], atol=1e-6)
    # Longitudes and latitudes come first: a footprint may be an area.
    both = 'lon,lat,footprintWKT\n1,2,"POLYGON ((0 0, 1 0, 0 1, 0 0))"\n'
    assert data.read_points(io.StringIO(both)).lonlat.tolist() == [[1, 2]]


def test_without_pyogrio_one_sentence_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path / "a.gpkg", "GPKG")
    monkeypatch.setitem(sys.modules, "pyogrio", None)
    assert said(path) == (
        "The file 'a.gpkg' is a GeoPackage, which takes the package pyogrio to read: install it with pip install "
        '"sphere2vec-lab[spatial]", or save the file as GeoJSON.'
    )
    assert len(data.read_points(CASES / "geo_only.parquet").lonlat) == 60
    assert len(data.read_points(CASES / "wkt.csv").lonlat) == 60


def test_one_table_in_a_zip_archive_is_read() -> None:
    table = b"lon,lat\n1,2\n3,4\n"
    assert data.read_points(
        zipped({"a/birds.csv": table, "readme.txt": b"x", "meta.xml": b"<x/>"})
    ).lonlat.tolist() == [[1, 2], [3, 4]]
    several = {"occurrence.txt": table, "multimedia.txt": b"a,b\n"}  # as in a Darwin Core archive
    assert "several files: name one with layer=... (--layer). In it are: 'occurrence.txt', 'multimedia.txt'" in said(
        zipped(several)
    )
    assert len(data.read_points(zipped(several), layer="occurrence.txt").lonlat) == 2
    assert "has no files 'x'" in said(zipped(several), layer="x")


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: zipped({"[Content_Types].xml": b"", "xl/workbook.xml": b""}), "an Office document, such as an Excel"),
        (lambda: zipped({"archive/data.pkl": b"x"}), "a PyTorch file"),
        (lambda: zipped({"arr.npy": b"x"}), "without a file that can be read. In it are: 'arr.npy'"),
        (lambda: zipped({}), "It is empty"),
        (lambda: zipped({"a.zip": zipped({"a.csv": b"lon,lat\n1,2\n"}).getvalue()}), "zip archive"),
        (lambda: zipped({"a.csv": b"lon,lat\n" + b"1,2\n" * 60_000_000}), "unpacks to more than 200 MB"),
        (lambda: io.BytesIO(zipped({"a.csv": b"lon,lat\n1,2\n"}).getvalue()[:-8]), "damaged zip archive"),
        (lambda: zipped({f"{i}.png": b"" for i in range(10_001)}), "more than 10,000 files"),
        (lambda: zipped({"../../etc/passwd": b"x"}), "without a file that can be read"),
    ],
)
def test_other_archives_are_told(make: Callable[[], io.BytesIO], message: str) -> None:
    assert message in said(make())


def test_the_table_of_formats_has_every_ending() -> None:
    table = (Path(__file__).parents[2] / "docs" / "data.md").read_text(encoding="utf-8")
    for reader in READERS:
        for suffix in reader.suffixes:
            assert f"`{suffix}`" in table, suffix
