"""The places of a user's data as pictures: on a globe, by latitude, and how far they are apart."""

from __future__ import annotations

from functools import lru_cache
from html import escape
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from s2v import palette, sphere
from s2v.data.nearest import MAX_SPACED
from s2v.data.readers.opened import BAND, Opened
from s2v.data.streams import stream
from s2v.fields import Field, Grid
from s2v.figures import colormaps, globe
from s2v.ui import charts, pictures, place_files
from s2v.ui.race import maps

MAX_DRAWN = 8000  # places on the globe: more take a browser too long
MAX_COLORS = 10  # classes with a colour of their own, or steps of a scale
_SEA, _LAND = ("#eef4f8", "#c9d3d8"), ("#1b2a35", "#3a4a54")  # light page, dark page
_OTHERS = (150, 150, 150)


def show_globe(opened: Opened, digest: str) -> None:
    """Shows the places on a globe, coloured by what is known of them; point at one to read it."""
    dark = pictures.is_dark()
    key = (digest, dark)
    groups, names, legend = pictures.cached("your data points", key, lambda: _points(opened))
    pictures.show_globe(_paper(dark), f"your data globe {digest[:8]}", *_middle(opened), groups, height=430)
    drawn, total = min(MAX_DRAWN, opened.places), opened.places
    some = "" if drawn == total else f" {drawn:,} of {total:,} places, chosen at random, are drawn."
    st.html(f"<div style='font-size:.9rem;line-height:1.7'>{legend}</div>")
    st.caption(f"Point at a place to read it; drag to turn.{some}")
    data = opened.data
    place_files.show(
        lambda: (data.lonlat, place_files.known(data, data.target)),
        groups,
        key="your data places",
        file_name=charts.file_name(data.title, "places"),
        title=data.title,
        names=names,
        caption=some.strip(),
    )


def show_spread(opened: Opened, digest: str) -> None:
    """Shows how dense the places are by latitude, and how far each is from its nearest neighbour."""
    density, distances = _density(opened), opened.distances
    left, right = st.columns(2, gap="medium")
    with left:
        st.subheader("By latitude", anchor=False)
        chart = pictures.cached("your data latitudes drawn", digest, lambda: _latitude_chart(density))
        charts.show(
            chart,
            key="your data latitudes",
            alt="How dense the places are in each band of latitude",
            file_name=charts.file_name(opened.data.title, "density by latitude"),
            table=lambda: _latitude_rows(density),
        )
        empty = int((density == 0).sum())
        guess = (
            f" {empty} of {len(density)} bands have none: there every map of these data is a guess." if empty else ""
        )
        st.caption(f"Places per area, against their mean over the sphere.{guess}")
    with right:
        st.subheader("How far apart", anchor=False)
        if len(distances) < 2:
            st.caption("All rows are of one place.")
            return
        chart = pictures.cached("your data distances drawn", digest, lambda: _distance_chart(distances))
        charts.show(
            chart,
            key="your data distances",
            alt="How far places are from their nearest neighbour",
            file_name=charts.file_name(opened.data.title, "distance to the nearest place"),
        )
        middle, far = np.quantile(distances, (0.5, 0.95))
        some = f" Of {len(distances):,} of the places." if opened.places > MAX_SPACED else ""
        st.caption(f"Half of the places have another one within {_km(middle)}, 95 % within {_km(far)}.{some}")


def _latitude_chart(density: NDArray[np.float64]) -> Any:
    from s2v.figures.charts import styled  # here, because plotly takes a second to import

    middles = np.arange(-90 + BAND / 2, 90, BAND)
    names = [f"{_latitude(lat - BAND / 2)} to {_latitude(lat + BAND / 2)}" for lat in middles]
    bar = {
        "type": "bar",
        "x": middles.tolist(),
        "y": density.tolist(),
        "width": BAND - 1,
        "marker": {"color": palette.OKABE_ITO[0]},
        "text": names,
        "textposition": "none",
        "hovertemplate": "%{text}: %{y:.2f} times the mean<extra></extra>",
    }
    ticks = [-90, -60, -30, 0, 30, 60, 90]
    axis = {"tickvals": ticks, "ticktext": [_latitude(lat) for lat in ticks], "range": [-90, 90]}
    return styled([bar], "", "times the mean density", 240, x=axis, showlegend=False)


def _latitude_rows(density: NDArray[np.float64]) -> list[dict[str, float]]:
    south = np.arange(-90, 90, BAND).tolist()
    return [
        {"from latitude": lat, "to latitude": lat + BAND, "times the mean density": value}
        for lat, value in zip(south, density.tolist(), strict=True)
    ]


def _distance_chart(distances: NDArray[np.float64]) -> Any:
    from s2v.figures.charts import log_ticks, styled

    known = np.maximum(distances, 0.01)  # ten metres
    edges = np.geomspace(known.min() * 0.999, known.max() * 1.001, 31)
    counts, _ = np.histogram(known, edges)
    bar = {
        "type": "bar",
        "x": np.sqrt(edges[1:] * edges[:-1]).tolist(),
        "y": (100 * counts / counts.sum()).tolist(),
        "width": (0.95 * np.diff(edges)).tolist(),
        "marker": {"color": palette.OKABE_ITO[0]},
        "hovertemplate": "about %{x:.3g} km: %{y:.1f} %<extra></extra>",
    }
    ticks = log_ticks([float(known.min()), float(known.max())])
    axis = {"type": "log", "tickvals": ticks, "ticktext": [f"{tick:,g}" for tick in ticks]}
    return styled([bar], "km to the nearest other place", "% of the places", 240, x=axis, showlegend=False, bargap=0)


def _latitude(lat: float) -> str:
    return "Equator" if lat == 0 else f"{abs(lat):g}° {'N' if lat > 0 else 'S'}"


def _km(value: float) -> str:
    return f"{value:,.0f} km" if value >= 10 else f"{value:.2g} km"


@lru_cache(maxsize=2)
def _paper(dark: bool) -> Field:
    """Land and ocean in colours that leave the stage to the points."""
    truth = maps.truth("land_ocean", Grid.equirectangular(0.5))
    return Field(
        truth.values, truth.grid, "Places", limits=truth.limits, classes=truth.classes, colors=(_SEA, _LAND)[dark]
    )


def _middle(opened: Opened) -> tuple[float, float]:
    """Where the globe is looked at from: above the middle of the places."""
    if np.linalg.norm(opened.middle) < 0.05:
        return 10.0, 50.0  # all over the world
    lon, lat = sphere.to_lonlat(opened.middle)
    return float(lon), float(lat)


def _points(opened: Opened) -> tuple[list[globe.Points], list[str], str]:
    """The places in groups of a colour, the names of these groups, and the legend as HTML."""
    dataset, counts = opened.data, opened.counts
    rows = stream("drawn places", 0).permutation(len(dataset.lonlat))[:MAX_DRAWN]
    lonlat, target = dataset.lonlat[rows], dataset.target[rows]
    names: list[str]
    if dataset.classes:
        order = np.argsort(-counts, kind="stable")[:MAX_COLORS]
        colors = [palette.hex_to_rgb(color) for color in palette.class_colors(len(order))]
        members = [target == number for number in order]
        names = [f"{dataset.classes[number]} ({counts[number]:,})" for number in order]
        rest = ~np.any(members, axis=0)
        if len(dataset.classes) > len(order):
            members.append(rest)
            colors.append(_OTHERS)
            names.append(f"{len(dataset.classes) - len(order):,} others ({counts.sum() - counts[order].sum():,})")
        labels = np.array(dataset.classes, dtype=object)[target]
    else:
        edges = np.unique(np.quantile(dataset.target, np.linspace(0, 1, MAX_COLORS + 1)))
        steps = max(1, len(edges) - 1)
        step = np.clip(np.searchsorted(edges, target, side="right") - 1, 0, steps - 1)
        table = colormaps.table("viridis")
        colors = [tuple(int(v) for v in table[round(i * 255 / max(1, steps - 1))]) for i in range(steps)]  # type: ignore[misc]
        members = [step == i for i in range(steps)]
        ends = edges if len(edges) > 1 else np.repeat(edges, 2)
        names = [f"{ends[i]:.4g} to {ends[i + 1]:.4g}" for i in range(steps)]
        labels = np.array([f"{value:.5g} {dataset.units}".strip() for value in target], dtype=object)
    groups = [
        globe.Points(lonlat[some], list(labels[some]), color, 2.5)
        for some, color in zip(members, colors, strict=True)
        if some.any()
    ]
    drawn = [name for some, name in zip(members, names, strict=True) if some.any()]
    return groups, drawn, _legend(names, colors)


def _legend(names: list[str], colors: list[tuple[int, int, int]]) -> str:
    parts = (
        f"<span style='white-space:nowrap;margin-right:1em'><span style='display:inline-block;width:.8em;height:.8em;"
        f"border-radius:50%;background:rgb{color};margin-right:.35em'></span>{escape(name[:60])}</span>"
        for name, color in zip(names, colors, strict=True)
    )
    return " ".join(parts)


def _density(opened: Opened) -> NDArray[np.float64]:
    """The places per area in each band of latitude, against their mean."""
    areas = np.diff(np.sin(np.deg2rad(np.arange(-90, 91, BAND)))) / 2
    return np.asarray(opened.bands / opened.bands.sum() / areas)
