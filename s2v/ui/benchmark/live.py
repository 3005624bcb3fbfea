"""Run this: a small suite on the workers of this server, its table as it fills, and its files."""

from __future__ import annotations

import math
import threading
import weakref
from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from s2v import spreadsheets
from s2v.benchmark import SUITES
from s2v.benchmark.live import LiveRun
from s2v.benchmark.report import title_of
from s2v.benchmark.results import encode
from s2v.benchmark.runner import Progress
from s2v.benchmark.table import Table
from s2v.evaluation.phrases import time_left
from s2v.ui import session_race, steady
from s2v.ui.benchmark import standings
from s2v.ui.messages import plain

SUITE = "small"
MAX_LIVE = 3  # runs on a server at one time: each keeps all workers busy between the turns of others
AREA = "benchmark_live"  # key of the container of a run that goes on
RUN = "benchmark live run"  # key of the session
POLL_SECONDS = 1.0
FULL = "{live} such runs go on here, the most that this server takes at a time. Try again in a minute or two."

_live: weakref.WeakSet[LiveRun] = weakref.WeakSet()
_lock = threading.Lock()


def show() -> None:
    """The button, the run as it goes on, and its table with files."""
    suite = SUITES[SUITE]
    st.subheader("Run this", anchor=False)
    run: LiveRun | None = st.session_state.get(RUN)
    if run is None:
        st.caption(
            f"The suite `{SUITE}`, live: {len(suite.cells())} cells, {plain(suite.summary)} on two cores, longer where "
            "others train here. Its cells take turns with their races."
        )
    with st.container(horizontal=True):
        if run is not None and run.live:
            st.button("Stop", icon=":material/stop:", key="benchmark stop", on_click=run.stop)
        else:
            label = "Run it" if run is None else "Run it again"
            st.button(label, icon=":material/play_arrow:", key="benchmark start", on_click=_start)
    if problem := st.session_state.pop(f"{RUN} problem", ""):
        st.error(plain(problem), icon=":material/error:")
    if run is None:
        return
    with st.container(key=AREA):
        if run.live:
            st.fragment(_show_live, run_every=POLL_SECONDS)()
        else:
            _show_end(run)


def begin(cells: Sequence[Any]) -> LiveRun:
    """A run in place of this session's last one; ``ServerFullError`` where too many of others go on."""
    last: LiveRun | None = st.session_state.get(RUN)
    with _lock:
        others = sum(run.live for run in _live if run is not last)
        if others >= MAX_LIVE:
            raise session_race.ServerFullError(FULL.format(live=others))
        if last is not None:
            last.stop()
        run = LiveRun(cells, session_race.caller())
        _live.add(run)
        run.start()
    return run


def in_words(progress: Progress) -> str:
    """How far a run is, and about how long it still takes.

    Examples
    --------
    >>> in_words(Progress(6, 24, 0, 12.0, 36.0))
    '6 of 24 cells, about 36 s left'
    """
    line = f"{progress.done} of {progress.total} cells"
    if not progress.done:
        return f"{line}: it waits for the worker processes, or for its first turn."
    if not math.isfinite(progress.left) or progress.left <= 0:
        return line
    return f"{line}, {time_left(progress.left)}"


def _start() -> None:
    try:
        st.session_state[RUN] = begin(SUITES[SUITE].cells())
    except (session_race.ServerFullError, RuntimeError) as error:
        st.session_state[f"{RUN} problem"] = str(error)


def _show_live() -> None:
    run: LiveRun | None = st.session_state.get(RUN)
    if run is None or not run.live:
        st.rerun()  # the whole page: the table with its files takes the place of the bar
    st.html(steady.style(AREA))
    if problem := session_race.cluster_problem():
        st.warning(plain(problem), icon=":material/warning:")
    progress = run.progress
    st.progress(progress.done / max(1, progress.total), in_words(progress))
    if run.rows:
        _show_scores(run.rows)


def _show_end(run: LiveRun) -> None:
    if run.message:
        st.error(plain(run.message), icon=":material/error:")
    rows = list(run.rows)
    if not rows:
        st.caption("It was stopped before a cell was finished.")
        return
    if run.status != "finished":
        st.caption(f"It ended early: {in_words(run.progress)}. What is finished is kept.")
    _show_scores(rows)
    table = Table(rows)
    standings.show_problems(table)
    st.caption(standings.over(table))
    with st.container(horizontal=True):
        st.download_button(
            "Cells as Parquet",
            lambda: encode(rows),
            f"{SUITE}.parquet",
            "application/vnd.apache.parquet",
            icon=":material/download:",
            key="benchmark live parquet",
            on_click="ignore",
        )
        st.download_button(
            "Cells as CSV",
            lambda: spreadsheets.table([csv_row(row) for row in rows]),
            f"{SUITE}.csv",
            "text/csv",
            icon=":material/download:",
            key="benchmark live csv",
            on_click="ignore",
        )


def csv_row(row: Mapping[str, Any]) -> dict[str, Any]:
    """A cell in a CSV: without what each test place adds, and None for a number that is not known."""
    kept = {name: value for name, value in row.items() if name != "gains"}
    return {name: None if isinstance(v, float) and not math.isfinite(v) else v for name, v in kept.items()}


def _show_scores(rows: Sequence[Mapping[str, Any]]) -> None:
    """The mean score of each contestant so far, the best first: without comparisons, which take a while."""
    table = Table(list(rows))
    shown: list[dict[str, Any]] = []
    for name in table.contestants:
        count = sum(len(table.cells(name, setting)) for setting in table.settings)
        by_setting = {s.title: table.score(name, s).mean for s in table.settings if table.cells(name, s)}
        shown.append({"Contestant": title_of(name), **by_setting, "Cells": count})
    titles = [setting.title for setting in table.settings]
    shown.sort(key=lambda row: -sum(row.get(title, 0.0) for title in titles))
    st.dataframe(
        shown,
        hide_index=True,
        placeholder="–",
        column_config={title: st.column_config.NumberColumn(format="%.3f") for title in titles},
        column_order=["Contestant", *titles, "Cells"],
    )
