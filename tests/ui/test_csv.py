"""CSV files that the pages offer: no text in them is a formula to a spreadsheet."""

from __future__ import annotations

import csv
import io
import re
from types import SimpleNamespace
from typing import Any

import plotly.graph_objects as go
import pytest
import streamlit as st

from s2v.models.recipe import Recipe
from s2v.ui import charts
from s2v.ui.race.results import _curves_table
from tests.serving import ROOT


def test_the_numbers_of_a_chart(monkeypatch: pytest.MonkeyPatch) -> None:
    offered: list[Any] = []
    monkeypatch.setattr(st, "download_button", lambda label, content, name, *_, **__: offered.append((name, content())))
    line = {"type": "scatter", "name": "@x", "x": [1.0, 2.0], "y": [-1.5, None]}
    figure = go.Figure({"data": [line], "layout": {"yaxis": {"title": {"text": "=a"}}}})
    charts.show(figure, key="k", alt="", file_name="lines")
    charts.show(figure, key="k2", alt="", file_name="whole", table=lambda: [{"b": -3.25}])
    assert offered == [("lines.csv", b"series,x,'=a\n'@x,1.0,-1.5\n'@x,2.0,\n"), ("whole.csv", b"b\n-3.25\n")]


def test_every_chart_has_its_files() -> None:
    """Only one function puts charts on pages."""
    callers = [
        path.relative_to(ROOT).as_posix()
        for path in [ROOT / "app.py", *ROOT.glob("pages/*.py"), *ROOT.glob("s2v/**/*.py")]
        if re.search(r"\bplotly_chart\b", path.read_text(encoding="utf-8"))
    ]
    assert callers == ["s2v/ui/charts.py"]


def test_names_of_files_say_what_they_hold() -> None:
    assert charts.file_name("Küste: Ø/1.csv", "sphereM+", "R² by latitude") == "Küste-Ø-1.csv-sphereM+-R²-by-latitude"
    assert len(charts.file_name("x" * 300)) == charts.MAX_NAME
    recipes = [Recipe(data="own:regression,id=0123456789abcdef", encoder=name) for name in ("grid", "sphereC+")]
    assert charts.race_file_name(recipes, "loss by step") == "own-regression-grid-sphereC+-loss-by-step"


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
