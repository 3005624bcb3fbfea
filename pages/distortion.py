"""Distortion: what encoders do to lengths, areas and edges, most of all near the poles."""

import streamlit as st

from s2v.comparison import snippets
from s2v.parameters import Parameter
from s2v.ui import answers, contestants, copying, glossary, live_slider, place_widget, shell, steady
from s2v.ui.comparison import all_encoders, common, distortion
from s2v.ui.linked_globes import linked_globes
from s2v.ui.page_state import PageState

shell.insist_on_app()

KEY = "distortion globes"
MAPS = "distortion_maps"  # key of the container around the maps and what is said of them
MEASURE = Parameter(
    "measure",
    str,
    "anisotropy",
    "Colours show",
    "largest over smallest stretch says how long a circle becomes; the area factor how large.",
    choices=tuple(distortion.MEASURES),
)
COASTLINES = Parameter("coastlines", bool, False, "Coastlines", "Drawn under the ellipses.")
REPAIR = Parameter(
    "repair",
    str,
    distortion.AS_CHOSEN,
    "Frequencies of all encoders with scales",
    "The published frequencies are geometric; their waves do not meet again after one turn around the Earth, so the "
    "code is torn. Whole numbers (integer) close the dateline; odd whole numbers close the poles too, for sphereC and "
    "sphereM.",
    choices=distortion.REPAIRS,
)

state = PageState("distortion")
state.add(
    common.view_parameter(distortion.VIEWS),
    MEASURE,
    REPAIR,
    COASTLINES,
    place_widget.camera_parameter((15.6, 55.0, 1.0)),
)

st.title("What does an encoder do to the sphere?", anchor=False)
notes = st.container()
beside, main = st.columns([1, 3], gap="medium")
with beside, st.container(key=shell.SIDE_COLUMN):
    chosen = contestants.choose(state, stacked=True)
    view = common.view_widget(state, distortion.VIEWS)
    measure = state.widget("measure", label=lambda m: distortion.MEASURES[m])
    repair = state.widget("repair")
    coastlines = state.widget("coastlines")
camera = place_widget.fit_camera(state, view.kinds == ("world",))
state.write_address()
with notes:
    state.show_notes()

shown = distortion.repaired(chosen, repair)
st.html(steady.style(MAPS))
with main, st.container(key=MAPS), answers.section("The maps"):
    chosen = common.usable(chosen)
    shown = distortion.repaired(chosen, repair)
    drawn = distortion.panels(shown, view, measure)
    linked_globes(
        drawn,
        key=KEY,
        camera=camera,
        coastlines=coastlines,
        height=440,
        on_camera=lambda: place_widget.follow_camera(state, KEY),
        columns=common.columns(shown, view, len(drawn)),
        **common.picture("distortion", shown, view, f"Tissot's ellipses over the {distortion.MEASURES[measure]}"),
    )
    st.markdown(
        "Each **ellipse** is what the encoder makes of a small circle: round where directions are treated alike, long "
        "where a step east counts more than the same step north. Look at the rows near the **poles**."
    )
    glossary.show("area factor" if measure == "area" else "stretch")
live_slider.drawn()

with answers.section("The comparison"):
    st.subheader("Tears: one place, several codes", anchor=False)
    tears, before = distortion.characters(shown), distortion.characters(chosen)
    st.markdown(distortion.tear_sentence(shown, tears))
    distortion.show_tears(shown, tears, before)
    glossary.show("tear")
    if repair != distortion.AS_CHOSEN:
        cost = distortion.repair_cost(shown, chosen)
        st.caption(f"{cost} {distortion.agreement_change(shown, tears, before)}")
    elif hint := distortion.repair_hint(shown, tears):
        st.caption(hint)

    st.subheader("Stretch by latitude", anchor=False)
    distortion.show_profiles(shown)

    st.subheader("The sphere as the code sees it", anchor=False)
    st.markdown(
        "Parallels (coloured, dark in the south) and meridians (gray) through the encoder, on the three directions in "
        "which its code varies most. Orange are **both sides of the dateline**, which should be one line, and **each "
        "pole**, which should be one point. Drag to turn; the title says how much of the code's variance is in sight."
    )
    glossary.show("principal components")
    distortion.show_images(shown)

with answers.section("The comparison of all encoders"):
    st.subheader("All encoders side by side", anchor=False)
    all_encoders.show(repair, {c.source.name for c in shown})
    named = common.compared(shown)
    copying.show(snippets.distortion_code(named), snippets.compare_command(named), "distortion")
    st.page_link(
        "pages/similarity.py",
        label="See what looks alike to the same encoders",
        icon=":material/arrow_forward:",
        query_params=contestants.address(c.source for c in shown),
    )
