"""What this server bears: its cores, memory, sessions and queue now, and what was measured with whole classes."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import psutil  # type: ignore[import-untyped]
import streamlit as st

from s2v.assets import ASSETS
from s2v.benchmark.report import as_table
from s2v.ui import session_race
from s2v.ui.messages import plain

MEASURED = ASSETS / "live" / "live.json"  # of `python -m s2v bench live --sessions 20,40,60 --out assets/live`
POLL_SECONDS = 5.0
_SHOWN = {  # names of the figures in the file, and here
    "finished": "races that finished",
    "press p95 (s)": "a press (s)",
    "shown p95 (s)": "the race is shown (s)",
    "delay p95 (s)": "delay of a picture (s)",
    "ratio": "ratio of the speeds",
    "server (MB)": "memory of the server (MB)",
    "workers (MB)": "memory of its processes (MB)",
}


@dataclass(frozen=True)
class Now:
    """The server as it is now; sizes in bytes, waits in seconds."""

    cores: int
    workers: int
    available: int
    sessions: int
    races: int
    waits: tuple[float, ...]


def now() -> Now:
    """The server of this session, now."""
    from dask.system import CPU_COUNT  # here, because dask takes a moment to import; the engine counts so, too

    return Now(
        int(CPU_COUNT),
        session_race.workers(),
        int(psutil.virtual_memory().available),
        session_race.sessions(),
        session_race.live_races(),
        tuple(session_race.waits()),
    )


def sentence(found: Now) -> str:
    """The queue in words.

    Examples
    --------
    >>> sentence(Now(2, 2, 4 << 30, 3, 0, ()))
    'No race trains or waits now.'
    >>> sentence(Now(2, 2, 4 << 30, 3, 4, (1.2, 3.5)))
    '4 races train in turns; 2 trainings wait for their next turn, the last of them about 4 s.'
    """
    if not found.races:
        return "No race trains or waits now."
    races = "1 race trains" if found.races == 1 else f"{found.races} races train in turns"
    if not found.waits:
        return f"{races}; nobody waits for a turn."
    count = len(found.waits)
    who = "1 training waits for its next turn" if count == 1 else f"{count} trainings wait for their next turn"
    last = "" if count == 1 else " the last of them"
    return f"{races}; {who},{last} about {math.ceil(max(found.waits))} s."


def measured() -> tuple[list[dict[str, Any]], str]:
    """The rows that were measured with classes, and on what; none where no file has them."""
    try:
        found = json.loads(MEASURED.read_text(encoding="utf-8"))
        return [dict(row) for row in found["rows"]], f"{found['about']}; {found['machine']}."
    except (OSError, ValueError, KeyError, TypeError):
        return [], ""


def show() -> None:
    """Shows the server now, kept up to date, and what was measured."""
    st.subheader("What this server bears", anchor=False)
    st.fragment(_show_now, run_every=POLL_SECONDS)()
    _show_measured(*measured())


def _show_now() -> None:
    found = now()
    figures = {
        "Cores": f"{found.cores}",
        "Training processes": f"{found.workers}" if found.workers else "starting",
        "Memory available": f"{found.available / (1 << 30):.1f} GB",
        "Sessions now": f"{found.sessions}",
    }
    with st.container(horizontal=True):
        for title, value in figures.items():
            st.metric(title, value, width="content")
    st.caption(sentence(found))


def _show_measured(rows: Sequence[dict[str, Any]], about: str) -> None:
    if not rows:
        st.caption(
            "`python -m s2v bench live` measures how many sessions a machine bears; this one has no stored figures yet."
        )
        return
    st.markdown("**Measured with a simulated class**, all on Train at the same time:")
    st.markdown(table(rows))
    st.caption(
        f"{plain(about)} A press is that of Start, until the buttons answer; shown, from the same press until the race "
        "is on the page; the delay is the age of a picture of the training when it arrives: 95 of 100 were faster. The "
        "ratio is the speed of all trainings over that of processes without pages. Memory: before, at most, and after."
    )


def table(rows: Sequence[dict[str, Any]]) -> str:
    """The measured figures in Markdown, a column for each number of sessions: narrow enough for a phone.

    Examples
    --------
    >>> print(table([{"sessions": 20, "ratio": 0.7}, {"sessions": 60, "ratio": 0.6}]))
    | sessions | 20 | 60 |
    | --- | ---: | ---: |
    | ratio of the speeds | 0.7 | 0.6 |
    """
    lines = [("sessions", *(str(row["sessions"]) for row in rows))]
    lines += [(title, *(str(row.get(name, "")) for row in rows)) for name, title in _SHOWN.items() if name in rows[0]]
    return as_table(lines)
