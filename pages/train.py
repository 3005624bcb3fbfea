"""Train: a race of up to four encoders on the same data, seed, network and budget, live."""

from __future__ import annotations

from dataclasses import replace
from typing import get_args

import streamlit as st

from s2v import data
from s2v.parameters import Parameter
from s2v.ui import contestants, live_slider, messages, projector, redraw, session_race, shell
from s2v.ui.linked_globes import Kind
from s2v.ui.page_state import PageState
from s2v.ui.race import (
    climbing,
    controls,
    curves,
    earlier,
    known,
    landmarks,
    maps,
    methods,
    results,
    settings,
    tears,
    truth,
    veil,
    view,
)
from s2v.ui.race.settings import RacePlan
from s2v.ui.race.view import ViewOptions
from s2v.ui.teaching import joining

shell.insist_on_app()

QUANTITY = Parameter("show", str, "prediction", "Show", "What the maps show of each contestant.")
KIND = Parameter("view", str, "globe", "Maps", "All maps turn together.", choices=get_args(Kind))
CURVE = Parameter("curves", str, "score", "Curve", "What is drawn beside the loss.", choices=tuple(curves.KINDS))
AXIS = Parameter("against", str, "step", "Against", "Steps taken, or seconds trained.", choices=tuple(curves.AXES))
VEIL_WIDTH = 280  # pixels
RACE = Parameter("race", str, "", "Race", "The race that this page shows; a link to it finds it while it is kept.")

state = PageState("train")
state.add(RACE)
linked = str(state["race"])
if linked and ((shown := session_race.current()) is None or shown.id != linked) and not session_race.attach(linked):
    state.settle("race", "")
    state.note("The race of this link has ended and is not kept any more. Start runs it with these settings.")
shown = session_race.current()
standing = session_race.standing()
live = settings.NONE_LIVE if climbing.is_climbing() else controls.live_settings(shown, standing)

st.title("The race: train encoders, live", anchor=False)
st.markdown(
    "The same data, network, seed and budget, seen through different encoders. Press **Start** and watch the pole: "
    "that is where maps go wrong, the more so the fewer places there are to learn from."
)
with st.container(key=f"{projector.ASIDE}_known"):
    known.show_known()
notes = st.container()
task = settings.task_of(state)
with st.container(key=f"{projector.ASIDE}_encoders"):
    chosen = contestants.choose(state, settings.menu(task))
line_up = settings.line_up(state, chosen, task)
settings.mark("encoders", line_up.contestants, live)
remarks = st.container(key=f"{projector.ASIDE}_remarks")
left, right = st.columns([1, 3], gap="large")
with left, st.container(key=shell.COMPACT_COLUMN):
    plan = None
    methods.method_widget(state, chosen)
    try:
        dataset = settings.data_widgets(state, live)
        plan = settings.plan_widgets(state, dataset, chosen, line_up, live)
    except ValueError as error:
        dataset = settings.FIRST_DATA
        st.error(messages.plain(str(error)), icon=":material/tune:")

with remarks, messages.explained("What was measured of these encoders"):
    for remark in settings.remarks(dataset, chosen):
        st.caption(remark)
    if plan:
        tears.show(state, plan.recipes[0], chosen, settings.menu(task))


@st.fragment  # a button draws only this part of the page again: the rest has nothing new, and many may press at once
def race_area(plan: RacePlan | None, dataset: str, marked: bool) -> None:
    """The buttons, and everything that shows the race.

    The buttons are drawn alone when one is pressed, which is quick, and all of this soon after they have begun another
    race.  Where many press at once, each has its answer before the first of them has its maps.
    """
    state.add(KIND, CURVE, AXIS)
    climbing.advance()
    race, standing = session_race.current(), session_race.standing()
    changed = [] if climbing.is_climbing() else controls.changes(race, standing, plan)
    if marked and not changed:
        st.rerun()  # the whole page, whose settings are marked
    if race:
        state.settle("race", race.id)
    st.fragment(controls.show_buttons)(state, plan, race.id if race else "", redraw.redrawer())
    joining.show(state, race)
    with st.container(key=f"{projector.ASIDE}_ladder"):
        climbing.show_button(plan)
    controls.show_changes(changed)
    task = race.recipe.task if race else data.entry(dataset).task
    quantities = maps.quantities(task, race is not None and maps.is_single(race))
    group = task if len(quantities) > 1 else "single"
    state.add(replace(QUANTITY, default=quantities[0], choices=quantities), group=group)
    veil.add(state, data.entry(race.recipe.data if race else dataset).places_only)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        if race:
            quantity = str(state.widget("show", label=maps.QUANTITIES.__getitem__, beside=len(quantities) <= 3))
            watched_class = view.class_widget(state, race) if quantity == "probability" else 0
        kind = state.widget("view", label=maps.KINDS.__getitem__, beside=True)
        with st.container(width=VEIL_WIDTH):
            veiled = veil.widget(state, race.recipe) if race else veil.OFF
        dots = landmarks.widget(state, race) if race else False
    state.write_address()  # before the drawings, which take time: with it the race is found again
    if race:
        if race.recipe.data != dataset:
            truth.show_other_data(race, dataset, controls.start_label(race, standing))
        if race.live and race.watched_class != watched_class:
            race.watch_class(watched_class)
        controls.show_standing(race, standing, state, plan)
        titles = view.titles_of(race)
        view.show_race(race, ViewOptions(quantity, watched_class, kind, veiled, dots=dots))
        live_slider.drawn()
        with st.container(horizontal=True):
            curve = str(state.widget("curves", label=curves.KINDS.__getitem__, beside=True))
            axis = state.widget("against", label=curves.AXES.__getitem__, beside=True)
        view.show_curves(race, ViewOptions(quantity, watched_class, kind, veiled, curve, axis))
        climbing.show_ladder()
        with st.expander("The data of this race"):
            truth.show_summary(race.recipe.data, race.recipe.split)
        if not race.live:
            results.show_results(race, titles, veiled, lambda: controls.show_repeat(race, state))
        earlier.show_earlier(race)
        if curves.earlier(race):
            st.caption("The dotted grey curves are those of earlier races on the same data: point at one to see which.")
            st.button("Forget the curves of earlier races", on_click=curves.forget, type="tertiary")
    else:
        st.fragment(truth.show_truth)(dataset, kind)


with right, st.container(key=view.AREA):
    race_area(plan, dataset, bool(live and controls.changes(shown, standing, plan)))
with notes:
    state.show_notes()
left.caption("The address bar holds all these settings: copy it to share them.")
