"""The phase diagram: when multi-scale spherical encoding pays."""

from __future__ import annotations

import streamlit as st

from s2v.benchmark.phase import Diagram, PhasePoint, diagrams, phase
from s2v.benchmark.report import counted, interval, signed, title_of
from s2v.figures import benchmark_charts
from s2v.figures.benchmark_charts import PhaseCell
from s2v.parameters import Parameter
from s2v.ui import charts
from s2v.ui.benchmark import stored
from s2v.ui.benchmark.stored import Opened
from s2v.ui.messages import plain, short_title
from s2v.ui.page_state import PageState

SUITE = "phase"
ABOUT = {
    "latitude": "The same centres in a cap of 20° radius, at the pole or turned to another latitude at 0° E, far from "
    "the dateline: the classes overlap alike and the best possible score is the same, so only the latitude differs.",
    "radius": "Every multi-scale encoder, on a flat map or made for the sphere, has the smallest radius of the row; "
    "under “searched” each has its own, the best of its trials on validation places, like all other contestants.",
    "rung": "Held-out places lie at random among the training places, or in whole blocks; scales and constants are "
    "chosen on validation places that are held out in the same way.",
}

MAX_LETTERS = 9  # of a word in a cell, in which 4 columns of a phone are 56 pixels wide
AXES = "axes"  # a parameter of the page


def show(state: PageState, opened: Opened | None) -> None:
    """The diagrams of the suite ``phase``, or of a file that is open and has one."""
    st.subheader("When does multi-scale spherical encoding pay?", anchor=False)
    with st.spinner("Comparing the settings…"):
        found = _diagrams(opened) if opened is not None and opened.is_file else []
        stored_phase = stored.suite(SUITE) if not found else None
        found = found or (_diagrams(stored_phase) if stored_phase is not None else [])
    if not found:
        st.info(f"Not computed yet: `{stored.command(SUITE)}`.", icon=":material/hourglass_empty:")
        return
    by_name = {diagram.name: diagram for diagram in found}
    about = "What winner and margin are drawn against."
    state.add(Parameter(AXES, str, found[0].name, "Axes", about, choices=tuple(by_name)))
    diagram = by_name[str(state.widget(AXES, label=lambda name: by_name[name].title))]
    st.markdown(plain(in_words([point for *_, point in diagram.points])))
    charts.show(
        benchmark_charts.phase_chart(
            [cell_of(column, row, point) for (_, column), (_, row), point in diagram.points],
            diagram.columns,
            diagram.rows,
        ),
        key=f"benchmark phase {diagram.name}",
        alt=f"Winner and margin: {diagram.columns} against {diagram.rows}",
        file_name=f"benchmark-phase-{diagram.name}",
        table=lambda: [row_of(point) for *_, point in diagram.points],
    )
    winners = dict.fromkeys(point.winner for *_, point in diagram.points)
    names = " ".join(f"{n}: {plain(title_of(n))}." for n in winners if name_in_cell(n) == n != short_title(title_of(n)))
    st.caption(
        "In each cell: the contestant with the highest score, and how far the best multi-scale encoder of the sphere "
        "(Sphere2Vec or plane waves) is ahead of the best other contestant. Blue: it is ahead; orange: it is behind; "
        f"≈: its margin cannot be told from zero, over places or over seeds. {names} {ABOUT.get(diagram.name, '')}"
    )


def in_words(points: list[PhasePoint]) -> str:
    """What the diagram says, in sentences.

    Examples
    --------
    >>> from s2v.benchmark.setting import Setting
    >>> from s2v.benchmark.table import Gap
    >>> gap = Gap(0.1, 0.05, 0.15, (0.02, 0.18))
    >>> in_words([PhasePoint(Setting("vmf:U1", 500, "random"), "sphereM", ("sphereM",), "sphereM", "grid", gap)])[:62]
    'A multi-scale encoder of the sphere is ahead on 1 of 1 setting'
    """
    ahead = [point for point in points if point.pays]
    behind = [point for point in points if point.pays is False]
    words = (
        f"A multi-scale encoder of the sphere is ahead on {len(ahead)} of {counted(len(points), 'setting')}, behind on "
        f"{len(behind)}, and cannot be told from the best other contestant on {len(points) - len(ahead) - len(behind)}."
    )
    for found, what in ((ahead, "Farthest ahead"), (behind, "Farthest behind")):
        if found:
            point = max(found, key=lambda p: abs(p.margin.value))
            gap = point.margin
            words += (
                f" {what} on {point.setting.title}: {title_of(point.spherical)} against {title_of(point.other)}, "
                f"{signed(gap.value)} ({interval(gap.low, gap.high)})."
            )
    return words


def cell_of(column: str, row: str, point: PhasePoint) -> PhaseCell:
    """A setting in the diagram."""
    gap = point.margin
    ends = f"{signed(gap.value)} ({interval(gap.low, gap.high)})"
    about = (
        f"{point.setting.title}<br>best: {title_of(point.winner)}, {len(point.not_behind) - 1} tied with it<br>"
        f"{title_of(point.spherical)} against {title_of(point.other)}: {ends}"
    )
    return PhaseCell(column, row, name_in_cell(point.winner), gap.value, point.pays is not None, about)


def name_in_cell(contestant: str) -> str:
    """A short title; the name where a word of the title is too long for a cell on a phone.

    Examples
    --------
    >>> name_in_cell("plane_waves"), name_in_cell("spherical_harmonics"), name_in_cell("knn")
    ('plane waves', 'harmonics', 'knn')
    """
    title = short_title(title_of(contestant)).removeprefix("Spherical ")
    return contestant if max(map(len, title.split())) > MAX_LETTERS else title


def row_of(point: PhasePoint) -> dict[str, object]:
    """A setting as a row of the CSV."""
    gap = point.margin
    return {
        "data": point.setting.data,
        "places": point.setting.points,
        "split": point.setting.split,
        "smallest radius": point.setting.radius,
        "winner": point.winner,
        "not behind": " ".join(point.not_behind),
        "best multi-scale of the sphere": point.spherical,
        "best other": point.other,
        "margin": gap.value,
        "low": gap.low,
        "high": gap.high,
        "low over seeds": gap.over_seeds[0],
        "high over seeds": gap.over_seeds[1],
        "pays": {True: "yes", False: "no", None: "tie"}[point.pays],
    }


def _diagrams(opened: Opened) -> list[Diagram]:
    return diagrams(phase(opened.table))
