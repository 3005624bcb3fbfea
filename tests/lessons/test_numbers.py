"""The numbers of the lessons: computed again, and still on the side that the texts say."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from s2v import lessons
from s2v.lessons import numbers, stored
from s2v.lessons.words import Number, filled, parse_number

NAMED = {name.key: name for lesson in lessons.NAMES for name in lessons.load(lesson).numbers}


def test_the_file_has_the_numbers_of_the_texts_and_no_others() -> None:
    assert set(stored.stored()) == set(NAMED), "run: python -m s2v bench lessons --out assets/lessons"


@pytest.mark.parametrize("key", NAMED)
def test_a_number_is_what_the_code_gives(key: str) -> None:
    kept, computed = (np.array(dataclasses.astuple(n)) for n in (stored.stored()[key], numbers.compute(NAMED[key])))
    # Codes are float64: a tear that is closed is rounding, all else agrees to many digits on any machine.
    np.testing.assert_allclose(kept, computed, rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize("name", lessons.NAMES)
def test_what_a_text_claims_follows_from_the_numbers(name: str) -> None:
    lesson = lessons.load(name)
    for step in lesson.steps:
        for claim in step.claims:
            assert stored.holds(claim, stored.stored()), (step.title, claim)
        for text in (step.text, step.question, *step.answers, step.task, step.hint, step.outcome):
            assert "nan" not in filled(text, stored.stored())


def test_a_claim_fails_when_a_number_changes_sides() -> None:
    lesson = lessons.load("race")
    tie = next(claim for step in lesson.steps for claim in step.claims if claim.second == "tie")
    clear = Number(0.05, 0.04, 0.06, 0.03, 0.07)
    assert not stored.holds(tie, {**stored.stored(), tie.first.key: clear})
    stretch = lessons.load("stretch").steps[0].claims[0]
    assert not stored.holds(stretch, {**stored.stored(), stretch.first.key: Number(1.0)})


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("tears encoder=grid", "'tears' is no number; there are: stretch, area, tear"),
        ("tear encoder=grid", "its arguments are: encoder, at"),
        ("ceiling data=nowhere", "'nowhere' is in none of the compared suites: fields"),
        ("tear encoder=grid at=north of=x", "its arguments are: encoder, at"),
    ],
)
def test_a_wrong_name_of_a_number_is_explained(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        numbers.compute(parse_number(text))
