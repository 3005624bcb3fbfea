"""Recipes are checked when made, equal their JSON, and have a loss that fits the data."""

import json
from dataclasses import fields

import pytest

from s2v import data
from s2v.models.choices import LOSSES, losses_for
from s2v.models.recipe import PARAMETERS, Recipe
from s2v.parameters import Parameter

NEW = ("loss", "background", "split", "activation", "precision")


def test_the_table_of_parameters_is_all_there_is() -> None:
    recipe_fields = {f.name: f.default for f in fields(Recipe) if f.name != "encoder_params"}
    assert recipe_fields == {p.name: p.default for p in PARAMETERS}


@pytest.mark.parametrize("parameter", PARAMETERS, ids=lambda parameter: parameter.name)
def test_the_docstring_has_the_default_and_the_choices(parameter: Parameter) -> None:
    (line,) = [line for line in str(Recipe.__doc__).splitlines() if line.startswith(f"    {parameter.name} : ")]
    default = f'"{parameter.default}"' if parameter.kind is str else f"{parameter.default:g}"
    assert line.endswith(f"default {default}")
    if "{" in line:
        assert "{" + ", ".join(f'"{choice}"' for choice in parameter.choices) + "}" in line


def test_the_parameters_offer_all_choices() -> None:
    assert next(p for p in PARAMETERS if p.name == "loss").choices == ("auto", *LOSSES)
    assert next(p for p in PARAMETERS if p.name == "split").forms == data.SPLITS


@pytest.mark.parametrize(
    ("name", "loss", "task"),
    [
        ("geoid", "squared_error", "regression"),
        ("cities", "cross_entropy", "classification"),
        ("vmf:U3,classes=9", "cross_entropy", "classification"),
        ("languages:presence", "presence_absence", "presence"),
    ],
)
def test_auto_is_the_loss_of_the_data(name: str, loss: str, task: str) -> None:
    recipe = Recipe(data=name)
    assert (recipe.loss_in_force, recipe.task) == (loss, task)
    assert losses_for(data.entry(name).task)[0] == loss
    assert Recipe(data=name, loss=loss).task == task


def test_losses_of_presences_make_classes_independent() -> None:
    for loss in ("presence_absence", "an_full", "an_slds", "an_ssdl"):
        assert Recipe(data="cities", loss=loss).task == "presence"


@pytest.mark.parametrize(
    ("name", "loss"),
    [
        ("geoid", "cross_entropy"),
        ("geoid", "an_full"),
        ("cities", "squared_error"),
        ("cities:presence", "cross_entropy"),
        ("languages:presence", "squared_error"),
    ],
)
def test_a_loss_that_does_not_fit_the_data_is_refused(name: str, loss: str) -> None:
    with pytest.raises(ValueError, match=f"loss='{loss}' does not go with data='{name}'.*allowed is one of auto, "):
        Recipe(data=name, loss=loss)


@pytest.mark.parametrize(
    ("setting", "value"),
    [("loss", "hinge"), ("background", "sea"), ("split", "half"), ("activation", "swish"), ("precision", "half")],
)
def test_an_unknown_choice_is_refused(setting: str, value: str) -> None:
    with pytest.raises(ValueError, match=f"{setting}='{value}'"):
        Recipe(**{setting: value})


def test_json_gives_the_recipe_back_and_may_be_older() -> None:
    recipe = Recipe(
        data="cities:presence", loss="an_full", background="published", split="blocked", precision="bfloat16", steps=7
    )
    assert Recipe.from_json(recipe.to_json()) == recipe
    older = {name: value for name, value in json.loads(Recipe(steps=7).to_json()).items() if name not in NEW}
    assert Recipe.from_json(json.dumps(older)) == Recipe(steps=7)
