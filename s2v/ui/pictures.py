"""Fields on the page as pictures of the server: a globe with things on it, polar maps."""

from __future__ import annotations

import base64
import urllib.parse
from collections.abc import Callable, Hashable, Sequence
from typing import TypeVar

import numpy as np
import streamlit as st

from s2v.fields import Field
from s2v.figures import colormaps, globe

Made = TypeVar("Made")

RIGHT_OR_WRONG = ("right", "wrong")
RIGHT_OR_WRONG_COLORS = ("#e8e8e8", "#d55e00")


def show_globe(
    field: Field,
    key: str,
    lon: float = 0.0,
    lat: float = 50.0,
    points: globe.Points | None = None,
    height: int = 460,
) -> None:
    """A turnable globe.  With the same ``key`` new values keep the reader's view of it."""
    # Fields are compared by identity: a drawing of the same one is not made again.
    _, deck = once(f"{key} drawn", id(field), lambda: (field, globe.globe(field, lon, lat, points, height=height)))
    st.pydeck_chart(deck, height=height, key=key, alt=f"Globe: {field.title}")


def show_png(png: bytes, alt: str) -> None:
    """A picture as wide as its place.

    It travels within the page's own connection: a file of its own would be gone from the server as soon as the next
    picture takes its place, perhaps before the browser has asked for it.
    """
    st.image("data:image/png;base64," + base64.b64encode(png).decode("ascii"), width="stretch", alt=alt)
    # Streamlit has this address split, and Python would keep 128 such pictures, twice each.
    urllib.parse.clear_cache()  # type: ignore[attr-defined]  # not in typeshed


def polar_pair(columns: Sequence[tuple[str, Field, Field]], dpi: int, dark: bool = False) -> bytes:
    """The PNG of polar maps, north above south, one column for each title with its two fields."""
    from s2v.figures import polar  # here, because cartopy takes a second to import

    return polar.polar_pair_png([polar.PolarColumn(*column) for column in columns], dark=dark, dpi=dpi)


def error(prediction: Field, truth: Field) -> Field:
    """Prediction minus truth, as many units to a colour as in the truth's own scale; for classes, right or wrong."""
    if truth.classes:
        wrong = np.where(np.isnan(truth.values), np.nan, prediction.values != truth.values)
        return Field(
            wrong, truth.grid, "Error", limits=(-0.5, 1.5), classes=RIGHT_OR_WRONG, colors=RIGHT_OR_WRONG_COLORS
        )
    low, high = truth.limits
    diverging = truth.colormap if truth.colormap in colormaps.DIVERGING else "RdBu_r"
    half = (high - low) / 2
    return truth.with_values(prediction.values - truth.values, title="Error", limits=(-half, half), colormap=diverging)


def is_dark() -> bool:
    """Whether the reader's page is dark."""
    return st.context.theme.type == "dark"


def once(slot: str, key: Hashable, make: Callable[[], Made]) -> Made:
    """What ``make`` gives, kept in the session under ``slot`` until another ``key`` comes: for slow drawings."""
    kept = st.session_state.get(slot)
    if kept is None or kept[0] != key:
        kept = st.session_state[slot] = (key, make())
    made: Made = kept[1]
    return made
