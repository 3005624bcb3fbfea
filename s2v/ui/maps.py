"""Fields on the page: globes, polar maps, colour scales, legends."""

from __future__ import annotations

import base64
import html
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


def mark(lonlat: tuple[float, float], label: str) -> globe.Points:
    """A dot on a globe with a name that shows under the mouse."""
    return globe.Points(np.array([lonlat]), [label], color=(20, 20, 20), radius_pixels=6)


def show_scale(field: Field, low: str = "", high: str = "") -> None:
    """The colour scale of a field, as wide as its place; for classes, their colours.

    ``low`` and ``high`` say in words what the ends mean.
    """
    st.html(_legend(field) if field.classes else _bar(field, low, high))


def show_polar_pair(columns: Sequence[tuple[str, Field, Field]], dpi: int, alt: str) -> None:
    """Polar maps, north above south, one column for each title with its two fields."""
    show_png(polar_pair(columns, dpi, is_dark()), alt)


def show_png(png: bytes, alt: str) -> None:
    """A picture as wide as its place.

    It travels within the page's own connection: a file of its own would be gone from the server as soon as the next
    picture takes its place, perhaps before the browser has asked for it.
    """
    st.image("data:image/png;base64," + base64.b64encode(png).decode("ascii"), width="stretch", alt=alt)


def polar_pair(columns: Sequence[tuple[str, Field, Field]], dpi: int, dark: bool = False) -> bytes:
    """The PNG of ``show_polar_pair``."""
    from s2v.figures import polar  # here, because cartopy takes a second to import

    return polar.polar_pair_png([polar.PolarColumn(*column) for column in columns], dark=dark, dpi=dpi)


def world(field: Field, dpi: int, dark: bool = False) -> bytes:
    """A PNG of a field on the whole Earth, in a projection of equal area."""
    from s2v.figures import polar

    return polar.world_png(field, dark=dark, dpi=dpi)


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


def _bar(field: Field, low: str, high: str) -> str:
    table = colormaps.table(field.colormap)
    stops = ", ".join(f"rgb({r} {g} {b})" for r, g, b in table[:: len(table) // 32])
    a, b = field.limits
    units = f" {field.units}" if field.units else ""
    numbers = [_number(value) for value in (a, (a + b) / 2, b)]
    words = [f"{numbers[0]}{units} {low}", f"{numbers[1]}{units}", f"{high} {numbers[2]}{units}"]
    spans = "".join(f"<span>{html.escape(word.strip())}</span>" for word in words)
    return (
        f'<div role="img" aria-label="Colour scale from {html.escape(words[0])} to {html.escape(words[2])}">'
        f'<div style="height:0.8rem;border-radius:0.4rem;background:linear-gradient(to right, {stops})"></div>'
        f'<div style="display:flex;justify-content:space-between;font-size:0.85rem;opacity:0.85">{spans}</div></div>'
    )


def _number(value: float) -> str:
    text = f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"
    return text.replace("-", "\N{MINUS SIGN}")


def _legend(field: Field) -> str:
    swatch = "display:inline-block;width:0.8rem;height:0.8rem;border-radius:0.2rem;margin-right:0.35rem"
    items = "".join(
        f'<span style="white-space:nowrap"><span style="{swatch};background:{color}"></span>{html.escape(name)}</span>'
        for name, color in zip(field.classes, colormaps.field_class_colors(field), strict=True)
    )
    return f'<div style="display:flex;flex-wrap:wrap;gap:0.2rem 0.9rem;font-size:0.85rem">{items}</div>'
