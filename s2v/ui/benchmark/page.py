"""The Benchmark page: which results are shown, and its parts."""

from __future__ import annotations

import streamlit as st

from s2v.benchmark import SUITES, ResultsError
from s2v.benchmark.claims import of_this_project
from s2v.benchmark.report import counted
from s2v.parameters import Parameter
from s2v.ui import copying
from s2v.ui.benchmark import ladders, standings, stored
from s2v.ui.benchmark.stored import Opened
from s2v.ui.messages import plain
from s2v.ui.page_state import PageState


def choose(state: PageState) -> Opened | None:
    """Shows the choice of a suite, and where a file is opened; returns the results, or None with a sentence."""
    there = stored.names()
    file = stored.opened_file()
    if file is not None:
        st.caption(
            f"Shown is your file {plain(file.title)}: {counted(len(file.rows), 'cell')}. Remove it to see stored "
            "results."
        )
        return file
    if not there:
        st.info(
            f"No results are stored here. Compute some: `{stored.command('small')}` takes about a minute, or open a "
            "file above.",
            icon=":material/hourglass_empty:",
        )
        return None
    suite = Parameter(
        "suite", str, there[0], "Suite", "Which data the contestants are compared on.", choices=tuple(there)
    )
    state.add(suite)
    name = str(state.widget("suite", label=lambda name: SUITES[name].title))
    try:
        opened = stored.suite(name)
    except (ResultsError, OSError) as error:
        st.error(plain(str(error)), icon=":material/broken_image:")
        return None
    if opened is not None:
        versions = ", ".join(sorted({row["version"] for row in opened.rows}))
        st.caption(
            f"{plain(SUITES[name].summary[:1].upper() + SUITES[name].summary[1:])}. "
            f"{counted(len(opened.rows), 'stored cell')}, computed with version {plain(versions)}."
        )
        if (missing := len(SUITES[name].cells()) - len(opened.rows)) > 0:
            st.info(
                f"This suite is not complete: it lacks {counted(missing, 'cell')}, so that some contestants lack "
                f"settings, and their means cannot be compared. `{stored.command(name)}` goes on where it was.",
                icon=":material/hourglass_empty:",
            )
    return opened


def show_standings(state: PageState, opened: Opened) -> None:
    """The table with its filters, the race of a chosen contestant, and the ranks."""
    table, kind = standings.filters(state, opened)
    chosen = standings.show_table(table, kind, f"benchmark table {opened.name} {kind} {state['setting']}")
    for sentence in of_this_project(table):
        st.markdown(plain(sentence))
    standings.show_race(table, chosen)
    standings.show_problems(table)
    st.subheader("Ranks", anchor=False)
    standings.show_ranks(table, opened.title if opened.is_file else opened.name)
    ladders.show(opened)


def show_code(opened: Opened) -> None:
    """The table as Python and as command."""
    python = (
        "from s2v.benchmark import Results\n"
        "from s2v.benchmark.claims import claims\n"
        "from s2v.benchmark.phase import phase\n"
        "from s2v.benchmark.report import markdown\n"
        "from s2v.benchmark.table import Table\n\n"
        f"rows = Results({opened.path!r}).rows\n"
        "print(markdown(rows))\n"
        "for claim in claims(Table(rows)):\n"
        "    print(claim.verdict, claim.text, claim.why)\n"
        "for point in phase(Table(rows)):\n"
        "    print(point.setting.title, point.winner, point.margin)"
    )
    suite = opened.name if opened.name in SUITES else "small"
    copying.show(python, stored.command(suite), "benchmark", "The command computes only cells that are not there yet.")
