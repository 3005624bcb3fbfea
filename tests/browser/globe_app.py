"""The page that the tests of the linked globes drive; the query says what it shows."""

from __future__ import annotations

import json

import numpy as np
import streamlit as st

from s2v import sphere
from s2v.fields import Field, Grid
from s2v.figures.testcard import test_card
from s2v.figures.veil import Veil
from s2v.ui.linked_globes import Difference, Panel, Wipe, linked_globes
from tests.browser.globe_fields import VEIL_PLACES, land_classes, wave_field

st.set_page_config(layout="wide")
query = st.query_params
grid = Grid.equirectangular(float(query.get("cell", "2")))
smooth = query.get("smooth", "1") == "1"
colors = ["viridis", "magma", "RdBu_r", "gray"]
colormap = st.radio("Colours", colors, index=colors.index(query.get("colors", "viridis")), horizontal=True)
if st.button("New values"):
    st.session_state.shift = st.session_state.get("shift", 0.0) + 1

first = wave_field(grid, 5, st.session_state.get("shift", 0.0), colormap)
second = wave_field(grid, 6, 0.5, colormap)
flat = Field(np.zeros(grid.shape), grid, "Flat", limits=(0.0, 1.0), colormap="gray")
places = [(15.63, latitude) for latitude in np.linspace(0, 90, 31)] if query.get("walk") else None


def walking(kind: str) -> Panel:
    """Cosine of the distance from each place of the walk."""
    assert places
    frames = [
        Field(np.cos(sphere.great_circle(grid.lonlat, np.array(place))), grid, "Near the walk", limits=(-1.0, 1.0))
        for place in places
    ]
    return Panel(frames[0], kind, frames=frames)  # type: ignore[arg-type]


def panel(name: str) -> Panel | Difference | Wipe:
    what, _, kind = name.partition(":")
    kind = kind or "globe"
    fields = {"waves": first, "second": second, "flat": flat, "classes": land_classes(grid)}
    if what == "walk":
        return walking(kind)
    if what == "difference":
        return Difference(Panel(first, kind, smooth=smooth), second)  # type: ignore[arg-type]
    if what == "wipe":
        return Wipe(Panel(first, kind, smooth=smooth), second)  # type: ignore[arg-type]
    if what == "dots":  # live, so that they travel within the message
        places = sphere.fibonacci_lattice(300)[:: 1 + int(st.session_state.get("shift", 0.0))]
        return Panel(flat, kind, points=places, live=True)  # type: ignore[arg-type]
    field = test_card(Grid.equirectangular(0.25)) if what == "card" else fields[what]
    return Panel(field, kind, smooth=smooth)  # type: ignore[arg-type]


camera = json.loads(query.get("camera", "[20, 60, 1]"))
if st.button("To Quito"):
    st.session_state.camera = camera = (-78.5, -0.2, 2.0)
elif query.get("follow"):
    camera = st.session_state.get("camera", camera)
result = linked_globes(
    [panel(name) for name in query.get("panels", "waves").split(",")],
    key="globes",
    camera=camera,
    probe=(15.63, 78.22) if query.get("probe") else None,
    rings=(1000, 2500) if query.get("probe") or places else (),
    walk=places,
    ellipses=[sphere.circle((30, 70), 5), sphere.circle((179, 20), 8)] if query.get("ellipses") else (),
    points=sphere.fibonacci_lattice(300) if query.get("points") else None,
    coastlines=query.get("lines", "1") == "1",
    graticule=query.get("lines", "1") == "1",
    veil=Veil.of(VEIL_PLACES, float(query["veil"])) if query.get("veil") else None,
    test_card=bool(query.get("card")),
)
st.session_state.camera = result.camera
state = {"clicked": result.clicked, "camera": result.camera, "frame": result.frame}
st.markdown(f"`{json.dumps(state)}`")
