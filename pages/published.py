"""Published models: open a model that others released, and see what it predicts on the sphere."""

import streamlit as st

from s2v.ui import answers, live_slider, messages, place_widget, shell
from s2v.ui.comparison import common
from s2v.ui.linked_globes import linked_globes
from s2v.ui.page_state import PageState
from s2v.ui.published import maps, opening, page, samples, settings

shell.insist_on_app()

KEY = "published globes"

state = PageState("published")
state.add(
    settings.MODELS, settings.CLASSES, common.view_parameter(maps.VIEWS), place_widget.camera_parameter((20, 60, 1))
)

st.title("What has a published model learned?", anchor=False)
notes = st.container()
new: list[opening.Model] = []
with messages.explained("The files"):
    new = opening.uploader()
    page.show_what_opens()
models = opening.opened() or opening.demonstration()
beside, main = st.columns([1, 3], gap="medium")
with beside, st.container(key=shell.SIDE_COLUMN):
    chosen = settings.chosen_models(state, models, new)
    numbers = settings.chosen_classes(state, chosen, new)
    view = common.view_widget(state, maps.VIEWS)
camera = place_widget.fit_camera(state, view.kinds == ("world",))
state.write_address()
with notes:
    state.show_notes()

with main, answers.section("The maps"):
    shown, missing = maps.side_by_side(chosen, numbers)
    for sentence in missing:
        st.caption(messages.plain(sentence))
    if models[0].is_demonstration:
        page.show_demonstration()
    if shown:
        drawn = maps.fields(shown)
        linked_globes(
            maps.panels(drawn, view),
            key=KEY,
            camera=camera,
            height=440,
            on_camera=lambda: place_widget.follow_camera(state, KEY),
            columns=0 if view.kinds == ("world",) else len(drawn),
            file_name=f"published-{view.label.lower()}",
            caption=[*(f"{each.title}: predicted by {each.model.title}" for each in shown), f"{common.CREDIT}."],
        )
        page.say(shown, drawn)
    page.show_onward(chosen)
live_slider.drawn()

with messages.explained("What was understood"):
    page.show_models(models)
    page.show_code(chosen, [maps.classes_of(chosen)[number] for number in numbers])
with messages.explained("The results of single samples"):
    samples.show()
