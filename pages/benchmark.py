"""Benchmark: what beats what, and where; the verdict on the paper; when it pays; a live run."""

import streamlit as st

from s2v.ui import messages, shell
from s2v.ui.benchmark import live, page, phases, published, stored, verdict
from s2v.ui.page_state import PageState

shell.insist_on_app()

state = PageState("benchmark")
st.title("Benchmark: what beats what, and where?", anchor=False)
st.markdown(
    "Every encoder and every reference predictor on the same places, with the same network, budget and search of the "
    "scale, over several seeds. **Ties are called ties**: a difference counts where its intervals exclude zero."
)
notes = st.container()
opened = None
with messages.explained("The results"):
    opened = page.choose(state)
    if opened is not None:
        page.show_standings(state, opened)
        page.show_code(opened)
    stored.show_missing()
with messages.explained("The verdict on the paper"):
    verdict.show(opened)
with messages.explained("The phase diagram"):
    phases.show(state, opened)
state.write_address()
with notes:
    state.show_notes()
with messages.explained("What others have published"):
    published.show()
with messages.explained("The live run"):
    live.show()
