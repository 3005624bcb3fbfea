"""Charts of a race: curves of all contestants, with the range of their seeds, the best possible, and earlier races."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from s2v.evaluation import Calibration
from s2v.figures.charts import FONT_SIZE, dress, log_ticks
from s2v.figures.colormaps import OKABE_ITO, hex_to_rgb

EARLIER = "#9a9a9a"


@dataclass(frozen=True)
class Track:
    """A contestant's curve: ``x`` and ``y``, and with several seeds the least and the greatest of them.

    ``earlier`` is one of a race before this one, in grey.
    """

    title: str
    color: str
    x: Sequence[float]
    y: Sequence[float]
    low: Sequence[float] = ()
    high: Sequence[float] = ()
    earlier: bool = False


def race_chart(
    tracks: Sequence[Track],
    *,
    x_title: str,
    y_title: str,
    ceiling: float | None = None,
    log_y: bool = False,
    y_range: tuple[float, float] | None = None,
    x_range: tuple[float, float] | None = None,
    height: int = 300,
) -> go.Figure:
    """All tracks in one chart.  ``ceiling`` is the best possible score, a dotted line; gaps where y is not finite."""
    figure = go.Figure()
    for track in sorted(tracks, key=lambda t: not t.earlier):
        if len(track.low):
            figure.add_scatter(
                x=[*track.x, *reversed(track.x)],
                y=[_shown(v, log_y) for v in (*track.high, *reversed(track.low))],
                mode="lines",
                fill="toself",
                fillcolor=f"rgba{(*hex_to_rgb(track.color), 0.2)}",
                line={"width": 0},
                hoverinfo="skip",
                showlegend=False,
            )
        figure.add_scatter(
            x=list(track.x),
            y=[_shown(v, log_y) for v in track.y],
            name=track.title,
            mode="lines" if len(track.x) > 1 else "markers",
            line={"color": EARLIER if track.earlier else track.color, "width": 1.5 if track.earlier else 3}
            | ({"dash": "dot"} if track.earlier else {}),
            hovertemplate=f"%{{y:.4g}} at %{{x:.4g}}<extra>{track.title}</extra>",
        )
    if ceiling is not None:
        figure.add_hline(
            y=ceiling,
            line={"dash": "dot", "width": 2, "color": "gray"},
            annotation_text="best possible",
            annotation_font_size=FONT_SIZE,
        )
    dress(figure, x_title, y_title, height)
    figure.update_layout(showlegend=False)  # the colours are those of the page's table; a legend takes half the room
    figure.update_xaxes(range=x_range, rangemode="tozero")
    figure.update_yaxes(type="log" if log_y else "linear")
    if log_y:
        ticks = log_ticks([v for track in tracks for v in track.y if math.isfinite(v) and v > 0])
        figure.update_yaxes(tickvals=ticks, ticktext=[f"{tick:g}" for tick in ticks])
    if y_range is not None:
        figure.update_yaxes(range=[math.log10(v) for v in y_range] if log_y else list(y_range))
    return figure


def calibration_chart(found: Mapping[str, Calibration], height: int = 340) -> go.Figure:
    """Share of right answers against the probability given to them, with 90 % intervals; perfect is the diagonal."""
    figure = go.Figure()
    figure.add_scatter(
        x=[0, 1], y=[0, 1], mode="lines", line={"dash": "dash", "width": 2, "color": "gray"}, name="perfect"
    )
    for i, (name, result) in enumerate(found.items()):
        there = result.counts > 0
        y = result.accuracy[there]
        low, high = result.intervals[there].T
        figure.add_scatter(
            x=result.confidence[there],
            y=y,
            error_y={"symmetric": False, "array": np.maximum(high - y, 0), "arrayminus": np.maximum(y - low, 0)},
            customdata=result.counts[there],
            name=name,
            mode="lines+markers",
            line={"color": OKABE_ITO[i % len(OKABE_ITO)], "width": 3},
            hovertemplate="%{y:.3f} right where %{x:.3f} was said, %{customdata:,} places<extra>" + name + "</extra>",
        )
    dress(figure, "probability of the class named", "share of right answers", height)
    figure.update_xaxes(range=[0, 1.02])
    figure.update_yaxes(range=[0, 1.05])
    return figure


def _shown(value: float, log_y: bool) -> float | None:
    return float(value) if math.isfinite(value) and (value > 0 or not log_y) else None
