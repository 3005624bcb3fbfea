"""Large files are read in a process of its own: the same as here, with progress, and it can be stopped."""

from __future__ import annotations

import io
import os
import time
from typing import Any

import numpy as np
import pytest

from s2v.data.readers import aside
from s2v.data.readers.base import Options
from s2v.data.readers.files import open_table
from s2v.data.readers.opened import Head, Opened, dumps, loads
from s2v.data.readers.survey import survey

ROWS = 20_000
CSV = "count,decimalLatitude,decimalLongitude,kind\n" + "".join(
    f"{i},{(i * 7919) % 17900 / 100 - 89.5},{(i * 104729) % 36000 / 100 - 180},{'ab'[i % 2]}\n" for i in range(ROWS)
)
CONTENT = (CSV + "1,95,0,a\n2,,0,b\n").encode()


def named(content: bytes) -> io.BytesIO:
    file = io.BytesIO(content)
    file.name = "places.csv"
    return file


def asked(request: dict[str, Any], content: bytes = CONTENT, name: str = "places.csv") -> tuple[bytes, list[int]]:
    reading, rows = aside.Reading(content, name, request), []
    try:
        while not reading.wait(0.05):
            rows.append(reading.rows)
        return reading.answer(), [*rows, reading.rows]
    finally:
        reading.end()


@pytest.mark.parametrize("how", [{"target": "kind"}, {"target": "count", "task": "regression"}, {}])
def test_a_file_is_read_there_as_it_is_here(how: dict[str, Any]) -> None:
    answer, rows = asked(aside.read_request(how))
    there, here = aside.opened_of(answer), Opened.read(named(CONTENT), "places.csv", how)
    assert there.data.name == here.data.name
    assert (there.understood, there.problems, there.places) == (here.understood, here.problems, ROWS)
    for name in ("counts", "bands", "distances", "middle"):
        np.testing.assert_array_equal(getattr(there, name), getattr(here, name))
    assert rows[-1] == ROWS + 2
    assert rows == sorted(rows)


def test_columns_are_recognised_there_as_they_are_here() -> None:
    head = aside.head_of(asked(aside.head_request({}))[0])
    assert head == Head.of(open_table(named(CONTENT), Options()))
    assert (head.lon, head.lat) == ("decimalLongitude", "decimalLatitude")
    table = open_table(named(CONTENT), Options(encoding="cp1252"))
    assert tuple(aside.survey_of(asked(aside.survey_request({"encoding": "cp1252"}))[0])) == survey(table)


def test_the_columns_of_a_large_text_are_seen_at_its_beginning(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(aside, "MAX_HERE", 100)
    monkeypatch.setattr(aside, "MAX_PACKED_HERE", 10)
    packed = b"PK\x03\x04" + bytes(50)
    assert [aside.is_large(given) for given in (CONTENT, CONTENT[:100], packed, packed[:10])] == [
        True,
        False,
        True,
        False,
    ]
    collection = b'{"type": "FeatureCollection", "features": []}' + b" " * 100
    slow = [aside.is_slow_to_open(given) for given in (CONTENT, collection, b"PAR1" + bytes(50))]
    assert slow == [False, True, True]


def test_mistakes_are_sentences_there_too() -> None:
    with pytest.raises(ValueError, match="has no column 'sort' for target"):
        asked(aside.read_request({"target": "sort"}))
    with pytest.raises(ValueError, match="is a PDF"):
        asked(aside.head_request({}), b"%PDF-1.4 nothing")


def test_a_reading_that_is_killed_is_a_sentence() -> None:
    """As the system does where it has no memory left."""
    reading = aside.Reading(CONTENT * 10, "places.csv", aside.read_request({}))
    while reading.waits:
        reading.wait(0.01)
    process = reading._process
    assert process is not None
    os.kill(process.pid, 9)
    while not reading.wait(0.05):
        pass
    with pytest.raises(ValueError, match=r"more than 4 GB of memory or 5 minutes. Keep only the columns"):
        reading.answer()


def test_a_memory_limit_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(aside.MEMORY_SETTING, "250")
    with pytest.raises(ValueError, match=r"more than 0.25 GB of memory .* change the limit \(S2V_MAX_READING_MB\)"):
        asked(aside.head_request({}), b"[" + b"[]," * 2_900_000 + b"[]]", "places.json")


def test_a_reading_can_be_stopped_and_gives_up_its_turn() -> None:
    readings = [aside.Reading(CONTENT * 10, "places.csv", aside.read_request({})) for _ in range(aside.MAX_AT_ONCE + 1)]
    try:
        for reading in readings:
            reading.wait(0.01)
        assert [reading.waits for reading in readings] == [*[False] * aside.MAX_AT_ONCE, True]
        process = readings[0]._process
        assert process is not None
        began = time.monotonic()
        readings[0].end()
        readings[0].end()  # once is enough
        assert process.poll() is not None
        readings[-1].wait(5)
        assert not readings[-1].waits
        assert time.monotonic() - began < 60  # it did not wait for the end of a reading
    finally:
        for reading in readings:
            reading.end()
    assert aside._turns._value == aside.MAX_AT_ONCE  # type: ignore[attr-defined]


def test_bytes_of_an_opened_file_hold_all_of_it() -> None:
    here = Opened.read(named(CONTENT), "places.csv", {"target": "kind"})
    again = loads(dumps(here))
    assert again.data.how == {"target": "kind"}
    assert (again.data.file, again.data.summary, again.understood) == ("places.csv", here.data.summary, here.understood)
