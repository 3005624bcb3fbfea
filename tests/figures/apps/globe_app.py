"""What users see: ``st.pydeck_chart`` of ``s2v.figures.globe``, chosen by the address (for test_globe_browser.py)."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[3]))

import numpy as np
import streamlit as st

from s2v.fields import Field, Grid
from s2v.figures.globe import Points, globe
from s2v.figures.testcard import test_card

HEIGHT = 700

st.set_page_config(layout="wide")
query = st.query_params
lon, lat = float(query.get("lon", 0)), float(query.get("lat", 90))


def smooth(lonlat):
    """A smooth field that is neither symmetric about the dateline nor constant near the pole."""
    x, y = np.deg2rad(lonlat[..., 0]), np.deg2rad(lonlat[..., 1])
    return 0.5 + 0.35 * np.cos(y) * np.sin(x) + 0.1 * np.cos(y) * np.cos(x)


card = st.cache_data(lambda: test_card(Grid.equirectangular(0.25)))

if query.get("field", "card") == "card":
    field = card()
else:
    grid = Grid.equirectangular(10.0)
    field = Field(smooth(grid.lonlat), grid, "Smooth", colormap="gray")
points = Points(np.array([[lon, lat]]), ["here"]) if "points" in query else None
deck = globe(field, lon=lon, lat=lat, points=points, coastlines="coast" in query, height=HEIGHT)

# The settings that the test takes away again, to prove that it would notice.
if query.get("mesh") == "default":
    del deck.views[0].resolution
if query.get("texture") == "default":
    deck.layers[0].texture_parameters = None

st.pydeck_chart(deck, height=HEIGHT)
