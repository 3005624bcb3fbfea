"""Fields on the page: globes, colour scales, legends."""

from __future__ import annotations

import html

import numpy as np
import streamlit as st

from s2v.fields import Field
from s2v.figures import colormaps, globe


def show_globe(
    field: Field,
    key: str,
    lon: float = 0.0,
    lat: float = 50.0,
    points: globe.Points | None = None,
    height: int = 460,
) -> None:
    """A turnable globe.  With the same ``key`` new values keep the reader's view of it."""
    deck = globe.globe(field, lon, lat, points, height=height)
    st.pydeck_chart(deck, height=height, key=key, alt=f"Globe: {field.title}")


def mark(lonlat: tuple[float, float], label: str) -> globe.Points:
    """A dot on a globe with a name that shows under the mouse."""
    return globe.Points(np.array([lonlat]), [label], radius_pixels=6)


def show_scale(field: Field, low: str = "", high: str = "") -> None:
    """The colour scale of a field, as wide as its place; for classes, their colours.

    ``low`` and ``high`` say in words what the ends mean.
    """
    st.html(_legend(field) if field.classes else _bar(field, low, high))


def _bar(field: Field, low: str, high: str) -> str:
    table = colormaps.table(field.colormap)
    stops = ", ".join(f"rgb({r} {g} {b})" for r, g, b in table[:: len(table) // 32])
    a, b = field.limits
    units = f" {field.units}" if field.units else ""
    numbers = [f"{value:.3g}".replace("-", "\N{MINUS SIGN}") for value in (a, (a + b) / 2, b)]
    words = [f"{numbers[0]}{units} {low}", f"{numbers[1]}{units}", f"{high} {numbers[2]}{units}"]
    spans = "".join(f"<span>{html.escape(word.strip())}</span>" for word in words)
    return (
        f'<div role="img" aria-label="Colour scale from {html.escape(words[0])} to {html.escape(words[2])}">'
        f'<div style="height:0.8rem;border-radius:0.4rem;background:linear-gradient(to right, {stops})"></div>'
        f'<div style="display:flex;justify-content:space-between;font-size:0.85rem;opacity:0.85">{spans}</div></div>'
    )


def _legend(field: Field) -> str:
    swatch = "display:inline-block;width:0.8rem;height:0.8rem;border-radius:0.2rem;margin-right:0.35rem"
    items = "".join(
        f'<span style="white-space:nowrap"><span style="{swatch};background:{color}"></span>{html.escape(name)}</span>'
        for name, color in zip(field.classes, colormaps.field_class_colors(field), strict=True)
    )
    return f'<div style="display:flex;flex-wrap:wrap;gap:0.2rem 0.9rem;font-size:0.85rem">{items}</div>'
