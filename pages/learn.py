"""Learn: short lessons on the real pages, each with predictions, something to do, and measured numbers."""

import streamlit as st

from s2v.ui import messages, shell
from s2v.ui.lessons import listing

shell.insist_on_app()

st.title("Learn: see it, predict it, check it", anchor=False)
st.markdown(
    "Each lesson leads over the pages of this lab. It **asks what you expect before it shows the answer**, gives you "
    "something to do, looks whether it was done, and ends with the measured number. A lesson is a link: copy it from "
    "the address bar to share where you are."
)
with messages.explained("The list of lessons"):
    listing.show()
