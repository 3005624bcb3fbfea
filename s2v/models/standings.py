"""The standings of a search: who is in, who is out, and who is in the final comparison.  Free of torch."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from s2v.data.splits import Split
from s2v.encoders.registry import EncoderConfig
from s2v.evaluation import Judged
from s2v.models import scales
from s2v.models.contestant import PredictorConfig
from s2v.models.recipe import Recipe

MAX_FINALISTS = 4  # encoders, as many as a race has
MAX_REFERENCES = 2  # in the final comparison: the best on either split

RANDOM: Split = "random"

Contestant = EncoderConfig | PredictorConfig


@dataclass(frozen=True)
class Standing:
    """A contestant in the search.

    Attributes
    ----------
    contestant : EncoderConfig or PredictorConfig
    recipe : Recipe, with the steps of a finalist, on the random split
    scores : mapping of split to float, on validation places, the newest
    steps : int, after which the scores are; 0 for a reference predictor
    rung : int, how many rounds it has taken part in
    state : "in", "out" or "finalist"
    problem : str, why it has no score
    """

    contestant: Contestant
    recipe: Recipe
    scores: Mapping[Split, float] = field(default_factory=dict)
    steps: int = 0
    rung: int = 0
    state: Literal["in", "out", "finalist"] = "in"
    problem: str = ""


@dataclass(frozen=True, eq=False)
class Standings:
    """The search at one moment.

    Attributes
    ----------
    task : "regression", "classification" or "presence"
    splits : tuple of str, "random" and, where the places allow it, "blocks:KM"
    points : int, training places
    rung, rungs : int, the round that goes on, from 1, of so many; the last one is the final comparison
    share : float, of the work that is done, 0 to 1
    seconds : float, since the search began
    rows : tuple of Standing, the best first
    judged : mapping of split to Judged, the finalists on test places, once they have been compared
    done, stopped : bool
    note : str, what the search had to do without
    """

    data: str
    task: str
    splits: tuple[Split, ...]
    points: int
    rung: int
    rungs: int
    share: float
    seconds: float
    rows: tuple[Standing, ...]
    judged: Mapping[Split, Judged]
    done: bool = False
    stopped: bool = False
    note: str = ""

    @property
    def seconds_left(self) -> float:
        """About how long it will go on; NaN where too little is done to tell."""
        return self.seconds * (1 - self.share) / self.share if self.share > 0.02 else math.nan

    @property
    def finalists(self) -> tuple[Standing, ...]:
        """The contestants of the final comparison, the encoders first; so far the best, while there is none."""
        chosen = [row for row in self.rows if row.state == "finalist"]
        if not chosen:
            chosen = finalists_of(self.rows, self.splits)
        return tuple(sorted(chosen, key=lambda row: isinstance(row.contestant, PredictorConfig)))


def titles_of(contestants: Sequence[Contestant]) -> list[str]:
    """Titles of contestants that differ: with the scale where an encoder is there several times, such as
    "Spherical harmonics (degrees L 14)"."""
    titles = []
    for each in contestants:
        twins = [other for other in contestants if other.name == each.name]
        scale = ""
        if isinstance(each, EncoderConfig):
            scale = scales.scale_in_words(Recipe(encoder=each.name, encoder_params=dict(each.params)))
        titles.append(f"{each.title} ({scale})" if len(twins) > 1 and scale else each.title)
    return titles


def best_first(numbers: Sequence[int], rows: Sequence[Standing], splits: Sequence[Split]) -> list[int]:
    """Rows by their scores: the best on either split, then the second best on either, and so on; those without a score
    last."""
    orders = [sorted(numbers, key=lambda i: _place(rows[i].scores.get(split, math.nan))) for split in splits]
    return list(dict.fromkeys(i for place in zip(*orders, strict=True) for i in place))


def _place(score: float) -> float:
    return math.inf if math.isnan(score) else -score


def ordered(rows: Sequence[Standing], splits: Sequence[Split]) -> list[Standing]:
    """Those still in first, then those that went out last."""
    newest = max(row.rung for row in rows)
    level = [newest + 1 if row.state != "out" else 0 if row.recipe.predictor else row.rung for row in rows]
    return [
        rows[i]
        for rung in sorted(set(level), reverse=True)
        for i in best_first([i for i, at in enumerate(level) if at == rung], rows, splits)
    ]


def finalists_of(rows: Sequence[Standing], splits: Sequence[Split]) -> list[Standing]:
    """The best of different encoders, and the best reference predictors, of those still in that have a score."""
    scored = [i for i, row in enumerate(rows) if row.state != "out" and not all(map(math.isnan, row.scores.values()))]
    order = [rows[i] for i in best_first(scored, rows, splits)]
    encoders: dict[str, Standing] = {}
    for row in order:
        if not row.recipe.predictor:
            encoders.setdefault(row.recipe.encoder, row)
    references = [row for row in order if row.recipe.predictor]
    return [*list(encoders.values())[:MAX_FINALISTS], *references[:MAX_REFERENCES]]
