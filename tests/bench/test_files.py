"""The suite ``files``: every reader reads the same places."""

from __future__ import annotations

import pytest

from s2v.bench import SUITES, files


def test_each_reader_reads_all_places_of_a_small_file() -> None:
    report = files.run(points=300, repeat=1)
    names = [str(row[files.COLUMNS[0]]) for row in report.rows]
    assert {"CSV, s2v", "CSV, pandas", "GeoParquet, s2v", "GeoParquet, pandas"} <= set(names)
    for row in report.rows:
        assert float(row["seconds"]) >= 0
        assert 10 < float(row["peak memory, MB"]) < 2000
    assert "300 places" in report.about
    assert "files" in SUITES


def test_a_reader_that_fails_or_loses_places_is_told() -> None:
    with pytest.raises(RuntimeError, match="no such file"):
        files.read("import io", "io.open('no such file')", files.Path("a"), 1)
    with pytest.raises(RuntimeError, match="found 2 of 3 places"):
        files.read("import io", "[1, 2]", files.Path("a"), 3)
    with pytest.raises(ValueError, match="repeat=0"):
        files.run(repeat=0)
