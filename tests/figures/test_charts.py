"""Charts: what is in the figure, and that it can be read from afar on any page."""

import math

import pytest

from s2v.figures.charts import Band, band_bars, bars
from s2v.figures.race_charts import Track, race_chart


def test_every_chart_is_readable_on_a_projector_and_on_any_page():
    for figure in (
        race_chart([Track("sphereM", "#0072b2", [0, 1], [1.0, 0.5])], x_title="step", y_title="loss"),
        bars(["land", "ocean"], [29.0, 71.0], y_title="% of the area"),
        band_bars({"grid": [Band("90 to 85 N", 0.5, 0.4, 0.6)]}, y_title="R2"),
    ):
        assert figure.layout.font.size >= 14
        assert figure.layout.xaxis.tickfont.size >= 14
        assert figure.layout.paper_bgcolor == figure.layout.plot_bgcolor == "rgba(0,0,0,0)"
        assert figure.layout.font.color is None  # the page's theme decides
        assert all(trace.type in ("scatter", "bar") for trace in figure.data)  # no geo axes: they fetch


def test_sideways_bars_name_every_class_from_the_top():
    figure = bars(["Cropland and natural vegetation", "Water"], [29.0, 71.0], y_title="% of the area", sideways=True)
    assert list(figure.data[0].y) == ["Cropland and natural vegetation", "Water"]
    assert list(figure.data[0].x) == [29.0, 71.0]
    assert figure.layout.xaxis.title.text == "% of the area"
    assert figure.layout.yaxis.autorange == "reversed"


def test_bars_carry_their_intervals():
    drawn = band_bars({"grid": [Band("a", 0.5, 0.4, 0.7), Band("b", math.nan)]}, y_title="R2").data[0]
    assert list(drawn.y) == [0.5, None]
    assert drawn.error_y.array[0] == pytest.approx(0.2)
    assert drawn.error_y.arrayminus[0] == pytest.approx(0.1)


def test_differences_are_drawn_whole_and_small_ones_can_be_read():
    figure = band_bars(
        {"a − b": [Band("n", -5.67, -6.4, -5.0), Band("s", 0.01, 0.005, 0.02)]}, y_title="", numbers=True
    )
    drawn, written = figure.data
    assert list(drawn.y) == [-5.67, 0.01]
    assert drawn.error_y.arrayminus[0] == pytest.approx(0.73)
    assert list(written.text) == ["−5.67", "0.01"]
    assert list(written.textposition) == ["top center", "bottom center"]


def test_a_value_below_the_floor_is_cut_and_says_so():
    figure = band_bars({"nerf": [Band("a", -10.0, -12.0, -8.0), Band("b", 0.9)]}, y_title="R2", floor=-1.0)
    drawn = figure.data[0]
    assert list(drawn.y) == [-1.0, 0.9]
    assert list(drawn.text) == ["−10", ""]
    assert drawn.error_y.arrayminus[0] is None
    assert figure.layout.yaxis.range[0] < -1.0
