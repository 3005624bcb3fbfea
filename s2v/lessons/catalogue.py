"""Which lessons there are, and their texts in a language."""

from __future__ import annotations

import logging
import re
from functools import cache

from s2v import assets
from s2v.lessons.parser import Lesson, LessonError, parse

log = logging.getLogger("s2v.lessons")

ENGLISH = "en"
# In the order in which they are read.  A new lesson is a file in assets/lessons/en/, and its name here.
NAMES = ("tears", "stretch", "kernels", "poles", "race", "far", "presences", "counterexamples")


@cache
def load(name: str, language: str = ENGLISH) -> Lesson:
    """A lesson in a language; in English where it is not translated, or where its translation has other steps.

    Parameters
    ----------
    name : str
        One of ``NAMES``.
    language : str, default "en"
        The name of a folder in ``assets/lessons/``, such as "de" or "zh".

    Returns
    -------
    Lesson

    Raises
    ------
    AssetError
        If there is no English text.
    LessonError
        For what is wrong in it.

    Examples
    --------
    >>> load("tears").steps[0].page
    'distortion'
    """
    english = _read(name, ENGLISH)
    assert english is not None
    if language == ENGLISH or not re.fullmatch("[a-z]{2,3}(-[A-Za-z]{2,4})?", language):
        return english
    try:
        translated = _read(name, language)
    except LessonError as error:
        log.warning("English is shown in place of %s", error)
        return english
    if translated is not None and translated.structure != english.structure:
        log.warning("lessons/%s/%s.md has other steps, states or checks than the English text", language, name)
        return english
    return translated or english


def _read(name: str, language: str) -> Lesson | None:
    parts = ("lessons", language, f"{name}.md")
    if language != ENGLISH and not assets.ASSETS.joinpath(*parts).is_file():
        return None
    path = assets.asset_path(*parts)
    return parse(path.read_text(encoding="utf-8"), name, "/".join(parts))
