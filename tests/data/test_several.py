"""Which columns of a file are targets, where none is named."""

from __future__ import annotations

import io

import pytest

from s2v.data.readers.several import NOT_BY_NAME, columns_of

ROWS = range(40)


def table(columns: str, row) -> io.StringIO:
    return io.StringIO("\n".join([columns, *(row(i) for i in ROWS)]))


def test_coordinates_and_numbers_of_rows_are_none():
    source = table("Unnamed: 0,longitude,latitude,split,height,kind", lambda i: f"{i},{i},{i},test,{i / 7},{i % 3}")
    found = {column.name: (column.task, column.about) for column in columns_of(source)}
    assert found["Unnamed: 0"] == found["split"] == (None, NOT_BY_NAME)
    assert found["height"][0] == "regression"
    assert found["kind"] == ("classification", "3 classes")
    assert len(found) == 4


def test_named_coordinates_are_none_and_others_may_be():
    source = table("a,b,lon,c", lambda i: f"{i},{i},{i / 7},{i / 3}")
    assert [column.name for column in columns_of(source, lon="a", lat="b")] == ["lon", "c"]


def test_a_column_of_points_is_none():
    source = table("wkt,height", lambda i: f"POINT ({i} {i}),{i / 7}")
    assert [column.name for column in columns_of(source)] == ["height"]


def test_a_file_without_coordinates_is_told():
    with pytest.raises(ValueError, match="no column has a name known for its longitude"):
        columns_of(table("a,b", lambda i: f"{i},{i}"))
