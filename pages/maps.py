"""Maps: a finished model, or what there is to learn, as a map to print and as data."""

import streamlit as st

from s2v.ui import answers, live_slider, shell, steady
from s2v.ui.maps import page, settings
from s2v.ui.page_state import PageState

shell.insist_on_app()

MAP = "printed_map"  # key of the container around the map and its files

state = PageState("maps")
st.title("Maps: print what a model says", anchor=False)
notes = st.container()
models, truths = settings.offered(state)
page.show_intro(models)
beside, main = st.columns([1, 3], gap="large")
with beside, st.container(key=shell.SIDE_COLUMN):
    choice = settings.choice_widgets(state, models, truths)
    look = page.look_of(state, choice)
state.write_address()
with notes:
    state.show_notes()
st.html(steady.style(MAP))
with main, st.container(key=MAP), answers.section("The map", "Drawing the map…"):
    page.show_map(choice, look)
live_slider.drawn()
