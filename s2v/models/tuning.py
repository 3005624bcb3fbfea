"""Chooses the scale of an encoder on validation places: a few short trainings, before the long one.

Kriging has its range chosen on validation places; an encoder that had no such choice says nothing beside it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from s2v.data import DataSet
from s2v.evaluation import MAIN_SCORES
from s2v.models.loop import DivergedError, Evaluation, train_steps
from s2v.models.recipe import Recipe
from s2v.models.scales import FromData, resolved
from s2v.models.trials import Trial, Tuning, candidates, in_force, trial_steps


def tune(
    recipe: Recipe,
    dataset: DataSet,
    *,
    seconds: Callable[[], float] = lambda: math.inf,
    should_stop: Callable[[], bool] = lambda: False,
    weights: NDArray[np.float64] | None = None,
) -> Iterator[Tuning]:
    """Try ``recipe.trials`` values of the encoder's scale around the spacing of the training places.

    A scale that is "auto" becomes a number (``s2v.models.scales``), which is in force where there is nothing to try.
    Each value is trained for a share of the recipe's steps (``s2v.models.trials.TRIAL_SHARE``), with the recipe's seed,
    on the training places, and scored on the validation places.  Test places are never looked at.  The result depends
    on the recipe and the data alone.  The generator may be closed at any time.

    Parameters
    ----------
    recipe : Recipe
    dataset : DataSet, the recipe's
    seconds : function, optional
        Seconds of training from one report to the next; by default there is one report a trial.
    should_stop : function, optional
        Called before each step; where it returns true, the generator ends.
    weights : array (n,), optional
        How much each place of the data set counts in the loss.  Validation places all count alike.

    Returns
    -------
    iterator of Tuning
        The last one is ``done`` and has the recipe to train.  It is the only one where there is nothing to try.

    Raises
    ------
    ValueError
        For data that cannot be learned as the recipe asks.

    Examples
    --------
    >>> from s2v import data
    >>> recipe = Recipe(data="checkerboard", encoder="nerf", points=2000, steps=40, trials=3)
    >>> *_, last = tune(recipe, data.load("checkerboard", 2000))
    >>> [trial.params["scales"] for trial in last.trials], last.recipe.trials
    ([2, 3, 4], 3)
    """
    tried: tuple[Trial, ...] = ()
    asked, recipe = recipe, resolved(recipe, dataset)
    steps, before = trial_steps(recipe), 0.0
    chosen = candidates(recipe, dataset)
    for number, candidate in enumerate(chosen, 1):
        step, elapsed, score = 0, 0.0, math.nan
        try:
            for snapshot in train_steps(
                replace(candidate, steps=steps),
                dataset,
                seconds=seconds,
                should_stop=should_stop,
                evaluated=False,
                weights=weights,
            ):
                step, elapsed = snapshot.step, snapshot.seconds
                if snapshot.done:
                    metrics = Evaluation(snapshot.model, dataset).metrics()
                    score = metrics[MAIN_SCORES[recipe.task].name]
                else:
                    yield Tuning(number, len(chosen), step, steps, before + elapsed, tried, in_force(recipe, tried))
            if step < steps:
                return  # it was asked to stop
        except DivergedError:
            pass  # the others go on; if all diverge, so will the training, and say so
        before += elapsed
        tried = (*tried, Trial(candidate.encoder_params, score, steps, elapsed))
        yield Tuning(number, len(chosen), steps, steps, before, tried, in_force(recipe, tried))
    last = Tuning(len(chosen), len(chosen), steps, steps, before, tried, in_force(recipe, tried), done=True)
    yield replace(last, from_data=FromData.of(dataset)) if asked.is_auto and not tried else last
