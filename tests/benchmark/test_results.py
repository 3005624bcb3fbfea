"""The file of finished cells."""

from __future__ import annotations

import errno
from dataclasses import replace
from pathlib import Path

import pyarrow
import pyarrow.parquet as parquet
import pytest

from s2v import files
from s2v.benchmark.cell import compute, empty_row
from s2v.benchmark.results import Results, ResultsError, key_of
from s2v.models.recipe import Recipe

RECIPE = Recipe(data="vmf:U3", predictor="knn", points=100)


def row_of(seed: int) -> dict[str, object]:
    return {**empty_row(replace(RECIPE, seed=seed)), "score": seed / 10}


def test_a_cell_is_read_as_it_was_written(tmp_path: Path):
    row, path = compute(RECIPE), tmp_path / "cells.parquet"
    Results(path).add([row])
    again = Results(path)
    assert again.rows == [row]
    assert again.row(RECIPE) == row
    assert RECIPE in again
    assert replace(RECIPE, seed=1) not in again


def test_two_writers_keep_each_other_s_cells_each_exactly_once(tmp_path: Path):
    path = tmp_path / "cells.parquet"
    first, second = Results(path), Results(path)
    first.add([row_of(0), row_of(1)])
    second.add([{**row_of(1), "score": 0.9}, row_of(2)])
    rows = Results(path).rows
    assert sorted(row["seed"] for row in rows) == [0, 1, 2]
    assert {row["seed"]: row["score"] for row in rows}[1] == 0.1  # the first that was finished
    assert {row["key"] for row in second.rows} == {row["key"] for row in rows}


def test_a_full_disk_leaves_the_file_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    path = tmp_path / "cells.parquet"
    results = Results(path)
    results.add([row_of(0)])
    before = path.read_bytes()

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(files.os, "replace", full)
    with pytest.raises(OSError, match="no space left on device"):
        results.add([row_of(1)])
    assert path.read_bytes() == before
    monkeypatch.undo()
    results.add([row_of(1)])
    assert [row["seed"] for row in Results(path).rows] == [0, 1]


def write_table(path: Path, table: pyarrow.Table) -> None:
    parquet.write_table(table, path)


def twice(path: Path) -> None:
    Results(path).add([row_of(0)])
    table = parquet.read_table(path)
    write_table(path, pyarrow.concat_tables([table, table]))


def of_another_version(path: Path) -> None:
    Results(path).add([row_of(0)])
    write_table(path, parquet.read_table(path).drop_columns(["gains"]))


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda path: path.write_bytes(b""), "cannot be read as results of the benchmark"),
        (lambda path: path.write_text("contestant,score\nxyz,0.5\n"), "cannot be read as results of the benchmark"),
        (lambda path: write_table(path, pyarrow.table({"a": [1]})), "holds no results of this version"),
        (of_another_version, "holds no results of this version"),
        (twice, "it holds a cell twice"),
    ],
    ids=["empty", "csv", "foreign", "other version", "twice"],
)
def test_a_damaged_or_foreign_file_is_told(damage, message, tmp_path: Path):
    path = tmp_path / "cells.parquet"
    damage(path)
    with pytest.raises(ResultsError, match=message):
        Results(path)


def test_a_cut_file_is_told(tmp_path: Path):
    path = tmp_path / "cells.parquet"
    Results(path).add([row_of(seed) for seed in range(50)])
    content = path.read_bytes()
    for end in (4, len(content) // 2, len(content) - 1):
        path.write_bytes(content[:end])
        with pytest.raises(ResultsError, match="cannot be read"):
            Results(path)


def test_a_key_is_of_the_settings_that_are_not_at_their_defaults():
    assert key_of(Recipe()) == key_of(Recipe.from_json("{}"))
    assert len({key_of(Recipe(seed=seed)) for seed in range(100)}) == 100
    assert key_of(Recipe(encoder="grid")) != key_of(Recipe(encoder="grid", encoder_params={"scales": 4}))
