"""Similarity: which places look alike to an encoder, near the poles and across the dateline."""

import streamlit as st

from s2v.comparison import snippets
from s2v.parameters import Parameter
from s2v.ui import answers, contestants, copying, glossary, live_slider, place_widget, shell, steady
from s2v.ui.comparison import common, downloads, similarity, variograms
from s2v.ui.linked_globes import linked_globes
from s2v.ui.page_state import PageState
from s2v.ui.race.settings import RACE_MENU

shell.insist_on_app()

KEY = "similarity globes"
MAPS = "similarity_maps"  # key of the container around the maps and what is said of them
RINGS_KM = (1000, 2000, 3000)
DIFFERENCE = Parameter(
    "difference",
    bool,
    False,
    "Difference from round",
    "Each map minus the kernel that depends on distance alone and has the same half-width: what is left is shape.",
)
WALK = Parameter(
    "walk", bool, False, "Walk to the pole", "A slider under the maps moves the place along its meridian to the pole."
)
RINGS = Parameter("rings", bool, True, "Rings every 1000 km", "Circles of equal distance around the place.")

state = PageState("similarity")
state.add(
    common.view_parameter(similarity.VIEWS), DIFFERENCE, WALK, RINGS, place_widget.camera_parameter((15.6, 68.0, 1.3))
)
variograms.add(state)

st.title("What looks alike to an encoder?", anchor=False)
notes = st.container()
beside, main = st.columns([1, 3], gap="medium")
with beside, st.container(key=shell.SIDE_COLUMN):
    chosen = contestants.choose(state, stacked=True)
    place = place_widget.place_widget(state)
    view = common.view_widget(state, similarity.VIEWS)
    difference = state.widget("difference")
    walking = state.widget("walk")
    rings = state.widget("rings")
camera = place_widget.fit_camera(state, view.kinds == ("world",))
state.write_address()
with notes:
    state.show_notes()


@st.fragment  # its settings draw this part alone again
def variogram_area(shown: list[contestants.Contestant]) -> None:
    """The variograms of the codes and of data."""
    with answers.section("The variograms"):
        variograms.show(state, shown, RACE_MENU)


here, found, to_refine = place, None, []
st.html(steady.style(MAPS))
with main, st.container(key=MAPS), answers.section("The maps"):
    chosen = common.usable(chosen, is_known=lambda c: similarity.is_shipped(c, place))
    to_refine = [] if walking else similarity.fine_questions(chosen, place)
    degrees = similarity.COARSE if to_refine else similarity.FINE
    found = similarity.maps(chosen, place, degrees, walking)
    drawn, with_rounds = similarity.panels(found, view, difference, live=bool(to_refine))
    what = "Similarity less that of the round kernel of the same half-width" if difference else "Similarity"
    result = linked_globes(
        drawn,
        key=KEY,
        camera=camera,
        probe=place,
        rings=RINGS_KM if rings else (),
        walk=found.path,
        height=440,
        on_click=lambda: place_widget.follow_click(state, KEY),
        on_camera=lambda: place_widget.follow_camera(state, KEY),
        columns=common.columns(chosen, view, len(drawn)),
        **common.picture("similarity", chosen, view, what, place),
    )
    st.markdown(
        "Each map shows **how similar every place is to one place** in the eyes of an encoder: red is the same, white "
        "has nothing to do with it, blue is the opposite. On the sphere nearness is **round**: look for what is "
        "squeezed, stretched or torn, most of all near the poles and the dateline. "
        + (
            "The maps named **Round** are what each encoder would show if distance alone counted: the round kernel of "
            "its own half-width, so that what differs is the shape."
            if with_rounds
            else "The round kernels of the same half-widths have no room here; *Difference from round* and the chart "
            "compare with them."
        )
    )
    here = found.path[result.frame] if found.path else place
live_slider.drawn()

with answers.section("The numbers"):
    numbers = similarity.numbers(chosen, here)
    st.subheader(f"Seen from {place_widget.words(here)}", anchor=False)
    for sentence in similarity.findings(numbers, here, place_widget.words(here)):
        st.markdown(f"- {sentence}")
    similarity.show_chart(numbers, here)
    st.caption(
        "Lines: mean over all directions. Bands: from the least to the most similar direction; a round kernel, dotted, "
        "has none."
    )
    similarity.show_table(numbers, here)
    glossary.show("half-width", "round kernel", "rank agreement", "tear", "poles alike")
    if found:
        downloads.show(found, chosen, here)
    shown = common.compared(chosen)
    copying.show(
        snippets.similarity_code(shown, here, similarity.FINE), snippets.compare_command(shown, here), "similarity"
    )
    st.page_link(
        "pages/distortion.py",
        label="Why? See how the same encoders stretch and tear the sphere",
        icon=":material/arrow_forward:",
        query_params=contestants.address(c.source for c in chosen),
    )
    variogram_area(chosen)
    if to_refine:  # the page is complete; now, while it is read, the finer maps
        answers.ask_all(to_refine)
        st.rerun()
