"""Which columns of a file could be learned is judged as the reader would."""

from __future__ import annotations

import io

import pyarrow as pa
import pyarrow.parquet as pq

from s2v.data.readers.base import Options
from s2v.data.readers.files import open_table
from s2v.data.readers.survey import MAX_COLUMNS, survey


def test_every_column_is_judged() -> None:
    rows = [
        f"{i - 50};{i * 3 - 150};{('gull', 'tern')[i % 2]};{i * 0.7:.1f};same;;id {i};2024-01-{i % 28 + 1:02d};{i % 5}"
        for i in range(90)
    ]
    text = "\n".join(["lat;lon;species;depth;all;none;name;day;count", *rows])
    found = {column.name: column for column in survey(open_table(io.StringIO(text), Options()))}
    assert [(name, column.task) for name, column in found.items()] == [
        ("lat", "regression"),
        ("lon", "regression"),
        ("species", "classification"),
        ("depth", "regression"),
        ("all", None),
        ("none", None),
        ("name", None),
        ("day", None),
        ("count", "classification"),
    ]
    about = {name: column.about for name, column in found.items()}
    assert (about["species"], about["all"], about["none"]) == ("2 classes", "the same everywhere", "blank")
    assert (about["name"], about["day"]) == ("a text for almost every row", "dates")
    assert (found["none"].filled, found["depth"].filled) == (0, 1)
    assert found["species"].example == "gull"


def test_a_file_of_very_many_columns_is_judged_by_the_first(tmp_path) -> None:
    names = [f"c{i}" for i in range(MAX_COLUMNS + 5)]
    path = tmp_path / "many.parquet"
    pq.write_table(pa.table({name: [1.5, 2.5, None] for name in names}), path)
    found = survey(open_table(path, Options()), rows=3)
    assert [column.name for column in found] == names[:MAX_COLUMNS]
    assert {(column.task, round(column.filled, 2)) for column in found} == {("regression", 0.67)}
