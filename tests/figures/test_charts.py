"""Charts: what is in the figure, and that it can be read from afar on any page."""

import math

import pytest

from s2v.figures.charts import Band, band_bars, curve, loss_curve


def test_a_curve_holds_its_numbers_and_gaps_for_what_is_not_finite():
    figure = curve({"sphereM": ([0, 1, 2], [1.0, math.nan, 3.0])}, x_title="step", y_title="R2")
    assert list(figure.data[0].x) == [0, 1, 2]
    assert list(figure.data[0].y) == [1.0, None, 3.0]
    assert figure.layout.xaxis.title.text == "step"


def test_a_loss_is_logarithmic_unless_it_is_not_positive():
    assert loss_curve([0, 1], [1.0, 0.1]).layout.yaxis.type == "log"
    assert loss_curve([0, 1], [1.0, -0.1]).layout.yaxis.type == "linear"
    assert loss_curve([], []).layout.yaxis.type == "linear"
    assert loss_curve([0, 1], [math.nan, math.nan]).layout.yaxis.type == "linear"
    assert tuple(loss_curve([0], [1.0], total_steps=2500).layout.xaxis.range) == (0, 2500)


def test_a_logarithmic_axis_has_plain_round_labels():
    assert loss_curve([0, 1], [1.0, 0.05]).layout.yaxis.ticktext[:4] == ("0.01", "0.02", "0.05", "0.1")
    assert loss_curve([0, 1], [1000.0, 0.05]).layout.yaxis.ticktext == ("0.01", "0.1", "1", "10", "100", "1000")


def test_curves_have_distinct_looks():
    many = {f"run {i}": ([0, 1], [0, i]) for i in range(12)}
    looks = {(trace.line.color, trace.line.dash) for trace in curve(many, x_title="", y_title="").data}
    assert len(looks) == 12


def test_every_chart_is_readable_on_a_projector_and_on_any_page():
    for figure in (
        loss_curve([0, 1], [1.0, 0.5]),
        band_bars({"grid": [Band("90 to 85 N", 0.5, 0.4, 0.6)]}, y_title="R2"),
    ):
        assert figure.layout.font.size >= 14
        assert figure.layout.xaxis.tickfont.size >= 14
        assert figure.layout.paper_bgcolor == figure.layout.plot_bgcolor == "rgba(0,0,0,0)"
        assert figure.layout.font.color is None  # the page's theme decides
        assert all(trace.type in ("scatter", "bar") for trace in figure.data)  # no geo axes: they fetch


def test_bars_carry_their_intervals():
    bars = band_bars({"grid": [Band("a", 0.5, 0.4, 0.7), Band("b", math.nan)]}, y_title="R2").data[0]
    assert list(bars.y) == [0.5, None]
    assert bars.error_y.array[0] == pytest.approx(0.2)
    assert bars.error_y.arrayminus[0] == pytest.approx(0.1)


def test_a_value_below_the_floor_is_cut_and_says_so():
    figure = band_bars({"nerf": [Band("a", -10.0, -12.0, -8.0), Band("b", 0.9)]}, y_title="R2", floor=-1.0)
    bars = figure.data[0]
    assert list(bars.y) == [-1.0, 0.9]
    assert list(bars.text) == ["-10", ""]
    assert bars.error_y.arrayminus[0] is None
    assert figure.layout.yaxis.range[0] < -1.0


def test_series_of_unequal_length_are_refused():
    with pytest.raises(ValueError, match="'a' has 2 x values and 1 y values"):
        curve({"a": ([0, 1], [0])}, x_title="", y_title="")
