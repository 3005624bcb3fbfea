"""The numbers of charts as tables: those of the curves, with the ends of whiskers and bands."""

import math
from itertools import pairwise

import numpy as np
import pytest

from s2v.comparison.results import Image, Profile, StretchProfile
from s2v.evaluation import calibration
from s2v.figures import charts, comparison_charts, race_charts
from s2v.figures.chart_table import chart_table
from s2v.figures.comparison_charts import CurveLabel


def column(rows, name, series=None):
    return [row[name] for row in rows if series in (None, row["series"])]


def test_bars_and_sideways_bars():
    upright = chart_table(charts.bars([1.5, 2.5], [30.0, 70.0], x_title="metres", y_title="% of the area"))
    assert upright == [
        {"series": "", "metres": 1.5, "% of the area": 30.0},
        {"series": "", "metres": 2.5, "% of the area": 70.0},
    ]
    sideways = chart_table(charts.bars(["sea", "ice"], [60.0, 40.0], y_title="%", sideways=True))
    assert [list(row.values()) for row in sideways] == [["", "sea", 60.0], ["", "ice", 40.0]]


def test_bars_of_bands_are_whole_below_the_floor_and_have_their_intervals():
    series = {"grid": [charts.Band("N", -10.0, -12.0, -8.0), charts.Band("S", 0.5, 0.25, 0.75)]}
    rows = charts.band_rows(series, "R²")
    assert column(rows, "R²") == [-10.0, 0.5]
    drawn = chart_table(charts.band_bars(series, y_title="R²", floor=-1.0, numbers=True))
    assert column(drawn, "R²") == [-1.0, 0.5]  # so the pages take the rows
    assert drawn[1] == {"series": "grid", "x": "S", "R²": 0.5, "low": 0.25, "high": 0.75}


def test_curves_of_a_race_have_the_range_over_seeds():
    tracks = [
        race_charts.Track("sphereM", "#0072b2", [0, 1], [1.0, math.nan], low=[0.5, 2.0], high=[1.5, 3.0]),
        race_charts.Track("grid", "#0072b2", [0, 1], [4.0, 5.0]),
    ]
    rows = chart_table(race_charts.race_chart(tracks, x_title="step", y_title="loss"))
    assert rows == [
        {"series": "sphereM", "step": 0, "loss": 1.0, "low": 0.5, "high": 1.5},
        {"series": "sphereM", "step": 1, "loss": None, "low": 2.0, "high": 3.0},
        {"series": "grid", "step": 0, "loss": 4.0, "low": None, "high": None},
        {"series": "grid", "step": 1, "loss": 5.0, "low": None, "high": None},
    ]


def test_calibration_has_its_whiskers():
    sure = np.random.default_rng(0).uniform(0.5, 1, 500)
    found = calibration(np.zeros(500, int), np.stack([sure, 1 - sure], 1))
    rows = chart_table(race_charts.calibration_chart({"sphereM": found}))
    filled = found.counts > 0
    assert column(rows, "share of right answers", "sphereM") == pytest.approx(found.accuracy[filled])
    assert column(rows, "low", "sphereM") == pytest.approx(found.intervals[filled, 0])
    assert column(rows, "high", "sphereM") == pytest.approx(found.intervals[filled, 1])


def test_similarity_has_mean_and_band_of_each_encoder():
    distance = np.array([0.0, 90.0, 180.0])
    profiles = [Profile(distance, mean, mean - 0.25, mean + 0.25) for mean in (distance / 180, 1 - distance / 180)]
    curves = [(CurveLabel(name, "#0072b2"), p, 500.0) for name, p in zip("ab", profiles, strict=True)]
    rows = chart_table(comparison_charts.similarity_chart(curves))
    for name, profile in zip("ab", profiles, strict=True):
        assert column(rows, "similarity", name) == profile.mean.tolist()
        assert column(rows, "low", name) == profile.low.tolist()
        assert column(rows, "high", name) == profile.high.tolist()
    assert {row["series"] for row in rows} == {"a", "b", "round, as wide as a", "round, as wide as b"}


def test_the_kernel_that_a_random_code_is_drawn_to_is_a_curve_of_its_own():
    distance = np.array([0.0, 90.0, 180.0])
    curve = CurveLabel("a", "#0072b2"), Profile(distance, distance, distance, distance), 500.0
    rows = chart_table(comparison_charts.similarity_chart([curve], aims=[(curve[0], np.cos)]))
    assert column(rows, "similarity", "kernel that a aim at")[::360] == pytest.approx([1, 0, -1], abs=1e-12)


def test_stretch_by_latitude():
    latitude = np.array([-80.0, 0.0, 80.0])
    ones = np.ones(3)
    profile = StretchProfile(latitude, ones, ones, ones, np.array([5.5, 1.0, np.inf]), ones)
    rows = chart_table(comparison_charts.stretch_chart([(CurveLabel("grid", "#0072b2"), profile)]))
    assert column(rows, "latitude (degrees)") == latitude.tolist()
    assert column(rows, "largest over smallest stretch") == [5.5, 1.0, None]


def test_lines_in_space_keep_apart():
    lines = np.arange(24.0).reshape(2, 4, 3)
    image = Image(lines, lines, lines, lines, np.array([-30.0, 30.0]), np.array([0.0, 90.0]), (0.5, 0.3, 0.1))
    rows = chart_table(comparison_charts.image_figure(image, "grid"))
    meridians = [row for row in rows if row["series"] == "meridians"]
    assert [row["part"] for row in meridians] == [1] * 4 + [2] * 4
    assert [[row[name] for name in "xyz"] for row in meridians] == lines.reshape(-1, 3).tolist()
    assert all(list(a) == list(b) for a, b in pairwise(rows))  # one table: the same columns in each row
