"""The part of the Distortion page about all encoders: parallel axes and a table, with one row for each.

The networks that the session has trained, or opened from files, stand among the encoders.
"""

from __future__ import annotations

import html
import math
from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple

import pandas as pd  # type: ignore[import-untyped]
import streamlit as st

from s2v import encoders
from s2v.comparison.fair import MAX_RADIUS, MIN_RADIUS, fair
from s2v.comparison.questions import HalfSillsOf, OverviewOf, Question
from s2v.comparison.results import HalfSills, Overview
from s2v.figures import comparison_charts
from s2v.figures.comparison_charts import Axis
from s2v.ui import answers, charts, glossary, trained_models
from s2v.ui.comparison.common import MIN_TEAR, ONE, SAME, finite, listed
from s2v.ui.comparison.distortion import AS_CHOSEN, with_frequencies
from s2v.ui.messages import degrees, plain, short_title

MAX_TITLE = 26  # letters beside the parallel axes
MARK = "◆"  # before the title of a trained network


def questions(kind: str = AS_CHOSEN) -> dict[str, OverviewOf]:
    """What this part asks about each encoder: as the page starts with it, but with ``kind`` of frequencies."""
    return {name: OverviewOf(with_frequencies(fair(name), kind)) for name in encoders.ENCODERS}


def half_sill_questions(kind: str = AS_CHOSEN) -> dict[str, HalfSillsOf]:
    """What this part asks of each encoder's variogram; see ``questions``."""
    return {name: HalfSillsOf(question.source) for name, question in questions(kind).items()}


def first_questions() -> list[Question[Any]]:
    """All that this part asks as the page starts with it."""
    return [*questions().values(), *half_sill_questions().values()]


def show(kind: str, chosen: Collection[str]) -> None:
    """All encoders side by side, in sentences, as lines (bars on a phone) and as a table, the ``chosen`` marked.

    Trained networks stand below the encoders, with what they were trained on.
    """
    found, problems = _ask(kind)
    for problem in problems:
        st.warning(plain(problem), icon=":material/error:")
    for sentence in statements({name: overview for name, (overview, _) in found.items() if name in encoders.ENCODERS}):
        st.markdown(f"- {sentence}")
    models = {model.source.name: model for model in trained_models.models()}
    rows = []
    for name in found:
        if name in models:
            title, on = f"{MARK} {models[name].source.title}", models[name].trained_on
            rows.append(Row(title, encoders.spec(models[name].recipe.encoder).spherical, name in chosen, on))
        else:
            spec = encoders.spec(name)
            rows.append(Row(short_title(spec.title), spec.spherical, name in chosen))
    overviews = [overview for overview, _ in found.values()]
    half_sills = [half_sill for _, half_sill in found.values()]
    whole = [i for i, o in enumerate(overviews) if all(math.isfinite(v) for axis in _axes([o]) for v in axis.values)]
    left_out = [row.title for i, row in enumerate(rows) if i not in whole]
    st.html(_STYLE)
    table = _table(rows, overviews, half_sills)
    with st.container(key="parallel"):
        charts.show(
            comparison_charts.parallel_chart(
                [_cut(rows[i].title) for i in whole],
                [rows[i].spherical for i in whole],
                _axes([overviews[i] for i in whole]),
            ),
            key="all encoders chart",
            alt="All encoders on parallel axes: stretch, area, tears, agreement",
            file_name="all-encoders-stretch-tears-agreement",
            table=lambda: table.to_dict("records"),
        )
        st.caption(
            f"Each line is an encoder: {_SWATCHES}. Drag along an axis to pick lines; drag an axis by its title to "
            "move it. Stretch is best at 1, tears and dependence on direction at 0, agreement at 1."
            + (f" Without {', '.join(left_out)}, constant where it could be stretched." if left_out else ""),
            unsafe_allow_html=True,
        )
    with st.container(key="encoder_bars"):
        axes = {axis.title: axis for axis in _axes(overviews)}
        measure = st.selectbox("Bars show", list(axes), index=1, key="encoder bars measure")
        st.html(bars(rows, axes[measure]))
        st.caption(f"Each bar is an encoder: {_SWATCHES}. Those chosen above are bold.", unsafe_allow_html=True)
    shaded = table.style.apply(lambda row: [_SHADE if row["chosen"] else ""] * len(row), axis=1)
    st.dataframe(
        shaded,
        hide_index=True,
        column_config=_COLUMNS,
        column_order=[name for name in _COLUMNS if name != "trained_on" or any(row.trained_on for row in rows)],
        key="all encoders",
        placeholder="–",
        height="content",
    )
    st.caption(
        "Shaded: the encoders chosen above, here with the settings that a page starts with, as all others: encoders "
        f"with scales have 16 of them between {degrees(math.degrees(MIN_RADIUS))} and "
        f"{degrees(math.degrees(MAX_RADIUS))}. "
        + (
            f"{MARK} marks networks that were trained, as codes: what their last layer sees of a place, and on what "
            "they were trained."
            if any(row.trained_on for row in rows)
            else "Networks that you train, or open on Published models, join the table."
        )
        + " Click the head of a column to sort by it."
    )
    glossary.show(
        "half-sill distance", "stretch", "area factor", "tear", "by direction", "rank agreement", "poles alike"
    )


def known_statements() -> list[str]:
    """``statements`` from the answers that are there already: nothing is computed."""
    asked = {name: question for name, question in questions().items() if answers.knows(question)}
    return statements(dict(zip(asked, answers.ask_all([*asked.values()]), strict=True)))


class Row(NamedTuple):
    """An encoder in the chart and the table."""

    title: str
    spherical: bool
    chosen: bool
    trained_on: str = ""


def statements(found: Mapping[str, Overview]) -> list[str]:
    """What the measures of all encoders say, in sentences of Markdown with their numbers."""
    titles = {name: f"**{short_title(encoders.spec(name).title)}**" for name in found}
    sentences = []
    if alike := [name for name, o in found.items() if o.character.poles_alike >= ONE]:
        sentences.append(
            f"{listed([titles[name] for name in alike])} cannot tell the poles apart: the similarity of the North Pole "
            f"to the South Pole is {min(found[name].character.poles_alike for name in alike):.2f}."
        )
    alone = [name for name, o in found.items() if o.direction < SAME]
    others = {name: o.direction for name, o in found.items() if name not in alone and math.isfinite(o.direction)}
    if alone and others:
        least, most = min(others, key=others.__getitem__), max(others, key=others.__getitem__)
        sentences.append(
            f"Only under {listed([titles[name] for name in alone])} does similarity depend on distance alone (by "
            f"direction {max(found[name].direction for name in alone):.3f}); of the others {titles[least]} comes "
            f"closest ({others[least]:.3f}), and {titles[most]} is farthest ({others[most]:.3f})."
        )
    tears = {name: max(c.dateline_tear, c.north_tear, c.south_tear) for name, o in found.items() for c in [o.character]}
    if whole := [name for name, tear in tears.items() if tear < MIN_TEAR]:
        torn = [tear for tear in tears.values() if tear >= MIN_TEAR]
        rest = f"; the {len(torn)} others are torn by {min(torn):.2f} to {max(torn):.2f}" if torn else ""
        sentences.append(f"{listed([titles[name] for name in whole])} are whole everywhere{rest}.")
    return [*sentences, *_planar_wins(found, titles)]


def _planar_wins(found: Mapping[str, Overview], titles: Mapping[str, str]) -> list[str]:
    """Where an encoder that was not made for the sphere is ahead of some that were."""
    order = {name: o.character.fidelity_north for name, o in found.items() if math.isfinite(o.character.fidelity_north)}
    flat = {name: value for name, value in order.items() if not encoders.spec(name).spherical}
    if not flat:
        return []
    best = max(flat, key=flat.__getitem__)
    behind = [name for name in order if encoders.spec(name).spherical and order[name] < flat[best] - 0.005]
    if not behind:
        return []
    worse = listed([f"{titles[name]} ({order[name]:.2f})" for name in behind])
    return [
        f"One that was not made for the sphere can win: {titles[best]} keeps the order of distances above 70° N (rank "
        f"agreement {flat[best]:.2f}) better than {worse}, which were."
    ]


def bars(rows: Sequence[Row], axis: Axis) -> str:
    """One measure of all encoders as HTML, a bar for each: what can be read on a phone."""
    low, high = axis.span()
    parts = []
    for row, value in zip(rows, axis.values, strict=True):
        share = axis.share(value, low, high) if math.isfinite(value) else 0.0
        color = comparison_charts.SPHERICAL if row.spherical else comparison_charts.PLANAR
        parts.append(
            f'<div class="bar{" chosen" if row.chosen else ""}"><span>{html.escape(row.title)}</span>'
            f'<div><i style="width:{100 * share:.1f}%;background:{color}"></i></div>'
            f"<b>{f'{value:.3g}' if math.isfinite(value) else '–'}</b></div>"
        )
    return "".join(parts)


def _ask(kind: str) -> tuple[dict[str, tuple[Overview, HalfSills]], list[str]]:
    """What is measured of each encoder and trained network by its name, and a sentence for each without it.

    Asked one by one, so that questions of other readers do not wait for all of them.
    """
    titles = {name: encoders.spec(name).title for name in encoders.ENCODERS}
    of_variograms = half_sill_questions(kind)
    asked = {name: (question, of_variograms[name]) for name, question in questions(kind).items()}
    for model in trained_models.models():
        titles[model.source.name] = model.source.title
        asked[model.source.name] = OverviewOf(model.source), HalfSillsOf(model.source)
    found: dict[str, tuple[Overview, HalfSills]] = {}
    problems: list[str] = []
    bar = None if answers.knows(*(question for pair in asked.values() for question in pair)) else st.progress(0.0)
    for i, (name, (overview, half_sills)) in enumerate(asked.items()):
        if bar:
            bar.progress(i / len(asked), text=f"Measuring every encoder: {plain(titles[name])}…")
        try:
            found[name] = answers.ask(overview), answers.ask(half_sills)
        except ValueError as error:
            problems.append(str(error))
    if bar:
        bar.empty()
    return found, problems


def _cut(title: str) -> str:
    """A title as long as the margin of the chart."""
    return title if len(title) <= MAX_TITLE else f"{title[: MAX_TITLE - 1]}…"


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


def _table(rows: Sequence[Row], found: Sequence[Overview], half_sills: Sequence[HalfSills]) -> pd.DataFrame:
    c = [o.character for o in found]
    return pd.DataFrame(
        {
            "encoder": [row.title for row in rows],
            "chosen": [row.chosen for row in rows],
            "for_the_sphere": [row.spherical for row in rows],
            "features": [x.features for x in c],
            **{f"stretch_{lat}": [finite(o.anisotropy[i]) for o in found] for i, lat in enumerate((60, 80, 89))},
            "area_80": [finite(o.area) for o in found],
            "dateline": [x.dateline_tear for x in c],
            "north": [x.north_tear for x in c],
            "south": [x.south_tear for x in c],
            "pole": [max(x.north_tear, x.south_tear) for x in c],
            "poles_alike": [x.poles_alike for x in c],
            "direction": [finite(o.direction) for o in found],
            "fidelity": [finite(x.fidelity) for x in c],
            "fidelity_north": [finite(x.fidelity_north) for x in c],
            "half_sill": [finite(h.everywhere) for h in half_sills],
            **{
                f"half_sill_{lat}": [finite(h.at_latitudes[i]) for h in half_sills] for i, lat in enumerate((0, 60, 80))
            },
            "trained_on": [row.trained_on or None for row in rows],
        }
    )


def _number(label: str, width: int, help: str, format: str = "%.2f") -> Any:
    return st.column_config.NumberColumn(label, help=help, format=format, width=width)


_STRETCH = "Largest over smallest stretch at this latitude: 1 is a circle, 2 is twice as long as wide."
# Measures first: a phone shows the first columns.
_COLUMNS = {  # as wide as their names and numbers, those up to 80° together as wide as a page of 1280 pixels
    "encoder": st.column_config.TextColumn("Encoder", width=160, pinned=True),
    "stretch_60": _number("Str. 60°", 78, _STRETCH),
    "stretch_80": _number("Str. 80°", 78, _STRETCH),
    "stretch_89": _number("Str. 89°", 84, _STRETCH),
    "trained_on": st.column_config.TextColumn(
        "Trained on", width=170, help="For networks: the data, and whether it was trained here. Encoders have no data."
    ),
    "area_80": _number("Area 80°", 82, "At 80° N. " + glossary.sentence("area factor")),
    "dateline": _number("Tear 180°", 82, "The tear across the dateline. " + glossary.sentence("tear")),
    "pole": _number("Tear poles", 86, "The larger of the tears at both poles. " + glossary.sentence("tear")),
    "poles_alike": _number("Alike", 66, glossary.sentence("poles alike")),
    "direction": _number("Direction", 82, glossary.sentence("by direction"), "%.3f"),
    "fidelity": _number("Agreement", 90, glossary.sentence("rank agreement")),
    "fidelity_north": _number("… > 70° N", 88, "Rank agreement for pairs of places north of 70° N."),
    "half_sill": _number("Half-sill", 72, glossary.sentence("half-sill distance"), "%.0f km"),
    **{
        f"half_sill_{lat}": _number(f"… at {lat}°", 72, f"Half-sill distance around places at {lat}° N.", "%.0f km")
        for lat in (80, 60, 0)
    },
    "for_the_sphere": st.column_config.CheckboxColumn("Sphere", help="Whether it was made for the sphere.", width=66),
    "features": _number("Features", 78, "Length of the code: how many numbers a place becomes.", "%d"),
}
_SHADE = "background-color: rgba(0, 158, 115, 0.22); font-weight: 600"
_SWATCHES = (
    f'<span style="color:{comparison_charts.SPHERICAL}">━━</span> blue, made for the sphere; '
    f'<span style="color:{comparison_charts.PLANAR}">━━</span> orange, not'
)
# On a phone the parallel axes would be too close to read: bars stand for them.
_STYLE = """<style>
.st-key-parallel .axis path { stroke: currentColor !important; } /* plotly draws it black, on a dark page too */
.st-key-encoder_bars { display: none; }
@media (max-width: 640px) { .st-key-parallel { display: none; } .st-key-encoder_bars { display: flex; } }
.bar { display: grid; grid-template-columns: 8.5rem 1fr 3rem; gap: .5rem; align-items: center; font-size: .875rem;
  line-height: 1.7; }
.bar.chosen span { font-weight: 700; }
.bar > div { height: .7rem; background: rgba(128, 128, 128, .18); border-radius: 2px; }
.bar i { display: block; height: 100%; min-width: 2px; border-radius: 2px; }
.bar b { font-weight: 400; text-align: right; font-variant-numeric: tabular-nums; }
</style>"""
