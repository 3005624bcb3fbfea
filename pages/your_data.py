"""Your data: open a file of places, see what it holds, correct how it is read, and take it to the other pages."""

import streamlit as st

from s2v.ui import messages, shell
from s2v.ui.your_data import opening, page

shell.insist_on_app()

st.title("Your data: what do your places hold?", anchor=False)
st.markdown(
    "Drop a file with longitude and latitude: what was understood of it appears at once, and everything can be "
    "corrected in place. Then race encoders on it, as on any other data."
)
with messages.explained("The file"):
    file = opening.file_widgets()
    if file is None:
        page.show_nothing()
    else:
        page.show_file(file)
