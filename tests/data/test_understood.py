"""Files as people have them: read right, or refused with a reason; and what was understood of them is said.

The files in ``cases`` are made by hand in the shape of what GBIF, PANGAEA, R, Excel and others write.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from s2v import data
from s2v.data.readers.dialect import find_start
from s2v.data.readers.dress import in_style, read_style
from s2v.data.readers.fills import find_fills, is_fill
from s2v.data.understood import Understood

CASES = Path(__file__).parent / "cases"
PLACES = [(round(-170 + 5.51 * i, 3), round(-80 + 2.67 * i, 3)) for i in range(60)]


def read(text: str | bytes, **arguments: Any) -> data.DataSet:
    return data.read_points(io.BytesIO(text.encode() if isinstance(text, str) else text), **arguments)


def table(cell: Callable[[int], object], header: str = "lon,lat,v", separator: str = ",") -> str:
    """A row for each of 60 places, with ``cell`` of its number."""
    rows = (separator.join((str(lon), str(lat), str(cell(i)))) for i, (lon, lat) in enumerate(PLACES))
    return "\n".join([header, *rows, ""])


def understood(dataset: data.DataSet) -> Understood:
    assert dataset.understood is not None
    assert dataset.understood.rows == dataset.understood.used + sum(each.rows for each in dataset.understood.left_out)
    assert str(dataset.understood) in repr(dataset)
    return dataset.understood


# Blanks -------------------------------------------------------------------------------------------------------------


def test_specimens_without_coordinates_are_counted_in_one_line() -> None:
    d = data.read_points(CASES / "specimens.tsv", target="species")
    assert len(d.lonlat) == 24
    assert d.problems == ("36 rows with no coordinates; the first is row 2.",)
    assert understood(d).left_out == (("no coordinates", 36, 2),)


@pytest.mark.parametrize("blank", ["", " ", "NA", "NaN", "null", "-9999", "99999"])
def test_blanks_are_left_out_whatever_their_share(blank: str) -> None:
    rows = "".join(f"{blank},{blank},{i}.5\n{i},{i + 0.5},{blank}\n" for i in range(20))
    d = read(f"lon,lat,v\n{rows}1,2,0.25\n3,4,0.5\n5,6,0.75\n", target="v")
    assert d.target.tolist() == [0.25, 0.5, 0.75]
    assert [each.rows for each in understood(d).left_out] == [20, 20]


def test_only_wrong_rows_count_and_they_can_be_skipped() -> None:
    text = "lon,lat\n" + "500000,4600000\n" * 30 + "".join(f"{i},{i / 2}\n" for i in range(20)) + ",\n,3\n" * 200
    with pytest.raises(ValueError, match=r"30 of 50 rows have problems, more than half.*--skip-wrong"):
        read(text)
    d = read(text, skip_wrong=True)
    assert len(d.lonlat) == 20
    reasons = {each.reason: each.rows for each in understood(d).left_out}
    assert reasons == {"no longitude": 200, "wrong coordinates": 30}, "an empty row is none"


def test_a_file_of_blanks_is_refused_for_what_is_missing() -> None:
    with pytest.raises(ValueError, match=r"no row with all that is needed: of 60 rows there are 60 with no 'v'"):
        read(table(lambda i: ""), target="v")


# Targets in another dress -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("file", "target", "low", "high", "signs"),
    [
        ("comma_mixed.csv", "wert", 0.35, 25.77, (",", "", "")),
        ("units.csv", "cover", 0, 49, (".", "", "%")),
        ("units.csv", "depth", 0, 177, (".", "", "m")),
        ("pangaea.tab", "TOC [%]", 0.035, 2.577, (".", "", "")),
        ("sep_line.csv", "wert", 0.35, 25.77, (".", "", "")),
    ],
)
def test_numbers_in_another_dress_are_values(
    file: str, target: str, low: float, high: float, signs: tuple[str, str, str]
) -> None:
    d = data.read_points(CASES / file, target=target)
    u = understood(d)
    assert (d.task, u.task, len(d.lonlat), u.used) == ("regression", "regression", 60, 60)
    assert (d.target.min(), d.target.max()) == (low, high)
    assert (u.target_decimal, u.target_thousands, u.units, d.units) == (*signs, signs[2])
    assert u.different == len(np.unique(d.target))


@pytest.mark.parametrize(
    ("texts", "values"),
    [
        (["0,35", "25,77", "3"], [0.35, 25.77, 3]),
        (["1,234", "1,234,567.5"], [1234, 1234567.5]),
        (["1.234,5", "12"], [1234.5, 12]),
        (["1 234,5", "12"], [1234.5, 12]),
        (["1\N{NARROW NO-BREAK SPACE}234", "12"], [1234, 12]),
        (["1'234.5", "12"], [1234.5, 12]),
        (["5 %", "7%", "8"], [5, 7, 8]),
        (["-5,5°C", "\N{MINUS SIGN}3 °C"], [-5.5, -3]),
        (["€ 5", "€7,50"], [5, 7.5]),
        (["12 mg/m3", "1e3 mg/m3"], [12, 1000]),
        (["0,123", "1,234"], [0.123, 1.234]),  # no thousands begin with 0
    ],
)
def test_styles_of_numbers(texts: list[str], values: list[float]) -> None:
    style = read_style(texts, False, None, None)
    assert [in_style(text, style) for text in texts] == values
    d = read(table(lambda i: f'"{texts[i % len(texts)]}"'), target="v", task="regression")
    assert sorted(set(d.target.tolist())) == sorted(values)


@given(
    st.lists(st.floats(-1e7, 1e7).map(lambda value: round(value, 2)), min_size=12, max_size=30, unique=True),
    st.sampled_from([("", "."), (",", "."), (".", ","), (" ", ","), ("'", "."), ("", ",")]),
    st.sampled_from(["", " m", "%"]),
)
@settings(max_examples=100, deadline=None)
def test_numbers_are_read_back_however_they_are_written(values: list[float], signs: tuple[str, str], unit: str) -> None:
    thousands, decimal = signs

    def written(value: float) -> str:
        return f"{value:,.2f}".replace(",", "t").replace(".", decimal).replace("t", thousands) + unit

    rows = "".join(f'{i},{i / 2},"{written(value)}"\n' for i, value in enumerate(values))
    d = read("lon,lat,v\n" + rows, target="v", task="regression")
    assert d.target.tolist() == values


def test_numbers_that_can_be_read_in_two_ways_are_asked_about() -> None:
    text = table(lambda i: f'"{i % 9 + 1},{100 + i}"')
    with pytest.raises(ValueError, match=r"'1,100', which may be 1.100 or 1100: pass decimal=',' or thousands=','"):
        read(text, target="v")
    assert read(text, target="v", thousands=",").target[0] == 1100
    assert read(text, target="v", decimal=",").target[0] == 1.1
    comma = "lon;lat;v\n" + "".join(f"{i},5;{i},25;{i % 9 + 1}.{100 + i}\n" for i in range(60))
    with pytest.raises(ValueError, match=r"may be 1.100 or 1100"):
        read(comma, target="v")
    assert read(comma, target="v", thousands=".").target[0] == 1100


@pytest.mark.parametrize(
    "cell",
    [
        lambda i: f"2021-05-{i % 28 + 1:02}",
        lambda i: f"2021-05-{i % 28 + 1:02}T12:00:00Z",
        lambda i: f"{i % 28 + 1}.5.2021",
        lambda i: f"{i % 28 + 1} May 2021",
        lambda i: f"202105{i % 28 + 1:02}",
        lambda i: f"{i % 24}:30",
    ],
)
def test_dates_are_asked_about(cell: Callable[[int], str]) -> None:
    with pytest.raises(ValueError, match=r"'v' holds dates or times, such as .*decimal years.*task='classification'"):
        read(table(cell), target="v")
    assert read(table(cell), target="v", task="classification").classes


@pytest.mark.parametrize(
    "cell", [lambda i: f"occ:{i}", lambda i: f"{i}-{i + 5}", lambda i: f"{i} {'m' if i % 2 else 'km'}"]
)
def test_a_class_for_each_row_is_refused_with_the_way_out(cell: Callable[[int], str]) -> None:
    with pytest.raises(ValueError, match=r"60 different texts in 60 rows.*--decimal, --thousands, --encoding.*--task"):
        read(table(cell), target="v")
    assert len(read(table(cell), target="v", task="classification").classes) == 60


def test_units_that_differ_are_named() -> None:
    with pytest.raises(ValueError, match="different units, such as 'km' and 'm'"):
        read(table(lambda i: f"{i} {'m' if i % 2 else 'km'}"), target="v")


@pytest.mark.parametrize("file", [("counts.csv", "count", 15), ("years", "v", 7)])
def test_whole_numbers_as_classes_are_said_to_be(file: tuple[str, str, int]) -> None:
    name, target, count = file
    path = CASES / name if name.endswith("csv") else io.StringIO(table(lambda i: 2000 + i % 7))
    u = understood(data.read_points(path, target=target))
    assert (u.task, u.different) == ("classification", count)
    assert u.why == f"its cells are whole numbers, {count} different ones"
    assert "task='regression' (--task regression)" in u.warnings[0]


def test_few_numbers_with_a_letter_are_classes_by_their_names() -> None:
    d = read(table(lambda i: f"{i % 3 + 1}a"), target="v")
    assert d.classes == ("1a", "2a", "3a")
    assert "whole numbers" in understood(d).warnings[0]


# Preambles and dialects ---------------------------------------------------------------------------------------------


def test_r_writes_row_names_and_quotes_texts_with_blanks() -> None:
    d = data.read_points(CASES / "r_write_table.txt", target="species")
    assert d.classes == ("Larus aulis", "Sterna polus", "Uria nix")
    assert d.lonlat[0].tolist() == [-124.316, 57.115]
    assert len(d.lonlat) == 60


@pytest.mark.parametrize("separator", [" ", "\t", ",", ";"])
def test_a_header_one_field_short_has_row_names(separator: str) -> None:
    rows = "".join(separator.join((f'"{i + 7}"', *map(str, place), '"a"')) + "\n" for i, place in enumerate(PLACES))
    for text in (rows, rows.replace('"', "")):
        d = read(separator.join(("lon", "lat", "v")) + "\n" + text, target="v", task="presence")
        np.testing.assert_array_equal(d.lonlat, PLACES)


def test_a_decimal_comma_is_not_taken_for_row_names() -> None:
    with pytest.raises(ValueError, match=r"4 fields, where the header has 3; .*decimal point"):
        read(table(lambda i: f"{i},5"), target="v")


BEFORE = {
    "sep": "sep=,\n",
    "quoted sep": '"sep=,"\r\n',
    "block": "/* DATA\nCitation:\tNobody, A (2020): x, y\n*/\n",
    "comments": "# NOAA\n# lon is east\n",
    "percent": "% made by hand\n",
    "title": "My data\n\n",
    "padded title": "My data,,\nof 2020,,\n",
}


@pytest.mark.parametrize("before", BEFORE.values(), ids=BEFORE)
def test_what_stands_before_the_header_is_passed_over(before: str) -> None:
    d = read(before + table(lambda i: i / 7) + "x,1,2\n", target="v")
    np.testing.assert_array_equal(d.lonlat, PLACES)
    lines = before.count("\n") + 62
    assert d.problems == (
        f"row {lines}: longitude 'x' is not a number; allowed is a number of degrees from -360 to 360.",
    )


@pytest.mark.parametrize("mark", ["#", "# ", "% ", "//"])
def test_a_header_may_be_a_comment(mark: str) -> None:
    for header, separator in (("lon lat v", " "), ("lon,lat,v", ",")):
        text = f"{mark}made by hand\n{mark}{table(lambda i: i / 7, header, separator)}"
        np.testing.assert_array_equal(read(text, target="v").lonlat, PLACES)


def test_a_first_column_may_be_named_by_a_comment_sign() -> None:
    assert find_start(["#,lon,lat\n", "a,1,2\n"]).header == ",lon,lat"


def test_a_row_with_a_separator_too_many_is_told() -> None:
    d = data.read_points(CASES / "tab_shift_silent.tsv", target="species")
    assert len(d.lonlat) == 59
    assert d.problems[0].startswith("row 6: 9 fields, where the header has 8, the last one empty")
    assert [11.5, 61.5] not in d.lonlat.tolist()
    assert [61.5, 7] not in d.lonlat.tolist()


def test_a_row_with_a_separator_missing_is_told() -> None:
    rows = "".join(f"{i},bay,{lat},{lon},30\n" for i, (lon, lat) in enumerate(PLACES))
    d = read("id,place,lat,lon,uncertainty\n7,61.5,11.5,30\n" + rows)
    assert d.problems[0].startswith("row 2: 4 fields, where the header has 5; with a separator missing")
    np.testing.assert_array_equal(d.lonlat, PLACES)


@pytest.mark.parametrize(
    ("header", "end"), [("lon,lat,v", ","), ("lon,lat,v,", ""), ("lon,lat,v,", ","), ("lon,lat,v", ",,,")]
)
def test_spare_separators_at_the_end_are_passed_over(header: str, end: str) -> None:
    d = read(table(lambda i: f"{i / 7}{end}", header), target="v")
    assert d.problems == ()
    np.testing.assert_array_equal(d.lonlat, PLACES)


def test_empty_cells_at_the_end_may_be_left_out_where_that_is_usual() -> None:
    d = read(table(lambda i: "b,note" if i % 4 == 0 else "a", "lon,lat,v,note"), target="v")
    assert (d.problems, len(d.lonlat), d.classes) == ((), 60, ("a", "b"))


def test_a_degree_sign_belongs_to_a_number() -> None:
    d = data.read_points(CASES / "degree_sign.csv", target="v")
    assert d.lonlat[0].tolist() == [-124.3162, 57.1151]
    comma = read("lon;lat\n8,5°;50,25 °\n9,5°;51°\n")
    assert comma.lonlat.tolist() == [[8.5, 50.25], [9.5, 51]]


def test_another_encoding_is_asked_for() -> None:
    with pytest.raises(ValueError, match=r"read as Windows-1252 '×àéêà' is no word.*--encoding\), such as cp1251"):
        data.read_points(CASES / "cp1251.csv", target="Art")
    d = data.read_points(CASES / "cp1251.csv", target="Art", encoding="cp1251")
    assert "Чайка" in d.classes
    western = read("lon,lat,v\n1,2,Föhre\n3,4,Föhre\n5,6,Lärche\n7,8,Lärche\n".encode("cp1252"), target="v")
    assert "not UTF-8; it was read as Windows-1252" in understood(western).warnings[0]


# Values that mean something else ------------------------------------------------------------------------------------


@pytest.mark.parametrize("target", [None, "species"])
def test_absences_are_no_presences(target: str | None) -> None:
    d = data.read_points(CASES / "gbif_absent.csv", target=target)
    assert len(d.lonlat) == 40
    assert d.problems == ("20 rows with 'occurrenceStatus' ABSENT; the first is row 2.",)


def test_absences_can_be_learned_and_have_values() -> None:
    d = data.read_points(CASES / "gbif_absent.csv", target="occurrenceStatus")
    assert d.classes == ("PRESENT", "ABSENT")
    text = "lon,lat,occurrence_status,v\n" + "".join(
        f"{i},{i / 2},{'absent' if i % 2 else 'present'},{i / 7}\n" for i in range(40)
    )
    values = read(text, target="v")
    assert len(values.lonlat) == 40
    assert "20 rows are absences" in understood(values).warnings[0]


def test_fill_values_are_left_out_and_listed() -> None:
    d = data.read_points(CASES / "fill_9999.csv", target="bio1")
    assert (len(d.target), d.target.min(), d.target.max()) == (55, 5.67, 24.74)
    assert d.problems == ("5 rows with 'bio1' -9999, which stands for no value; the first is row 2.",)


@pytest.mark.parametrize("fill", ["-9999", "99999", "-99.99", "-32768", "-3.4e38", "1e20", "9.96921e36", "-999"])
def test_numbers_that_stand_for_none(fill: str) -> None:
    d = read(table(lambda i: fill if i % 9 == 0 else i / 7), target="v")
    assert len(d.target) == 53
    assert understood(d).left_out[0].rows == 7


@pytest.mark.parametrize(
    "cells", [[-9999.0, 1, 2], [0, 99, 99, 100], [1, 2, 3, 50, 50], [-9999, -9999, -12000, 8000], []]
)
def test_other_numbers_stay(cells: list[float]) -> None:
    assert find_fills(np.array(cells, dtype=float)).left_out == ()


@given(st.lists(st.floats(-1e6, 1e6), max_size=40))
@settings(max_examples=100, deadline=None)
def test_only_repeated_numbers_that_programs_use_are_left_out(values: list[float]) -> None:
    for value in find_fills(np.array(values, dtype=float)).left_out:
        assert is_fill(value)
        assert values.count(value) >= 2


def test_a_number_that_repeats_far_beyond_the_rest_is_doubtful() -> None:
    d = read(table(lambda i: 1e6 if i % 20 == 0 else i / 7), target="v")
    assert len(d.target) == 60
    assert "'v' is 1000000 in 3 rows (2, 22, 42), and from" in understood(d).warnings[0]


def test_places_at_zero_and_on_the_diagonal_are_doubtful() -> None:
    text = "lon,lat\n" + "".join(f"{lon},{lat}\n" for lon, lat in PLACES) + "0,0\n0.0,-0.0\n33.5,33.5\n"
    first, second = understood(read(text)).warnings
    assert first.startswith("2 rows lie at longitude 0, latitude 0 (rows 62, 63)")
    assert second.startswith("1 row lies at a longitude that equals the latitude (row 64)")


def test_na_is_no_class_but_may_be_namibia() -> None:
    d = read(table(lambda i: "NA" if i % 5 == 0 else ("oak", "elm")[i % 2]), target="v")
    assert (d.classes, d.problems) == (("elm", "oak"), ("12 rows with no 'v' ('NA'); the first is row 2.",))
    assert read(table(lambda i: ("NA", "DE", "FR")[i % 3]), target="v").classes == ("DE", "FR", "NA")


# Many classes -------------------------------------------------------------------------------------------------------


def test_hundreds_of_species_are_read_and_rare_ones_joined() -> None:
    d = data.read_points(CASES / "many_species.csv", target="species")
    assert (len(d.classes), len(d.lonlat)) == (300, 3000)
    with pytest.raises(ValueError, match=r"min_count=11: no class of 'species' has so many rows; the most .*has 10"):
        data.read_points(CASES / "many_species.csv", target="species", min_count=11)
    part = "".join((CASES / "many_species.csv").read_text().splitlines(keepends=True)[:2900])
    few = read(part, target="species", min_count=10)
    assert few.classes[-1] == "other"
    assert len(few.lonlat) == 2899
    assert np.bincount(few.target).tolist() == [10] * 199 + [909]
    assert "101 of 300 classes have fewer than 10 rows and are joined into 'other' (909 rows)" in understood(few).why


def test_the_joined_class_has_a_name_of_its_own() -> None:
    d = read(table(lambda i: f"s{i}" if i < 10 else "other" if i < 30 else "elm"), target="v", min_count=3)
    assert d.classes == ("elm", "other", "other (rare)")
    assert np.bincount(d.target).tolist() == [30, 20, 10]
    numbers = read(table(lambda i: 7 if i < 2 else i % 3), target="v", min_count=3)
    assert numbers.classes == ("0", "1", "2", "other")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"min_count": 0}, "min_count=0 must be a whole number of rows, at least 1"),
        ({"min_count": True}, "min_count=True must be"),
        ({"min_count": 3}, "'v' is read as values"),
        ({"min_count": 3, "target": None}, "there is no target"),
        ({"decimal": ";"}, "decimal=';' is not one of '.', ','"),
        ({"thousands": "_"}, "thousands='_' is not one of"),
        ({"decimal": ",", "thousands": ","}, "must differ"),
    ],
)
def test_what_cannot_be_asked_for_is_refused(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        read(table(lambda i: i / 7), **{"target": "v", **arguments})


# What is said -------------------------------------------------------------------------------------------------------


def test_built_in_data_sets_have_a_short_repr() -> None:
    text = repr(data.load("checkerboard", points=100))
    assert (
        text
        == "<DataSet 'checkerboard': classification of 16 classes at 12,100 places (100 train, 4,000 val, 8,000 test).>"
    )


def test_what_was_understood_is_plain_values_and_a_few_lines() -> None:
    d = data.read_points(CASES / "comma_mixed.csv", target="wert")
    u = understood(d)
    assert (u.file, u.encoding, u.separator, u.longitude, u.latitude) == ("comma_mixed.csv", "UTF-8", ";", "lon", "lat")
    assert (u.decimal, u.target_decimal, u.noun, u.rows, u.used) == (".", ",", "row", 60, 60)
    assert u.lines == (
        "Read 60 of 60 rows of the file 'comma_mixed.csv': text in UTF-8, separated by semicolons, "
        "with decimal points.",
        "Longitude is 'lon', latitude 'lat'.",
        "Target 'wert' is values (a regression): its cells are numbers, 59 different ones; "
        "its decimal sign is a comma.",
    )


LINES = st.lists(
    st.lists(
        st.sampled_from(["1", "-2.5", "3,5", "lon", "lat", '"', "#", "/*", "*/", "sep=;", "NA", "", "0°", "12 m"]),
        max_size=5,
    ),
    max_size=12,
)


@given(LINES, st.sampled_from(",;\t| "), st.sampled_from(["", "lon{0}lat{0}v\n"]))
@example(lines=[["#", "1", '"']], separator=",", head="")  # an open quotation mark in a header that is a comment
@settings(max_examples=300, deadline=None)
def test_any_text_is_read_or_refused_with_a_sentence(lines: list[list[str]], separator: str, head: str) -> None:
    text = head.format(separator) + "\n".join(separator.join(line) for line in lines)
    said = ""
    try:
        d = read(text, target="v" if head else None)
    except ValueError as error:
        said = str(error)
    assert len(said) < 2000
    assert said or len(d.lonlat) == understood(d).used
