"""Answers that come with the project: what Similarity and Distortion show when they are opened without a link.

``python -m s2v.ui.comparison.ahead`` writes them to ``assets/answers/``; the tests check that they agree with the
code.  With them the first visitor of a server need not wait for the process that computes.
"""

from __future__ import annotations

from typing import Any

from s2v.assets import ASSETS
from s2v.comparison import answer_files
from s2v.ui import answers as desk
from s2v.ui.comparison import distortion, similarity


def questions() -> list[desk.Question]:
    """What these pages ask first; the first maps of Similarity are those of Start."""
    return [
        *distortion.first_questions(),
        *distortion.overview_questions(distortion.AS_CHOSEN),
        *similarity.first_numbers(),
    ]


def load() -> dict[desk.Question, Any]:
    """The answers that are there; ``AssetError`` where a file is missing or damaged."""
    kept = answer_files.load("answers")
    return {question: kept[repr(question)] for question in questions() if repr(question) in kept}


def compute() -> dict[desk.Question, Any]:
    """The answers from the code (some seconds, with torch)."""
    from s2v import engine
    from s2v.engine.comparison_worker import answer

    asked = questions()
    answers = answer(tuple(engine.question(name, *arguments) for name, arguments in asked))
    return dict(zip(asked, answers, strict=True))


if __name__ == "__main__":
    answer_files.save({repr(question): given for question, given in compute().items()}, ASSETS / "answers")
    print(f"{len(load())} answers")
