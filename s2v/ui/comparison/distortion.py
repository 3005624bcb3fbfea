"""The parts of the Distortion page: ellipses, tears, profiles, the table of all encoders, and the codes' own shape."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import pandas as pd  # type: ignore[import-untyped]
import streamlit as st

from s2v import encoders
from s2v.comparison import Character, Overview, StretchMap
from s2v.encoders.frequencies import KINDS
from s2v.encoders.registry import EncoderConfig
from s2v.fields import Field
from s2v.figures import comparison_charts
from s2v.figures.comparison_charts import Axis, Named
from s2v.ui import answers as desk
from s2v.ui.comparison.common import csv_button
from s2v.ui.contestants import COMPARISON, Contestant, fair
from s2v.ui.linked_globes import MAX_PANELS, Kind, Panel
from s2v.ui.messages import plain, short_title

AS_CHOSEN = "as chosen"
REPAIRS = (AS_CHOSEN, *KINDS)
VIEWS: dict[str, str] = {
    "both": "Globes and North",
    "globe": "Globes",
    "north": "North",
    "south": "South",
    "world": "World",
}
MEASURES: dict[str, str] = {"anisotropy": "largest over smallest stretch", "area": "area factor"}
LIMITS = {"anisotropy": (1.0, 6.0), "area": (0.0, 4.0)}
WHOLE = 1e-6  # tears below this are rounding (see s2v.distortion)


def repaired(chosen: Sequence[Contestant], kind: str) -> list[Contestant]:
    """The contestants with ``kind`` of frequencies, where they have frequencies to choose."""
    if kind == AS_CHOSEN:
        return list(chosen)
    result = []
    for c in chosen:
        params = dict(c.setting.params)
        if "frequencies" in params:
            base = c.title.removesuffix(f", {params['frequencies']} frequencies")
            title = base if kind == "geometric" else f"{base}, {kind} frequencies"
            c = Contestant(EncoderConfig.of(c.setting.name, **{**params, "frequencies": kind}), title, c.color)
        result.append(c)
    return result


def first_questions() -> list[desk.Question]:
    """What the page asks when it is opened without a link."""
    names = ("features", "stretch_map", "ellipses", "character", "stretch_profile", "principal_image")
    return [desk.question(name, setting) for name in names for setting in next(iter(COMPARISON.presets.values()))]


def overview_questions(kind: str) -> list[desk.Question]:
    """What the table of all encoders asks."""
    return [desk.question("overview", setting) for _, setting in all_settings(kind)]


def panels(chosen: Sequence[Contestant], view: str, measure: str) -> list[Panel]:
    """Panels of the measure with Tissot's ellipses over it, for the linked globes."""
    answers = desk.ask(
        *(desk.question("stretch_map", c.setting) for c in chosen),
        *(desk.question("ellipses", c.setting) for c in chosen),
    )
    maps, ellipses = answers[: len(chosen)], answers[len(chosen) :]
    kinds: list[Any] = ["globe", "north"] if view == "both" and 2 * len(chosen) <= MAX_PANELS else [view]
    return [
        Panel(
            _field(c, found, measure),
            _kind(kind),
            title=c.title,
            ellipses=[ellipse.outline for ellipse in drawn],
        )
        for kind in kinds
        for c, found, drawn in zip(chosen, maps, ellipses, strict=True)
    ]


def characters(chosen: Sequence[Contestant]) -> list[Character]:
    return desk.ask(*(desk.question("character", c.setting) for c in chosen))


def show_tears(chosen: Sequence[Contestant], found: Sequence[Character], before: Sequence[Character]) -> None:
    """A row of three gauges for each encoder: how far the code is torn; ``before`` the repair in small type."""
    for column, c, character, old in zip(st.columns(len(chosen), gap="large"), chosen, found, before, strict=True):
        with column, st.container(border=True):
            st.markdown(f"**{plain(c.title)}**")
            for label, part in (
                ("Dateline", "dateline_tear"),
                ("North Pole", "north_tear"),
                ("South Pole", "south_tear"),
            ):
                value, was = getattr(character, part), getattr(old, part)
                words = "whole" if value < WHOLE else f"torn by {value:.2f}"
                change = f", was {was:.2f}" if abs(was - value) > 0.005 else ""
                st.progress(min(1.0, value / 2), text=f"{label}: **{words}**{change}")


def tear_sentence(chosen: Sequence[Contestant], found: Sequence[Character]) -> str:
    """Which of the codes are torn, and where, in a sentence."""
    where: dict[str, list[str]] = {}
    for c, x in zip(chosen, found, strict=True):
        dateline, poles = x.dateline_tear >= WHOLE, max(x.north_tear, x.south_tear) >= WHOLE
        words = {
            (True, True): "torn along the dateline and at the poles",
            (True, False): "torn along the dateline",
            (False, True): "whole along the dateline and torn at the poles",
            (False, False): "whole everywhere",
        }[dateline, poles]
        where.setdefault(words, []).append(c.title)
    sentence = "; ".join(f"{_list(titles)} {_is(titles)} {words}" for words, titles in where.items())
    return f"{sentence}."


def finest(chosen: Sequence[Contestant], before: Sequence[Contestant]) -> str:
    """What else the repair changes: the finest wave, where it moved."""
    moved = []
    for c, old in zip(chosen, before, strict=True):
        if not isinstance(c.setting, EncoderConfig) or not isinstance(old.setting, EncoderConfig):
            continue
        spec = encoders.spec(c.setting.name)
        now, was = (spec.frequencies(dict(x.setting.params)) for x in (c, old))
        if now and spec.wavenumber and abs(now[0] / was[0] - 1) > 0.02:
            moved.append(
                f"the finest wave of {old.title} goes {now[0] / spec.wavenumber:.3g} times around the Earth "
                f"instead of {was[0] / spec.wavenumber:.3g}"
            )
    return f"The repair moves the scales: {'; '.join(moved)}." if moved else ""


def show_profiles(chosen: Sequence[Contestant]) -> None:
    """Stretch by latitude, all encoders in one chart, and what it says in words."""
    found = desk.ask(*(desk.question("stretch_profile", c.setting) for c in chosen))
    figure = comparison_charts.stretch_chart(
        [(Named(c.title, c.color), profile) for c, profile in zip(chosen, found, strict=True)]
    )
    st.plotly_chart(figure, key="stretch chart", alt="Largest over smallest stretch of each encoder by latitude")
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
    """The graticule through each encoder, as turnable pictures."""
    found = desk.ask(*(desk.question("principal_image", c.setting) for c in chosen))
    for column, c, image in zip(st.columns(len(chosen)), chosen, found, strict=True):
        share = sum(image.explained)
        with column:
            st.plotly_chart(
                comparison_charts.image_figure(image, f"{c.title}: {100 * share:.0f} % of it", height=400),
                key=f"image {c.title}",
                alt=f"The graticule on the first three principal components of {c.title}",
            )


def all_settings(kind: str) -> list[tuple[str, EncoderConfig]]:
    """Every encoder as the pages start with it, repaired if asked: its title and its setting."""
    result = []
    for name, spec in encoders.ENCODERS.items():
        setting = fair(name)
        if kind != AS_CHOSEN and "frequencies" in dict(setting.params):
            setting = EncoderConfig.of(name, **{**dict(setting.params), "frequencies": kind})
        result.append((spec.title, setting))
    return result


def show_all(kind: str) -> None:
    """All encoders side by side, as parallel lines and as a table; asked one by one, so that nobody waits behind."""
    every = all_settings(kind)
    questions = overview_questions(kind)
    if not desk.knows(*questions):
        bar = st.progress(0.0, text="Measuring every encoder…")
        for i, ((title, _), question) in enumerate(zip(every, questions, strict=True)):
            bar.progress(i / len(every), text=f"Measuring every encoder: {title}…")
            desk.ask(question)
        bar.empty()
    found: list[Overview] = desk.ask(*questions)
    titles = [short_title(title) for title, _ in every]
    whole = [i for i, o in enumerate(found) if all(math.isfinite(v) for axis in _axes([o]) for v in axis.values)]
    left_out = [title for i, title in enumerate(titles) if i not in whole]
    spherical = [encoders.spec(setting.name).spherical for _, setting in every]
    # On a phone its axes would be too close to read: there it keeps its width, and scrolls.
    st.html(
        "<style>.st-key-parallel{overflow-x:auto} .st-key-parallel [data-testid=stPlotlyChart]{min-width:56rem}</style>"
    )
    st.container(key="parallel").plotly_chart(
        comparison_charts.parallel_chart(
            [titles[i] for i in whole], [spherical[i] for i in whole], _axes([found[i] for i in whole])
        ),
        key="all encoders chart",
        alt="All encoders on parallel axes: stretch, area, tears, agreement",
    )
    st.caption(
        "Each line is an encoder; blue ones were made for the sphere. Drag along an axis to pick lines; drag an "
        "axis by its title to move it. Stretch is best at 1, tears and dependence on direction at 0, agreement at 1."
        + (f" Without {', '.join(left_out)}, constant where it could be stretched." if left_out else "")
    )
    table = _overview_table(titles, spherical, found)
    st.dataframe(
        table, hide_index=True, column_config=_COLUMNS, key="all encoders", placeholder="–", height=36 * len(table) + 38
    )
    csv_button("Table as CSV", lambda: table, "encoders")


def _axes(found: Sequence[Overview]) -> list[Axis]:
    c = [o.character for o in found]
    return [
        Axis("stretch 60°", [o.anisotropy[0] for o in found], log=True, low=1.0, high=2.0),
        Axis("stretch 80°", [o.anisotropy[1] for o in found], log=True, low=1.0, high=10.0),
        Axis("stretch 89°", [o.anisotropy[2] for o in found], log=True, low=1.0, high=100.0),
        Axis("area 80°", [o.area for o in found], low=0.0),
        Axis("dateline tear", [x.dateline_tear for x in c], low=0.0, high=2.0),
        Axis("pole tear", [max(x.north_tear, x.south_tear) for x in c], low=0.0, high=2.0),
        Axis("by direction", [o.direction for o in found], low=0.0),
        Axis("agreement", [x.fidelity for x in c], low=0.0, high=1.0),
        Axis("above 70° N", [x.fidelity_north for x in c], low=0.0, high=1.0),
    ]


def _overview_table(titles: Sequence[str], spherical: Sequence[bool], found: Sequence[Overview]) -> pd.DataFrame:
    c = [o.character for o in found]
    return pd.DataFrame(
        {
            "encoder": titles,
            "for_the_sphere": list(spherical),
            "features": [x.features for x in c],
            **{f"stretch_{lat}": [_finite(o.anisotropy[i]) for o in found] for i, lat in enumerate((60, 80, 89))},
            "area_80": [_finite(o.area) for o in found],
            "dateline": [x.dateline_tear for x in c],
            "north": [x.north_tear for x in c],
            "south": [x.south_tear for x in c],
            "direction": [_finite(o.direction) for o in found],
            "fidelity": [_finite(x.fidelity) for x in c],
            "fidelity_north": [_finite(x.fidelity_north) for x in c],
        }
    )


def _field(contestant: Contestant, found: StretchMap, measure: str) -> Field:
    values = getattr(found, measure)
    return Field(values, found.grid, contestant.title, MEASURES[measure], LIMITS[measure], "viridis")


def _kind(view: str) -> Kind:
    return "globe" if view == "both" else view  # type: ignore[return-value]


def _tears(character: Character) -> tuple[float, float, float]:
    return character.dateline_tear, character.north_tear, character.south_tear


def _list(titles: Sequence[str]) -> str:
    bold = [f"**{title}**" for title in titles]
    return bold[0] if len(bold) == 1 else f"{', '.join(bold[:-1])} and {bold[-1]}"


def _is(titles: Sequence[str]) -> str:
    return "is" if len(titles) == 1 else "are"


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _number(label: str, help: str, format: str = "%.2f") -> Any:
    return st.column_config.NumberColumn(label, help=help, format=format)


_STRETCH = "Largest over smallest stretch at this latitude: 1 is a circle, 2 is twice as long as wide."
_TEAR = (
    "in units of the code's spread over the whole sphere: 0 is whole, 1.4 is as far apart as two places that have "
    "nothing to do with each other."
)
_COLUMNS = {
    "encoder": st.column_config.TextColumn("Encoder", pinned=True),
    "for_the_sphere": st.column_config.CheckboxColumn("For the sphere", help="Whether it was made for the sphere."),
    "features": _number("Features", "Length of the code: how many numbers a place becomes.", "%d"),
    "stretch_60": _number("Stretch 60°", _STRETCH),
    "stretch_80": _number("Stretch 80°", _STRETCH),
    "stretch_89": _number("Stretch 89°", _STRETCH),
    "area_80": _number("Area 80°", "How many times an area at 80° N grows, in units of the code's own scale squared."),
    "dateline": _number("Dateline tear", f"Gap between the codes at longitude 180° and −180°, {_TEAR}"),
    "north": _number("North Pole tear", f"Gap between the codes of the pole with different longitudes, {_TEAR}"),
    "south": _number("South Pole tear", f"The same at the South Pole, {_TEAR}"),
    "direction": _number(
        "By direction",
        "How much the similarity of two places depends on the direction between them rather than on their distance: "
        "its standard deviation over directions, averaged over places and distances. 0: on distance alone.",
        "%.3f",
    ),
    "fidelity": _number(
        "Rank agreement", "Spearman's rank correlation of code distance with great-circle distance: 1 is perfect."
    ),
    "fidelity_north": _number("… above 70° N", "The same for pairs of places north of 70° N."),
}
