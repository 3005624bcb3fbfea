"""Sphere2Vec Lab: ``streamlit run app.py``."""

import streamlit as st

from s2v.assets import ASSETS
from s2v.ui import connection, messages, origins, projector, session_race, shell, threads, visit
from s2v.ui.comparison import ahead
from s2v.ui.lessons import bar

origins.protect()  # sphere2vec-lab and make app have done so before the first page
shell.insist_on_app()
threads.limit()
# The icon is a file: Streamlit fetches its named icons for the browser's tab from the network.
st.set_page_config(page_title="Sphere2Vec Lab", page_icon=str(ASSETS / "icon.png"), layout="wide")
shell.style()
visit.read()
session_race.warm()
ahead.warm()
connection.watch()
pages = [
    st.Page("pages/start.py", title="Start", icon=":material/globe:", default=True),
    st.Page("pages/learn.py", title="Learn", icon=":material/menu_book:"),
    st.Page("pages/similarity.py", title="Similarity", icon=":material/join_inner:"),
    st.Page("pages/distortion.py", title="Distortion", icon=":material/grid_on:"),
    st.Page("pages/your_data.py", title="Your data", icon=":material/upload_file:"),
    st.Page("pages/published.py", title="Published models", icon=":material/public:"),
    st.Page("pages/train.py", title="Train", icon=":material/model_training:"),
    st.Page("pages/maps.py", title="Maps", icon=":material/map:"),
    st.Page("pages/benchmark.py", title="Benchmark", icon=":material/leaderboard:"),
    st.Page("pages/teach.py", title="Teach", icon=":material/school:"),
    st.Page("pages/session.py", title="Session", icon=":material/save:"),
]
page = st.navigation(pages, position="top")
shell.phone_navigation(pages)
projector.show_bar()
with bar.around(page.url_path or "start"), messages.explained("This page"):
    page.run()
