"""Readers of users' files: every format and rule, and messages for files that are wrong or hostile."""

import io
import json
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import s2v
from s2v import data, sphere
from s2v.data.readers import READERS, apart, base, coordinates, files
from s2v.data.readers import parquet as parquet_reader
from s2v.data.readers.columns import fits

LONGITUDES = st.floats(-180, 180) | st.sampled_from([-180.0, -179.999, 0.0, 179.999, 180.0])
LATITUDES = st.floats(-90, 90) | st.sampled_from([-90.0, -89.9999, 89.9999, 90.0])
PLACES = st.lists(st.tuples(LONGITUDES, LATITUDES, st.floats(-1e9, 1e9)), min_size=10, max_size=30)
PERU = "lon,lat,soil\n-70.5,-12,clay\n-71,-13.25,sand\n-72,-14,clay\n"


def read(text: str | bytes, *args: Any, **kwargs: Any) -> data.DataSet:
    return data.read_points(io.BytesIO(text.encode() if isinstance(text, str) else text), *args, **kwargs)


def parquet(**columns: Any) -> bytes:
    file = io.BytesIO()
    pq.write_table(pa.table(columns), file)
    return file.getvalue()


def geojson(*features: Any, **more: Any) -> str:
    return json.dumps({"type": "FeatureCollection", "features": features, **more})


def feature(coordinates: Any, kind: str = "Point", **properties: Any) -> dict[str, Any]:
    return {"type": "Feature", "geometry": {"type": kind, "coordinates": coordinates}, "properties": properties}


def labels(d: data.DataSet) -> list[str]:
    return [d.classes[number] for number in d.target]


# Formats ------------------------------------------------------------------------------------------------------------


def as_csv(rows: list[tuple[float, float, float]]) -> bytes:
    return "\n".join(["lon,lat,value", *(f"{lon!r},{lat!r},{value!r}" for lon, lat, value in rows)]).encode()


def as_european_csv(rows: list[tuple[float, float, float]]) -> bytes:
    return as_csv(rows).replace(b",", b";").replace(b".", b",")


def as_geojson(rows: list[tuple[float, float, float]]) -> bytes:
    return geojson(*(feature([lon, lat], value=value) for lon, lat, value in rows)).encode()


def as_parquet(rows: list[tuple[float, float, float]]) -> bytes:
    return parquet(**dict(zip(("lon", "lat", "value"), map(list, zip(*rows, strict=True)), strict=True)))


def check_read_back(content: bytes, rows: list[tuple[float, float, float]]) -> None:
    d = read(content, target="value", task="regression")
    np.testing.assert_array_equal(d.lonlat, [row[:2] for row in rows])
    np.testing.assert_array_equal(d.target, [row[2] for row in rows])
    assert d.problems == ()


@pytest.mark.parametrize("write", [as_csv, as_european_csv, as_geojson])
@given(rows=PLACES)
@settings(max_examples=50, deadline=None)
def test_places_are_read_back_as_they_were_written(
    write: Callable[[list[tuple[float, float, float]]], bytes], rows: list[tuple[float, float, float]]
) -> None:
    check_read_back(write(rows), rows)


@given(rows=PLACES)
@settings(max_examples=5, deadline=None)  # each starts two processes
def test_places_are_read_back_from_parquet(rows: list[tuple[float, float, float]]) -> None:
    check_read_back(as_parquet(rows), rows)


@pytest.mark.parametrize("separator", [",", ";", "\t", "|", " ", "   "])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_any_common_separator_and_line_end(separator: str, end: str) -> None:
    d = read(PERU.replace(",", separator).replace("\n", end), target="soil")
    assert d.lonlat.tolist() == [[-70.5, -12], [-71, -13.25], [-72, -14]]
    assert labels(d) == ["clay", "sand", "clay"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252", "latin-1"])
def test_encodings_are_recognised(encoding: str) -> None:
    text = "Länge;lon;lat;Gehölz\n1;8,5;50;Föhre\n2;9,5;51;Lärche\n3;8,25;52;Föhre\n"
    assert read(text.encode(encoding), target="Gehölz").classes == ("Föhre", "Lärche")


def test_other_encodings_are_named() -> None:
    text = "lon,lat,вид\n30,60,ель\n31,61,дуб\n".encode("cp1251")
    assert set(read(text, target="вид", encoding="cp1251").classes) == {"ель", "дуб"}
    with pytest.raises(ValueError, match="'hex' is not known"):
        read(PERU, encoding="hex")
    with pytest.raises(ValueError, match="not text in the encoding ascii"):
        read(text, encoding="ascii")


def test_paths_and_open_files_of_bytes_and_of_text(tmp_path: Path) -> None:
    path = tmp_path / "soils.csv"
    path.write_text(PERU)
    with path.open("rb") as as_bytes, path.open() as as_text:
        as_bytes.read(5)  # an open file is read from its beginning
        sets = [data.read_points(source, target="soil") for source in (path, str(path), as_bytes, as_text)]
    for d in sets:
        assert labels(d) == ["clay", "sand", "clay"]
        assert d.title == "soil"
        assert "soils.csv" in d.credit
        assert "3 places" in d.summary
    assert labels(data.read_points(io.StringIO(PERU), target="soil")) == ["clay", "sand", "clay"]


def test_the_separator_is_found_among_others_in_texts() -> None:
    note = '"' + "a;b|c, " * 11000 + "\n" * 3 + '"'  # longer than what is looked at first
    d = read(f"lon,lat,a;b,note\n1,2,x;y,{note}\n3,4,x;z,\n5,6,x;z,q\n", target="a;b")
    assert d.classes == ("x;z", "x;y")


def test_quoted_fields_hold_separators_and_line_breaks() -> None:
    d = read('lon,lat,name\n1,2,"b, ""c"""\n3,4,"d\ne"\nx,6,f\n', target="name")
    assert set(d.classes) == {'b, "c"', "d e"}
    assert d.problems[0].startswith("row 4:"), "rows are counted as a spreadsheet does"


def test_quotation_marks_between_tabs_are_letters() -> None:
    text = (
        'gbifID\tdecimalLatitude\tdecimalLongitude\tspecies\tlocality\n1\t60\t10\tA\t"near the\n2\t61\t11\tB\tfive 5"\n'
    )
    assert read(text, target="species").lonlat.tolist() == [[10, 60], [11, 61]]
    assert set(read('lon\tlat\tv\n1\t2\t"a ""b"""\n2\t3\tc\n', target="v").classes) == {'a "b"', "c"}


def test_parquet_with_texts_booleans_dictionaries_decimals_and_large_types() -> None:
    columns = {
        "lon": pa.array([1.0, 2.0, 3.0, np.nan], pa.float32()),
        "lat": pa.array(["9.5", "10", None, "11"], pa.large_string()),
        "a.b": pa.array(["u", "v", "u", "v"]).dictionary_encode(),
        "sure": [True, False, None, True],
        "nested": [[1], [2], [3], [4]],
        "many": pa.array([1, 2, 3, 2**63], pa.uint64()),
    }
    file = parquet(**columns)
    d = read(file, target="a.b")
    assert d.lonlat.tolist() == [[1, 9.5], [2, 10]]
    assert d.classes == ("u", "v")
    assert [problem.split(";")[0] for problem in d.problems] == [
        "row 3: latitude is missing",
        "row 4: longitude is missing",  # pandas writes NaN
    ]
    assert set(read(file, target="sure").classes) == {"true", "false"}
    with pytest.raises(ValueError, match=r"'nested' holds 'list<element: int64>'.*Numbers, texts"):
        read(file, target="nested")


def test_geojson_points_and_multipoints_are_read_and_others_are_problems() -> None:
    text = geojson(
        feature([1, 2, 300], kind="Point", v="a"),
        feature([[3, 4], [5, 6]], kind="MultiPoint", v="b"),
        feature([[7, 8], [9, 10]], kind="LineString", v="a"),
        {"type": "Feature", "geometry": None, "properties": {"v": "a"}},
        feature(["7", 8], v="a"),
        feature([11, 12], v="a"),
        feature([11, 12], v="a"),
        feature([11, 12], v={"deep": [1]}),
        feature([13, 14], other=1),
    )
    d = read(text, target="v", split="random")
    assert d.lonlat.tolist() == [[1, 2], [3, 4], [5, 6], [11, 12], [11, 12]]
    assert labels(d) == ["a", "b", "b", "a", "a"]
    assert [problem.split(";")[0] for problem in d.problems] == [
        "feature 4: coordinates are missing.",  # blanks are counted first
        "feature 9: 'v' is missing.",
        "feature 3: its geometry is 'LineString'",
        "feature 5: its coordinates ['7', 8] are not two numbers",
        "feature 8: 'v' holds an object",
    ]
    assert read(json.dumps(feature([1, 2]))).lonlat.tolist() == [[1, 2]]


def test_geojson_classes_may_mix_numbers_and_texts() -> None:
    values = ["a", "b", "c", "a", 7, 2.5, True, 10**400, float("inf"), 2**60]
    d = read(geojson(*(feature([1, 2], v=value) for value in values)), target="v")
    assert d.classes == ("a", "1152921504606846976", "2.5", "7", "b", "c", "true")
    assert [problem.split(":")[0] for problem in d.problems] == ["feature 8", "feature 9"]


def test_geojson_has_no_columns_of_coordinates_and_is_in_degrees() -> None:
    text = geojson(feature([1, 2], lon=5), feature([1, 3], lon=6))
    with pytest.raises(ValueError, match="leave lon and lat out"):
        read(text, lon="lon")
    with pytest.raises(ValueError, match=r"no column 'soil' for target. Its columns are: 'lon'"):
        read(text, target="soil")
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::3857"}}
    with pytest.raises(ValueError, match=r"said to be of EPSG:3857.*look like degrees"):
        read(geojson(feature([1, 2]), crs=crs))
    crs["properties"] = {"name": "urn:ogc:def:crs:OGC:1.3:CRS84"}
    assert len(read(geojson(feature([1, 2]), crs=crs)).lonlat) == 1


def test_each_ending_belongs_to_one_format() -> None:
    suffixes = [suffix for reader in READERS for suffix in reader.suffixes]
    assert len(set(suffixes)) == len(suffixes)
    assert all(suffix == suffix.lower() and suffix[0] == "." for suffix in suffixes)
    assert len({reader.name for reader in READERS}) == len(READERS)
    for reader in READERS:
        assert reader.title in files.ALLOWED


def test_a_new_format_is_a_reader_in_the_table(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def read_pairs(content: bytes, name: str, options: base.Options) -> base.Table:
        rows = (line.split(":") for line in content.decode().splitlines()[1:])
        found = [base.Row(i, float(lon), float(lat), None) for i, (lon, lat) in enumerate(rows, 1)]
        return base.Table(name, (), lambda *columns: iter(found), has_places=True)

    pairs = base.Reader("pairs", "Pairs", (".pairs",), lambda content: content.startswith(b"#pairs"), read_pairs)
    monkeypatch.setattr(files, "READERS", (*READERS, pairs))
    assert read("#pairs\n1:2\n3:4\n").lonlat.tolist() == [[1, 2], [3, 4]]
    (tmp_path / "a.pairs").write_text(PERU)
    with pytest.raises(ValueError, match="holds text, not pairs as its name says"):
        data.read_points(tmp_path / "a.pairs")


@pytest.mark.parametrize("reader", READERS, ids=lambda reader: reader.name)
def test_a_file_with_the_wrong_ending_is_refused(reader: base.Reader, tmp_path: Path) -> None:
    contents = {"text": PERU.encode(), "Parquet": parquet(lon=[1.5], lat=[2.5]), "GeoJSON": geojson().encode()}
    for name, content in contents.items():
        for suffix in reader.suffixes if name != reader.name else ():
            path = tmp_path / f"a{suffix.upper()}"
            path.write_bytes(content)
            with pytest.raises(ValueError, match=f"holds {name}, not {reader.name} as its name says"):
                data.read_points(path)


# Columns ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lon", "lat"),
    [
        ("lon", "lat"),
        ("LNG", "Lat"),
        ("long", "lat"),
        (" Longitude ", "Latitude"),
        ("x", "y"),
        ("Lon (deg)", "Lat [degrees N]"),
        ("longitude_deg", "latitude_deg"),
        ("decimalLongitude", "decimalLatitude"),
        ("decimal_longitude", "Decimal Latitude"),
        ("location-long", "location-lat"),
    ],
)
def test_columns_are_known_by_name(lon: str, lat: str) -> None:
    assert read(f"id,{lat},verbatimLatitude,{lon},private_longitude\n1,10,?,120,?\n").lonlat.tolist() == [[120, 10]]


@pytest.mark.parametrize(
    "name", ["", "lonely", "flat", "private_latitude", "coordinateUncertaintyInMeters", "platitude"]
)
def test_other_names_are_not_taken_for_coordinates(name: str) -> None:
    assert not fits("lon", name)
    assert not fits("lat", name)


@pytest.mark.parametrize(
    ("header", "arguments", "message"),
    [
        ("a,b,c", {}, "no column has a name known for its longitude. Pass the right one as lon=.*'a', 'b', 'c'"),
        ("lon,b,c", {}, "known for its latitude. Pass the right one as lat="),
        ("lon,x,lat", {}, "'lon' and 'x' could all be its longitude"),
        ("lon,lon,lat", {"lon": "lon"}, "2 columns named 'lon'"),
        ("lon,lat,v", {"target": "w"}, "no column 'w' for target. Its columns are: 'lon', 'lat', 'v'"),
        ("lon,lat,v", {"lon": "Lon"}, "no column 'Lon' for lon"),
        ("lon,lat,v", {"target": "lat"}, "cannot be two things"),
        ("lon,lat,v", {"lon": "lat", "lat": "lon"}, "look swapped.*other way round"),
        ("1,2,3", {}, "begins with a row of numbers.*Add a header"),
    ],
)
def test_messages_for_unclear_columns_list_all_columns(header: str, arguments: dict[str, str], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        read(f"{header}\n1,2,3\n", **arguments)


def test_given_columns_override_names() -> None:
    assert read("lon,lat,e,n\n1,2,3,4\n", "e", "n").lonlat.tolist() == [[3, 4]]


# Targets ------------------------------------------------------------------------------------------------------------


def with_target(*cells: object, **arguments: Any) -> data.DataSet:
    rows = "".join(f"{i % 360},{i % 90},{cell}\n" for i, cell in enumerate(cells))
    return read(f"lon,lat,v\n{rows}", target="v", **arguments)


@pytest.mark.parametrize(
    ("cells", "task", "classes"),
    [
        (["a", "b", "a"], "classification", ("a", "b")),
        (["b", "a", "b", "a", "c"], "classification", ("a", "b", "c")),
        (["c", "b", "b"], "classification", ("b", "c")),
        (["TRUE", "FALSE", "TRUE"], "classification", ("TRUE", "FALSE")),
        ([0, 1, 0, 1], "classification", ("0", "1")),
        ([10, 2, 10, 2.0, -1, 10], "classification", ("-1", "2", "10")),
        ([1, 2, 3, 4], "regression", ()),  # each value comes once: no classes
        ([*range(21)] * 3, "regression", ()),  # one more than are taken for classes
        ([*range(20)] * 2, "classification", tuple(map(str, range(20)))),
        ([0.5, 1, 0.5, 1], "regression", ()),
        (["1e-3", "-2E4", " 7 "], "regression", ()),
        (["NA", "DE", "NA", "FR", "FR"], "classification", ("FR", "NA", "DE")),  # Namibia is no missing value
    ],
)
def test_the_task_follows_from_the_target(cells: list[object], task: str, classes: tuple[str, ...]) -> None:
    d = with_target(*cells)
    assert (d.task, d.classes, d.name) == (task, classes, f"own:{task}")
    assert d.problems == ()
    if classes:
        assert [float(label) if task == "number" else label for label in labels(d)] == [
            str(cell).removesuffix(".0") for cell in cells
        ]
    else:
        np.testing.assert_array_equal(d.target, [float(str(cell)) for cell in cells])


def test_the_task_can_be_given() -> None:
    assert with_target(0, 1, 0, 1, task="regression").target.tolist() == [0, 1, 0, 1]
    assert with_target(1, 3, 2, 4, task="classification").classes == ("1", "2", "3", "4")
    assert with_target("1", "2", "3a", "2", task="classification").classes == ("2", "1", "3a")
    assert with_target(0.5, 0.25, 0.5, task="classification").classes == ("0.5", "0.25")
    presences = with_target("oak", "elm", "oak", task="presence")
    assert (presences.task, presences.classes) == ("presence", ("oak", "elm"))
    assert with_target("oak", "oak", task="presence").classes == ("oak",)
    with pytest.raises(ValueError, match="'ranking' is not one of"):
        with_target(1, 2, task="ranking")
    with pytest.raises(ValueError, match="needs a column to learn"):
        read(PERU, task="regression")


def test_without_a_target_places_are_presences_of_one_class() -> None:
    d = read(PERU)
    assert (d.task, len(d.classes), d.target.tolist()) == ("presence", 1, [0, 0, 0])


def test_unusable_cells_are_problems() -> None:
    d = with_target(1.5, "", "NA", "abc", "inf", 2.5, 3.5, "=1+1", 4.5, 5.5, 6.5, 7.5, 8.5)
    assert d.target.tolist() == [1.5, 2.5, 3.5, 4.5, 5.5, 6.5, 7.5, 8.5]
    assert [problem.split(";")[0] for problem in d.problems] == [
        "row 3: 'v' is missing.",
        "row 4: 'v' is missing ('NA').",
        "row 5: 'v' 'abc' is not a number, as most of its column are",
        "row 6: 'v' 'inf' is not finite",
        "row 9: 'v' '=1+1' is a formula",
    ]
    d = with_target("a", "", "=HYPERLINK(1)", "#REF!", "b" * 201, "c\x07", "a", "d", *"aaaa")
    assert d.classes == ("a", "d")
    assert len(d.problems) == 5
    for what, problem in zip(("missing", "formula", "spreadsheet", "201 letters", "control"), d.problems, strict=True):
        assert what in problem


def test_names_with_joiners_are_classes() -> None:
    persian, hindi = "می\N{ZERO WIDTH NON-JOINER}خواهم", "क्\N{ZERO WIDTH JOINER}ष"
    d = with_target(persian, hindi, persian, hindi)
    assert set(d.classes) == {persian, hindi}
    assert not d.problems


def test_too_many_classes_and_a_single_one_are_refused() -> None:
    assert len(with_target(*[f"c{i}" for i in range(2000)] * 2).classes) == 2000
    with pytest.raises(
        ValueError, match=r"255 different texts in 300 rows, such as .*about a class for each row.*--task"
    ):
        with_target(*(f"c{i % 255}" for i in range(300)))
    assert len(with_target(*(f"c{i}" for i in range(300)), task="classification").classes) == 300
    with pytest.raises(ValueError, match=r"is 'oak' in every row.*Leave target out"):
        with_target("oak", "oak", "oak")


# Rows with problems -------------------------------------------------------------------------------------------------

GOOD = "".join(f"{i}.5,{i},1.5\n" for i in range(20))


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (",5,1", "longitude is missing; allowed is a number of degrees from -360 to 360"),
        ("5, ,1", "latitude is missing; allowed is a number of degrees from -90 to 90"),
        ("5", "latitude is missing"),
        ("east,5,1", "longitude 'east' is not a number"),
        ("5,90.001,1", "latitude '90.001' is outside; allowed is a number of degrees from -90 to 90"),
        ("361,5,1", "longitude '361' is outside"),
        ("inf,5,1", "longitude 'inf' is not finite"),
        ("5,nan,1", r"latitude is missing \('nan'\); allowed is a number of degrees"),
        ("1_0,5,1", "longitude '1_0' is not a number"),
        ('"8,5",5,1', "longitude '8,5' has a decimal comma, most others a point"),
        ("5,48°51',1", "latitude .* has minutes or a compass letter.*negative in south and west"),
        ("5,48 51 24,1", "has minutes"),
        ("5,48.5N,1", "compass letter"),
        ("W5,48.5,1", "compass letter"),
        ("=A1,5,1", "longitude '=A1' is not a number"),
        ("5,5,", "'v' is missing"),
        ("5,5,1,2", "4 fields, where the header has 3; .*quotation marks"),
        (f"{'9' * 1000},5,1", "longitude '999999999.*… is not finite"),
    ],
)
def test_a_row_with_a_problem_is_left_out_and_listed(row: str, message: str) -> None:
    d = read(f"lon,lat,v\n{GOOD}{row}\n21,21,2.5\n", target="v")
    assert len(d.lonlat) == 21
    assert d.lonlat[-1].tolist() == [21, 21]
    (problem,) = d.problems
    assert problem.startswith("row 22: ")
    assert problem.endswith(".")
    assert len(problem) < 200
    assert re.search(message, problem), problem


def test_rows_are_numbered_as_in_a_spreadsheet() -> None:
    d = read("\n\nlon,lat\n1,2\n\n,,\nx,3\n4,5,,\n")
    assert d.lonlat.tolist() == [[1, 2], [4, 5]]
    assert [problem.split(":")[0] for problem in d.problems] == ["row 7"]


def test_the_first_thousand_problems_are_listed_in_order() -> None:
    d = with_target(1.5, "x", *[2.5] * 5)
    assert d.problems[0].startswith("row 3")
    bad = "".join("x,1\n" for _ in range(1500))
    d = read("lon,lat\n" + "".join(f"{i / 10},1\n" for i in range(1600)) + bad)
    assert len(d.problems) == 1001
    assert d.problems[-1] == "... and 500 more rows with problems."
    assert "1,500 rows with problems are left out" in d.summary


def test_longitudes_are_taken_modulo_360() -> None:
    d = read("lon,lat\n190,1\n360,2\n-180,3\n180,4\n-270,5\n0,6\n")
    assert d.lonlat[:, 0].tolist() == [-170, 0, -180, 180, 90, 0]
    sphere.check_lonlat(d.lonlat)


def test_decimal_commas_are_understood() -> None:
    d = read('lon;lat;v\n8,5;50,25;-1,5\n9,5;51;"2,5"\n7,5;52,5;3\n8.5;52,5;3\n', target="v", task="regression")
    assert d.lonlat.tolist() == [[8.5, 50.25], [9.5, 51], [7.5, 52.5]]
    assert d.target.tolist() == [-1.5, 2.5, 3]
    assert "has a decimal point, most others a comma" in d.problems[0]
    with pytest.raises(ValueError, match="4 fields, where the header has 2"):
        read("lon,lat\n8,5,50,25\n9,5,51,0\n")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("lon,lat\n", "has no rows: at least one place"),
        ("lon,lat\nx,1\n", "1 of 1 rows have problems, more than half. row 2: longitude 'x'"),
        ("lon,lat\n1,1\nx,1\ny,2\n", "2 of 3 rows have problems"),
        ("lon,lat\n500000,4649776\n500001,4649777\n", "2 of 2 rows.*for metres pass their crs"),
        (
            "lon,lat\n-33.9,151.2\n-37.8,144.9\n52.5,13.4\n",
            "2 of 3 latitudes are beyond ±90.*Pass lon='lat', lat='lon'",
        ),
        (geojson(feature([-33.9, 151.2]), feature([1, 2])), "look swapped.*longitude, latitude"),
        (geojson(), "has no features"),
        (
            "lon,lat,v\n1,1,1.5\n2,2,inf\n3,3,-inf\n",
            "2 of 3 rows have problems, more than half. row 3: 'v' 'inf' is not finite.*that are\\. Correct the",
        ),
    ],
)
def test_files_with_too_few_good_rows_are_refused(text: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        read(text, target="v" if ",v" in text else None)


def test_one_mistyped_latitude_is_a_problem_of_its_row() -> None:
    d = read("lon,lat\n" + "".join(f"{i},{i}\n" for i in range(20)) + "10,100\n")
    assert d.problems == ("row 22: latitude '100' is outside; allowed is a number of degrees from -90 to 90.",)


# Parts --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("split", ["random", "blocked", "blocks:1500"])
def test_rows_of_the_same_place_are_kept_and_in_one_part(split: data.Split) -> None:
    places = np.repeat(sphere.random_points(100), 3, axis=0)
    rows = "".join(f"{lon!r},{lat!r},{i % 2}\n" for i, (lon, lat) in enumerate(places.tolist()))
    d = read(f"lon,lat,v\n{rows}", target="v", split=split, seed=3, points=1000)
    assert (len(d.lonlat), d.split) == (300, split)
    parts = [{tuple(place) for place in d.lonlat[part].tolist()} for part in (d.train, d.val, d.test)]
    assert not parts[0] & parts[1] | parts[0] & parts[2] | parts[1] & parts[2]
    assert min(len(part) for part in parts) > 1
    assert len(read(f"lon,lat,v\n{rows}", target="v", points=10).train) < len(d.train)


# Files that are no files, and hostile ones --------------------------------------------------------------------------


def test_missing_files_and_folders_are_refused(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"There is no file .*missing.csv"):
        data.read_points(tmp_path / "missing.csv")
    with pytest.raises(FileNotFoundError, match="nothing is fetched"):
        data.read_points("https://example.org/points.csv")
    for text in (PERU * 100, "\0"):
        with pytest.raises(FileNotFoundError, match="There is no file"):
            data.read_points(text)
    with pytest.raises(ValueError, match="is no file, but a folder, pipe or device"):
        data.read_points(tmp_path)
    with pytest.raises(TypeError, match="path or an open file"):
        data.read_points(7)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.csv", b"", "'a.csv' is empty"),
        ("a.csv", b"\xef\xbb\xbf \r\n\n", "is empty"),
        ("a.csv", "\n \n".encode("utf-16"), "is empty"),
        ("a.csv", geojson(feature([1, 2])).encode(), "holds GeoJSON, not text as its name says"),
        ("a.geojson", PERU.encode(), "holds text, not GeoJSON as its name says"),
        ("a.parquet", PERU.encode(), "holds text, not Parquet as its name says"),
        ("a.csv", parquet(lon=[1], lat=[2]), "holds Parquet, not text"),
        ("a.xlsx", b"PK\x03\x04rest", "damaged zip archive"),
        ("a.csv.gz", b"\x1f\x8brest", "packed by gzip: unpack it. Allowed are CSV"),
        ("a.kml", b"\n<?xml version='1.0'?><gml/>", "is XML"),
        ("a.bin", bytes(range(256)), "NUL bytes"),
        ("a.csv", b"lon,lat\n1,2\n1,\x002\n", "NUL bytes"),
        ("a.csv", "lon,lat\n1,2\n".encode("utf-16-le"), "UTF-16 without its mark"),
        ("a.csv", b"lon" * 50000, "first line of more than 65,536 characters"),
        ("a.csv", b'lon,lat,v\n1,2,"a\n' + b"3,4,b\n" * 9, "quotation mark"),
        ("a.csv", b"lon,lat,v\n1,2," + b"x" * 200000 + b"\n", "at most 131,072 characters"),
        ("a.json", b"[" * 100000, "nested too deep"),
        ("a.json", b'{"a":' * 100000, "nested too deep"),
        ("a.json", b"{", "is not JSON"),
        ("a.json", b'{"n": ' + b"1" * 10000 + b"}", "is not JSON"),
        ("a.json", b'{"type": "Feature"}\n{"type": "Feature"}', "2 of 2 features"),
        ("a.json", b'{"type": "\xff"}', "is not JSON"),
        ("a.json", b"[1, 2]", "its type is None"),
        ("a.json", b'{"type": "Topology", "features": []}', "its type is 'Topology'"),
        ("a.json", b'{"type": "FeatureCollection", "features": 3}', "Allowed are a FeatureCollection"),
        ("a.json", b'{"type": "FeatureCollection", "features": [1, [], null]}', "3 of 3 features"),
        ("a.json", geojson(feature([[[1]] * 9] * 9), feature([10**400, 1])).encode(), "2 of 2 features"),
        ("a.parquet", b"PAR1", "damaged or no Parquet"),
        ("a.parquet", parquet(lon=[1.5], lat=[2.5])[:-30], "damaged or no Parquet"),
        ("a.parquet", parquet(), "no column has a name known.*It has no columns"),
    ],
)
def test_wrong_files_are_refused_with_a_sentence(tmp_path: Path, name: str, content: bytes, message: str) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(ValueError, match=message) as caught:
        data.read_points(path)
    assert len(str(caught.value)) < 600


def sentence(content: bytes, **arguments: Any) -> str:
    """What is said of a file that may be anything; "" where it could be read."""
    try:
        read(content, **arguments)
    except ValueError as error:
        return str(error)
    return ""


@given(content=st.binary(max_size=300), start=st.sampled_from([b"", b"lon,lat\n1,2\n", b"{", b"\xff\xfe"]))
@settings(max_examples=200, deadline=None)
def test_any_bytes_are_read_or_refused_with_a_sentence(content: bytes, start: bytes) -> None:
    said = sentence(start + content)
    assert not said or said[-1] in ".)" or said.endswith("=...")
    assert len(said) < 2000


def test_a_damaged_parquet_is_read_or_refused_with_a_sentence() -> None:
    # Some of these end the process that reads them: pyarrow 26 throws an exception of C++ that nothing catches.
    whole = parquet(lon=[1.0, 2.0], lat=["3", "4"], v=["a", "b"])
    rng = np.random.default_rng(0)
    for _ in range(12):
        content = bytearray(whole)
        for at in rng.integers(4, len(whole), 3):
            content[at] = rng.integers(256)
        said = sentence(bytes(content), target="v")
        assert not said or said.endswith(".")


@pytest.mark.parametrize("program", ["import os; os.abort()", "while True: pass", "x = [0] * 10**12", ""])
def test_a_crash_or_hang_in_parquet_becomes_a_sentence(
    program: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stand_in = tmp_path / "program.py"
    stand_in.write_text(program)
    monkeypatch.setattr(apart, "_PROGRAM", stand_in)
    monkeypatch.setattr(apart, "MAX_SECONDS", 1)
    with pytest.raises(ValueError, match="is damaged: nothing can read it"):
        read(parquet(lon=[1.5], lat=[2.5]))


def test_large_files_are_refused_unread(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "MAX_BYTES", 10**6)
    path = tmp_path / "large.csv"
    with path.open("wb") as file:
        file.truncate(10**9)  # a hole: no disk is used
    with pytest.raises(ValueError, match="larger than 1 MB, the most that is read"):
        data.read_points(path)
    with path.open("rb") as file, pytest.raises(ValueError, match="larger than 1 MB"):
        data.read_points(file)
    monkeypatch.setattr(files, "MAX_BYTES", 10**9)
    monkeypatch.setattr(files, "READERS", [replace(reader, max_bytes=10**6) for reader in READERS])
    with pytest.raises(ValueError, match="larger than 1 MB"):
        read(geojson(*[feature([1, 2], text="x" * 1000)] * 1000))


def test_too_many_rows_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(coordinates, "MAX_ROWS", 10)
    monkeypatch.setattr(parquet_reader, "MAX_ROWS", 10)
    places = {"lon": list(range(11)), "lat": list(range(11))}
    for content in (GOOD.join(["lon,lat,v\n", ""]), parquet(**places), geojson(feature([[1, 2]] * 11, "MultiPoint"))):
        with pytest.raises(ValueError, match=f"more than {base.MAX_ROWS:,} rows"):
            read(content)


def test_a_small_parquet_cannot_unpack_to_gigabytes(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = 200_000
    one = pa.DictionaryArray.from_arrays(np.zeros(rows, dtype=np.int32), ["x" * 10**6])
    places = {"lon": np.zeros(rows), "lat": np.zeros(rows)}
    bomb = parquet(**places, v=one)  # 200 GB of text in a few kilobytes
    assert len(bomb) < 10**6
    with pytest.raises(ValueError, match=r"200,000 of 200,000 rows have problems.*text of"):
        read(bomb, target="v")
    monkeypatch.setattr(apart, "MAX_UNPACKED", 10**5)
    with pytest.raises(ValueError, match="unpacks to"):
        read(bomb, target="v")


def test_reading_text_imports_no_heavy_packages() -> None:
    code = (
        "import s2v.data, io, sys; heavy = {'pandas', 'pyarrow', 'torch'};"
        "early = heavy & set(sys.modules);"
        "s2v.data.read_points(io.StringIO('lon,lat\\n1,2\\n'));"
        "raise SystemExit(bool(early | heavy & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


# End to end ---------------------------------------------------------------------------------------------------------


def test_from_a_file_to_a_trained_model(tmp_path: Path) -> None:
    places = sphere.random_points(600)
    path = tmp_path / "hemispheres.csv"
    rows = (f"{lon:.4f};{lat:.4f};{'north' if lat > 0 else 'south'}\n".replace(".", ",") for lon, lat in places)
    path.write_text("Longitude;Latitude;Half\n" + "".join(rows))
    d = data.read_points(path, target="Half")
    recipe = s2v.Recipe(data=d.name, encoder="xyz", network="linear", steps=400, batch=64)
    *_, last = s2v.train(recipe, dataset=d)
    assert last.metrics["test_accuracy"] > 0.9
