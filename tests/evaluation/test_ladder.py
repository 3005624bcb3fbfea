"""The ladder: who is ahead at which distance, and what is said of rungs that could not be climbed."""

import math

import numpy as np

from s2v import data, sphere
from s2v.evaluation import judge
from s2v.evaluation.ladder import Ladder, RungResult
from s2v.figures.ladder_chart import ladder_chart

PLACES = sphere.random_points(2000)
TRUTH = np.sin(np.deg2rad(PLACES[:, 1])) + np.cos(np.deg2rad(PLACES[:, 0]))


def rung(split: str, km: float, errors: dict[str, float], seeds: int = 1, **more) -> RungResult:
    predictions = {
        name: [TRUTH + error * np.random.default_rng([i, j]).normal(size=2000) for j in range(seeds)]
        for i, (name, error) in enumerate(errors.items())
    }
    judged = judge("regression", TRUTH, predictions, PLACES) if predictions else None
    kind = data.rung(split).kind
    return RungResult(split, data.split_title(split), kind, (km - 10, km, km + 10), 1000, judged, **more)


def test_a_lead_is_said_with_its_interval_and_a_tie_is_called_a_tie() -> None:
    ladder = Ladder(
        ["a", "b"],
        [rung("random", 75, {"a": 0.2, "b": 0.4}), rung("buffer:500", 555, {"a": 0.4, "b": 0.4})],
    )
    first, second = ladder.sentences()
    assert first.startswith("Held out at random among the training places (median 75 km): a (0.9")
    assert "is ahead of b by 0.1" in first
    assert " to " in first.split("by ")[1]
    assert "no difference can be told between" in second


def test_scores_below_the_mean_are_said_to_be_so() -> None:
    (sentence,) = Ladder(["a"], [rung("buffer:5000", 5060, {"a": 3.0})]).sentences()
    assert "worse than the mean of the test places" in sentence


def test_controls_have_no_sentence_and_are_drawn_at_their_buffer() -> None:
    errors = {"a": 0.3}
    ladder = Ladder(["a"], [rung("buffer:500", 555, errors), rung("control:500", 80, errors)])
    assert len(ladder.sentences()) == 1
    assert [point.km for point in ladder.points("a", "control")] == [555]
    assert math.isnan(ladder.points("a", "control")[0].seeds[0])


def test_the_interval_holds_both_that_over_places_and_that_over_seeds() -> None:
    (point,) = Ladder(["a"], [rung("random", 75, {"a": 0.5}, seeds=3)]).points("a", "random")
    assert point.interval[0] == min(point.score.interval[0], point.seeds[0])
    assert point.interval[1] == max(point.score.interval[1], point.seeds[1])


def test_what_could_not_be_done_has_its_sentence_while_the_others_go_on() -> None:
    ladder = Ladder(
        ["a", "b"],
        [
            rung("buffer:200", 269, {"a": 0.3}, messages={"b": "b diverged."}),
            RungResult("buffer:5000", "at least 5,000 km away", "buffer", messages={"": "Only 3 places are left."}),
        ],
    )
    rows = {(row["split"], row["contestant"]): row for row in ladder.rows()}
    assert len(rows) == 4
    assert rows["buffer:200", "b"]["message"] == "b diverged."
    assert rows["buffer:5000", "a"]["message"] == rows["buffer:5000", "b"]["message"] == "Only 3 places are left."
    assert float(rows["buffer:200", "a"]["score"]) > 0.8
    assert ladder.sentences()[1] == "Held out at least 5,000 km away: Only 3 places are left."


def test_the_chart_has_a_line_with_whiskers_a_thin_control_and_open_symbols() -> None:
    errors = {"a": 0.3, "b": 0.5}
    ladder = Ladder(
        ["a", "b"],
        [
            rung("random", 75, errors),
            rung("buffer:500", 555, errors),
            rung("buffer:50", 132, errors),
            rung("control:500", 80, errors),
            rung("latitude:70", 704, errors),
        ],
    )
    figure = ladder_chart(ladder, y_title="R2")
    assert figure.layout.xaxis.type == "log"
    named = {trace.name: trace for trace in figure.data}
    assert len(named) == 8
    line = named["a"]
    assert len(line.x) == 2
    assert line.x[0] < line.x[1]  # in the order of distance, not of climbing
    assert min(line.error_y.array) > 0
    assert named["a, control"].line.width < line.line.width
    assert named["b, at random among the training places"].marker.symbol == "circle-open"
    ladder_chart(Ladder(["a"]), y_title="R2")  # before the first rung
