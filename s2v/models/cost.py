"""What a training takes, worked out from its recipe alone, before anything is built.  Free of torch.

A recipe may be legal in each of its settings and still ask for more memory than a machine has, or for steps of minutes.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from s2v.data.catalogue import classes_of
from s2v.encoders import registry
from s2v.models.choices import LOSSES, NETWORKS
from s2v.models.recipe import Recipe

MB = 1 << 20
HELD_OUT, MAP_PLACES = 16_000, 37_000  # places whose features a run holds beside those it trains on
PREDICTED, NEIGHBOURS = 4096, 32  # places that a reference predictor answers at a time, from so many others each
MAX_KEPT, MAX_KEPT_MAPS = 128 * MB, 64 * MB  # bytes of features that are kept; larger ones are made when needed
# Of one core.  Steps did 12 to 100 GFLOP/s on the machine of the tests: narrow and SIREN networks are the slow ones.
OPERATIONS_PER_SECOND = 50e9
_FINEST = 1e-9  # radians: beyond the finest value of every scale
_PER_NANOSECOND = OPERATIONS_PER_SECOND / 1e9
OPERATIONS_PER_UNIT = 1000  # of an activation, its dropout and its norm, forward and backward: 20 ns


class TooLargeError(ValueError):
    """The training is larger than is allowed here; the message says by how much, and what to do."""


@dataclass(frozen=True)
class Limits:
    """What is allowed ``where``.  ``memory`` is in bytes, for one run of each contestant, ``all_memory`` for the runs
    of all seeds; ``step`` in operations of a core."""

    where: str
    parameters: int
    memory: int
    step: float
    hint: str = ""
    all_memory: float = math.inf


# A turn on a worker holds at least one step, so a step decides how long all others wait.  The estimate of memory is of
# the peak: nine recipes, each alone in a process, took about 0.6 to 1.1 times as much, the largest 474 MB.  On two
# workers the peaks of many do not fall together: four kinds of races of four that fill the limit took 400 to 680 MB,
# one of them with five seeds, twenty runs of 7.8 GB by the estimate, 2.1 GB; twenty runs of the default recipe, 2.1 GB
# by the estimate, took 170 MB.
MAX_RACE_MEMORY = 1500 * MB
MAX_SEEDS_MEMORY = 4096 * MB
MAX_OWN_MEMORY = 4096 * MB  # of ``python -m s2v train``, unless more is asked for
SERVER = Limits(
    "the lab",
    parameters=5_000_000,
    memory=MAX_RACE_MEMORY,
    step=OPERATIONS_PER_SECOND,
    all_memory=MAX_SEEDS_MEMORY,
)


@dataclass(frozen=True)
class Cost:
    """What one training takes.

    Parameters
    ----------
    features : int, of a place
    parameters : int, that are learned
    memory : int, bytes, at most, about
    step : float, operations of a core in a step
    """

    features: int
    parameters: int
    memory: int
    step: float

    @property
    def step_seconds(self) -> float:
        """About how long a step takes on one core."""
        return self.step / OPERATIONS_PER_SECOND


def cost(recipe: Recipe, *, features: int | None = None, classes: int | None = None, places: int | None = None) -> Cost:
    """What the training of a recipe takes, at most where its scale, or that of its trials, depends on the data.

    Parameters
    ----------
    recipe : Recipe
    features : int, optional
        Of the encoder, where its spec does not know them: an installed package's may not.
    classes, places : int, optional
        Of the data, where they are a user's own.

    Returns
    -------
    Cost

    Examples
    --------
    >>> from s2v.models.recipe import Recipe
    >>> cost(Recipe()).parameters
    27264
    """
    if recipe.predictor:
        outputs = classes_of(recipe.data) if classes is None else classes
        answered = PREDICTED * (4 * NEIGHBOURS**2 + 4 * outputs)  # at a time
        return Cost(0, 0, 64 * MB + 8 * answered + 200 * (places or recipe.points) + 8 * HELD_OUT * outputs, 0.0)
    spec = registry.spec(recipe.encoder)
    table = spec.table_size(recipe.encoder_params)
    if features is None:
        features = spec.features_of(recipe.encoder_params) or 0
    own = _cost(recipe, features, table, classes, places)
    depends = recipe.trials or spec.is_auto(recipe.encoder_params)
    if not depends or not spec.has_scale(recipe.encoder_params):
        return own
    finest = spec.at_radius(_FINEST, recipe.encoder_params)
    most = max(features, spec.features_of(finest) or 0)
    largest = min(spec.table_size(finest), SERVER.parameters - (own.parameters - table))
    trial = _cost(replace(recipe, encoder_params=finest), most, max(table, largest), classes, places)
    return Cost(
        features, max(own.parameters, trial.parameters), max(own.memory, trial.memory), max(own.step, trial.step)
    )


def _cost(recipe: Recipe, features: int, table: int, classes: int | None, places: int | None) -> Cost:
    spec = registry.spec(recipe.encoder)
    outputs = max(1, classes_of(recipe.data) if classes is None else classes)
    places = places or recipe.points
    weights = NETWORKS[recipe.network].weights(features, outputs, recipe.hidden, recipe.layers)
    batch = min(recipe.batch, places) * (2 if LOSSES[recipe.loss_in_force].background else 1)
    hidden = recipe.hidden * recipe.layers if NETWORKS[recipe.network].parameters else 0
    units = features + hidden + outputs  # numbers of a place in a step
    kept = 0 if table else min(MAX_KEPT, 4 * features * places) + min(MAX_KEPT_MAPS, 4 * features * MAP_PLACES)
    memory = (
        64 * MB  # Python's part of a run, and the maps
        + 28 * (weights + table)  # each with its gradient, two moments, and copies for maps and for the file
        + kept
        + 4 * features * HELD_OUT
        + batch * (8 * spec.held_in_step(recipe.encoder_params) + 4 * (2 * features + 4 * hidden + 3 * outputs))
        + 4 * HELD_OUT * (recipe.hidden + 2 * outputs)
        + 60 * (places + HELD_OUT)
    )
    step = batch * (6.0 * weights + OPERATIONS_PER_UNIT * units)
    if table or 4 * features * places > MAX_KEPT or LOSSES[recipe.loss_in_force].background:  # encoded in each step
        step += batch * spec.work_of(recipe.encoder_params) * _PER_NANOSECOND
    return Cost(features, weights + table, memory, step)


def check(
    recipes: Sequence[Recipe], limits: Limits = SERVER, costs: Sequence[Cost] | None = None, seeds: int = 1
) -> None:
    """``TooLargeError`` unless these recipes, trained side by side, are within the limits.

    Parameters
    ----------
    recipes : sequence of Recipe
    limits : Limits, default SERVER
    costs : sequence of Cost, optional
        Of the recipes, where more is known than the recipe says.
    seeds : int, default 1
        Runs of each recipe.

    Examples
    --------
    >>> from s2v.models.recipe import Recipe
    >>> check([Recipe()])
    >>> check([Recipe(encoder="tile", encoder_params={"cell": 0.5, "features": 4096})])
    Traceback (most recent call last):
    s2v.models.cost.TooLargeError: Tile with this network has 1,062,224,512 parameters; the lab trains at most \
5,000,000. Choose a larger cell or fewer features.
    """
    found = [cost(recipe) for recipe in recipes] if costs is None else costs
    for recipe, each in zip(recipes, found, strict=True):
        title = recipe.contestant.title
        if each.parameters > limits.parameters:
            raise TooLargeError(
                f"{title} with this network has {each.parameters:,} parameters; {limits.where} trains at most "
                f"{limits.parameters:,}. Choose {_smaller(recipe)}."
            )
        if each.step > limits.step and recipe.device != "cuda":  # what takes a core seconds takes a GPU milliseconds
            raise TooLargeError(
                f"A step of {title} takes about {each.step_seconds:.1f} s of one core; {limits.where} allows "
                f"{limits.step / OPERATIONS_PER_SECOND:.1f} s, so that others get their turns. Choose a smaller batch "
                f"than {recipe.batch:,}, or {_smaller(recipe)}."
            )
    total = sum(each.memory for each in found)
    if total > limits.memory:
        largest = recipes[max(range(len(found)), key=lambda i: found[i].memory)]
        most = max(each.features for each in found)
        what = "This training needs" if len(recipes) == 1 else f"These {len(recipes)} trainings need"
        raise TooLargeError(
            f"{what} about {_bytes(total)} of memory ({most:,} features at {largest.points:,} places, "
            f"{largest.batch:,} of them in a step); {limits.where} allows {_bytes(limits.memory)}. Choose "
            f"{_smaller(largest)}, or a smaller batch{'' if len(recipes) == 1 else ', or fewer encoders'}"
            f"{limits.hint}."
        )
    if total * seeds > limits.all_memory:
        raise TooLargeError(
            f"{seeds} seeds of each of {len(recipes)} contestants need about {_bytes(total * seeds)} of memory; "
            f"{limits.where} allows {_bytes(limits.all_memory)}. Choose at most "
            f"{limits.all_memory // total:.0f} of them, or smaller contestants."
        )


def in_words(each: Cost, steps: int, device: str = "auto") -> str:
    """The size of a training of so many steps, for people; on a GPU without the time, which depends on the card."""
    size = f"{each.parameters:,} parameters, about {_bytes(each.memory)} of memory; {steps:,} steps"
    if device == "cuda":
        return f"{size} on a GPU"
    seconds = each.step_seconds * steps
    time = f"{seconds / 3600:.1f} hours" if seconds > 5400 else f"{max(1, round(seconds / 60))} minutes"
    return f"{size} of about {each.step_seconds:.2g} s of one core each: {time}"


def _smaller(recipe: Recipe) -> str:
    """What makes a recipe smaller: parameters of its encoder, its network."""
    titles = [p.title for p in registry.spec(recipe.encoder).parameters]
    if "Cell" in titles:
        return "a larger cell or fewer features"
    wider = [f"a larger {title.lower()}, " for title in titles if title in _WIDTHS]
    own = [title.lower() for title in titles if title in _SIZES]
    return "".join(wider) + "fewer " + ", ".join([*own, "hidden units"]) + " or layers"


_SIZES = (
    "Anchors",
    "Degrees L",
    "Directions a level",
    "Features",
    "Features a level",
    "Levels",
    "Octaves",
    "Scales",
    "Sites",
)
_WIDTHS = ("Finest width",)


def _bytes(count: float) -> str:
    return f"{count / 1e9:.1f} GB" if count >= 1e9 else f"{count / 1e6:.0f} MB"
