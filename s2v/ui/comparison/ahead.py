"""Answers computed ahead: what Similarity and Distortion show when they are opened without a link.

With them the first visitor of a server does not wait for the worker.  Those about each encoder are in files of its own
in ``assets/answers/``; answers without a file are computed when a page asks.  To write the files again::

    python -m s2v.ui.comparison.ahead [--names grid,sphereM]

The tests check that the files agree with the code.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import Any

import streamlit as st

from s2v.assets import ASSETS, AssetError
from s2v.comparison import answer_files
from s2v.comparison.questions import Question
from s2v.encoders import ENCODERS, spec
from s2v.ui import answers
from s2v.ui.comparison import all_encoders, distortion, similarity
from s2v.ui.messages import log


@st.cache_resource(show_spinner=False)
def warm() -> None:
    """Once for each server: cache the answers of the files, and have the other first questions answered."""
    shipped = load()
    wanted = [*distortion.first_questions(), *similarity.first_questions(), *all_encoders.first_questions()]
    answers.start(shipped, [question for question in wanted if question not in shipped])


def questions() -> list[Question[Any]]:
    """What the pages ask first; the first maps of Similarity are those of the Start page."""
    first = [*distortion.first_questions(), *all_encoders.first_questions(), *similarity.first_numbers()]
    return list(dict.fromkeys(first))


def load() -> dict[Question[Any], Any]:
    """The answers in the files.  A missing file is no error; a damaged one is logged, and its answers are left out."""
    found: dict[Question[Any], Any] = {}
    for name in ENCODERS:
        try:
            kept = answer_files.load(name)
        except AssetError:
            log.exception("The answers about %s cannot be used", name)
            continue
        found |= {question: kept[question.key] for question in _about(name) if question.key in kept}
    return found


def compute(names: Sequence[str]) -> dict[Question[Any], Any]:
    """The answers about some encoders, computed here."""
    from s2v.comparison import answering  # here, because it loads torch

    return {question: answering.answer(question) for name in names for question in _about(name)}


def main() -> None:
    """Write the files of the named encoders, or of all."""
    parser = argparse.ArgumentParser(description="Write the answers computed ahead to assets/answers/.")
    parser.add_argument("--names", default=",".join(ENCODERS), help="encoders, separated by commas; all by default")
    names = [spec(name).name for name in parser.parse_args().names.split(",")]
    for name in names:
        computed = {question.key: answer for question, answer in compute([name]).items()}
        answer_files.save(computed, ASSETS / answer_files.FOLDER, name)
        print(f"{name}: {len(computed)} answers")


def _about(name: str) -> list[Question[Any]]:
    return [question for question in questions() if question.source.name == name]


if __name__ == "__main__":
    main()
