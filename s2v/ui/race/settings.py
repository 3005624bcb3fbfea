"""The settings of a race on a page: from the tables of parameters to recipes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import streamlit as st

from s2v import data, encoders
from s2v.encoders.registry import EncoderConfig
from s2v.models import learning_times
from s2v.models.recipe import PARAMETERS, Recipe, losses_for
from s2v.parameters import Parameter
from s2v.ui.contestants import Contestant, EncoderMenu, with_radii
from s2v.ui.page_state import PageState

# What a newcomer sees: as fine as 20,000 training points can teach, and quick on two cores.
SCALES = 8
MIN_RADIUS = 1 / 32  # radians

NETWORKS = {
    "linear": "linear: a weighted sum",
    "ffn": "ffn: the paper's, feed-forward",
    "residual": "residual: with short cuts",
    "siren": "siren: with sine waves",
}
PACES = {"lockstep": "Step by step together", "free": "Each at full speed"}

_MAIN = ("network", "steps", "learning_rate", "seed")
_MORE = ("hidden", "layers", "dropout", "batch", "loss", "background", "precision")
_SEEDS = Parameter(
    "seeds", int, 1, "Runs of each", "With several seeds the curves show how much is luck.", low=1, high=5
)
_PACE = Parameter(
    "pace", str, "lockstep", "Pace", "Together: after the same steps. Or each as fast as it can.", choices=tuple(PACES)
)


def learner(name: str, **params: Any) -> EncoderConfig:
    """An encoder as this page starts with it: as fine as the default number of training points can teach."""
    scales = next((p for p in encoders.spec(name).parameters if p.name == "scales"), None)
    own = {"scales": SCALES} if scales and scales.default > SCALES else {}
    return with_radii(name, MIN_RADIUS, 1.0, **{**own, **params})


RACE = EncoderMenu(
    {
        "Flat against round": (learner("grid"), learner("sphereM")),
        "sphereM alone": (learner("sphereM"),),
        "The Sphere2Vec family": tuple(learner(name) for name in ("sphereC", "sphereC+", "sphereM", "sphereM+")),
        "The repair": tuple(learner("sphereM", frequencies=kind) for kind in ("geometric", "integer", "odd")),
        "No tears": (learner("xyz"), learner("spherical_harmonics"), learner("plane_waves"), learner("sphereM")),
        "Both poles alike": (learner("nerf"), learner("wrap"), learner("sphereM")),
    },
    learner,
    f"Encoders with scales start with {SCALES} of them, the smallest radius 1/32 radian (1.8 degrees): as fine as "
    "20,000 training points can teach. Open an encoder's button to change it.",
    models=False,
)


@dataclass(frozen=True)
class RaceSettings:
    """A race as it is set up: a recipe for each contestant, how many seeds, and whether they keep step."""

    recipes: tuple[Recipe, ...]
    seeds: int
    lockstep: bool


def data_settings(settings: PageState) -> str:
    """The choice of the data set and of what can be set of a synthetic one; the name of the data."""
    table = {p.name: p for p in PARAMETERS}
    settings.add(replace(table["data"], choices=data.names()))
    base = str(settings.widget("data", label=lambda name: data.entry(name).title))
    own = data.entry(base).parameters
    settings.add(*own, group=base)
    if own:
        with st.expander("Make these data anew", icon=":material/casino:"):
            for parameter in own:
                settings.widget(parameter.name)
    return data.check_name(",".join([base, *(f"{p.name}={settings[p.name]}" for p in own)]))


def remarks(name: str, chosen: Sequence[Contestant]) -> list[str]:
    """Sentences on those encoders that were measured to keep a class waiting on data of this kind."""
    if data.entry(name).family != "mixtures":
        return []
    with_remark = {c.setting.name: learning_times.speeds()[c.setting.name] for c in chosen}
    return [
        f"**{encoders.spec(encoder).title}** on Mixture U3, as it stands at the start. {speed.remark}"
        for encoder, speed in with_remark.items()
        if speed.remark
    ]


def race_settings(settings: PageState, name: str, chosen: Sequence[Contestant]) -> RaceSettings:
    """Shows the other settings of a race where it is called, and returns what they make of data and encoders.

    Raises ``ValueError`` where values that are allowed one by one do not go together.
    """
    table = {p.name: p for p in PARAMETERS}
    entry = data.entry(name)
    losses = replace(table["loss"], choices=("auto", *losses_for(entry.task)))
    points = replace(table["points"], default=entry.points)
    base = data.parse(name)[0]
    settings.add(*(table[key] for key in (*_MAIN, *_MORE, "split") if key != "loss"), _SEEDS, _PACE)
    settings.add(losses, group=entry.task)
    settings.add(points, group=base)
    for key in _MAIN:
        settings.widget(key, label=lambda choice: NETWORKS.get(choice, choice))
    settings.widget("seeds")
    settings.widget("pace", label=PACES.__getitem__)
    with st.expander("More"):
        settings.widget("points")
        settings.widget("split")
        for key in _MORE:
            settings.widget(key)
    common = {key: settings[key] for key in (*_MAIN, *_MORE, "points", "split")}
    recipes = tuple(
        Recipe(data=name, encoder=c.setting.name, encoder_params=dict(c.setting.params), **common) for c in chosen
    )
    return RaceSettings(recipes, int(settings["seeds"]), settings["pace"] == "lockstep")
