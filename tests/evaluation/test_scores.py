"""The table of main scores."""

import math

import numpy as np
import pytest

from s2v.data.catalogue import TASKS
from s2v.evaluation import MAIN_SCORES, Background, evaluate


def test_each_task_has_a_main_score_among_its_metrics() -> None:
    assert set(MAIN_SCORES) == set(TASKS)
    places, target, guess = np.zeros((4, 2)), np.array([0, 1, 1, 0]), np.eye(2)[[0, 1, 1, 1]]
    for task, score in MAIN_SCORES.items():
        prediction = guess[:, 0] if task == "regression" else guess
        background = Background(places, guess) if task == "presence" else None
        assert score.name in evaluate(task, target, prediction, places, background=background)


@pytest.mark.parametrize(
    ("task", "value", "text"),
    [
        ("classification", 0.5, "0.500"),
        ("regression", 0.12345, "0.123"),
        ("regression", -0.25, "\N{MINUS SIGN}0.250"),
        ("regression", -1e6, "below \N{MINUS SIGN}99"),
        ("presence", 1.0, "1.000"),
        ("presence", None, "–"),
        ("presence", math.nan, "–"),
    ],
)
def test_values_as_pages_show_them(task: str, value: float | None, text: str) -> None:
    assert MAIN_SCORES[task].text(value) == text
