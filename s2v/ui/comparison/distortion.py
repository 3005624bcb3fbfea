"""The parts of the Distortion page about the chosen encoders: ellipses, tears, profiles and principal components."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import streamlit as st

from s2v import encoders
from s2v.comparison.questions import (
    CharacterOf,
    EllipsesOf,
    FeaturesOf,
    ImageOf,
    Question,
    StretchMapOf,
    StretchProfileOf,
)
from s2v.comparison.results import Character, StretchMap
from s2v.encoders import EncoderConfig
from s2v.encoders.frequencies import KINDS
from s2v.fields import Field
from s2v.figures import comparison_charts
from s2v.figures.comparison_charts import CurveLabel
from s2v.ui import answers, charts, seen
from s2v.ui.comparison.common import MIN_TEAR, View, listed, names
from s2v.ui.contestants import COMPARISON_MENU, Contestant
from s2v.ui.linked_globes import Panel
from s2v.ui.messages import plain

AS_CHOSEN = "as chosen"
MIN_SHARE = 0.15  # of the variance, below which three principal components say little about the shape of a code
REPAIRS = (AS_CHOSEN, *KINDS)
VIEWS = {
    "both": View("Globes and North", ("globe", "north")),
    "globe": View("Globes", ("globe",)),
    "north": View("North", ("north",)),
    "south": View("South", ("south",)),
    "world": View("World", ("world",)),
}
MEASURES: dict[str, str] = {"anisotropy": "largest over smallest stretch", "area": "area factor"}
LIMITS = {"anisotropy": (1.0, 6.0), "area": (0.0, 4.0)}


def first_questions() -> list[Question[Any]]:
    """What the page asks when it is opened without a link, except about all encoders."""
    kinds = (FeaturesOf, StretchMapOf, EllipsesOf, CharacterOf, StretchProfileOf, ImageOf)
    return [kind(source) for kind in kinds for source in next(iter(COMPARISON_MENU.line_ups.values()))]


def with_frequencies(config: EncoderConfig, kind: str) -> EncoderConfig:
    """An encoder with ``kind`` of frequencies; unchanged if it has no such choice."""
    choices = {p.name: p.choices for p in encoders.spec(config.name).parameters}
    if kind not in (choices.get("frequencies") or ()):
        return config
    return EncoderConfig.of(config.name, **{**dict(config.params), "frequencies": kind})


def repaired(chosen: Sequence[Contestant], kind: str) -> list[Contestant]:
    """The contestants with ``kind`` of frequencies where they have that choice."""
    result = []
    for c in chosen:
        if isinstance(c.source, EncoderConfig) and (source := with_frequencies(c.source, kind)) != c.source:
            base = c.title.removesuffix(f", {dict(c.source.params)['frequencies']} frequencies")
            title = base if kind == "geometric" else f"{base}, {kind} frequencies"
            c = Contestant(source, title, c.color, c.settings)
        result.append(c)
    return result


def panels(chosen: Sequence[Contestant], view: View, measure: str) -> list[Panel]:
    """Panels of the measure with Tissot's ellipses over it, for the linked globes."""
    maps, ellipses = answers.ask_all([StretchMapOf(c.source) for c in chosen], [EllipsesOf(c.source) for c in chosen])
    fields = [_field(c, found, measure) for c, found in zip(chosen, maps, strict=True)]
    return [
        Panel(
            field,
            kind,
            title=c.label,
            ellipses=[ellipse.outline for ellipse in drawn],
            seen=seen.of_values(field, kind),
        )
        for kind in view.kinds
        for c, field, drawn in zip(chosen, fields, ellipses, strict=True)
    ]


def characters(chosen: Sequence[Contestant]) -> list[Character]:
    """Tears and rank agreement of each contestant."""
    return answers.ask_all([CharacterOf(c.source) for c in chosen])


def show_tears(chosen: Sequence[Contestant], found: Sequence[Character], before: Sequence[Character]) -> None:
    """Three gauges for each encoder: how far the code is torn, and in words, how far ``before`` the repair."""
    for column, c, character, old in zip(st.columns(len(chosen), gap="large"), chosen, found, before, strict=True):
        with column, st.container(border=True):
            st.markdown(f"**{plain(c.title)}**")
            for label, value, was in (
                ("Dateline", character.dateline_tear, old.dateline_tear),
                ("North Pole", character.north_tear, old.north_tear),
                ("South Pole", character.south_tear, old.south_tear),
            ):
                words = "whole" if value < MIN_TEAR else f"torn by {value:.2f}"
                change = f", was {was:.2f}" if abs(was - value) > 0.005 else ""
                st.progress(min(1.0, value / 2), text=f"{label}: **{words}**{change}")


def tear_sentence(chosen: Sequence[Contestant], found: Sequence[Character]) -> str:
    """Which of the codes are torn, and where."""
    where: dict[str, list[str]] = {}
    for c, x in zip(chosen, found, strict=True):
        dateline, poles = x.dateline_tear >= MIN_TEAR, max(x.north_tear, x.south_tear) >= MIN_TEAR
        words = {
            (True, True): "torn along the dateline and at the poles",
            (True, False): "torn along the dateline",
            (False, True): "whole along the dateline and torn at the poles",
            (False, False): "whole everywhere",
        }[dateline, poles]
        where.setdefault(words, []).append(c.title)
    bold = {words: listed(f"**{title}**" for title in titles) for words, titles in where.items()}
    return f"{'; '.join(f'{bold[words]} {_is(titles)} {words}' for words, titles in where.items())}."


def repair_hint(chosen: Sequence[Contestant], found: Sequence[Character]) -> str:
    """Which of the torn codes other frequencies would mend, and where to choose them."""
    mendable = [
        c.title
        for c, x in zip(chosen, found, strict=True)
        if max(x.dateline_tear, x.north_tear, x.south_tear) >= MIN_TEAR
        and isinstance(c.source, EncoderConfig)
        and with_frequencies(c.source, "odd") != c.source
    ]
    if not mendable:
        return ""
    return (
        f"**Repair**: tears of {listed(mendable)} come from frequencies whose waves do not meet again after one turn "
        "around the Earth. Choose integer or odd under “Frequencies of all encoders with scales” to see which tears "
        "close."
    )


def repair_cost(chosen: Sequence[Contestant], before: Sequence[Contestant]) -> str:
    """What else the repair has changed: the finest wave, where it has moved."""
    moved = []
    for c, old in zip(chosen, before, strict=True):
        if not isinstance(c.source, EncoderConfig) or not isinstance(old.source, EncoderConfig):
            continue
        spec = encoders.spec(c.source.name)
        now, was = spec.frequencies(dict(c.source.params)), spec.frequencies(dict(old.source.params))
        if now and spec.wavenumber and abs(now[0] / was[0] - 1) > 0.02:
            moved.append(
                f"the finest wave of {old.title} goes {now[0] / spec.wavenumber:.3g} times around the Earth "
                f"instead of {was[0] / spec.wavenumber:.3g}"
            )
    return f"The repair moves the scales: {'; '.join(moved)}." if moved else ""


def agreement_change(chosen: Sequence[Contestant], found: Sequence[Character], before: Sequence[Character]) -> str:
    """How the repair has changed the rank agreement with distance near the pole."""
    changed = [
        f"{c.title} {x.fidelity_north:.2f}, was {old.fidelity_north:.2f}"
        for c, x, old in zip(chosen, found, before, strict=True)
        if abs(x.fidelity_north - old.fidelity_north) > 0.05
    ]
    return f"Rank agreement with great-circle distance above 70° N: {'; '.join(changed)}." if changed else ""


def show_profiles(chosen: Sequence[Contestant]) -> None:
    """Stretch by latitude: all encoders in one chart, and its values near the pole in words."""
    found = answers.ask_all([StretchProfileOf(c.source) for c in chosen])
    figure = comparison_charts.stretch_chart(
        [(CurveLabel(c.title, c.color), profile) for c, profile in zip(chosen, found, strict=True)]
    )
    charts.show(
        figure,
        key="stretch chart",
        alt="Largest over smallest stretch of each encoder by latitude",
        file_name=charts.file_name(*names(chosen), "stretch by latitude"),
    )
    sentences = []
    for c, p in zip(chosen, found, strict=True):
        at80, at89 = (float(p.anisotropy[abs(p.latitude - latitude).argmin()]) for latitude in (80, 89))
        if math.isfinite(at80) and math.isfinite(at89):
            sentences.append(f"{c.title}: {at80:.2f} at 80° N, {at89:.2f} at 89° N")
    st.caption(
        f"{'; '.join(sentences)}. 1 is a circle. The curves end one degree from the poles, where the stretch of a "
        "flat map grows without bound."
    )


def show_images(chosen: Sequence[Contestant]) -> None:
    """The graticule through each encoder, in three dimensions."""
    found = answers.ask_all([ImageOf(c.source) for c in chosen])
    for column, c, image in zip(st.columns(len(chosen)), chosen, found, strict=True):
        share = sum(image.explained)
        with column:
            charts.show(
                comparison_charts.image_figure(image, f"{c.title}: {100 * share:.0f} % of the variance", height=400),
                key=f"image {c.title}",
                alt=f"The graticule on the first three principal components of {c.title}",
                file_name=charts.file_name(*names([c]), "principal components"),
            )
            if share < MIN_SHARE:
                st.caption(
                    "These three directions hold little of the code, so parallels or meridians may fall onto each "
                    "other in them though the code keeps them apart."
                )


def _field(contestant: Contestant, found: StretchMap, measure: str) -> Field:
    values = getattr(found, measure)
    return Field(values, found.grid, contestant.title, MEASURES[measure], LIMITS[measure], "viridis")


def _is(titles: Sequence[str]) -> str:
    return "is" if len(titles) == 1 else "are"
