"""The settings of a race on the page, and the plan of a race that they make."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import streamlit as st

from s2v import data, encoders
from s2v.encoders.registry import EncoderConfig
from s2v.models import cost, learning_times
from s2v.models.choices import NETWORKS, losses_for
from s2v.models.recipe import PARAMETERS, Recipe
from s2v.parameters import Parameter
from s2v.ui import contestants
from s2v.ui.contestants import Contestant, EncoderMenu, with_radii
from s2v.ui.page_state import PageState
from s2v.ui.race import trials
from s2v.ui.race.held_out import split_widget

if TYPE_CHECKING:
    from s2v.engine import Race

# The encoders' defaults on this page: as fine as 20,000 training points can teach, and fast on two cores.
SCALES = 8
MIN_RADIUS = 1 / 32  # radians

# What the page starts with: of what was measured, the data on which a short race shows the most (bench first_race).
FIRST_DATA, FIRST_POINTS = "land_ocean", 500

PACES = {"lockstep": "Step by step together", "free": "Each at full speed"}
NONE_LIVE: Mapping[str, Any] = {}
LATER = ":material/schedule: from the next start"  # under a setting that the race on the page does not have

_MAIN = ("network", "steps", "learning_rate", "seed")
_MORE = ("hidden", "layers", "dropout", "activation", "batch", "loss", "background", "precision")
_TRIALS = "trials"
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


def in_force(race: Race) -> dict[str, Any]:
    """The settings of a race under the names of their widgets, and "encoders"."""
    return _values(RacePlan(tuple(run.asked for run in race.firsts), len(race.runs[0]), race.lockstep))


def changes(plan: RacePlan, live: Mapping[str, Any]) -> list[str]:
    """The titles of the settings in which a plan differs from the ``live`` race, whose settings are ``in_force``."""
    titles = {"encoders": "Encoders", **{p.name: p.title for p in (*PARAMETERS, _SEEDS, _PACE)}}
    return [titles[name] for name, value in _values(plan).items() if live.get(name, value) != value]


def take(state: PageState, race: Race) -> None:
    """Sets the page to the settings of a race; widgets and address follow in the next run."""
    values = in_force(race)
    base, own = data.parse(race.recipe.data)
    for slot, text in contestants.address(values.pop("encoders"), RACE_MENU).items():
        state.put(slot, text)
    groups = {"points": base, "loss": data.entry(race.recipe.data).task}
    for name, value in {**values, "data": base}.items():
        state.put(name, value, group=groups.get(name, ""))
    for name, value in own.items():
        state.put(name, value, group=base)


def mark(name: str, value: Any, live: Mapping[str, Any]) -> None:
    """Marks the setting just shown if it differs from that of the ``live`` race."""
    if live.get(name, value) != value:
        st.caption(LATER)


def _values(plan: RacePlan) -> dict[str, Any]:
    recipe = plan.recipes[0]
    return {
        "encoders": tuple(EncoderConfig.of(r.encoder, **r.encoder_params) for r in plan.recipes),
        **{name: getattr(recipe, name) for name in ("data", *_MAIN, *_MORE, "points", "split", _TRIALS)},
        _SEEDS.name: plan.seeds,
        _PACE.name: "lockstep" if plan.lockstep else "free",
    }


def data_widgets(state: PageState, live: Mapping[str, Any] = NONE_LIVE) -> str:
    """Shows the choice of a data set, and the parameters of a synthetic one; returns its name."""
    table = {p.name: p for p in PARAMETERS}
    state.add(replace(table["data"], default=FIRST_DATA, choices=data.names()))
    base = str(state.widget("data", label=lambda name: data.entry(name).title))
    own = data.entry(base).parameters
    state.add(*own, group=base)
    if own:
        with st.expander("Make these data anew", icon=":material/casino:"):
            for parameter in own:
                state.widget(parameter.name)
    name = data.check_name(",".join([base, *(f"{p.name}={state[p.name]}" for p in own)]))
    mark("data", name, live)
    return name


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


def plan_widgets(
    state: PageState, name: str, chosen: Sequence[Contestant], live: Mapping[str, Any] = NONE_LIVE
) -> RacePlan:
    """Shows the other settings of a race, and returns its plan for this data set and these encoders.

    What differs from the settings of the ``live`` race is marked.  Raises ``ValueError`` for values that are allowed
    one by one but not together.
    """
    table = {p.name: p for p in PARAMETERS}
    entry = data.entry(name)
    losses = replace(table["loss"], choices=("auto", *losses_for(entry.task)))
    base = data.parse(name)[0]
    points = replace(table["points"], default=FIRST_POINTS if base == FIRST_DATA else entry.points)
    state.add(*(table[key] for key in (*_MAIN, *_MORE, "split", _TRIALS) if key != "loss"), _SEEDS, _PACE)
    state.add(losses, group=entry.task)
    state.add(points, group=base)

    def show(key: str, label: Callable[[Any], str] | None = None) -> None:
        mark(key, state.widget(key, label=label), live)

    for key in _MAIN:
        show(key, lambda choice: NETWORKS[choice].title if choice in NETWORKS else choice)
    show("seeds")
    trials.trials_widget(state, chosen)
    mark(_TRIALS, state[_TRIALS], live)
    show("pace", PACES.__getitem__)
    mark("split", split_widget(state), live)
    with st.expander("More"):
        for key in ("points", *_MORE):
            show(key)
    common = {key: state[key] for key in (*_MAIN, *_MORE, "points", "split", _TRIALS)}
    recipes = tuple(
        Recipe(data=name, encoder=c.source.name, encoder_params=dict(c.source.params), **common) for c in chosen
    )
    seeds = int(state["seeds"])
    cost.check(recipes, seeds=seeds)
    return RacePlan(recipes, seeds, state["pace"] == "lockstep")
