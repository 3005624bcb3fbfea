"""The page that the tests of the linked globes drive; the query says what to show."""

from __future__ import annotations

import json

import numpy as np
import streamlit as st

from s2v import sphere
from s2v.fields import Field, Grid
from s2v.figures.testcard import test_card
from s2v.ui.linked_globes import Difference, Panel, Wipe, linked_globes

st.set_page_config(layout="wide")
query = st.query_params
grid = Grid.equirectangular(float(query.get("cell", "2")))
colormap = st.radio("Colours", ["viridis", "magma", "RdBu_r"], horizontal=True)
if st.button("New values"):
    st.session_state.turn = st.session_state.get("turn", 0) + 1


def wave(degree: float, title: str, shift: float = 0.0) -> Field:
    vectors = sphere.to_unit_vectors(grid.lonlat)
    values = np.sin(degree * vectors[..., 0] + 2 * vectors[..., 1] + shift) * np.cos(degree * vectors[..., 2])
    return Field(values, grid, title, "m", (-1.0, 1.0), colormap)


shift = float(st.session_state.get("turn", 0))
first, second = wave(5, "A field of waves", shift), wave(6, "Another one", shift)
kinds = query.get("kinds", "globe").split(",")
panels: list[Panel | Difference | Wipe] = []
for kind in kinds:
    if kind == "difference":
        panels.append(Difference(first, second))
    elif kind == "wipe":
        panels.append(Wipe(first, second))
    elif kind == "card":
        panels.append(Panel(test_card(Grid.equirectangular(0.25))))
    else:
        panels.append(Panel(first, kind, smooth=query.get("smooth", "1") == "1"))  # type: ignore[arg-type]
result = linked_globes(
    panels,
    key="globes",
    camera=json.loads(query.get("camera", "[20, 60, 1]")),
    probe=(15.63, 78.22) if query.get("probe") else None,
    rings=(1000, 2500, 5000) if query.get("probe") else (),
    coastlines=query.get("lines", "1") == "1",
    graticule=query.get("lines", "1") == "1",
    test_card=bool(query.get("card")),
)
st.write(json.dumps({"clicked": result.clicked, "camera": result.camera, "frame": result.frame}))
