"""Train: a race of up to four encoders on the same data, seed, network and budget, live."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, get_args

import streamlit as st

from s2v import data
from s2v.parameters import Parameter
from s2v.ui import messages, session_race, shell
from s2v.ui.contestants import contestants
from s2v.ui.linked_globes import Kind
from s2v.ui.page_state import PageState
from s2v.ui.race import curves as race_curves
from s2v.ui.race import maps as race_maps
from s2v.ui.race import results as race_results
from s2v.ui.race import settings as recipes
from s2v.ui.race import view as race_view
from s2v.ui.race.view import Look

if TYPE_CHECKING:
    from s2v.engine import Race

shell.insist_on_app()

FIRST_MAP = 0.8  # seconds that a press of the button waits for the first maps, so that they appear with the page
QUANTITY = Parameter("show", str, "prediction", "Show", "What the maps show of each contestant.")
VIEW = Parameter("view", str, "globe", "Maps", "All maps turn together.", choices=get_args(Kind))
CURVES = Parameter(
    "curves", str, "score", "Curve", "What is drawn beside the loss.", choices=tuple(race_view.CURVE_KINDS)
)
AXIS = Parameter("against", str, "step", "Against", "Steps taken, or seconds trained.", choices=tuple(race_view.AXES))
RACE = Parameter("race", str, "", "Race", "The race that this page shows; a link to it finds it while it is kept.")

settings = PageState("train")
settings.add(RACE)

st.title("The race: train encoders, live", anchor=False)
st.markdown(
    "The same data, network, seed and budget, seen through different encoders. Press **Start** and watch the poles: "
    "that is where maps go wrong."
)
notes = st.container()
chosen = contestants(settings, recipes.RACE)
remarks = st.container()
left, right = st.columns([1, 3], gap="large")
with left, st.container(key=shell.SIDE_COLUMN):
    planned = None
    try:
        name = recipes.data_settings(settings)
        planned = recipes.race_settings(settings, name, chosen)
    except ValueError as error:
        name = "geoid"
        st.error(messages.plain(str(error)), icon=":material/tune:")

with remarks, messages.explained("What was measured of these encoders"):
    for remark in recipes.remarks(name, chosen):
        st.caption(remark)

asked = str(settings["race"])
if asked and ((known := session_race.current()) is None or known.id != asked) and not session_race.attach(asked):
    settings.put("race", "")
    settings.note("The race of this link has ended and is not kept any more. Start runs it with these settings.")


@st.fragment  # a press of a button draws this part of the page alone: the rest has nothing new, and many may press
def race_area(planned: recipes.RaceSettings | None, name: str) -> None:
    """The buttons, and all that is shown of the race."""
    settings.add(VIEW, CURVES, AXIS)
    race, own = session_race.current(), session_race.is_own()
    with st.container(horizontal=True):
        pressed = st.button(
            "Start", type="primary", icon=":material/play_arrow:", disabled=planned is None, key="start"
        )
        if pressed and planned:
            race = start(race, planned) or race
            own = session_race.is_own()
        live = bool(race and race.live and own)
        if race and race.paused and live:
            if st.button("Play", icon=":material/resume:", key="play"):
                race.play()
                st.rerun()
        elif st.button("Pause", icon=":material/pause:", disabled=not live, key="pause") and race:
            race.pause()
            st.rerun()
        if st.button("One step", icon=":material/skip_next:", disabled=not live, key="step") and race:
            race.one_step()
            st.rerun()
        if st.button("Stop", icon=":material/stop:", disabled=not live, key="stop") and race:
            race.stop()
            st.rerun()
    task = race.recipe.task if race else data.entry(name).task
    choices = race_maps.quantities(task, race is not None and race_maps.is_single(race))
    settings.add(replace(QUANTITY, default=choices[0], choices=choices), group=task if len(choices) > 1 else "single")
    with st.container(horizontal=True, vertical_alignment="bottom"):
        if race:
            quantity = str(settings.widget("show", label=race_maps.QUANTITIES.__getitem__))
            watched = race_view.class_widget(settings, race) if quantity == "probability" else 0
        view = settings.widget("view", label=race_view.VIEWS.__getitem__, beside=True)
    if race:
        if race.recipe.data != name:
            race_view.show_other_data(race, name)
        if race.live and race.watched != watched:
            race.watch(watched)
        if not own:
            st.info("This race was started in another window, which can stop it; Start begins your own.")
        race_view.show_maps(race, Look(quantity, watched, view))
        with st.container(horizontal=True):
            curves = str(settings.widget("curves", label=race_view.CURVE_KINDS.__getitem__, beside=True))
            axis = settings.widget("against", label=race_view.AXES.__getitem__, beside=True)
        race_view.show_curves(race, Look(quantity, watched, view, curves, axis))
        with st.expander("The data of this race"):
            race_view.show_card(race.recipe.data)
        if not race.live:
            race_results.show(race, race_view.names(race))
        if race_curves.earlier(race):
            st.caption("The dotted grey curves are those of earlier races on the same data: point at one to see which.")
            st.button("Forget the curves of earlier races", on_click=race_curves.forget, type="tertiary")
    else:
        st.fragment(race_view.show_truth)(name, view)
    settings.write_address()


def start(before: Race | None, planned: recipes.RaceSettings) -> Race | None:
    """Starts the race that is planned; None, and a sentence on the page, where that cannot be."""
    with messages.explained("The race"):
        try:
            race = session_race.start(planned.recipes, planned.seeds, planned.lockstep)
        except session_race.Refused as error:
            st.error(messages.plain(str(error)), icon=":material/hourglass_disabled:")
            return None
        race_curves.remember(before, race_view.names(before) if before else [])
        settings.put("race", race.id)
        if session_race.load() <= race_view.CROWD:  # else it takes its turn, and the page does not wait
            race.firsts[0].wait(lambda run: run.latest is not None or not run.live, FIRST_MAP)
        return race
    return None


with right, st.container(key=race_view.AREA):
    race_area(planned, name)
with notes:
    settings.show_notes()
left.caption("The address bar holds all these settings: copy it to share them.")
