"""Pictures on the page: globes with points, polar maps as PNG."""

from __future__ import annotations

import base64
import urllib.parse
from collections.abc import Callable, Hashable, Sequence
from typing import TypeVar

import streamlit as st

from s2v.fields import Field
from s2v.figures import globe
from s2v.figures.veil import Veil

T = TypeVar("T")


def show_globe(
    field: Field,
    key: str,
    lon: float = 0.0,
    lat: float = 50.0,
    points: globe.Points | Sequence[globe.Points] = (),
    height: int = 460,
) -> None:
    """Shows a globe that the reader can turn.  New values under the same ``key`` keep the reader's view."""
    # The field is stored beside its drawing, so that its id stays its own.
    _, deck = cached(f"{key} drawn", id(field), lambda: (field, globe.globe(field, lon, lat, points, height=height)))
    st.pydeck_chart(deck, height=height, key=key, alt=f"Globe: {field.title}")


def show_png(png: bytes, alt: str) -> None:
    """Shows a picture, as wide as its container.

    It is sent within the page's own connection: the server deletes a file as soon as the next picture replaces it,
    perhaps before the browser has asked for it.
    """
    st.image("data:image/png;base64," + base64.b64encode(png).decode("ascii"), width="stretch", alt=alt)
    # Streamlit splits this address, and Python would cache 128 such pictures, twice each.
    urllib.parse.clear_cache()  # type: ignore[attr-defined]  # not in typeshed


def polar_pair(
    columns: Sequence[tuple[str, Field, Field]], pixels: int, dark: bool = False, veil: Veil | None = None
) -> bytes:
    """A PNG of polar maps, ``pixels`` wide, north above south, one column for each title with its two fields, with a
    veil over them or none."""
    from s2v.figures import polar  # here, because cartopy takes a second to import

    dpi = round(pixels / polar.width_inches(len(columns)))
    return polar.polar_pair_png([polar.PolarColumn(*column) for column in columns], veil=veil, dark=dark, dpi=dpi)


def is_dark() -> bool:
    """Whether the page has the dark theme."""
    return st.context.theme.type == "dark"


def cached(slot: str, key: Hashable, make: Callable[[], T]) -> T:
    """The result of ``make``, cached in the session under ``slot`` until it is asked for with another ``key``."""
    entry = st.session_state.get(slot)
    if entry is None or entry[0] != key:
        entry = st.session_state[slot] = (key, make())
    result: T = entry[1]
    return result
