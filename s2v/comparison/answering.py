"""Answers to ``questions``, computed in this process with torch.

The pages have them computed by another process, ``s2v.engine.comparison_worker``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from typing import Any

from s2v.comparison.kernel_shape import is_quick, main_lobe, similarity_map, similarity_profile, walk
from s2v.comparison.opened import opened_model
from s2v.comparison.predicted import predicted_rows
from s2v.comparison.questions import (
    Answer,
    CharacterOf,
    CodeVariogramOf,
    DataVariogramOf,
    EllipsesOf,
    FeaturesOf,
    HalfSillsOf,
    ImageOf,
    IsQuick,
    LobeOf,
    OpenedModelOf,
    OverviewOf,
    PredictedRowsOf,
    ProfileOf,
    Question,
    SimilarityMapOf,
    StretchMapOf,
    StretchProfileOf,
    SuggestedOf,
    WalkOf,
)
from s2v.comparison.stretch import (
    character,
    ellipses,
    features,
    overview,
    principal_image,
    stretch_map,
    stretch_profile,
)
from s2v.comparison.variograms import code_variogram, data_variogram, half_sills, suggested


def answer(question: Question[Answer]) -> Answer:
    """The answer to a question; ``ValueError`` says what is wrong with the question.

    A trained model's file must have been passed to ``sources.take``.
    """
    arguments = {field.name: getattr(question, field.name) for field in fields(question)}
    result: Answer = FUNCTIONS[type(question)](**arguments)
    return result


def _pair(
    question: type[Question[Answer]], function: Callable[..., Answer]
) -> tuple[type[Question[Any]], Callable[..., Any]]:
    """A question and its function, which a type checker compares: they must have the same type of answer."""
    return question, function


FUNCTIONS = dict(
    (
        _pair(FeaturesOf, features),
        _pair(SimilarityMapOf, similarity_map),
        _pair(IsQuick, is_quick),
        _pair(WalkOf, walk),
        _pair(ProfileOf, similarity_profile),
        _pair(LobeOf, main_lobe),
        _pair(CharacterOf, character),
        _pair(OverviewOf, overview),
        _pair(CodeVariogramOf, code_variogram),
        _pair(DataVariogramOf, data_variogram),
        _pair(HalfSillsOf, half_sills),
        _pair(SuggestedOf, suggested),
        _pair(StretchMapOf, stretch_map),
        _pair(StretchProfileOf, stretch_profile),
        _pair(EllipsesOf, ellipses),
        _pair(ImageOf, principal_image),
        _pair(PredictedRowsOf, predicted_rows),
        _pair(OpenedModelOf, opened_model),
    )
)
