"""Scores against the distance of the held-out places, where results have several splits of the same data."""

from __future__ import annotations

import streamlit as st

from s2v import data
from s2v.benchmark import SUITES
from s2v.benchmark.ladder import climbs, ladder
from s2v.evaluation import MAIN_SCORES
from s2v.evaluation.ladder import Ladder
from s2v.ui import charts, pictures
from s2v.ui.benchmark.stored import Opened
from s2v.ui.messages import plain
from s2v.ui.race.climbing import LOWEST_R2

MIN_RUNGS = 3  # two are a difference, not a curve
MAX_LINES = 6  # contestants: with more their whiskers hide each other


def show(opened: Opened) -> None:
    """The chart and what it says; nothing for results without a ladder."""
    if not opened.is_file and not SUITES[opened.name].by_distance:
        return
    found = {
        f"{data.title_of(name)}, {points:,} places": (name, points)
        for name, points in climbs(opened.table)
        if sum((s.data, s.points, s.radius) == (name, points, None) for s in opened.table.settings) >= MIN_RUNGS
    }
    if not found:
        return
    st.subheader("By distance to the nearest training place", anchor=False)
    chosen = st.selectbox("Data of the ladder", list(found), key=f"benchmark ladder {opened.name}")
    name, points = found[chosen]
    with st.spinner("Climbing the ladder…"):
        climbed: Ladder = pictures.cached(
            "benchmark ladder",
            (opened.name, opened.path, name, points, len(opened.rows)),
            lambda: ladder(opened.table, name, points, MAX_LINES),
        )
    from s2v.figures.ladder_chart import ladder_chart  # here, because plotly takes a second to import

    task = data.entry(name).task
    title = MAIN_SCORES[task].title
    charts.show(
        ladder_chart(climbed, y_title=title, floor=LOWEST_R2 if task == "regression" else None),
        key=f"benchmark ladder {opened.name} {chosen}",
        alt=f"{title} against the distance to the nearest training place",
        file_name=charts.file_name("benchmark", opened.name, "ladder"),
        table=climbed.rows,
    )
    with st.expander("In words", icon=":material/notes:"):
        for sentence in climbed.sentences():
            st.markdown(f"- {plain(sentence)}")
    st.caption(
        f"At most {MAX_LINES} contestants, by their mean rank. Lines join scores at the same test places. Whiskers: "
        "90 % over the places, in blocks of 500 km, and, where it is wider, over the seeds. Dashed: as many training "
        "places dropped at random, which shows what fewer places alone do."
    )
