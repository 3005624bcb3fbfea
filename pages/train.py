"""Train: choose data, encoder and network, press Start, and watch the map of the Earth appear."""

import streamlit as st

from s2v.ui import messages, run_view, runs, shell
from s2v.ui.controls import Settings
from s2v.ui.recipes import recipe_settings

shell.insist_on_app()

FIRST_MAP = 0.8  # seconds that a press of the button waits for the first map, so that it appears with the page

st.title("Train an encoder, live", anchor=False)
st.markdown(
    "Pick a field of the Earth and an encoder, press **Start**, and watch the poles: that is where maps go wrong."
)

settings = Settings("train")
notes = st.container()
left, right = st.columns([1, 3], gap="large")
with left:
    buttons = st.container(horizontal=True)
    recipe = None
    try:
        recipe = recipe_settings(settings)
    except ValueError as error:
        st.error(messages.plain(str(error)), icon=":material/tune:")
settings.write_address()
with notes:
    settings.show_notes()

run = runs.current()
with buttons:
    if (
        st.button("Start", type="primary", icon=":material/play_arrow:", disabled=recipe is None, key="start")
        and recipe
    ):
        with messages.explained("The run"):
            run = runs.start(recipe)
            run.wait(lambda started: started.latest is not None or not started.live, FIRST_MAP)
    if st.button("Stop", icon=":material/stop:", disabled=not (run and run.live), key="stop") and run:
        run.stop()
        st.rerun()
with right:
    if run:
        run_view.show_run(run)
    else:
        run_view.show_truth(settings["data"])
left.caption("The address bar holds all these settings: copy it to share them.")
