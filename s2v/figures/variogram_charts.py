"""Charts of variograms: semivariance against distance, and half-sill distances by latitude."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from s2v.figures.charts import styled

Values = NDArray[Any]

DATA_COLOR = "#808080"  # readable on light and dark pages
_TICKS_KM = (10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000)
_MAX_SHARE = 1.6  # of the sill: a higher semivariance is drawn at the edge


@dataclass(frozen=True)
class Curve:
    """A line: its name, colour (#rrggbb), x and y (n,), and how it is drawn ("solid", "dash", "dot")."""

    title: str
    color: str
    x: Values
    y: Values
    dash: str = "solid"


@dataclass(frozen=True)
class Lags:
    """The empirical variogram of data: kilometres and shares of the sill (n,), and the numbers of pairs."""

    title: str
    distance: Values
    relative: Values
    counts: Values


def variogram_chart(curves: Sequence[Curve], data: Lags, height: int = 420) -> go.Figure:
    """Semivariances as shares of the sill against distance: codes as lines, the data as points."""
    traces = [_line(curve) for curve in curves]
    traces.append(
        {
            "type": "scatter",
            "x": data.distance,
            "y": data.relative,
            "name": data.title,
            "mode": "lines+markers",
            "marker": {"color": DATA_COLOR, "size": 9},
            "line": {"color": DATA_COLOR, "width": 1},
            "customdata": data.counts,
            "hovertemplate": "%{y:.2f} (%{customdata:,.0f} pairs)",
        }
    )
    shortest = max(10.0, min(float(data.distance[0]) / 2, 100.0))
    highest = max(1.2, *(float(np.nanmax(y, initial=0.0)) for y in (data.relative, *(c.y for c in curves))))
    return styled(
        traces,
        "distance along the sphere (km)",
        "semivariance, share of the sill",
        height,
        x=_log_axis(shortest, _TICKS_KM[-1]),
        y={"range": [0, min(highest, _MAX_SHARE) * 1.05]},
        hovermode="x unified",
        shapes=[_level(0.5), _level(1.0)],
        separators=". ",
    )


def half_sill_chart(curves: Sequence[Curve], data_title: str, data_half_sill: float, height: int = 380) -> go.Figure:
    """Half-sill distances in kilometres by latitude, and the one of the data as a level line."""
    ends = np.array([-90.0, 90.0])
    level = Curve(data_title, DATA_COLOR, ends, np.full(2, data_half_sill), "dot")
    traces = [_line(curve) for curve in (*curves, level)]
    known = np.concatenate([curve.y[curve.y > 0] for curve in (*curves, level)])
    return styled(
        traces,
        "latitude (degrees)",
        "half-sill distance (km)",
        height,
        x={"range": [-90, 90], "tickvals": list(range(-90, 91, 30))},
        y=_log_axis(float(known.min()) * 0.8, float(known.max()) * 1.25),
        hovermode="x unified",
        separators=". ",
    )


def _line(curve: Curve) -> dict[str, Any]:
    return {
        "type": "scatter",
        "x": curve.x,
        "y": curve.y,
        "name": curve.title,
        "mode": "lines",
        "line": {"color": curve.color, "width": 3, "dash": curve.dash},
        "hovertemplate": "%{y:.3~g}",
    }


def _log_axis(low: float, high: float) -> dict[str, Any]:
    ticks = [tick for tick in _TICKS_KM if low <= tick <= high]
    texts = [f"{tick:,}".replace(",", " ") for tick in ticks]
    return {"type": "log", "range": [np.log10(low), np.log10(high)], "tickvals": ticks, "ticktext": texts}


def _level(y: float) -> dict[str, Any]:
    line = {"color": "rgba(128,128,128,0.8)", "width": 1.5, "dash": "dot"}
    return {"type": "line", "xref": "paper", "x0": 0, "x1": 1, "y0": y, "y1": y, "line": line}
