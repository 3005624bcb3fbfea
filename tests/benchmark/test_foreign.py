"""Files of results that somebody else wrote."""

from __future__ import annotations

import pytest

from s2v.benchmark import ResultsError, foreign
from s2v.benchmark.cell import empty_row
from s2v.benchmark.results import SCHEMA, encode
from s2v.models.recipe import Recipe


def row_of(seed: int, **change: object) -> dict[str, object]:
    row = empty_row(Recipe(data="vmf:U3", predictor="knn", points=500, seed=seed))
    return {**row, "score": 0.5, "gains": b"\0\0", **change}


def test_it_is_opened_in_a_process_of_its_own(monkeypatch: pytest.MonkeyPatch):
    rows = [row_of(0, bayes=0.7), row_of(1, bayes=0.7)]
    found = foreign.decode(encode(rows), "mine.parquet")
    assert [repr(row) for row in found] == [repr({name: row[name] for name in SCHEMA}) for row in rows]  # NaN != NaN
    monkeypatch.setattr(foreign, "rows_of", lambda *_: pytest.fail("opened in the process of the page"))
    assert len(foreign.decode(encode(rows), "mine.parquet")) == 2


def test_a_file_that_ends_what_opens_it_is_a_sentence(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(foreign, "MAX_MEMORY", 50 << 20)  # less than Python takes
    with pytest.raises(ResultsError, match=r"^mine\.parquet cannot be read .* Choose another file\.$"):
        foreign.decode(encode([row_of(0)]), "mine.parquet")


def test_there_are_limits(monkeypatch: pytest.MonkeyPatch):
    content = encode([row_of(0)])
    monkeypatch.setattr(foreign, "MAX_CELLS", 0)
    with pytest.raises(ResultsError, match=r"mine\.parquet has 1 cells; allowed are 0"):
        foreign.decode(content, "mine.parquet")
    monkeypatch.setattr(foreign, "MAX_BYTES", 10)
    with pytest.raises(ResultsError, match=r"mine\.parquet has .* bytes; allowed are 10"):
        foreign.decode(content, "mine.parquet")


def test_a_small_file_that_opens_to_much_is_refused(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(foreign, "MAX_OPENED", 1 << 20)
    bomb = encode([row_of(seed, problem="x" * 100_000) for seed in range(20)])
    assert len(bomb) < 50_000
    with pytest.raises(ResultsError, match="holds more than 1,048,576 bytes when it is opened"):
        foreign.decode(bomb, "mine.parquet")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"seed": 7}, "a cell is not that of its recipe"),
        ({"contestant": "kde"}, "a cell is not that of its recipe"),
        ({"task": "magic"}, "a cell has the task 'magic'"),
        ({"gains": b""}, "different numbers of test places"),
        ({"score": None}, "a cell has no score"),
        ({"points": "many"}, "a cell has no points"),
        ({"recipe": "{}x"}, "that this version cannot read"),
    ],
)
def test_cells_that_cannot_be_compared_are_refused(change: dict[str, object], said: str):
    with pytest.raises(ResultsError, match=said):
        foreign.check([row_of(0), {**row_of(1), **change}], "mine.parquet")
