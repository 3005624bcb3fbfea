"""The part of the Distortion page about all encoders: parallel axes and a table, with one row for each."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import pandas as pd  # type: ignore[import-untyped]
import streamlit as st

from s2v import encoders
from s2v.comparison.questions import OverviewOf
from s2v.comparison.results import Overview
from s2v.figures import comparison_charts
from s2v.figures.comparison_charts import Axis
from s2v.ui import answers
from s2v.ui.comparison.common import csv_button, finite
from s2v.ui.comparison.distortion import AS_CHOSEN, with_frequencies
from s2v.ui.contestants import fair
from s2v.ui.messages import plain, short_title


def questions(kind: str = AS_CHOSEN) -> dict[str, OverviewOf]:
    """What this part asks about each encoder: as the page starts with it, but with ``kind`` of frequencies."""
    return {name: OverviewOf(with_frequencies(fair(name), kind)) for name in encoders.ENCODERS}


def show(kind: str) -> None:
    """All encoders side by side, as lines and as a table."""
    found, problems = _ask(kind)
    for problem in problems:
        st.warning(plain(problem), icon=":material/error:")
    specs = [encoders.spec(name) for name in found]
    titles, spherical, overviews = (
        [short_title(s.title) for s in specs],
        [s.spherical for s in specs],
        [*found.values()],
    )
    whole = [i for i, o in enumerate(overviews) if all(math.isfinite(v) for axis in _axes([o]) for v in axis.values)]
    left_out = [title for i, title in enumerate(titles) if i not in whole]
    # On a phone the axes would be too close to read: there the chart keeps its width and scrolls.
    st.html(
        "<style>.st-key-parallel{overflow-x:auto} .st-key-parallel [data-testid=stPlotlyChart]{min-width:56rem}</style>"
    )
    st.container(key="parallel").plotly_chart(
        comparison_charts.parallel_chart(
            [titles[i] for i in whole], [spherical[i] for i in whole], _axes([overviews[i] for i in whole])
        ),
        key="all encoders chart",
        alt="All encoders on parallel axes: stretch, area, tears, agreement",
    )
    st.caption(
        "Each line is an encoder; blue ones were made for the sphere. Drag along an axis to pick lines; drag an "
        "axis by its title to move it. Stretch is best at 1, tears and dependence on direction at 0, agreement at 1."
        + (f" Without {', '.join(left_out)}, constant where it could be stretched." if left_out else "")
    )
    table = _table(titles, spherical, overviews)
    st.dataframe(
        table, hide_index=True, column_config=_COLUMNS, key="all encoders", placeholder="–", height=36 * len(table) + 38
    )
    csv_button("Table as CSV", lambda: table, "encoders")


def _ask(kind: str) -> tuple[dict[str, Overview], list[str]]:
    """The overviews by encoder, and a sentence for each encoder without one.

    Asked one by one, so that questions of other readers do not wait for all of them.
    """
    asked = questions(kind)
    found: dict[str, Overview] = {}
    problems: list[str] = []
    bar = None if answers.knows(*asked.values()) else st.progress(0.0)
    for i, (name, question) in enumerate(asked.items()):
        if bar:
            bar.progress(i / len(asked), text=f"Measuring every encoder: {encoders.spec(name).title}…")
        try:
            found[name] = answers.ask(question)
        except ValueError as error:
            problems.append(str(error))
    if bar:
        bar.empty()
    return found, problems


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


def _table(titles: Sequence[str], spherical: Sequence[bool], found: Sequence[Overview]) -> pd.DataFrame:
    c = [o.character for o in found]
    return pd.DataFrame(
        {
            "encoder": titles,
            "for_the_sphere": list(spherical),
            "features": [x.features for x in c],
            **{f"stretch_{lat}": [finite(o.anisotropy[i]) for o in found] for i, lat in enumerate((60, 80, 89))},
            "area_80": [finite(o.area) for o in found],
            "dateline": [x.dateline_tear for x in c],
            "north": [x.north_tear for x in c],
            "south": [x.south_tear for x in c],
            "direction": [finite(o.direction) for o in found],
            "fidelity": [finite(x.fidelity) for x in c],
            "fidelity_north": [finite(x.fidelity_north) for x in c],
        }
    )


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
