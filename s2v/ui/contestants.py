"""Up to four encoders side by side: chosen from presets or one by one, each written in the address as one setting.

    e1=sphereM:scales=16,min_radius=0.1
    e2=run:1a2b3c4d                           (a model that this session has trained)

A slot's text is the whole truth about it; the widgets show it and write it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st

from s2v import encoders
from s2v.comparison.sources import Source, TrainedModel
from s2v.encoders.registry import EncoderConfig
from s2v.figures.colormaps import OKABE_ITO
from s2v.parameters import Parameter, Value
from s2v.ui import trained_models
from s2v.ui.messages import short_title
from s2v.ui.page_state import PageState, parameter_widget

MAX_CONTESTANTS = 4
MIN_RADIUS, MAX_RADIUS = 0.1, 1.0  # radians: large enough to be seen on a whole globe
EMPTY = "none"
OWN = "own choice"

FIRST = ("grid", "theory", "sphereC", "sphereC+", "sphereM", "sphereM+", "plane_waves", "spherical_harmonics", "xyz")


def with_radii(name: str, smallest: float, largest: float, **params: Any) -> EncoderConfig:
    """An encoder with these radii, given in radians, where it has radii: each in its own unit."""
    own: dict[str, Any] = {}
    for parameter in encoders.spec(name).parameters:
        if parameter.name in ("min_radius", "max_radius"):
            radius = smallest if parameter.name == "min_radius" else largest
            own[parameter.name] = radius if parameter.unit == "radians" else math.degrees(radius)
    return EncoderConfig.of(name, **{**own, **params})


def fair(name: str, **params: Any) -> EncoderConfig:
    """An encoder as the pages of comparisons start with it: the same smallest and largest radius for all."""
    return with_radii(name, MIN_RADIUS, MAX_RADIUS, **params)


@dataclass(frozen=True)
class EncoderMenu:
    """What a page offers: presets by name, the first of which is its own start; how an encoder begins when it is
    chosen (``fresh(name, **params)``), with a word on that; and whether trained models are among the encoders."""

    presets: Mapping[str, tuple[EncoderConfig, ...]]
    fresh: Callable[..., EncoderConfig]
    help: str
    models: bool = True


COMPARISON = EncoderMenu(
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
)


@dataclass(frozen=True)
class Contestant:
    """An encoder or a trained model in its slot: ``title`` tells it from the others on the page, ``color`` is its own
    in all charts."""

    setting: Source
    title: str
    color: str


def contestants(settings: PageState, menu: EncoderMenu = COMPARISON) -> list[Contestant]:
    """Shows the choice where it is called and returns the encoders chosen, at least one."""
    default = next(iter(menu.presets.values()))
    slots = [f"e{i + 1}" for i in range(MAX_CONTESTANTS)]
    settings.add(*(_slot(name, default[i] if i < len(default) else None, menu) for i, name in enumerate(slots)))
    chosen = [_chosen(settings, name, menu) for name in slots]
    if not any(chosen):
        st.info("All four places for encoders were empty, so the first one is filled.", icon=":material/info:")
        settings.put(slots[0], text(default[0], menu))
        chosen[0] = default[0]
    left, right = st.columns([1, 3], gap="small", vertical_alignment="bottom")
    with left:
        _preset_widget(settings, slots, [s for s in chosen if s], menu)
    filled = [(i, s) for i, s in enumerate(chosen) if s]
    called = titles([s for _, s in filled])
    result = []
    with right, st.container(horizontal=True, gap="small"):
        for (i, setting), title in zip(filled, called, strict=True):
            color = OKABE_ITO[i % len(OKABE_ITO)]
            _slot_widget(settings, slots[i], setting, title, menu, alone=len(filled) == 1)
            result.append(Contestant(setting, title, color))
        if len(filled) < MAX_CONTESTANTS:
            free = slots[next(i for i in range(MAX_CONTESTANTS) if chosen[i] is None)]
            missing = next((n for n in FIRST if all(n != s.name for _, s in filled)), FIRST[0])
            st.button(
                "Add",
                icon=":material/add:",
                key=f"{settings.page} add",
                on_click=settings.put,
                args=(free, text(menu.fresh(missing), menu)),
                help="Another encoder beside these, up to four",
            )
    return result


def link(chosen: Sequence[Contestant]) -> dict[str, str]:
    """These encoders in the address of the other page of comparisons."""
    return address([c.setting for c in chosen])


def address(sources: Sequence[Source], menu: EncoderMenu = COMPARISON) -> dict[str, str]:
    """Encoders and trained models in the address of a page."""
    texts = [text(source, menu) for source in sources]
    return {f"e{i + 1}": texts[i] if i < len(texts) else EMPTY for i in range(MAX_CONTESTANTS)}


def text(setting: Source | None, menu: EncoderMenu = COMPARISON) -> str:
    """A setting as the address has it: only what differs from the page's own defaults; a trained model's name."""
    if setting is None:
        return EMPTY
    if isinstance(setting, TrainedModel):
        return setting.name
    usual = dict(menu.fresh(setting.name).params)
    changed = [f"{k}={v:.6g}" if isinstance(v, float) else f"{k}={v}" for k, v in setting.params if v != usual[k]]
    return setting.name + (":" + ",".join(changed) if changed else "")


def parse(given: str, menu: EncoderMenu = COMPARISON) -> Source | None:
    """The setting, or this session's model, of such a text; ``ValueError`` names what is not allowed and what is."""
    given = given.strip()
    if given in ("", EMPTY):
        return None
    if given.startswith(trained_models.PREFIX):
        if not menu.models:
            raise ValueError(f"{given!r} is a trained model; only encoders can be trained.")
        return trained_models.find(given).trained
    name, _, tail = given.partition(":")
    params: dict[str, str] = {}
    for part in filter(None, (p.strip() for p in tail.split(","))):
        key, equals, value = part.partition("=")
        if not equals:
            raise ValueError(f"{part!r} is not a parameter; write it as name=value, such as scales=16.")
        params[key.strip()] = value.strip()
    return menu.fresh(name.strip(), **params)


@dataclass(frozen=True)
class _SlotParameter(Parameter):
    """The text of a slot as a setting of the page: checked as an encoder with its parameters."""

    menu: EncoderMenu = COMPARISON

    def check(self, value: Value) -> Value:
        try:
            return text(parse(str(value), self.menu), self.menu)
        except ValueError as error:
            raise ValueError(f"{self.name}={value!r}, but {error}") from None


def _slot(name: str, default: EncoderConfig | None, menu: EncoderMenu) -> Parameter:
    title, about = f"Encoder {name[1:]}", "An encoder with its parameters."
    return _SlotParameter(name, str, text(default, menu), title, about, menu=menu)


def _chosen(settings: PageState, slot: str, menu: EncoderMenu) -> Source | None:
    """What is in a slot.  A model that the session has forgotten since leaves it empty, with a note."""
    try:
        return parse(str(settings[slot]), menu)
    except ValueError as error:
        settings.note(f"{error} Its place is left empty.")
        settings.put(slot, EMPTY)
        return None


def titles(settings: list[Source]) -> list[str]:
    """Titles that differ: with the first parameters that tell settings of one title apart."""
    short = [short_title(s.title) for s in settings]
    titles = []
    for setting, title in zip(settings, short, strict=True):
        twins = [dict(s.params) for s, other in zip(settings, short, strict=True) if other == title]
        differing = [(k, v) for k, v in setting.params if any(twin.get(k) != v for twin in twins)]
        words = ", ".join(
            f"{k.replace('_', ' ')} {v:.3g}" if isinstance(v, float) else f"{k} {v}" for k, v in differing
        )
        titles.append(f"{title}, {words}" if words else title)
    # The same encoder twice is allowed; its second title is numbered.
    return [t if titles.index(t) == i else f"{t} ({titles[: i + 1].count(t)})" for i, t in enumerate(titles)]


def _preset_widget(settings: PageState, slots: list[str], chosen: list[Source], menu: EncoderMenu) -> None:
    key = f"{settings.page} preset"
    current = next((name for name, preset in menu.presets.items() if list(preset) == chosen), OWN)
    st.session_state[key] = current

    def choose() -> None:
        preset = menu.presets.get(st.session_state[key])
        if preset:
            for i, slot in enumerate(slots):
                settings.put(slot, text(preset[i] if i < len(preset) else None, menu))

    options = [*menu.presets, *([OWN] if current == OWN else [])]
    st.selectbox("Encoders to compare", options, key=key, on_change=choose, help=menu.help)


def _slot_widget(settings: PageState, slot: str, setting: Source, title: str, menu: EncoderMenu, alone: bool) -> None:
    models = {model.trained.name: model for model in trained_models.models()} if menu.models else {}
    summary = models[setting.name].summary if setting.name in models else encoders.spec(setting.name).summary
    with st.popover(title, help=summary):
        key = f"{settings.page}.{slot}"
        names = [*FIRST, *(name for name in encoders.ENCODERS if name not in FIRST), *models]
        st.session_state[f"{key} name"] = setting.name

        def change_encoder() -> None:
            name = st.session_state[f"{key} name"]
            settings.put(slot, name if name in models else text(menu.fresh(name), menu))

        st.selectbox(
            "Encoder",
            names,
            key=f"{key} name",
            format_func=lambda name: models[name].trained.title if name in models else encoders.spec(name).title,
            on_change=change_encoder,
        )
        st.caption(summary)
        if isinstance(setting, EncoderConfig):
            for parameter in encoders.spec(setting.name).parameters:
                _parameter_widget(settings, slot, setting, parameter, menu)
        if menu.models and not models:
            trained_models.show_invitation()
        if not alone:
            st.button("Remove", key=f"{key} remove", icon=":material/close:", on_click=settings.put, args=(slot, EMPTY))


def _parameter_widget(
    settings: PageState, slot: str, setting: EncoderConfig, parameter: Parameter, menu: EncoderMenu
) -> None:
    value = dict(setting.params)[parameter.name]
    key = f"{settings.page}.{slot} {setting.name} {parameter.name}"

    def change() -> None:
        try:
            changed = EncoderConfig.of(setting.name, **{**dict(setting.params), parameter.name: st.session_state[key]})
            settings.put(slot, text(changed, menu))
        except ValueError as error:  # such as a smallest radius above the largest one
            settings.note(f"{error} Nothing was changed.")

    parameter_widget(key, parameter, value, change)
