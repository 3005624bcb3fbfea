"""Coordinate systems: their names are understood, and places come out as degrees of WGS 84."""

from __future__ import annotations

import io

import numpy as np
import pyproj
import pytest

from s2v import data
from s2v.data.readers.crs import understood

LON, LAT = np.linspace(6.5, 11.5, 30), np.linspace(47, 54, 30)


def table(header: str, x: np.ndarray, y: np.ndarray, separator: str = ",", decimal: str = ".") -> io.StringIO:
    rows = [f"{a:.4f}{separator}{b:.4f}{separator}{i % 3}" for i, (a, b) in enumerate(zip(x, y, strict=True))]
    return io.StringIO("\n".join([header, *(row.replace(".", decimal) for row in rows)]))


def projected(crs: str) -> tuple[np.ndarray, np.ndarray]:
    x, y = pyproj.Transformer.from_crs(4326, crs, always_xy=True).transform(LON, LAT)
    return np.array(x), np.array(y)


@pytest.mark.parametrize(
    "name",
    [
        "EPSG:4326",
        "epsg:4326",
        "http://www.opengis.net/def/crs/EPSG/0/4326",
        "https://www.opengis.net/def/crs/EPSG/9.9.1/4326",
        "http://www.opengis.net/gml/srs/epsg.xml#4326",
        "urn:ogc:def:crs:EPSG::4326",
        "urn:ogc:def:crs:EPSG:6.6:4326",
        "urn:x-ogc:def:crs:EPSG:4326",
        "urn:ogc:def:crs:EPSG::4979",
        "EPSG:4979",
        "urn:ogc:def:crs:OGC:1.3:CRS84",
        "http://www.opengis.net/def/crs/OGC/0/CRS84h",
        "OGC:CRS84",
        "CRS84",
        "WGS 84",
        "4326",
        "EPSG:9518",  # with heights above the geoid
        "+proj=longlat +datum=WGS84 +no_defs",
        pyproj.CRS(4326).to_wkt("WKT1_ESRI"),
        pyproj.CRS(4326).to_json(),
        "",
    ],
)
def test_wgs_84_has_many_names(name: str) -> None:
    assert understood(name, "crs=") is None


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("3857", "EPSG:3857"),
        ("EPSG:900913", "EPSG:3857"),
        ("EPSG:102100", "ESRI:102100"),
        ("urn:ogc:def:crs:EPSG::25832", "EPSG:25832"),
        ("http://www.opengis.net/def/crs/EPSG/0/3035", "EPSG:3035"),
        ("WGS 84 / UTM zone 33N", "EPSG:32633"),
        ("EPSG:32633+5773", "EPSG:32633"),
        (pyproj.CRS(25833).to_wkt("WKT1_ESRI"), "EPSG:25833"),
        (pyproj.CRS(3031).to_json(), "EPSG:3031"),
    ],
)
def test_other_systems_have_many_names(name: str, code: str) -> None:
    found = understood(name, "crs=")
    assert found is not None
    assert found.name.startswith(code)
    assert found.area is not None  # also of a definition that does not state it


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("nonsense", "crs='nonsense', which is no coordinate system"),
        ("EPSG:99999", "crs='EPSG:99999', which is no coordinate system"),
        ("http://example.org/crs/1", "which is no coordinate system"),
        ("EPSG:4978", "no places on a map"),  # from the centre of the Earth
        ("EPSG:5773", "no places on a map"),  # heights
        ('LOCAL_CS["quarry"]', "'quarry', whose coordinates are no places"),
        ("+proj=utm +zone=33 +nadgrids=/etc/passwd", "names files"),
        ("GEOGCS[" * 30_000, "too long"),
        ("GEOGCS[" * 10_000, "no coordinate system"),
    ],
)
def test_other_names_are_refused_in_one_sentence(name: str, message: str) -> None:
    with pytest.raises(ValueError, match=message) as raised:
        understood(name, "crs=")
    assert len(str(raised.value)) < 500


@pytest.mark.parametrize("crs", ["EPSG:25832", "EPSG:3857", "EPSG:3035", "EPSG:31467", "ESRI:54009"])
def test_metres_become_degrees(crs: str) -> None:
    d = data.read_points(table("easting,northing,t", *projected(crs)), crs=crs)
    np.testing.assert_allclose(d.lonlat, np.column_stack([LON, LAT]), atol=1e-8)  # the file has tenths of millimetres


def test_metres_with_a_decimal_comma_and_a_target() -> None:
    file = table("Rechtswert;Hochwert;t", *projected("EPSG:25832"), separator=";", decimal=",")
    d = data.read_points(file, target="t", crs="25832")
    np.testing.assert_allclose(d.lonlat, np.column_stack([LON, LAT]), atol=1e-8)
    assert d.classes == ("0", "1", "2")


def test_another_datum_is_shifted() -> None:
    places = data.read_points(io.StringIO("lon,lat\n139.7,35.7\n139.8,35.6\n"), crs="EPSG:4301").lonlat  # Tokyo
    assert 0.002 < abs(places - [[139.7, 35.7], [139.8, 35.6]]).max() < 0.005  # some 400 m


@pytest.mark.parametrize(
    ("file", "crs", "message"),
    [
        (table("easting,northing,t", *projected("EPSG:25832")), None, "If 'easting' is in metres, pass their crs="),
        (table("lon,lat,t", *projected("EPSG:25832")), None, "for metres pass their crs"),
        (
            table("easting,northing,t", *projected("EPSG:25832")),
            "EPSG:27700",
            "30 of 30 places are far from where EPSG",
        ),
        (
            table("easting,northing,t", *projected("EPSG:25832")[::-1]),
            25832,
            "look swapped: give the column of the eas",
        ),
        (table("x,y,t", LON, LAT), "EPSG:25832", "but look like degrees.*crs='EPSG:4326'"),
        (table("lon,lat,t", *projected("EPSG:25832")), 25832, "no column has a name known for its easting"),
    ],
)
def test_metres_in_a_wrong_system_are_told(file: io.StringIO, crs: str | None, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        data.read_points(file, crs=crs)


def test_places_that_a_system_does_not_have_are_listed() -> None:
    x, y = projected("EPSG:25832")
    x[3], y[7] = 9e8, np.nan
    d = data.read_points(table("x,y,t", x, y), crs="EPSG:25832")
    assert len(d.lonlat) == 28
    assert any("(900000000, " in problem and "EPSG:25832" in problem for problem in d.problems)


def test_places_far_from_a_system_are_believed_where_the_file_names_it() -> None:
    x, y = pyproj.Transformer.from_crs(4326, "ESRI:102008", always_xy=True).transform(LON, LAT)  # of North America
    cells = "\n".join(f"{i},SRID=102008;POINT({a} {b})" for i, (a, b) in enumerate(zip(x, y, strict=True)))
    d = data.read_points(io.StringIO(f"id,geom\n{cells}\n"))
    np.testing.assert_allclose(d.lonlat, np.column_stack([LON, LAT]), atol=1e-5)  # NAD83 is WGS 84 to a metre
    with pytest.raises(ValueError, match="far from where ESRI:102008"):
        data.read_points(table("x,y,t", np.array(x), np.array(y)), crs="ESRI:102008")
    tromso = pyproj.Transformer.from_crs(4326, 25833, always_xy=True).transform(*[[18.96, 5.32], [69.65, 60.39]])
    assert len(data.read_points(table("x,y,t", *map(np.array, tromso)), crs=25833).lonlat) == 2  # and Bergen
