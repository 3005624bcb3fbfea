"""The races that this session has started before the one on the page: what came out, and a way back to each."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import streamlit as st

from s2v import data
from s2v.ui import session_race
from s2v.ui.messages import explained, plain
from s2v.ui.race import curves, results, view

if TYPE_CHECKING:
    from s2v.engine import Race


def show_earlier(shown: Race) -> None:
    """Lists the other races of this session, the newest first; one is opened by its button."""
    races = [race for race in session_race.earlier() if race.id != shown.id]
    if not races:
        return
    with explained("The earlier races"), st.expander(f"Your other races ({len(races)})"):
        for race in races:
            left, right = st.columns([1, 6], vertical_alignment="center")
            left.button("Open", key=f"open {race.id}", on_click=_open, args=(race.id,))
            right.markdown(_line(race))
        st.caption(session_race.kept())


def _line(race: Race) -> str:
    """When a race began, its data and contestants, and what came out."""
    titles = view.titles_of(race)
    head = f"**{_time(race.began)} {plain(data.title_of(race.recipe.data))}**: {plain(', '.join(titles))}."
    if race.live:
        return f"{head} Still training."
    if found := results.brief(race, titles):
        return f"{head} {plain(found)}"
    return f"{head} {view.ended(race)} at step {max(run.step for run in race.all_runs):,}, without a result."


def _time(seconds: float) -> str:
    zone = st.context.timezone
    return f"{datetime.fromtimestamp(seconds, ZoneInfo(zone) if zone else None):%H:%M}"


def _open(race: str) -> None:
    now = session_race.current()
    if now is not None and not now.live:
        curves.remember(now, view.titles_of(now))
    session_race.attach(race)
