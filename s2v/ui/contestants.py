"""Up to four encoders side by side: chosen as a line-up or one by one, each with one parameter in the address.

    e1=sphereM:scales=16,min_radius=0.1
    e2=run:1a2b3c4d                           (a model that this session has trained)
    e3=kriging                                (a reference predictor, in a race)

Each of the four slots keeps its choice as this text only; the widgets show the text and change it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import streamlit as st

from s2v import encoders
from s2v.comparison.fair import fair
from s2v.comparison.sources import Source, TrainedModel
from s2v.encoders.registry import EncoderConfig, split_text
from s2v.models.contestant import PredictorConfig
from s2v.palette import OKABE_ITO
from s2v.parameters import Parameter, Value
from s2v.predictors import PREDICTORS
from s2v.ui import from_data, locks, trained_models
from s2v.ui.labels import Choice, settings, titles
from s2v.ui.messages import plain
from s2v.ui.page_state import PageState, parameter_widget
from s2v.ui.trained_models import SessionModel
from s2v.ui.widget_value import with_value

MAX_CONTESTANTS = 4
EMPTY = "none"
SLOTS = tuple(f"e{i + 1}" for i in range(MAX_CONTESTANTS))  # their names in the address
OWN = "own choice"
_ALONG = "encoders that go along"  # key of the session

FIRST = ("grid", "theory", "sphereC", "sphereC+", "sphereM", "sphereM+", "plane_waves", "spherical_harmonics", "xyz")


@dataclass(frozen=True)
class EncoderMenu:
    """The choice that a page offers.

    ``line_ups`` by name, of which the page starts with the first; ``fresh(name, **params)``, the parameters of an
    encoder that was just chosen, and ``help``, a word on them; ``models``, whether trained models are offered, too;
    ``predictors``, the reference predictors that are; ``live``, whether sliders take effect while they are moved;
    ``from_data``, whether there are data from which the scale of an encoder can follow.
    """

    line_ups: Mapping[str, tuple[EncoderConfig, ...]]
    fresh: Callable[..., EncoderConfig]
    help: str
    models: bool = True
    predictors: tuple[str, ...] = ()
    live: bool = False
    from_data: bool = False

    def takes(self, source: Choice) -> bool:
        """Whether the page can show such a source."""
        return isinstance(source, EncoderConfig) or (
            self.models if isinstance(source, TrainedModel) else bool(self.predictors)
        )


COMPARISON_MENU = EncoderMenu(
    {
        "Flat against round": (fair("grid"), fair("sphereM")),
        "The Sphere2Vec family": tuple(fair(name) for name in ("sphereC", "sphereC+", "sphereM", "sphereM+")),
        "The repair": tuple(fair("sphereM", scales=4, frequencies=kind) for kind in ("geometric", "integer", "odd")),
        "No tears": (fair("xyz"), fair("spherical_harmonics"), fair("plane_waves"), fair("sphereM")),
        "Both poles alike": (fair("nerf"), fair("wrap"), fair("sphereM")),
    },
    fair,
    "Encoders with scales start with 16 of them between the same radii, 0.1 and 1 radian (5.7 and 57 degrees, for "
    "those of the flat map, which count in degrees), so that none is finer than another from the outset. "
    "Open an encoder's button to change it.",
    live=True,
)


@dataclass(frozen=True)
class Contestant:
    """The ``choice`` of a slot; no other on the page has its ``title`` and its ``color`` in charts.

    ``settings`` are its parameters in words, where they differ from the encoder's defaults: 16 scales, 5.7°–57°.
    """

    choice: Choice
    title: str
    color: str
    settings: str = ""

    @property
    def source(self) -> Source:
        """The encoder or trained model, on a page that offers no predictors."""
        if isinstance(self.choice, PredictorConfig):
            raise TypeError(f"{self.choice.name} is a predictor, which has no embedding to compare.")
        return self.choice

    @property
    def label(self) -> str:
        """The title with the settings that it does not name already."""
        return self.title if not self.settings or self.settings in self.title else f"{self.title}, {self.settings}"


def choose(state: PageState, menu: EncoderMenu = COMPARISON_MENU, stacked: bool = False) -> list[Contestant]:
    """Show the choice here, unless a teacher's link hides it, and return the chosen contestants, at least one.

    ``stacked``, for a column beside the maps: one encoder under the other, whose parameters open in the column.
    """
    default = next(iter(menu.line_ups.values()))
    slots = list(SLOTS)
    state.add(*(_slot(name, default[i] if i < len(default) else None, menu) for i, name in enumerate(slots)))
    _bring_along(state, slots, menu)
    chosen = [_in_numbers(state, name, _chosen(state, name, menu), menu) for name in slots]
    if not any(chosen):
        st.info("All four places for encoders were empty, so the first one is filled.", icon=":material/info:")
        state.settle(slots[0], text(default[0], menu))
        chosen[0] = default[0]
    _take_along(state, slots, [s for s in chosen if s], default)
    filled = [(i, s) for i, s in enumerate(chosen) if s]
    result = [
        Contestant(source, title, OKABE_ITO[i % len(OKABE_ITO)], settings(source))
        for (i, source), title in zip(filled, titles([s for _, s in filled]), strict=True)
    ]
    if locks.is_hidden(*slots):
        return result
    left, right = (
        (st.container(), st.container(gap="small"))
        if stacked
        else st.columns([1, 3], gap="small", vertical_alignment="bottom")
    )
    with left:
        _line_up_widget(state, slots, [s for s in chosen if s], menu)
    with right, st.container(horizontal=not stacked, gap="small"):
        for (i, _), contestant in zip(filled, result, strict=True):
            _slot_widget(state, slots[i], contestant, menu, alone=len(filled) == 1, stacked=stacked)
        free = next((slot for i, slot in enumerate(slots) if chosen[i] is None and not locks.is_fixed(slot)), "")
        if free:
            missing = next((n for n in FIRST if all(n != s.name for _, s in filled)), FIRST[0])
            st.button(
                "Add",
                icon=":material/add:",
                key=f"{state.page} add",
                on_click=state.put,
                args=(free, text(menu.fresh(missing), menu)),
                help="Another encoder beside these, up to four",
            )
    return result


def address(sources: Iterable[Choice], menu: EncoderMenu = COMPARISON_MENU) -> dict[str, str]:
    """Parameters for the address of a page that shows these encoders, trained models and predictors."""
    texts = [text(source, menu) for source in sources]
    return {f"e{i + 1}": texts[i] if i < len(texts) else EMPTY for i in range(MAX_CONTESTANTS)}


def carried() -> tuple[Choice, ...]:
    """What the reader has chosen on a page and takes along to the others; empty before the first choice."""
    along: _Along | None = st.session_state.get(_ALONG)
    return along.sources if along else ()


def show_model_link(model: SessionModel) -> None:
    """A link to the Similarity page with a trained model beside its untrained encoder."""
    untrained = EncoderConfig.of(model.recipe.encoder, **model.recipe.encoder_params)
    st.page_link(
        "pages/similarity.py",
        label="See what the trained network finds alike",
        icon=":material/join_inner:",
        query_params=address([untrained, model.source]),
    )


def text(source: Choice | None, menu: EncoderMenu = COMPARISON_MENU) -> str:
    """A choice in the address: an encoder with the parameters that differ from ``menu.fresh``, or a name."""
    if source is None:
        return EMPTY
    if isinstance(source, TrainedModel | PredictorConfig):
        return source.name
    usual = dict(menu.fresh(source.name).params)
    changed = [f"{k}={v:.6g}" if isinstance(v, float) else f"{k}={v}" for k, v in source.params if v != usual[k]]
    return source.name + (":" + ",".join(changed) if changed else "")


def parse(given: str, menu: EncoderMenu = COMPARISON_MENU) -> Choice | None:
    """The choice of a ``text``; ``ValueError`` says what was given and what is allowed."""
    given = given.strip()
    if given in ("", EMPTY):
        return None
    if given.startswith(trained_models.PREFIXES):
        if not menu.models:
            raise ValueError(f"{given!r} is a trained model; only encoders can be trained.")
        return trained_models.find(given).source
    if given in PREDICTORS:
        if not menu.predictors:
            raise ValueError(f"{given!r} is a reference predictor, which has no code to show; choose an encoder.")
        return PredictorConfig(given)
    name, params = split_text(given)
    return menu.fresh(name, **params)


@dataclass(frozen=True)
class _SlotParameter(Parameter):
    """A slot's text as a setting of the page, checked like an encoder with its parameters."""

    menu: EncoderMenu = COMPARISON_MENU

    def check(self, value: Value) -> Value:
        try:
            return text(parse(str(value), self.menu), self.menu)
        except ValueError as error:
            raise ValueError(f"{self.name}={value!r}, but {error}") from None


def _slot(name: str, default: EncoderConfig | None, menu: EncoderMenu) -> Parameter:
    title, about = f"Encoder {name[1:]}", "An encoder with its parameters."
    return _SlotParameter(name, str, text(default, menu), title, about, menu=menu)


def _chosen(state: PageState, slot: str, menu: EncoderMenu) -> Choice | None:
    """What is in a slot.  A model that the session no longer keeps leaves it empty, with a note."""
    try:
        return parse(str(state[slot]), menu)
    except ValueError as error:
        state.note(f"{error} Its place is left empty.")
        state.settle(slot, EMPTY)
        return None


def _in_numbers(state: PageState, slot: str, choice: Choice | None, menu: EncoderMenu) -> Choice | None:
    """The choice of a slot, with a number where its scale is left to data that the page does not have, and a note."""
    if menu.from_data or not isinstance(choice, EncoderConfig) or not from_data.is_auto(choice):
        return choice
    settled = from_data.in_numbers(choice, menu.fresh(choice.name))
    state.note(from_data.sentence(settled))
    state.settle(slot, text(settled, menu))
    return settled


@dataclass(frozen=True)
class _Along:
    """What goes along from page to page: the sources that the reader chose last, numbered."""

    number: int
    sources: tuple[Choice, ...]


def _bring_along(state: PageState, slots: Sequence[str], menu: EncoderMenu) -> None:
    """Fill the slots with what was chosen on another page since this one was open; a link has priority."""
    along: _Along | None = st.session_state.get(_ALONG)
    taken: _Along | None = st.session_state.get(f"{state.page} {_ALONG}")
    if along is None or state.is_linked(slots) or (taken and taken.number == along.number):
        return
    fitting = [source for source in along.sources if menu.takes(source)]
    if not fitting:
        return
    for i, slot in enumerate(slots):
        state.settle(slot, text(fitting[i] if i < len(fitting) else None, menu))
    st.session_state[f"{state.page} {_ALONG}"] = _Along(along.number, tuple(fitting))


def _take_along(state: PageState, slots: Sequence[str], chosen: Sequence[Choice], default: Sequence[Choice]) -> None:
    """Keep the choice of the reader, or of a link, for the other pages; what a page starts with is no choice."""
    along: _Along | None = st.session_state.get(_ALONG)
    taken: _Along | None = st.session_state.get(f"{state.page} {_ALONG}")
    taken = along if along and state.is_linked(slots) else taken
    if tuple(chosen) != (taken.sources if taken else tuple(default)):
        new = _Along(along.number + 1 if along else 1, tuple(chosen))
        st.session_state[_ALONG] = st.session_state[f"{state.page} {_ALONG}"] = new
    elif along and state.is_linked(slots):
        st.session_state[f"{state.page} {_ALONG}"] = along


def _line_up_widget(state: PageState, slots: list[str], chosen: list[Choice], menu: EncoderMenu) -> None:
    key = f"{state.page} line-up"
    current = next((name for name, line_up in menu.line_ups.items() if list(line_up) == chosen), OWN)

    def choose() -> None:
        line_up = menu.line_ups.get(st.session_state[key])
        if line_up:
            for i, slot in enumerate(slots):
                state.put(slot, text(line_up[i] if i < len(line_up) else None, menu))

    options, fixed = [*menu.line_ups, *([OWN] if current == OWN else [])], locks.is_fixed(*slots)
    title = locks.label("Encoders to compare") if fixed else "Encoders to compare"
    with_value(st.selectbox, current, title, options, key=key, on_change=choose, help=menu.help, disabled=fixed)


def _slot_widget(
    state: PageState, slot: str, contestant: Contestant, menu: EncoderMenu, alone: bool, stacked: bool
) -> None:
    if locks.is_hidden(slot):
        return
    source = contestant.choice
    models = {model.source.name: model for model in trained_models.models()} if menu.models else {}
    summary = _summary(source.name, models)
    key = state.widget_key(slot)
    opened = f"{state.page}.{slot} open"  # the same while its parameters change, so that it stays open
    fixed = locks.is_fixed(slot)
    icon = ":material/lock:" if fixed else None
    with (
        st.expander(contestant.label, key=opened, icon=icon)
        if stacked
        else st.popover(contestant.label, help=summary, icon=icon)
    ):
        if fixed:
            st.markdown(f"**{plain(contestant.label)}**, set by your teacher")
            st.caption(summary)
            return
        others = (name for name in encoders.ENCODERS if name not in FIRST)
        names = list(dict.fromkeys([*FIRST, *others, *models, *menu.predictors, source.name]))

        def change_encoder() -> None:
            name = st.session_state[f"{key} name"]
            fresh = name in encoders.ENCODERS
            state.put(slot, text(menu.fresh(name), menu) if fresh else name, by_its_widget=True)

        with_value(
            st.selectbox,
            source.name,
            "Encoder",
            names,
            key=f"{key} name",
            format_func=lambda name: _title(name, models),
            on_change=change_encoder,
        )
        st.caption(summary)
        if isinstance(source, EncoderConfig):
            for parameter in encoders.spec(source.name).parameters:
                _parameter_widget(state, slot, source, parameter, menu)
        if menu.models and not models:
            trained_models.show_invitation()
        if not alone:
            st.button("Remove", key=f"{key} remove", icon=":material/close:", on_click=state.put, args=(slot, EMPTY))


def _title(name: str, models: Mapping[str, SessionModel]) -> str:
    """The title of an encoder, a trained model or a predictor by its name."""
    if name in PREDICTORS:
        return f"{PREDICTORS[name].title} (a predictor without training)"
    return models[name].source.title if name in models else encoders.spec(name).title


def _summary(name: str, models: Mapping[str, SessionModel]) -> str:
    """What it does, in a sentence."""
    if name in PREDICTORS:
        return PREDICTORS[name].summary
    return models[name].summary if name in models else encoders.spec(name).summary


def _parameter_widget(
    state: PageState, slot: str, config: EncoderConfig, parameter: Parameter, menu: EncoderMenu
) -> None:
    value = dict(config.params)[parameter.name]
    key = f"{state.widget_key(slot)} {config.name} {parameter.name}"

    def change(chosen: Value) -> None:
        try:
            changed = EncoderConfig.of(config.name, **{**dict(config.params), parameter.name: chosen})
            state.put(slot, text(changed, menu), by_its_widget=True)
        except ValueError as error:  # such as a smallest radius above the largest one
            state.note(f"{error} Nothing was changed.")

    if parameter.auto and menu.from_data:
        fresh = menu.fresh(config.name)
        if from_data.switch(f"{key} from the data", config, fresh, parameter, change):
            return
    parameter_widget(key, parameter, value, change, menu.live)
