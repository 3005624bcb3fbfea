"""What the file of a model of this lab says, in words.  Free of torch."""

from __future__ import annotations

from s2v import data
from s2v.data.catalogue import is_own
from s2v.models.choices import NETWORKS
from s2v.models.recipe import Recipe


def data_title(recipe: Recipe) -> str:
    """The data that a model was trained on; empty for a user's own."""
    return "" if is_own(recipe.data) else data.title_of(recipe.data)


def lines(recipe: Recipe, task: str, classes: int) -> tuple[str, ...]:
    """A line for each thing, as ``Checkpoint.understood`` has them for published models."""
    network = [f"{name}={getattr(recipe, name)}" for name in NETWORKS[recipe.network].parameters]
    encoder = [f"{name}={value}" for name, value in recipe.encoder_params.items()]
    return (
        "source: this lab",
        " ".join(("encoder:", recipe.encoder, *encoder)),
        " ".join(("network:", recipe.network, *network)),
        f"classes: {classes:,} ({task})" if classes else "classes: none, it predicts values",
        f"data: {data_title(recipe) or 'places of its own'}",
    )
