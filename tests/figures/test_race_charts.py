"""Charts of a race: contestants, seeds, the best possible, earlier races, calibration."""

import math

import numpy as np
import pytest

from s2v.evaluation import calibration
from s2v.figures.race_charts import EARLIER, Track, calibration_chart, race_chart


def track(**changes) -> Track:
    given = {"title": "sphereM", "color": "#0072b2", "x": [0, 1, 2], "y": [1.0, math.nan, 3.0], **changes}
    return Track(**given)


def test_a_track_holds_its_numbers_and_gaps_for_what_is_not_finite():
    figure = race_chart([track()], x_title="step", y_title="R2")
    assert list(figure.data[0].x) == [0, 1, 2]
    assert list(figure.data[0].y) == [1.0, None, 3.0]
    assert figure.data[0].line.color == "#0072b2"
    assert figure.layout.xaxis.title.text == "step"


def test_seeds_are_a_band_around_their_mean():
    band, line = race_chart([track(low=[0, 1, 2], high=[2, 3, 4])], x_title="", y_title="").data
    assert list(band.x) == [0, 1, 2, 2, 1, 0]
    assert list(band.y) == [2, 3, 4, 2, 1, 0]
    assert band.fill == "toself"
    assert list(line.x) == [0, 1, 2]


def test_earlier_races_lie_below_in_grey():
    figure = race_chart([track(), track(title="before", earlier=True)], x_title="", y_title="")
    assert [line.name for line in figure.data] == ["before", "sphereM"]
    assert figure.data[0].line.color == EARLIER


def test_the_best_possible_is_a_line():
    figure = race_chart([track()], x_title="", y_title="", ceiling=0.52)
    assert figure.layout.shapes[0].y0 == figure.layout.shapes[0].y1 == 0.52


def test_a_logarithmic_axis_leaves_out_what_it_cannot_show_and_has_round_labels():
    figure = race_chart([track(y=[0.1, -0.1, 0.02])], x_title="", y_title="", log_y=True)
    assert list(figure.data[0].y) == [0.1, None, 0.02]
    assert figure.layout.yaxis.type == "log"
    assert figure.layout.yaxis.ticktext == ("0.01", "0.02", "0.05", "0.1", "0.2", "0.5")
    nothing = race_chart([track(y=[math.nan] * 3)], x_title="", y_title="", log_y=True)
    assert nothing.layout.yaxis.ticktext == ("1",)


def test_calibration_shows_each_contestant_beside_the_diagonal():
    rng = np.random.default_rng(0)
    sure = rng.uniform(0.5, 1, 4000)
    right = rng.uniform(size=4000) < sure
    found = calibration(np.where(right, 0, 1), np.stack([sure, 1 - sure], 1))
    diagonal, line = calibration_chart({"sphereM": found}).data
    assert list(diagonal.x) == list(diagonal.y) == [0, 1]
    assert np.asarray(line.y) == pytest.approx(np.asarray(line.x), abs=0.08)  # these probabilities are true
    assert (np.asarray(line.error_y.array) >= 0).all()


def test_the_label_of_a_level_line_does_not_cover_that_of_the_best_possible():
    level = track(title="Nearest neighbours", y=[0.52, 0.52, 0.52], level=True)
    best, name = race_chart([level], x_title="", y_title="", ceiling=0.535).layout.annotations
    assert (best.text, name.text) == ("best possible", "Nearest neighbours")
    assert best.x == 1
    assert name.x < 0.7  # beside it
    assert name.y == best.y == 0.535  # above both lines
    (alone,) = race_chart([level], x_title="", y_title="").layout.annotations
    assert (alone.x, alone.y) == (1, 0.52)
