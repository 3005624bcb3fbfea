"""The part of the Similarity page about variograms: whether a code is as fine as data, and the scale that is."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd  # type: ignore[import-untyped]
import streamlit as st

from s2v import data, encoders, sphere
from s2v.comparison import snippets, sources
from s2v.comparison.questions import CodeVariogramOf, DataVariogramOf, SuggestedOf
from s2v.comparison.results import KernelVariogram
from s2v.comparison.sources import DataSource
from s2v.data import OwnData, held
from s2v.encoders.registry import EncoderConfig
from s2v.figures import variogram_charts
from s2v.figures.variogram_charts import Curve, Lags
from s2v.models.recipe import Recipe
from s2v.models.scales import scale_in_words
from s2v.parameters import Parameter
from s2v.predictors import Empirical
from s2v.ui import answers, charts, contestants, copying, glossary, session_race
from s2v.ui.comparison.common import compared, finite, names
from s2v.ui.contestants import COMPARISON_MENU, Contestant, EncoderMenu
from s2v.ui.messages import plain
from s2v.ui.page_state import PageState

FIRST_DATA = "relief"
WHOLE = "all"
MEETS = 1.15  # half-sills whose ratio is below this meet

# docs/variogram.md has the numbers, of bench variogram.
MEASURED = (
    "As measured on held-out places, with 90 % intervals over seeds: with 2,000 training places the suggestion learned "
    "more than the usual smallest radius, 1.79°, on the geoid, relief, land cover, land and ocean, and checkerboard. "
    "With 20,000 it gained on the geoid, tied on three, and lost 0.2 points of accuracy on land cover "
    "(`docs/variogram.md`)."
)

VARIOGRAM = Parameter(
    "variogram",
    bool,
    False,
    "Variograms",
    "How fast codes, and data, grow apart with distance; and the scale at which an encoder is as fine as the data.",
)
PLACES = Parameter(
    "places",
    str,
    "2000",
    "Training places",
    "The variogram is that of so many places of the data; no code should be finer than their spacing.",
    choices=("500", "2000", "20000"),
)
CURVES = Parameter(
    "around",
    str,
    WHOLE,
    "Around places",
    "All over the sphere in all directions, or at one latitude north-south (solid) and east-west (dashed).",
    choices=(WHOLE, "0", "60", "80", "89"),
)
_DATA = Parameter("data", str, FIRST_DATA, "Against the data", "A variogram is drawn beside those of the codes.")


def add(state: PageState) -> None:
    """Adds the settings of this part to the page."""
    own = tuple(each.name for each in session_race.own_data())
    built_in = tuple(name for name in data.names() if data.entry(name).classes != 1)
    parameter = replace(_DATA, choices=(*own, *built_in))
    state.add(VARIOGRAM, PLACES, CURVES, parameter)
    if state["data"] not in parameter.choices:
        state.note("The data that this link names are not open in this session any more: open their file on Your data.")
        state.settle("data", FIRST_DATA)
        state.add(parameter)


@dataclass(frozen=True)
class Fitted:
    """A contestant's variogram; for an encoder with a scale what is suggested for the data, and its variogram.

    ``usual`` is the encoder as Train starts with it, from which ``suggested`` differs in the scale alone.
    """

    contestant: Contestant
    own: KernelVariogram
    usual: EncoderConfig | None = None
    suggested: EncoderConfig | None = None
    fitted: KernelVariogram | None = None


def show(state: PageState, chosen: Sequence[Contestant], race_menu: EncoderMenu) -> None:
    """The variograms of the ``chosen`` and of data, once the reader wants them."""
    st.subheader("Is the code as fine as the data?", anchor=False)
    st.markdown(
        "A **variogram** says how different two places are at a distance. That of a code follows from its kernel: "
        "γ = 1 − similarity. That of data is measured: half the mean squared difference of two places. Each is drawn "
        "as a share of its **sill**, its mean over all pairs of places."
    )
    state.widget("variogram")
    state.write_address()
    if not state["variogram"]:
        return
    with st.container(horizontal=True, vertical_alignment="bottom"):
        state.widget("data", label=_title)
        own = held.find(str(state["data"]))
        if own is None:
            state.widget("places", label=lambda choice: f"{int(choice):,}", beside=True)
        around = str(state.widget("around", label=_around, beside=True))
    state.write_address()
    source = _data_source(str(state["data"]), int(str(state["places"])), own)
    empirical, found = _ask(source, chosen, race_menu)
    for sentence in sentences(source, empirical, found):
        st.markdown(f"- {sentence}")
    _show_links(source, found, race_menu)
    if any(each.suggested for each in found):
        st.caption(MEASURED)
    _show_charts(source, empirical, found, around)
    _show_table(found)
    glossary.show("variogram", "sill", "half-sill distance")
    _show_code(source, own, chosen)


def sentences(source: DataSource, empirical: Empirical, found: Sequence[Fitted]) -> list[str]:
    """What the variograms say, with numbers, in Markdown."""
    entry = data.entry(source.name)
    of = (
        "values differ by half as much as anywhere"
        if entry.task == "regression"
        else "the share of pairs of different classes (the variogram of their indicator variables) is half of that "
        "anywhere"
    )
    said = [
        f"**{plain(source.title)}**: at **{_km(empirical.half_sill)}** {of}: the half-sill distance. Its places lie "
        f"{_km(empirical.spacing)} apart."
    ]
    return said + [_sentence(each, empirical) for each in found]


def _sentence(found: Fitted, empirical: Empirical) -> str:
    name = f"**{found.contestant.title}**"
    half = found.own.half_sill
    if not math.isfinite(half):
        return f"{name}: its code never reaches half its sill, so there is nothing to compare."
    ratio = half / empirical.half_sill
    compared = (
        "as fine as the data"
        if 1 / MEETS <= ratio <= MEETS
        else f"{_times(ratio)} coarser than the data"
        if ratio > 1
        else f"{_times(1 / ratio)} finer than the data"
    )
    said = f"{name}: the half-sill distance of its code is {_km(half)}, {compared}."
    east, north = found.own.half_east_west, found.own.half_north_south
    at_80 = int(np.flatnonzero(found.own.latitude == 80)[0])
    if math.isfinite(east[at_80]) and math.isfinite(north[at_80]):
        said += f" At 80° N it is {_km(north[at_80])} north-south and {_km(east[at_80])} east-west."
    if found.suggested is None or found.fitted is None:
        return f"{said} It has no scale to choose."
    said += f" **Suggested: {_scale(found.suggested)}**"
    if math.isfinite(found.fitted.half_sill):
        said += f", with a half-sill distance of {_km(found.fitted.half_sill)}"
    if found.fitted.half_sill > MEETS * empirical.half_sill:
        said += (
            ": no finer, because the places lie too far apart to show finer detail"
            if _radius_is_spacing(found, empirical)
            else ", the finest that its parameters allow"
        )
    same = found.suggested == found.usual
    return f"{said}. That is what Train starts with." if same else f"{said}. Train starts with {_scale(found.usual)}."


def _radius_is_spacing(found: Fitted, empirical: Empirical) -> bool:
    """Whether the spacing of the places decided, not the half-sill."""
    assert found.suggested is not None
    spec = encoders.spec(found.suggested.name)
    at_spacing = spec.at_radius(empirical.spacing / sphere.EARTH_RADIUS_KM, dict(found.suggested.params))
    return at_spacing == dict(found.suggested.params)


def _ask(source: DataSource, chosen: Sequence[Contestant], race_menu: EncoderMenu) -> tuple[Empirical, list[Fitted]]:
    """The variograms of the data and the contestants, asked one by one so that the page says how far it is."""
    bar = st.empty()
    steps = 2 + 3 * len(chosen)
    done = 0

    def report(what: str) -> None:
        nonlocal done
        done += 1
        bar.progress(min(1.0, done / steps), text=f"{what}…")

    report(f"The variogram of {plain(source.title)}")
    empirical = answers.ask(DataVariogramOf(source))
    found = []
    for each in chosen:
        report(f"The variogram of {each.title}")
        own = answers.ask(CodeVariogramOf(each.source))
        usual = _usual(each, race_menu)
        if usual is None:
            found.append(Fitted(each, own))
            continue
        report(f"The scale of {each.title} for these data")
        suggested = answers.ask(SuggestedOf(usual, round(empirical.half_sill, 1), round(empirical.spacing, 1)))
        report(f"The variogram of {each.title} with that scale")
        found.append(Fitted(each, own, usual, suggested, answers.ask(CodeVariogramOf(suggested))))
    bar.empty()
    return empirical, found


def _usual(contestant: Contestant, race_menu: EncoderMenu) -> EncoderConfig | None:
    """A contestant as Train starts with it: what was changed here is kept, but for the scale; None without a scale."""
    source = contestant.source
    if not isinstance(source, EncoderConfig):
        return None
    scale, fresh = encoders.spec(source.name).scale, dict(COMPARISON_MENU.fresh(source.name).params)
    if scale is None:
        return None
    changed = {name: value for name, value in source.params if value != fresh[name] and name != scale.parameter}
    try:
        usual = race_menu.fresh(source.name, **changed)
    except ValueError:  # such as a largest radius below the smallest one of Train
        usual = source
    return usual if encoders.spec(usual.name).has_scale(dict(usual.params)) else None


def _show_links(source: DataSource, found: Sequence[Fitted], race_menu: EncoderMenu) -> None:
    """For each encoder a race on Train of what is suggested against what Train starts with."""
    for each in found:
        if each.suggested is None or each.usual is None or each.suggested == each.usual:
            continue
        st.page_link(
            "pages/train.py",
            label=f"Race {each.contestant.title} with {_scale(each.suggested)} against {_scale(each.usual)} on Train",
            icon=":material/model_training:",
            query_params=race_address(source, each.suggested, each.usual, race_menu),
        )


def race_address(
    source: DataSource, suggested: EncoderConfig, usual: EncoderConfig, race_menu: EncoderMenu
) -> dict[str, str]:
    """Parameters for the address of Train: one encoder with two scales, on the places of the variogram."""
    return {
        **contestants.address([suggested, usual], race_menu),
        "data": source.name,
        "points": str(source.points),
        "trials": "0",
    }


def _show_charts(source: DataSource, empirical: Empirical, found: Sequence[Fitted], around: str) -> None:
    lags = Lags(source.title, empirical.lags, empirical.relative, empirical.counts)
    every = ("data", *names(each.contestant for each in found))
    charts.show(
        variogram_charts.variogram_chart([curve for each in found for curve in _curves(each, around)], lags),
        key="variogram chart",
        alt=f"Variograms of {source.title} and of each code, as shares of their sills, against distance",
        file_name=charts.file_name(source.name, *every[1:], "variogram", "" if around == WHOLE else f"{around}N"),
    )
    st.caption(
        ("Solid: each code as chosen above. " if around == WHOLE else "Solid: north-south. Dashed: east-west. ")
        + ("Dotted: with the suggested scale. " if around == WHOLE else "")
        + "Grey points: the data, by distance. The dotted levels are the sill and half of it."
    )
    if not any(np.isfinite(each.own.half_north_south).any() for each in found):
        return
    charts.show(
        variogram_charts.half_sill_chart(
            [
                Curve(f"{each.contestant.title}, {words}", each.contestant.color, each.own.latitude, values, dash)
                for each in found
                for words, values, dash in (
                    ("north-south", each.own.half_north_south, "solid"),
                    ("east-west", each.own.half_east_west, "dash"),
                )
            ],
            source.title,
            empirical.half_sill,
        ),
        key="half-sill chart",
        alt="Half-sill distance of each code by latitude, north-south and east-west, beside that of the data",
        file_name=charts.file_name(source.name, *every[1:], "half-sill by latitude"),
    )
    st.caption(
        "Half-sill distance by latitude: a code of the sphere's own metric is level, and alike in both directions. "
        "One of the flat map sees less and less east-west towards the poles."
    )


def _curves(found: Fitted, around: str) -> list[Curve]:
    title, color, own = found.contestant.title, found.contestant.color, found.own
    if around != WHOLE:
        row = int(np.flatnonzero(own.latitude == float(around))[0])
        return [
            Curve(f"{title}, north-south", color, own.distance, own.north_south[row]),
            Curve(f"{title}, east-west", color, own.distance, own.east_west[row], "dash"),
        ]
    curves = [Curve(title, color, own.distance, own.mean)]
    if found.fitted is not None:
        curves.append(Curve(f"{title}, suggested", color, found.fitted.distance, found.fitted.mean, "dot"))
    return curves


def _show_table(found: Sequence[Fitted]) -> None:
    rows = []
    for each in found:
        own = each.own
        row: dict[str, Any] = {"encoder": each.contestant.title, "half_sill": finite(own.half_sill)}
        for latitude in (0, 60, 80, 89):
            at = int(np.flatnonzero(own.latitude == latitude)[0])
            row[f"north_{latitude}"] = finite(float(own.half_north_south[at]))
            row[f"east_{latitude}"] = finite(float(own.half_east_west[at]))
        row["suggested"] = _scale(each.suggested) if each.suggested else "–"
        row["fitted"] = finite(each.fitted.half_sill) if each.fitted else None
        rows.append(row)
    st.dataframe(
        pd.DataFrame(rows),
        hide_index=True,
        column_config=_COLUMNS,
        column_order=list(_COLUMNS),
        key="variogram table",
        placeholder="–",
        height="content",
    )


def _show_code(source: DataSource, own: OwnData | None, chosen: Sequence[Contestant]) -> None:
    shown = compared(chosen)
    copying.show(
        snippets.variogram_code(shown, source.name, source.points, own),
        snippets.variogram_command(shown, source.name, source.points, own),
        "variogram",
    )


def _data_source(name: str, points: int, own: OwnData | None) -> DataSource:
    if own is None:
        return DataSource(name, data.title_of(name), points)
    return DataSource(name, own.title, len(own.dataset().train), sources.digest(sources.data_file(own)))


def _title(name: str) -> str:
    title = data.title_of(name)
    return f"Your data: {title}" if data.is_own(name) and title != data.entry(name).title else title


def _around(choice: str) -> str:
    return "All over the sphere" if choice == WHOLE else f"{choice}° N" if choice != "0" else "Equator"


def _scale(config: EncoderConfig | None) -> str:
    assert config is not None
    return scale_in_words(Recipe(encoder=config.name, encoder_params=dict(config.params)))


def _km(value: float) -> str:
    """Kilometres with two or three digits."""
    return f"{value:.1f} km" if value < 10 else f"{float(f'{value:.3g}'):,.0f} km"


def _times(ratio: float) -> str:
    return f"{ratio:.1f} times" if ratio < 10 else f"{ratio:.0f} times"


def _number(label: str, help: str, width: int = 74) -> Any:
    return st.column_config.NumberColumn(label, help=help, format="%.0f km", width=width)


_COLUMNS = {
    "encoder": st.column_config.TextColumn("Encoder", width=110, pinned=True),
    "half_sill": _number("Half-sill", glossary.sentence("half-sill distance"), 80),
    **{
        f"{way}_{latitude}": _number(
            f"{'N-S' if way == 'north' else 'E-W'} {latitude}°",
            f"Half-sill distance {'north-south' if way == 'north' else 'east-west'} at {latitude}° N.",
        )
        for latitude in (0, 60, 80, 89)
        for way in ("north", "east")
    },
    "suggested": st.column_config.TextColumn("Suggested", width=180, help="The scale that fits the data."),
    "fitted": _number("Its half-sill", "Half-sill distance of the code with the suggested scale.", 90),
}
