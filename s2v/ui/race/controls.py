"""The buttons of a race, and a sentence on how the visitor stands to it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import streamlit as st

from s2v.ui import messages, session_race
from s2v.ui.race import curves, references, results, settings, trials, view
from s2v.ui.race.settings import RacePlan

if TYPE_CHECKING:
    from s2v.engine import Race
    from s2v.ui.page_state import PageState
    from s2v.ui.session_race import Standing

FIRST_MAP_SECONDS = 0.8  # a start waits this long for the first maps, so that they appear with the page
_ERROR = "race error"
_ICONS = {"other tab": ":material/tab:", "watched": ":material/visibility:"}


def start_label(race: Race | None, standing: Standing) -> str:
    """What the button that begins a race says: it ends the race of this tab, if that is live."""
    return "Restart" if race and race.live and standing == "own" else "Start"


def live_settings(race: Race | None, standing: Standing) -> Mapping[str, Any]:
    """The settings of this tab's own race while it is live: the next start ends it and takes those on the page."""
    return settings.in_force(race) if race and race.live and standing == "own" else settings.NONE_LIVE


def changes(race: Race | None, standing: Standing, plan: RacePlan | None) -> list[str]:
    """The titles of the settings that were changed since this tab's own race began, while it is live."""
    live = live_settings(race, standing)
    return settings.changes(plan, live) if plan and live else []


def show_buttons(state: PageState, plan: RacePlan | None, shown: str, redraw: Callable[[], None]) -> None:
    """Shows the buttons; the first begins the planned race.  Calls ``redraw`` where another race than that with the id
    ``shown`` has begun."""
    race, standing = session_race.current(), session_race.standing()
    if race and race.id != shown:
        redraw()
    live = race if race and race.live and not race.finishing and standing != "watched" else None
    label = start_label(race, standing)
    with st.container(horizontal=True):
        st.button(
            label,
            type="secondary" if live and live.paused else "primary",
            icon=":material/restart_alt:" if label == "Restart" else ":material/play_arrow:",
            disabled=plan is None,
            key="start",
            on_click=_start,  # before the page is drawn, so that all of it is of the new race
            args=(state, plan),
        )
        if live and live.paused:
            if st.button("Resume", type="primary", icon=":material/resume:", key="play"):
                live.play()
                st.rerun()
        elif st.button("Pause", icon=":material/pause:", disabled=not live, key="pause") and live:
            live.pause()
            st.rerun()
        if st.button("One step", icon=":material/skip_next:", disabled=not live, key="step") and live:
            live.one_step()
            st.rerun()
        if st.button("Stop", icon=":material/stop:", disabled=not live, key="stop") and live:
            live.finish()
            st.rerun()
    error = st.session_state.pop(_ERROR, None)
    if isinstance(error, session_race.ServerFullError):
        st.error(messages.plain(str(error)), icon=":material/hourglass_disabled:")
    elif error:
        with messages.explained("The race"):
            raise error


def _start(state: PageState, plan: RacePlan) -> None:
    """Starts the planned race; the page shows the error where that is impossible."""
    last = session_race.current()
    try:
        race = session_race.start(plan.recipes, plan.seeds, plan.lockstep)
        state.settle("race", race.id)  # now: the page may be drawn before its address is written
        curves.remember(last, view.titles_of(last) if last else [])
        if not session_race.is_crowded():  # otherwise it waits for its turn, but the page does not
            race.firsts[0].wait(lambda run: run.latest is not None or not run.live, FIRST_MAP_SECONDS)
    except Exception as error:
        st.session_state[_ERROR] = error


def show_repeat(race: Race, state: PageState) -> None:
    """Offers the race once more with trials, where the encoders had none beside a tuned reference predictor."""
    if references.untuned(race):
        st.button(
            f"Repeat with {trials.USUAL} trials",
            icon=":material/tune:",
            key="repeat with trials",
            on_click=_repeat,
            args=(race, state),
        )


def _repeat(race: Race, state: PageState) -> None:
    recipes = tuple(replace(run.asked, trials=trials.USUAL) for run in race.firsts)
    _start(state, RacePlan(recipes, len(race.runs[0]), race.lockstep))
    if (begun := session_race.current()) is not None:
        settings.take(state, begun)


def show_standing(race: Race, standing: Standing, state: PageState, plan: RacePlan | None) -> None:
    """Says who can do what with the race, unless it is this tab's own, and offers its settings."""
    if standing == "own":
        return
    st.info(
        f"{_standing(race, standing)} {_next_start(race)}", icon=_ICONS[standing] if race.live else ":material/flag:"
    )
    differs = plan is None or settings.changes(plan, settings.in_force(race))
    if differs and st.button("Use its settings", icon=":material/tune:", key="take settings"):
        settings.take(state, race)
        st.rerun()


def _standing(race: Race, standing: Standing) -> str:
    if not race.live:
        arrived = "; here is what had arrived of it" if any(run.history for run in race.all_runs) else ""
        arrived = "; here is its result" if results.has_result(race) else arrived
        return f"This race has ended{arrived}. {session_race.kept()}"
    if standing == "other tab":
        return "Another tab of this browser has started this race. It can be paused and stopped here, too."
    forgotten = (
        ""
        if session_race.is_known_again()
        else " This browser sends no cookies, so its own races are not known again after a reload."
    )
    return f"You are watching a race of another visitor, who alone can pause or stop it.{forgotten}"


def _next_start(race: Race) -> str:
    own = session_race.own()
    if own is not None and own.live and own.id != race.id:
        return "**Start** begins a race in place of your own one, which still trains, and leaves this one alone."
    return "**Start** begins a race of your own and leaves this one alone."


def show_changes(titles: Sequence[str]) -> None:
    """Says which settings were changed since the race on the page began."""
    if titles:
        st.caption(f":material/schedule: From the next start: {', '.join(titles)}.")
