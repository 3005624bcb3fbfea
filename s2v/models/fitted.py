"""A recipe carried out to its end, in this process: ``s2v.fit``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from s2v import data
from s2v.data import DataSet
from s2v.models.model import LocationModel
from s2v.models.recipe import Recipe
from s2v.models.reference import fit_reference, reference_metrics
from s2v.models.training import train
from s2v.predictors import Predictor


class Fitted(NamedTuple):
    """What a recipe gives.

    Attributes
    ----------
    model : LocationModel or Predictor
        The trained network with its encoder, or the reference predictor: both have ``predict``.
    metrics : mapping of str to float
        On the validation places, and with names that begin with ``test_`` on the test places.
    recipe : Recipe
        With the numbers in force: where trials chose the encoder's scale, with that one.
    """

    model: LocationModel | Predictor
    metrics: Mapping[str, float]
    recipe: Recipe


def fit(recipe: Recipe, dataset: DataSet | None = None) -> Fitted:
    """Carry out a recipe to its end: train its encoder and network, or fit its reference predictor.

    ``s2v.train`` does the same step by step.

    Parameters
    ----------
    recipe : Recipe
    dataset : DataSet, optional
        In place of the data that the recipe names; its ``name`` must be the recipe's ``data``.

    Returns
    -------
    Fitted

    Raises
    ------
    ValueError
        For a data set of another name, and for data that cannot be split or learned as the recipe asks.
    DivergedError
        Where the loss explodes.

    Examples
    --------
    >>> import s2v
    >>> network = s2v.fit(s2v.Recipe(data="geoid", encoder="xyz", points=300, steps=150))
    >>> nearest = s2v.fit(s2v.Recipe(data="geoid", predictor="nearest", points=300))
    >>> [bool(fitted.metrics["test_r2"] > 0.3) for fitted in (network, nearest)]
    [True, True]
    """
    if recipe.predictor:
        if dataset is not None:
            recipe.check_data(dataset.name)
        known = dataset or data.load(recipe.data, recipe.points, recipe.seed, recipe.split)
        predictor = fit_reference(recipe, known)
        return Fitted(predictor, reference_metrics(recipe, known, predictor.predict), recipe)
    *_, last = train(recipe, dataset=dataset, every=recipe.steps)
    return Fitted(last.model.eval(), last.metrics, last.model.recipe)
