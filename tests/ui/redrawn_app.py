"""A page of which the server draws a part again when there is news: run by tests/ui/test_redraw.py."""

from collections import Counter

import streamlit as st

from s2v.ui import redraw


@st.cache_resource
def counts() -> Counter[str]:
    """How often what has happened, in all sessions."""
    return Counter()


def part() -> None:
    redraw.on_news(lambda: counts()["news"], 0.0)
    counts()["drawings"] += 1
    st.progress(0, text=f"news {counts()['news']}, drawing {counts()['drawings']}, {st.query_params['kept']}, {choice}")


choice = st.radio("Choice", ["one", "two"], index=1)
st.fragment(part)()
if st.button("News", key="news"):
    counts()["news"] += 1
