"""The settings of a race on the page, and the plan of a race that they make."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import streamlit as st

from s2v import data, encoders
from s2v.comparison.fair import with_radii
from s2v.data import held
from s2v.data.catalogue import Task
from s2v.encoders.registry import EncoderConfig
from s2v.errors import shown
from s2v.models import cost, learning_times
from s2v.models.choices import LOSSES, NETWORKS, losses_for
from s2v.models.contestant import PredictorConfig, best_predictor
from s2v.models.recipe import MAX_POINTS, MIN_POINTS, PARAMETERS, Recipe
from s2v.parameters import Parameter
from s2v.predictors import PREDICTORS, names
from s2v.ui import contestants, locks, session_race
from s2v.ui.contestants import Contestant, EncoderMenu
from s2v.ui.labels import Choice
from s2v.ui.page_state import PageState
from s2v.ui.race import from_data, trials
from s2v.ui.race.held_out import split_widget

if TYPE_CHECKING:
    from s2v.engine import Race

# The encoders' defaults on this page: as fine as 20,000 training points can teach, and fast on two cores.
SCALES = 8
MIN_RADIUS = 1 / 32  # radians

# What the page starts with: of what was measured, the data on which a short race shows the most (bench first_race).
FIRST_DATA, FIRST_POINTS = "land_ocean", 500

PACES = {"lockstep": "Step by step together", "free": "Each at full speed"}
DEVICES = {"auto": "auto", "cpu": "CPU", "cuda": "GPU"}
NONE_LIVE: Mapping[str, Any] = {}
LATER = ":material/schedule: from the next start"  # under a setting that the race on the page does not have

_MAIN = ("network", "steps", "learning_rate", "seed")
_MORE = ("hidden", "layers", "dropout", "activation", "batch", "loss", "background", "precision", "device")
_TRIALS = "trials"
_SEEDS = Parameter(
    "seeds", int, 1, "Runs of each", "With several seeds the curves show how much is luck.", low=1, high=5
)
_PACE = Parameter(
    "pace", str, "lockstep", "Pace", "Together: after the same steps. Or each as fast as it can.", choices=tuple(PACES)
)
BEST, NONE = "best", "none"
_REFERENCE = Parameter(
    "reference",
    str,
    BEST,
    "Reference",
    "What a geostatistician would use in place of a network: it runs beside the encoders, and needs no training.",
    choices=(BEST, *PREDICTORS, NONE),
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
    f"Encoders with scales start with {SCALES} of them, the smallest radius 1/32 radian (1.8 degrees): about as "
    "fine as 20,000 training points can teach; fewer teach less. Open an encoder's button to change it, or let trials "
    "choose it.",
    models=False,
    from_data=True,
)


def menu(task: Task) -> EncoderMenu:
    """The choice of contestants for a task: encoders, and the reference predictors that serve it."""
    return replace(RACE_MENU, predictors=tuple(names(task)))


@dataclass(frozen=True)
class RacePlan:
    """A race to be started: a recipe for each contestant, the number of seeds, and whether they keep in step.

    The reference predictor, unless it is switched off or chosen like an encoder, is the last contestant.
    """

    recipes: tuple[Recipe, ...]
    seeds: int
    lockstep: bool


def in_force(race: Race) -> dict[str, Any]:
    """The settings of a race under the names of their widgets, and "encoders"."""
    return _values(RacePlan(tuple(run.asked for run in race.firsts), len(race.runs[0]), race.lockstep))


def changes(plan: RacePlan, live: Mapping[str, Any]) -> list[str]:
    """The titles of the settings in which a plan differs from the ``live`` race, whose settings are ``in_force``."""
    titles = {"encoders": "Contestants", **{p.name: p.title for p in (*PARAMETERS, _SEEDS, _PACE)}}
    return [titles[name] for name, value in _values(plan).items() if live.get(name, value) != value]


def take(state: PageState, race: Race) -> None:
    """Sets the page to the settings of a race; widgets and address follow in the next run."""
    values = in_force(race)
    base, own = _base(race.recipe.data)
    chosen, reference = _split(values.pop("encoders"), race.recipe.task)
    for slot, text in contestants.address(chosen, RACE_MENU).items():
        state.put(slot, text)
    usual = trials.usual(base == FIRST_DATA, [run.asked.contestant for run in race.firsts])
    groups = {"points": base, "loss": data.entry(race.recipe.data).task, _TRIALS: trials.group(usual)}
    for name, value in {**values, "data": base, "reference": reference}.items():
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
        "encoders": tuple(r.contestant for r in plan.recipes),
        **{name: getattr(recipe, name) for name in ("data", *_MAIN, *_MORE, "points", "split", _TRIALS)},
        _SEEDS.name: plan.seeds,
        _PACE.name: "lockstep" if plan.lockstep else "free",
    }


def task_of(state: PageState) -> Task:
    """The task of a race: adds the settings that decide it, data and loss, to the page."""
    table = {p.name: p for p in PARAMETERS}
    own = tuple(each.name for each in session_race.own_data())
    setting = replace(table["data"], default=FIRST_DATA, choices=(*own, *data.names()), read=_check_data)
    if (chosen := str(state.add(setting)["data"])) not in setting.choices:
        state.note(f"{data.title_of(chosen)} are not open in this session any more: open their file on Your data.")
        state.settle("data", FIRST_DATA)
        state.add(setting)
    of_data = data.entry(str(state["data"])).task
    losses = losses_for(of_data)
    state.add(replace(table["loss"], choices=("auto", *losses)), group=of_data)
    return LOSSES[losses[0] if state["loss"] == "auto" else str(state["loss"])].tasks[0]


def _check_data(name: str) -> str:
    """A data set that this session has; ``ValueError`` for another one."""
    own = [each.name for each in session_race.own_data()]
    if name not in own and name not in data.names():
        if data.is_own(name):
            raise ValueError(
                f"data={shown(name)}, which are somebody's own: the file stays in the session that opened it. Open it "
                "on the page Your data to race on it."
            )
        data.entry(name)  # says which there are
        raise ValueError(f"data={shown(name)}; a data set stands there without its parameters, which follow it.")
    return name


def _base(name: str) -> tuple[str, Mapping[str, Any]]:
    """The choice of a data set on the page, and the values of the parameters that the page offers for it."""
    return (name, {}) if data.is_own(name) else data.parse(name)


@dataclass(frozen=True)
class LineUp:
    """The ``contestants`` of a race of a ``task``, and those chosen that cannot serve it."""

    task: Task
    contestants: tuple[Choice, ...]
    unfit: tuple[PredictorConfig, ...] = ()


def line_up(state: PageState, chosen: Sequence[Contestant], task: Task) -> LineUp:
    """The chosen contestants that serve the task, and the reference predictor, unless it is among them.

    Adds the setting of the reference to the page.
    """
    reference = str(state.add(_REFERENCE)["reference"])
    if reference in PREDICTORS and reference not in names(task):
        state.note(f"{_why_not(PredictorConfig(reference), task)}: the best reference for them takes its place.")
        state.settle("reference", BEST)
    state.add(replace(_REFERENCE, choices=(BEST, *names(task), NONE)))
    choices = [c.choice for c in chosen]
    unfit = tuple(c for c in choices if isinstance(c, PredictorConfig) and c.name not in names(task))
    found: list[Choice] = [choice for choice in choices if choice not in unfit]
    if (reference := str(state["reference"])) != NONE:
        last = PredictorConfig(best_predictor(task) if reference == BEST else reference)
        found = [choice for choice in found if choice != last] + [last]
    return LineUp(task, tuple(found), unfit)


def _split(line_up: Sequence[Choice], task: Task) -> tuple[Sequence[Choice], str]:
    """The contestants for the slots, and the setting of the reference, that make this line-up."""
    last = line_up[-1]
    if not isinstance(last, PredictorConfig) or len(line_up) == 1:
        return line_up, NONE
    return line_up[:-1], BEST if last.name == best_predictor(task) else last.name


def data_widgets(state: PageState, live: Mapping[str, Any] = NONE_LIVE) -> str:
    """Shows the choice of a data set, and the parameters of a synthetic one; returns its name."""
    base = str(state.widget("data", label=_title))
    own = () if data.is_own(base) else data.entry(base).parameters
    state.add(*own, group=base)
    if own and not locks.is_hidden(*(parameter.name for parameter in own)):
        with st.expander("Make these data anew", icon=":material/casino:"):
            for parameter in own:
                state.widget(parameter.name)
    name = data.check_name(",".join([base, *(f"{p.name}={state[p.name]}" for p in own)]))
    mark("data", name, live)
    return name


def _title(name: str) -> str:
    title = data.title_of(name)
    return f"Your data: {title}" if data.is_own(name) and title != data.entry(name).title else title


def _points(name: str) -> int:
    """How many training places a data set has unless others are asked for."""
    own = held.find(name)
    return max(MIN_POINTS, min(len(own.dataset().train), MAX_POINTS)) if own else data.entry(name).points


def remarks(name: str, chosen: Sequence[Contestant]) -> list[str]:
    """Sentences on the chosen encoders that learn slowly on data of this kind, or were not measured."""
    if data.entry(name).family != "mixtures":
        return []
    encoder_names = [c.choice.name for c in chosen if isinstance(c.choice, EncoderConfig)]
    texts = {name: learning_times.remark(name) for name in encoder_names}
    return [
        f"**{encoders.spec(encoder).title}** on Mixture U3, as it stands at the start. {text}"
        for encoder, text in texts.items()
        if text
    ]


def plan_widgets(
    state: PageState, name: str, chosen: Sequence[Contestant], line_up: LineUp, live: Mapping[str, Any] = NONE_LIVE
) -> RacePlan:
    """Shows the other settings of a race, and returns its plan for this data set and these contestants.

    What differs from the settings of the ``live`` race is marked.  Raises ``ValueError`` for values that are allowed
    one by one but not together.
    """
    table = {p.name: p for p in PARAMETERS}
    base = _base(name)[0]
    points = replace(table["points"], default=FIRST_POINTS if base == FIRST_DATA else _points(name))
    state.add(*(table[key] for key in (*_MAIN, *_MORE, "split") if key != "loss"), _SEEDS, _PACE)
    state.add(points, group=base)
    usual = trials.usual(base == FIRST_DATA, line_up.contestants)
    state.add(replace(table[_TRIALS], default=usual), group=trials.group(usual))

    def show(key: str, label: Callable[[Any], str] | None = None) -> None:
        mark(key, state.widget(key, label=label), live)

    _reference_widget(state, line_up)
    for key in _MAIN:
        show(key, lambda choice: NETWORKS[choice].title if choice in NETWORKS else choice)
    show("seeds")
    trials.trials_widget(state, line_up.contestants)
    mark(_TRIALS, state[_TRIALS], live)
    scales = st.container()
    show("pace", PACES.__getitem__)
    mark("split", split_widget(state), live)
    more = st.container() if locks.is_hidden("points", *_MORE) else st.expander("More")
    with more:
        for key in ("points", *_MORE):
            # Without a GPU there is nothing to choose, but a link may have chosen one.
            if key != "device" or session_race.has_gpu() or state["device"] == "cuda":
                show(key, DEVICES.__getitem__ if key == "device" else None)
    common = {key: state[key] for key in (*_MAIN, *_MORE, "points", "split", _TRIALS)}
    recipes = tuple(_recipe(choice, data=name, **common) for choice in line_up.contestants)
    if not recipes:
        raise ValueError("No contestant is left: choose an encoder, or another reference predictor.")
    seeds = int(state["seeds"])
    cost.check(recipes, seeds=seeds)
    with scales:
        from_data.show_planned(recipes)
    return RacePlan(recipes, seeds, state["pace"] == "lockstep")


def _recipe(choice: Choice, **common: Any) -> Recipe:
    if isinstance(choice, PredictorConfig):
        return Recipe(predictor=choice.name, **common)
    return Recipe(encoder=choice.name, encoder_params=dict(choice.params), **common)


def _reference_widget(state: PageState, line_up: LineUp) -> None:
    """Shows the choice of the reference predictor, and says what it does and which ones cannot serve the data."""
    best = best_predictor(line_up.task)

    def label(choice: str) -> str:
        if choice == BEST:
            return f"The best for these data: {PREDICTORS[best].title}"
        return "None" if choice == NONE else PREDICTORS[choice].title

    reference = str(state.widget("reference", label=label))
    if reference != NONE and not locks.is_hidden("reference"):
        st.caption(PREDICTORS[best if reference == BEST else reference].summary)
    for choice in line_up.unfit:
        st.caption(f":material/block: {_why_not(choice, line_up.task)}: the race goes on without it.")


def _why_not(predictor: PredictorConfig, task: Task) -> str:
    """Why a predictor cannot take part in a race of a task."""
    serves = " or a ".join(PREDICTORS[predictor.name].tasks)
    return f"{predictor.title} serves a {serves}, and these data are a {task}"
