"""Start: what a flat and a round encoder make of one place near the pole, without a click."""

import streamlit as st

from s2v.comparison import snippets, start
from s2v.encoders.registry import EncoderConfig
from s2v.ui import copying, glossary, messages, shell
from s2v.ui.comparison import all_encoders, common
from s2v.ui.linked_globes import Panel, linked_globes

shell.insist_on_app()

WORDS = {"grid": "made for flat maps", "sphereM": "made for the sphere"}

st.title("What does a location encoder see near the pole?", anchor=False)
st.markdown(
    "A location encoder turns longitude and latitude into numbers that a neural network can learn from. Each globe "
    f"shows **how similar every place is to {start.PLACE}** (the dot, at 78° N) in the eyes of one encoder."
)

with messages.explained("The comparison of the two encoders"):
    panels = start.load()
    flat, round_ = panels
    st.markdown(
        f"At {start.PLACE}, a step east changes the code **{flat.stretch:.1f} times** as much as the same step north "
        f"under `{flat.encoder}`, and **{round_.stretch:.1f} times** under `{round_.encoder}`. On the sphere itself "
        "it is 1."
    )
    linked_globes(
        [
            Panel(
                panel.field,
                title=f"{panel.title}: {WORDS[panel.encoder]}",
                seen=f"At {start.PLACE} a step east changes the code {panel.stretch:.1f} times as much as one north.",
            )
            for panel in panels
        ],
        key="start globes",
        camera=(*start.VIEW, 1.0),
        probe=start.ANCHOR,
        height=520,
        file_name=f"start-{'-'.join(panel.encoder for panel in panels)}-{start.PLACE}",
        caption=[
            f"Similarity to {start.PLACE}: " + ", ".join(f"{p.encoder} {start.ENCODERS[p.encoder]}" for p in panels),
            f"{common.CREDIT}.",
        ],
    )

how, onward = st.columns([3, 2], gap="large")
with how:
    st.markdown(
        "**How to read it.** Red places look like the dot to the encoder, white ones have nothing to do with it, "
        "blue ones look like its opposite. What is near on the sphere should lie in a round patch. To a flat map a "
        "degree of longitude is the same everywhere; near the pole, where those degrees are short, its patch is "
        "squeezed into a wedge. The encoder made for the sphere keeps the patch nearly round; a notch is left at the "
        "pole itself. Both have 16 scales and a smallest radius of 0.1 radians (5.7°). Drag a globe to turn both."
    )
with onward, st.container(border=True):
    st.markdown("**New here?** Short lessons ask what you expect, and show whether it is so.")
    st.page_link("pages/learn.py", label="Learn, in eight lessons", icon=":material/menu_book:")
    st.markdown("**Try another place, another encoder.** Click anywhere, walk to the pole, see why it happens.")
    st.page_link("pages/similarity.py", label="What looks alike to an encoder?", icon=":material/arrow_forward:")
    st.page_link("pages/distortion.py", label="What does it do to the sphere?", icon=":material/arrow_forward:")
    st.markdown("**Does it matter?** Train a small network on top of an encoder and watch its map of the Earth appear.")
    st.page_link("pages/train.py", label="Train one, live", icon=":material/arrow_forward:")
    st.page_link("pages/train.py", label="Where round encoders win, tie and lose", icon=":material/fact_check:")

with messages.explained("What the measures of all encoders say"):
    if said := all_encoders.known_statements():
        st.subheader("What the measures of all encoders say", anchor=False)
        for sentence in said:
            st.markdown(f"- {sentence}")
        glossary.show("rank agreement", "by direction", "tear")
        label = "All measures in a table: at the end of Distortion"
        st.page_link("pages/distortion.py", label=label, icon=":material/arrow_forward:")

with messages.explained("The code of the comparison"):
    named = [
        snippets.Compared(EncoderConfig.of(panel.encoder, **start.ENCODERS[panel.encoder]), panel.title)
        for panel in start.load()
    ]
    copying.show(
        snippets.similarity_code(named, start.ANCHOR, 0.5), snippets.compare_command(named, start.ANCHOR), "start"
    )
