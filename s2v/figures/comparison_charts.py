"""Charts of encoders side by side: similarity against distance, stretch by latitude, all encoders at once."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from s2v import isotropic
from s2v.comparison.results import Image, Profile, StretchProfile
from s2v.figures.charts import FONT_SIZE, styled
from s2v.figures.colormaps import table
from s2v.palette import hex_to_rgb
from s2v.sphere import EARTH_RADIUS_KM

SPHERICAL, PLANAR = "#1f88c9", "#d55e00"  # encoders made for the sphere, and others
TORN = "#d55e00"  # single places on the sphere that an encoder may tear apart: the dateline and each pole
ROUND = "round kernels of the same half-widths"
AIMED = "kernel that {} aim at"

Values = NDArray[np.float64]


@dataclass(frozen=True)
class CurveLabel:
    """The title and the colour (#rrggbb) of a curve."""

    title: str
    color: str


def similarity_chart(
    curves: Sequence[tuple[CurveLabel, Profile, float]],
    height: int = 380,
    aims: Sequence[tuple[CurveLabel, Callable[[Values], Values]]] = (),
) -> go.Figure:
    """Similarity against great-circle distance: the mean over all directions, and their range as a band.

    The last number of a curve is its half-width in kilometres, for the dotted round kernel of the same half-width.
    ``aims`` are the kernels that random codes are drawn to, as functions of radians; they are dashed.
    """
    distance = np.linspace(0, 180, 721)
    traces = []
    for name, profile, _ in curves:
        km = _km(profile.distance)
        traces.append(
            {
                "type": "scatter",
                "x": [*km, *km[::-1]],
                "y": [*profile.high, *profile.low[::-1]],
                "name": name.title,
                "fill": "toself",
                "fillcolor": _faint(name.color),
                "line": {"width": 0},
                "hoverinfo": "skip",
                "showlegend": False,
                "legendgroup": name.title,
            }
        )
    for i, (name, profile, half_width) in enumerate(curves):
        round_ = isotropic.kernel(np.deg2rad(distance), half_width / EARTH_RADIUS_KM)
        dashed = _line(_km(distance), round_, CurveLabel(f"round, as wide as {name.title}", name.color), dash="dot")
        traces.append(dashed | {"line": dashed["line"] | {"width": 1.5}, "showlegend": False, "hoverinfo": "skip"})
        traces.append(_line(_km(profile.distance), profile.mean, name))
        if i == 0:  # one entry in the legend stands for all dotted lines
            traces.append(_line(np.array([np.nan]), np.array([np.nan]), CurveLabel(ROUND, "#808080"), dash="dot"))
    for name, kernel in aims:
        dashed = _line(_km(distance), kernel(np.deg2rad(distance)), CurveLabel(AIMED.format(name.title), name.color))
        traces.append(dashed | {"line": {"color": name.color, "width": 2, "dash": "dash"}})
    return styled(
        traces,
        "distance along the sphere (km)",
        "similarity",
        height,
        x={"range": [0, float(_km(np.array(180.0)))], "tickformat": ",d"},
        y={"range": [-1.05, 1.05]},
        hovermode="x unified",
        separators=". ",
    )


def stretch_chart(curves: Sequence[tuple[CurveLabel, StretchProfile]], height: int = 380) -> go.Figure:
    """Largest over smallest stretch by latitude, on a logarithmic axis; profiles end one degree from the poles."""
    traces = []
    highest = 2.0
    for name, profile in curves:
        shown = np.where(np.isfinite(profile.anisotropy) & (profile.anisotropy > 0), profile.anisotropy, np.nan)
        if np.isfinite(shown).any():
            highest = max(highest, float(np.nanmax(shown)))
        traces.append(_line(profile.latitude, shown, name, digits=".3g"))
    ticks = [tick for tick in (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000) if tick <= highest * 1.2]
    return styled(
        traces,
        "latitude (degrees)",
        "largest over smallest stretch",
        height,
        x={"range": [-90, 90], "tickvals": list(range(-90, 91, 30))},
        y={
            "type": "log",
            "range": [-0.04, math.log10(highest * 1.15)],
            "tickvals": ticks,
            "ticktext": [f"{tick:g}" for tick in ticks],
        },
        hovermode="x unified",
    )


@dataclass(frozen=True)
class Axis:
    """One of the parallel axes: its title, and a value for each encoder, NaN for none."""

    title: str
    values: Sequence[float]
    log: bool = False
    low: float | None = None
    high: float | None = None

    def span(self) -> tuple[float, float]:
        """The ends of the axis: those given, or wider where values lie beyond."""
        finite = [v for v in self.values if math.isfinite(v) and (v > 0 or not self.log)]
        low = self.low if self.low is not None else min(finite, default=0.0)
        high = max(self.high if self.high is not None else low, max(finite, default=1.0))
        return low, high if high > low else low + 1

    def share(self, value: float, low: float, high: float) -> float:
        """Where a value lies between the ends of the axis, 0 to 1."""
        share = math.log(value / low) / math.log(high / low) if self.log else (value - low) / (high - low)
        return min(1.0, max(0.0, share))


def parallel_chart(names: Sequence[str], marked: Sequence[bool], axes: Sequence[Axis], height: int = 520) -> go.Figure:
    """One line for each encoder over parallel axes, ``SPHERICAL`` (blue) if ``marked``, else ``PLANAR`` (orange).

    The encoders' names are the ticks of the first axis, the first one at the top.
    """
    count = len(names)
    dimensions: list[dict[str, object]] = [
        {
            "label": "",
            "values": list(range(count))[::-1],
            "tickvals": list(range(count))[::-1],
            "ticktext": list(names),
            "range": [-0.5, count - 0.5],
        }
    ]
    dimensions += [_dimension(axis) for axis in axes]
    figure = go.Figure(
        go.Parcoords(
            line={
                "color": [float(m) for m in marked],
                "colorscale": [[0, PLANAR], [1, SPHERICAL]],
                "cmin": 0,
                "cmax": 1,
            },
            dimensions=dimensions,
            labelfont={"size": FONT_SIZE},
            tickfont={"size": FONT_SIZE - 2},
            rangefont={"size": 1, "color": "rgba(0,0,0,0)"},
            unselected={"line": {"opacity": 0.08}},
        )
    )
    figure.update_layout(
        height=height,
        font={"size": FONT_SIZE},
        paper_bgcolor="rgba(0,0,0,0)",
        margin={"l": 190, "r": 50, "t": 70, "b": 30},
    )
    return figure


def image_figure(image: Image, title: str, height: int = 430) -> go.Figure:
    """The graticule in the space of the code, to be turned.

    Parallels are coloured by latitude, meridians are gray, the dateline and the poles orange.
    """
    figure = go.Figure()
    figure.add_scatter3d(
        **_joined(image.meridians), mode="lines", line={"color": "#9a9a9a", "width": 2}, name="meridians"
    )
    colors = table("viridis")
    for latitude, line in zip(image.latitudes, image.parallels, strict=True):
        red, green, blue = colors[round(float((latitude + 90) / 180 * 255))]
        figure.add_scatter3d(
            x=line[:, 0],
            y=line[:, 1],
            z=line[:, 2],
            mode="lines",
            line={"color": f"rgb({red},{green},{blue})", "width": 5},
            name=f"{abs(latitude):g}° {'N' if latitude > 0 else 'S' if latitude < 0 else ''}",
        )
    for side, line in zip(("180° W", "180° E"), image.dateline, strict=True):
        figure.add_scatter3d(**_joined(line[None]), mode="lines", line={"color": TORN, "width": 4}, name=side)
    for pole, line in zip(("North Pole", "South Pole"), image.poles, strict=True):
        figure.add_scatter3d(
            **_joined(line[None]),
            mode="lines+markers",
            line={"color": TORN, "width": 7},
            marker={"color": TORN, "size": 2.5},
            name=pole,
        )
    bare = {"visible": False, "showspikes": False}
    figure.update_traces(hoverinfo="name", showlegend=False)
    figure.update_layout(
        height=height,
        paper_bgcolor="rgba(0,0,0,0)",
        margin={"l": 0, "r": 0, "t": 34, "b": 0},
        title={"text": title, "font": {"size": FONT_SIZE}, "x": 0.5, "xanchor": "center"},
        scene={
            "xaxis": bare,
            "yaxis": bare,
            "zaxis": bare,
            "aspectmode": "data",
            "camera": {"eye": {"x": 1.35, "y": 1.35, "z": 1.0}},
            "bgcolor": "rgba(0,0,0,0)",
        },
    )
    return figure


def _km(degrees: NDArray[np.float64]) -> NDArray[np.float64]:
    km: NDArray[np.float64] = np.round(np.deg2rad(degrees) * EARTH_RADIUS_KM, 1)
    return km


def _line(
    x: NDArray[np.float64], y: NDArray[np.float64], name: CurveLabel, dash: str = "solid", digits: str = ".2f"
) -> dict[str, Any]:
    return {
        "type": "scatter",
        "x": x,
        "y": y,
        "name": name.title,
        "mode": "lines",
        "legendgroup": name.title,
        "line": {"color": name.color, "width": 3, "dash": dash},
        "hovertemplate": f"%{{y:{digits}}}",
    }


def _faint(color: str) -> str:
    return f"rgba({', '.join(map(str, hex_to_rgb(color)))}, 0.16)"


def _dimension(axis: Axis) -> dict[str, object]:
    low, high = axis.span()
    if not axis.log:
        return {
            "label": axis.title,
            "values": [v if math.isfinite(v) else low for v in axis.values],
            "range": [low, high],
        }
    ticks = [t for t in (1, 1.5, 2, 3, 5, 10, 20, 50, 100, 1000) if low * 0.99 <= t <= high * 1.01]
    return {
        "label": axis.title,
        "values": [math.log10(v) if math.isfinite(v) and v > 0 else math.log10(low) for v in axis.values],
        "range": [math.log10(low), math.log10(max(high, low * 1.1))],
        "tickvals": [math.log10(t) for t in ticks],
        "ticktext": [f"{t:g}" for t in ticks],
    }


def _joined(lines: NDArray[np.float64]) -> dict[str, NDArray[np.float64]]:
    """Many lines (n, points, 3) as one line with gaps."""
    gaps = np.full((len(lines), 1, 3), np.nan)
    points = np.concatenate([lines, gaps], 1).reshape(-1, 3)
    return {"x": points[:, 0], "y": points[:, 1], "z": points[:, 2]}
