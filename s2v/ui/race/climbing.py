"""Climbing the ladder: the planned race on one split after another, and its scores against the distance.

Each rung is an ordinary race of this session, so the server's bounds hold for it as for any other; the page starts the
next one when it is drawn after the last one has ended.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import streamlit as st

from s2v import data
from s2v.errors import user_message
from s2v.evaluation import MAIN_SCORES
from s2v.evaluation.ladder import Ladder, Point, RungResult, distance_range
from s2v.ui import charts, labels, session_race
from s2v.ui.messages import explained, plain
from s2v.ui.race import results
from s2v.ui.race.settings import RacePlan

if TYPE_CHECKING:
    from s2v.engine import Race

RETRY_SECONDS = 5.0  # between two attempts to start a rung on a server that is full
LOWEST_R2 = -0.5  # the axis of R2 ends here
ROW_PIXELS = 35
_CLIMB = "ladder climb"


@dataclass
class Climb:
    """A ladder that a session climbs, or has climbed: the plan, the rungs still to come, and what came out so far."""

    plan: RacePlan
    to_come: list[str]
    ladder: Ladder
    race: str  # the session's own race: that of the rung, or before the first one whatever was there
    rung: RungResult | None = None  # the one that is being climbed
    waiting: str = ""  # why the next rung cannot begin yet
    ended: str = ""  # how it ended, as a sentence


def is_climbing() -> bool:
    """Whether this session climbs: its races then differ from the settings on the page by their split."""
    climb = _climb()
    return climb is not None and not climb.ended


def show_button(plan: RacePlan | None) -> None:
    """Shows the button that begins or ends the climb, and how far it has come."""
    climb = _climb()
    if climb is not None and is_climbing():
        done = len(data.CLIMB) - len(climb.to_come) - (climb.rung is not None)
        with st.container(horizontal=True, vertical_alignment="center"):
            st.button("Stop climbing", icon=":material/stop:", key="stop climbing", on_click=_stop)
            where = f": held out {climb.rung.title}" if climb.rung else ""
            st.markdown(f"Rung {done + 1} of {len(data.CLIMB)}{where}.")
        if climb.waiting:
            st.warning(f"{plain(climb.waiting)} The next rung begins when there is room.", icon=":material/hourglass:")
        st.fragment(_watch, run_every=RETRY_SECONDS)()
        return
    st.button(
        "Climb the ladder",
        icon=":material/stairs:",
        disabled=plan is None,
        key="climb",
        on_click=_begin,
        args=(plan,),
        help="Runs this race again and again while the held-out places move away from the training places: at random, "
        f"then at least {', '.join(f'{km:,}' for km in data.DISTANCES)} km away, then beyond 70 degrees of latitude; "
        "at last with as many training places dropped at random. It draws the scores against the distance.",
    )
    st.caption(
        f"The ladder: this race {len(data.CLIMB)} times, with the test places farther from the training places each "
        "time, to see how soon each contestant fails where data are far."
    )


def advance() -> None:
    """Takes the result of the rung whose race has ended, and begins the next one."""
    climb = _climb()
    if climb is None or climb.ended:
        return
    race = session_race.own()
    if _id_of(race) != climb.race:
        _end(climb, "Another race was started, so the climb has ended.")
        return
    if climb.rung is not None and race is not None:
        if race.live:
            return
        if any(run.status == "stopped" for run in race.all_runs):
            _end(climb, "The climb was stopped.")
            return
        _take_result(climb, race)
    _begin_next(climb)


def show_ladder() -> None:
    """Shows the scores against the distance, as far as they are known."""
    climb = _climb()
    if climb is None:
        return
    ladder = climb.ladder
    if not ladder.rungs:
        if climb.ended:
            st.info(plain(climb.ended), icon=":material/stairs:")
        return
    with explained("The ladder"):
        title = data.title_of(climb.plan.recipes[0].data)
        st.subheader(f"The ladder: {title}, by distance to the nearest training place", anchor=False)
        if climb.ended:
            st.caption(plain(climb.ended))
        if any(rung.done for rung in ladder.rungs):
            _show_chart(climb.plan, ladder)
        for sentence in ladder.sentences():
            st.markdown(f"- {plain(sentence)}")
        _show_table(climb.plan, ladder)


def _show_chart(plan: RacePlan, ladder: Ladder) -> None:
    from s2v.figures.ladder_chart import ladder_chart  # here, because plotly takes a second to import

    task = plan.recipes[0].task
    title = MAIN_SCORES[task].title
    floor = LOWEST_R2 if task == "regression" else None
    charts.show(
        ladder_chart(ladder, y_title=title, floor=floor),
        key="ladder chart",
        alt=f"{title} against the distance to the nearest training place",
        file_name=charts.race_file_name(plan.recipes, f"{title} by distance"),
        table=ladder.rows,
    )
    lowest = min((p.score.value for n in ladder.contestants for p in ladder.points(n, *data.KINDS)), default=0.0)
    below = f" Scores below {LOWEST_R2:g} are in the table alone.".replace("-", "−") if floor and lowest < floor else ""
    over = " and, where it is wider, over the seeds" if plan.seeds >= 3 else ""
    st.caption(
        f"Lines join scores at the same test places. Whiskers: 90 % over the places, in blocks of 500 km{over}. "
        "Dashed: the control, with as many training places dropped at random, which shows what fewer places alone do. "
        "Open symbols are of other test places: a circle at random, a diamond beyond 70 degrees of latitude."
        f"{below}"
    )


def _show_table(plan: RacePlan, ladder: Ladder) -> None:
    table: dict[str, list[Any]] = {"Held-out places": [], "Median km": [], "Training places": []}
    table |= {name: [] for name in ladder.contestants}
    for rung in ladder.rungs:
        table["Held-out places"].append(rung.title)
        table["Median km"].append("–" if math.isnan(rung.km) else f"{rung.km:,.0f}")
        table["Training places"].append(f"{rung.training:,}" if rung.training else "–")
        for name in ladder.contestants:
            point = ladder.point(name, rung)
            table[name].append(_score(point) if point else rung.message_for(name) or "–")
    st.dataframe(table, hide_index=True, width="stretch", height=ROW_PIXELS * (len(ladder.rungs) + 1) + 3)


def _score(point: Point) -> str:
    low, high = point.interval
    return f"{point.score.value:.3f} ({low:.3f} to {high:.3f})".replace("-", "−")


def _climb() -> Climb | None:
    climb: Climb | None = st.session_state.get(_CLIMB)
    return climb


def _begin(plan: RacePlan) -> None:
    # From the plan: trials change what runs are trained with, and so what tells twins apart in their titles.
    ladder = Ladder(labels.titles([recipe.contestant for recipe in plan.recipes]))
    st.session_state[_CLIMB] = climb = Climb(plan, list(data.CLIMB), ladder, _id_of(session_race.own()))
    _begin_next(climb)


def _stop() -> None:
    climb, race = _climb(), session_race.own()
    if climb is None:
        return
    if climb.rung is not None and race is not None and race.id == climb.race and race.live:
        race.finish()
    _end(climb, "The climb was stopped.")


def _end(climb: Climb, why: str) -> None:
    climb.ended, climb.rung, climb.waiting = why, None, ""


def _id_of(race: Race | None) -> str:
    return race.id if race else ""


def _watch() -> None:
    """Has the page drawn again once the next rung can begin: a race that was over at once leaves no clock running."""
    climb = _climb()
    if climb is None or climb.ended:
        return
    if climb.waiting:
        advance()
        if not climb.waiting:
            st.rerun()
    else:
        race = session_race.own()
        if _id_of(race) != climb.race or race is None or not race.live:
            st.rerun()


def _begin_next(climb: Climb) -> None:
    """Begins the next rung whose data can be split; the others get a sentence."""
    climb.waiting, recipe = "", climb.plan.recipes[0]
    while climb.to_come:
        split = climb.to_come[0]
        title, kind = data.split_title(split), data.rung(split).kind
        try:
            dataset = data.load(recipe.data, recipe.points, recipe.seed, split)
        except Exception as error:
            climb.ladder.rungs.append(RungResult(split, title, kind, messages={"": _words(error)}))
            climb.to_come.pop(0)
            continue
        rung = RungResult(split, title, kind, distance_range(dataset.test_distances_km), len(dataset.train))
        recipes = [replace(r, split=split) for r in climb.plan.recipes]
        try:
            race = session_race.start(recipes, climb.plan.seeds, climb.plan.lockstep)
        except session_race.ServerFullError as error:
            climb.waiting = str(error)
            return
        except Exception as error:
            _end(climb, f"The climb has ended: {_words(error)}")
            return
        climb.to_come.pop(0)
        climb.rung, climb.race = rung, race.id
        return
    _end(climb, "The ladder is climbed.")


def _take_result(climb: Climb, race: Race) -> None:
    assert climb.rung is not None
    titles = climb.ladder.contestants
    messages = _messages(race, titles)
    try:
        judged = results.judge_race(race, titles)
    except Exception as error:
        judged, messages = None, {"": _words(error), **messages}
    climb.ladder.rungs.append(replace(climb.rung, judged=judged, messages=messages))
    climb.rung = None


def _messages(race: Race, titles: Sequence[str]) -> dict[str, str]:
    """Why a contestant has no result, in a sentence."""
    found = {}
    for runs, title in zip(race.runs, titles, strict=True):
        if told := next((run.message for run in runs if run.message), ""):
            found[title] = told
    return found


def _words(error: Exception) -> str:
    return user_message(error) or f"something went wrong that was not foreseen ({type(error).__name__})."
