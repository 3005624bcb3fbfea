"""Trials of an encoder's scale: which values are tried, for how long, and which one is taken.  Free of torch.

The best scale follows the spacing of the training places and decides more than the choice of an encoder, so a
comparison is fair where each encoder had the same few trials.  ``s2v.models.tuning`` trains them; docs/tuning.md has
what was measured.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from s2v.data import DataSet
from s2v.encoders import registry
from s2v.evaluation import MAIN_SCORES
from s2v.models.recipe import Recipe
from s2v.models.scales import FromData, finest_radius, is_too_large, scale_in_words

TRIAL_SHARE = 0.25  # of a training's steps
WIDTH = 4.0  # times the spacing, and one over it: the coarsest and the finest radius of five trials or more
MAX_POWER = 30  # of the factor between two radii, to either side


@dataclass(frozen=True)
class Trial:
    """One value of an encoder's scale, tried in a short training.

    Parameters
    ----------
    params : mapping, all parameters of the encoder
    score : float, at the validation places: R2, accuracy or AUC; NaN where it is unknown or the training diverged
    steps : int, of the short training
    seconds : float, that it took
    """

    params: Mapping[str, Any]
    score: float
    steps: int
    seconds: float


@dataclass(frozen=True)
class Tuning:
    """The trials of a recipe at one moment.

    ``trial`` of ``count`` is at ``step`` of ``steps``, and ``trials`` are done, after ``seconds`` of training in all.
    ``recipe`` is the one that follows from them: at the end, ``done``, the one to train.  ``from_data`` is what
    the scale follows from where it was "auto" and there were no trials.
    """

    trial: int
    count: int
    step: int
    steps: int
    seconds: float
    trials: tuple[Trial, ...]
    recipe: Recipe
    done: bool = False
    from_data: FromData | None = None


def candidates(recipe: Recipe, dataset: DataSet) -> tuple[Recipe, ...]:
    """The recipes to be tried, the coarsest first: at most ``recipe.trials``, fewer where the range has no more.

    Radii are a factor of 2 apart, or less where there are more than five, and centred on the one that "auto" stands
    for, the spacing of the training places.  The value that the recipe gives is not among them unless it happens to be.

    Parameters
    ----------
    recipe : Recipe
    dataset : DataSet, whose training places alone are looked at

    Returns
    -------
    tuple of Recipe
        Empty where there is nothing to try: no trials wanted, an encoder without a scale, no places to validate on.

    Examples
    --------
    >>> from s2v import data
    >>> recipe = Recipe(data="geoid", points=2000, encoder="grid", trials=3)
    >>> [r.encoder_params["min_radius"] for r in candidates(recipe, data.load("geoid", 2000))]
    [9.03, 4.51, 2.26]
    """
    spec = registry.spec(recipe.encoder)
    if not recipe.trials or not spec.has_scale(recipe.encoder_params) or not len(dataset.val):
        return ()
    middle = finest_radius(recipe.encoder, recipe.encoder_params, FromData.of(dataset))
    own = replace(recipe, encoder_params=spec.in_numbers(recipe.encoder_params))
    factor = 2.0 if recipe.trials < 3 else min(2.0, WIDTH ** (2 / (recipe.trials - 1)))
    found: dict[float, Recipe] = {}
    codes = []
    # From the middle outwards, so that where a range ends there are more on its other side.
    for power in sorted(range(-MAX_POWER, MAX_POWER + 1), key=abs):
        radius = middle * factor ** (power + (0 if recipe.trials % 2 else 0.5))
        candidate = replace(recipe, encoder_params=spec.at_radius(radius, recipe.encoder_params))
        # Whole frequencies may be the same for several radii.
        code = spec.frequencies(candidate.encoder_params) or candidate.encoder_params
        if code not in codes and not is_too_large(candidate, own, dataset):
            found[radius] = candidate
            codes.append(code)
        if len(found) == recipe.trials:
            break
    return tuple(found[radius] for radius in sorted(found, reverse=True))


def trial_steps(recipe: Recipe) -> int:
    """How many steps a trial of a recipe has."""
    return max(1, round(TRIAL_SHARE * recipe.steps))


def total_steps(recipe: Recipe) -> int:
    """How many steps a recipe has at most, those of its trials included."""
    tuned = registry.spec(recipe.encoder).has_scale(recipe.encoder_params)
    return recipe.steps + (recipe.trials * trial_steps(recipe) if tuned else 0)


def in_force(recipe: Recipe, tried: Sequence[Trial]) -> Recipe:
    """The recipe with the scale of its best trial: the coarser one of equals, and the middle one without any score.

    Examples
    --------
    >>> tried = [Trial({"degree": degree}, score, 100, 1.0) for degree, score in ((5, 0.8), (10, 0.9), (20, 0.9))]
    >>> in_force(Recipe(encoder="spherical_harmonics", trials=3), tried).encoder_params
    {'degree': 10}
    """
    if not tried:
        return recipe
    scored = [trial for trial in tried if not math.isnan(trial.score)]
    best = max(scored, key=lambda trial: trial.score) if scored else tried[len(tried) // 2]
    return replace(recipe, encoder_params=best.params)


def in_words(recipe: Recipe, tried: Sequence[Trial]) -> str:
    """What was chosen, such as "smallest radius 4.5 degrees, the best of 5 on validation places"; "" without trials.

    Examples
    --------
    >>> tried = [Trial({"degree": degree}, score, 100, 1.0) for degree, score in ((5, 0.8), (10, 0.9), (20, 0.9))]
    >>> in_words(Recipe(encoder="spherical_harmonics", trials=3), tried)
    'degrees L 10, the best of 3 on validation places'
    """
    return f"{scale_in_words(in_force(recipe, tried))}, the best of {len(tried)} on validation places" if tried else ""


def trial_in_words(recipe: Recipe, trial: Trial) -> str:
    """A trial of a recipe, such as "smallest radius 4.5 degrees: R² 0.853"."""
    scale, score = scale_in_words(in_force(recipe, [trial])), MAIN_SCORES[recipe.task]
    return f"{scale}: no score" if math.isnan(trial.score) else f"{scale}: {score.word} {score.text(trial.score)}"
