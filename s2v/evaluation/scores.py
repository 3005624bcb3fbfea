"""The main score of each task: what a race, a comparison and a benchmark are about."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

MIN_SHOWN = -99  # a score below is shown as "below -99"


@dataclass(frozen=True)
class MainScore:
    """A score, how it is called, and what its values mean.

    Attributes
    ----------
    name : str
        Its name among the metrics of ``s2v.evaluation.evaluate``.
    word : str
        Its name in a sentence.
    meaning : str
        A sentence on its values.

    Examples
    --------
    >>> score = MAIN_SCORES["classification"]
    >>> score.name, score.title, score.text(0.4567), score.text(float("nan"))
    ('accuracy', 'Accuracy', '0.457', '–')
    """

    name: str
    word: str
    meaning: str

    @property
    def title(self) -> str:
        """Its name as a heading."""
        return self.word[:1].upper() + self.word[1:]

    def text(self, value: float | None) -> str:
        """A value as pages show it, a dash for none."""
        if value is None or not math.isfinite(value):
            return "–"
        if value < MIN_SHOWN:
            return f"below {MIN_SHOWN}".replace("-", "\N{MINUS SIGN}")
        return f"{value:.3f}".replace("-", "\N{MINUS SIGN}")


MAIN_SCORES: Mapping[str, MainScore] = {
    "regression": MainScore("r2", "R²", "1 is perfect, 0 is no better than the mean."),
    "classification": MainScore("accuracy", "accuracy", "Share of places with the right class: 1 is all."),
    "presence": MainScore(
        "auc",
        "AUC",
        "How well places where a class was seen are told from places all over the sphere: 1 is perfectly, 0.5 is not "
        "at all.",
    ),
}
