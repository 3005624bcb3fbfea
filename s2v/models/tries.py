"""What a search tries: recipes, each trained and scored on one split.  Free of torch."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

from numpy.typing import NDArray

from s2v import data
from s2v.models import cost, trials
from s2v.models.recipe import Recipe
from s2v.predictors import names

# One or two of each family, and three scales of each around the spacing of the places.
ENCODERS = (
    "xyz",
    "spherical_harmonics",
    "plane_waves",
    "sphereM",
    "sphereM+",
    "sphereC",
    "grid",
    "theory",
    "rff",
)
SCALES = 3
STEPS = 2000  # of a finalist; fewer where a step takes long
OVERHEAD_SECONDS = 0.3  # of a try beside its steps, by the estimate
FITTED_PER_SECOND = 4000  # training places of a reference predictor, about: kriging takes longer, the others less


@dataclass(frozen=True)
class Try:
    """A recipe to be trained and scored on one split: on validation places, or, at the end, on test places."""

    recipe: Recipe
    final: bool = False

    @property
    def seconds(self) -> float:
        """About how long it takes on one core."""
        if self.recipe.predictor:
            return OVERHEAD_SECONDS + self.recipe.points / FITTED_PER_SECOND
        return OVERHEAD_SECONDS + self.recipe.steps * cost.cost(self.recipe).step_seconds


@dataclass(frozen=True, eq=False)
class Outcome:
    """What came of a try.

    ``score`` is the task's main score at the validation places; NaN for one that failed, which ``problem`` explains.
    A final try has predictions instead: at the test places (n,) or (n, classes), and of presences at
    ``background_places()``.
    """

    score: float = math.nan
    prediction: NDArray[Any] | None = None
    background: NDArray[Any] | None = None
    problem: str = ""


def candidates(name: str, points: int, seed: int = 0, steps: int = STEPS) -> list[Recipe]:
    """What a search tries on a data set: each of ``ENCODERS`` at up to three scales around the spacing of its places,
    and all reference predictors that serve the task.

    Parameters
    ----------
    name : str
        Of a data set that ``s2v.data.load`` knows.
    points : int
        Training places.
    seed, steps : int
        Of the recipes.

    Returns
    -------
    list of Recipe
        The encoders first.

    Examples
    --------
    >>> found = candidates("geoid", 2000)
    >>> [r.encoder_params["degree"] for r in found if r.encoder == "spherical_harmonics"]
    [6, 10, 19]
    >>> [r.predictor for r in found if r.predictor][:2]
    ['mean', 'nearest']
    """
    dataset = data.load(name, points, seed)
    found: list[Recipe] = []
    for encoder in ENCODERS:
        recipe = Recipe(data=name, encoder=encoder, points=points, steps=steps, seed=seed, trials=SCALES)
        scaled = trials.candidates(recipe, dataset) or (recipe,)
        found += [replace(each, trials=0) for each in scaled]
    return found + [
        Recipe(data=name, predictor=each, points=points, steps=steps, seed=seed) for each in names(found[0].task)
    ]
