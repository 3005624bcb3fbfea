"""Session: save what this session has made as one file, and open such a file, here or on another machine."""

import streamlit as st

from s2v.ui import messages, shell
from s2v.ui.session import opening, saving

shell.insist_on_app()

st.title("Session: take it with you, and open it again", anchor=False)
st.markdown(
    "One zip file holds the races of this session with recipes, seeds, results and weights, the settings of every "
    "page and, if you choose, your data and the models that you opened from files. Opened here or on another machine, "
    "it gives the same pages."
)
left, right = st.columns(2, gap="large")
with left, messages.explained("What can be saved"):
    saving.show()
with right, messages.explained("The session file"):
    opening.show()
