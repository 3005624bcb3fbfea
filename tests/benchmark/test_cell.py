"""One cell: what is stored of it."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest

from s2v import data
from s2v.benchmark.cell import compute
from s2v.benchmark.results import SCHEMA, gains_of
from s2v.evaluation import accuracy
from s2v.models.recipe import Recipe
from s2v.models.training import train

SMALL = {"points": 500, "steps": 20, "hidden": 16, "batch": 64}


@pytest.mark.parametrize(
    "recipe",
    [
        Recipe(data="geoid", encoder="sphereM", encoder_params={"scales": 4}, trials=2, **SMALL),
        Recipe(data="geoid", predictor="kriging", points=300),
        Recipe(data="land_ocean", encoder="xyz", split="blocks:1000", **SMALL),
        Recipe(data="languages:presence", encoder="grid", **SMALL),
        Recipe(data="languages:presence", predictor="kde", points=300),
    ],
    ids=lambda recipe: f"{recipe.data}-{recipe.predictor or recipe.encoder}",
)
def test_the_score_is_the_mean_of_the_gains(recipe):
    row = compute(recipe)
    assert row["problem"] == ""
    assert set(row) == set(SCHEMA)
    assert row["score"] == pytest.approx(np.nanmean(gains_of(row)), abs=2e-4)
    dataset = data.load(recipe.data, recipe.points, recipe.seed, recipe.split)
    assert len(gains_of(row)) == len(dataset.test)
    assert row["features"] > 0 or recipe.predictor
    assert len(json.loads(row["trials"])) == recipe.trials or recipe.predictor


def test_scores_are_those_of_the_training_on_test_places_and_near_the_poles():
    recipe = Recipe(data="vmf:U3", encoder="xyz", **SMALL)
    row = compute(recipe)
    *_, last = train(recipe, every=recipe.steps)
    assert row["score"] == last.metrics["test_accuracy"]
    dataset = data.load(recipe.data, recipe.points, recipe.seed)
    bands = dataset.by_latitude
    for part, inside in {
        "north": bands.lonlat[:, 1] > 70,
        "south": bands.lonlat[:, 1] < -70,
        "dateline": abs(bands.lonlat[:, 0]) > 165,
    }.items():
        guess = last.model.predict(bands.lonlat[inside])
        assert row[part] == pytest.approx(accuracy(bands.target[inside], guess, bands.weights[inside]))
    assert row["bayes"] == dataset.bayes


def test_a_contestant_that_fails_says_why():
    row = compute(Recipe(data="geoid", encoder="xyz", learning_rate=1.0, steps=200, points=500))
    assert "diverged" in row["problem"]
    assert math.isnan(row["score"])
    assert len(gains_of(row)) == 0
    assert set(row) == set(SCHEMA)
