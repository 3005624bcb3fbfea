"""The settings of a race on the page, and the plan of a race that they make."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import streamlit as st

from s2v import data, encoders
from s2v.encoders.registry import EncoderConfig
from s2v.models import learning_times
from s2v.models.choices import NETWORKS, losses_for
from s2v.models.recipe import PARAMETERS, Recipe
from s2v.parameters import Parameter
from s2v.ui.contestants import Contestant, EncoderMenu, with_radii
from s2v.ui.page_state import PageState

# The encoders' defaults on this page: as fine as 20,000 training points can teach, and fast on two cores.
SCALES = 8
MIN_RADIUS = 1 / 32  # radians

PACES = {"lockstep": "Step by step together", "free": "Each at full speed"}

_MAIN = ("network", "steps", "learning_rate", "seed")
_MORE = ("hidden", "layers", "dropout", "activation", "batch", "loss", "background", "precision")
_SEEDS = Parameter(
    "seeds", int, 1, "Runs of each", "With several seeds the curves show how much is luck.", low=1, high=5
)
_PACE = Parameter(
    "pace", str, "lockstep", "Pace", "Together: after the same steps. Or each as fast as it can.", choices=tuple(PACES)
)


def race_encoder(name: str, **params: Any) -> EncoderConfig:
    """An encoder with this page's defaults."""
    scales = next((p for p in encoders.spec(name).parameters if p.name == "scales"), None)
    own = {"scales": SCALES} if scales and scales.default > SCALES else {}
    return with_radii(name, MIN_RADIUS, 1.0, **{**own, **params})


RACE_MENU = EncoderMenu(
    {
        "Flat against round": (race_encoder("grid"), race_encoder("sphereM")),
        "sphereM alone": (race_encoder("sphereM"),),
        "The Sphere2Vec family": tuple(race_encoder(name) for name in ("sphereC", "sphereC+", "sphereM", "sphereM+")),
        "The repair": tuple(race_encoder("sphereM", frequencies=kind) for kind in ("geometric", "integer", "odd")),
        "No tears": (
            race_encoder("xyz"),
            race_encoder("spherical_harmonics"),
            race_encoder("plane_waves"),
            race_encoder("sphereM"),
        ),
        "Both poles alike": (race_encoder("nerf"), race_encoder("wrap"), race_encoder("sphereM")),
    },
    race_encoder,
    f"Encoders with scales start with {SCALES} of them, the smallest radius 1/32 radian (1.8 degrees): as fine as "
    "20,000 training points can teach. Open an encoder's button to change it.",
    models=False,
)


@dataclass(frozen=True)
class RacePlan:
    """A race to be started: a recipe for each contestant, the number of seeds, and whether they keep in step."""

    recipes: tuple[Recipe, ...]
    seeds: int
    lockstep: bool


def data_widgets(state: PageState) -> str:
    """Shows the choice of a data set, and the parameters of a synthetic one; returns its name."""
    table = {p.name: p for p in PARAMETERS}
    state.add(replace(table["data"], choices=data.names()))
    base = str(state.widget("data", label=lambda name: data.entry(name).title))
    own = data.entry(base).parameters
    state.add(*own, group=base)
    if own:
        with st.expander("Make these data anew", icon=":material/casino:"):
            for parameter in own:
                state.widget(parameter.name)
    return data.check_name(",".join([base, *(f"{p.name}={state[p.name]}" for p in own)]))


def remarks(name: str, chosen: Sequence[Contestant]) -> list[str]:
    """Sentences on the chosen encoders that learn slowly on data of this kind, or were not measured."""
    if data.entry(name).family != "mixtures":
        return []
    texts = {c.source.name: learning_times.remark(c.source.name) for c in chosen}
    return [
        f"**{encoders.spec(encoder).title}** on Mixture U3, as it stands at the start. {text}"
        for encoder, text in texts.items()
        if text
    ]


def plan_widgets(state: PageState, name: str, chosen: Sequence[Contestant]) -> RacePlan:
    """Shows the other settings of a race, and returns its plan for this data set and these encoders.

    Raises ``ValueError`` for values that are allowed one by one but not together.
    """
    table = {p.name: p for p in PARAMETERS}
    entry = data.entry(name)
    losses = replace(table["loss"], choices=("auto", *losses_for(entry.task)))
    points = replace(table["points"], default=entry.points)
    base = data.parse(name)[0]
    state.add(*(table[key] for key in (*_MAIN, *_MORE, "split") if key != "loss"), _SEEDS, _PACE)
    state.add(losses, group=entry.task)
    state.add(points, group=base)
    for key in _MAIN:
        state.widget(key, label=lambda choice: NETWORKS[choice].title if choice in NETWORKS else choice)
    state.widget("seeds")
    state.widget("pace", label=PACES.__getitem__)
    with st.expander("More"):
        state.widget("points")
        state.widget("split")
        for key in _MORE:
            state.widget(key)
    common = {key: state[key] for key in (*_MAIN, *_MORE, "points", "split")}
    recipes = tuple(
        Recipe(data=name, encoder=c.source.name, encoder_params=dict(c.source.params), **common) for c in chosen
    )
    return RacePlan(recipes, int(state["seeds"]), state["pace"] == "lockstep")
