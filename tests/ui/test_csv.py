"""CSV files that the pages offer: no text in them is a formula to a spreadsheet."""

from __future__ import annotations

import csv
import io
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest
import streamlit as st

from s2v.ui.comparison.common import csv_button
from s2v.ui.race.results import _curves_table


def test_a_table_of_a_comparison(monkeypatch: pytest.MonkeyPatch) -> None:
    offered: list[Any] = []
    monkeypatch.setattr(st, "download_button", lambda label, content, *_, **__: offered.append(content()))
    csv_button("Table", lambda: pd.DataFrame({"=a": ["@x", "sea", None], "b": [-1.5, 2.0, 3.0]}), "table")
    assert offered == ["'=a,b\n'@x,-1.5\nsea,2\n,3\n"]


def test_the_curves_of_a_race() -> None:
    frame = SimpleNamespace(step=10, seconds=0.5, loss=-1.0, metrics={"accuracy": 0.25})
    run = SimpleNamespace(recipe=SimpleNamespace(seed=0), history=[frame])
    race: Any = SimpleNamespace(runs=[[run], [run]])
    rows = list(csv.reader(io.StringIO(_curves_table(race, ['=HYPERLINK("x")', "grid, wide"]).decode())))
    assert rows == [
        ["contestant", "seed", "step", "seconds", "loss", "accuracy"],
        ['\'=HYPERLINK("x")', "0", "10", "0.5", "-1.0", "0.25"],
        ["grid, wide", "0", "10", "0.5", "-1.0", "0.25"],
    ]
