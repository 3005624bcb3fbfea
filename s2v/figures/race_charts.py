"""Charts of a race: curves of all contestants with the range over seeds, the best possible score, and calibration."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import plotly.graph_objects as go

from s2v.evaluation import Calibration
from s2v.figures.charts import FONT_SIZE, log_ticks, styled
from s2v.palette import OKABE_ITO, hex_to_rgb

EARLIER = "#9a9a9a"
NEAR = 0.15  # of a score: the title of a line this close below another would cross that one
# Fixed margins, and no search for labels that overflow: measuring both takes more than half of plotly's time, and the
# curves of a race are redrawn all the time.
_MARGINS = {"l": 78, "r": 16, "t": 16, "b": 52}
_FIXED = {"automargin": False, "ticklabeloverflow": "allow"}


@dataclass(frozen=True)
class Track:
    """A contestant's curve: ``x`` and ``y``, and with several seeds their minimum and maximum.

    An ``earlier`` track, of a race before this one, is drawn in grey; a ``level`` one, of a contestant that does not
    train, is dashed and has its title written at it.
    """

    title: str
    color: str
    x: Sequence[float]
    y: Sequence[float]
    low: Sequence[float] = ()
    high: Sequence[float] = ()
    earlier: bool = False
    level: bool = False


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
    """All tracks in one chart, with gaps where y is not finite; the best possible score, ``ceiling``, is dotted."""
    traces: list[dict[str, Any]] = []
    for track in sorted(tracks, key=lambda t: not t.earlier):
        if len(track.low):
            traces.append(
                {
                    "type": "scatter",
                    "x": [*track.x, *reversed(track.x)],
                    "y": [_shown(v, log_y) for v in (*track.high, *reversed(track.low))],
                    "name": track.title,
                    "mode": "lines",
                    "fill": "toself",
                    "fillcolor": f"rgba{(*hex_to_rgb(track.color), 0.2)}",
                    "line": {"width": 0},
                    "hoverinfo": "skip",
                    "showlegend": False,
                }
            )
        line = {"color": EARLIER, "width": 1.5, "dash": "dot"} if track.earlier else {"color": track.color, "width": 3}
        if track.level:
            line["dash"] = "dash"
        traces.append(
            {
                "type": "scatter",
                "x": list(track.x),
                "y": [_shown(v, log_y) for v in track.y],
                "name": track.title,
                "mode": "lines" if len(track.x) > 1 else "markers",
                "line": line,
                "hovertemplate": f"%{{y:.4g}}{'' if track.level else ' at %{x:.4g}'}<extra>{track.title}</extra>",
            }
        )
    y: dict[str, Any] = {**_FIXED, "type": "log" if log_y else "linear"}
    if log_y:
        ticks = log_ticks([v for track in tracks for v in track.y if math.isfinite(v) and v > 0])
        y |= {"tickvals": ticks, "ticktext": [f"{tick:g}" for tick in ticks]}
    if y_range is not None:
        y["range"] = [math.log10(v) for v in y_range] if log_y else list(y_range)
    return styled(
        traces,
        x_title,
        y_title,
        height,
        x={**_FIXED, "rangemode": "tozero"} | ({"range": list(x_range)} if x_range else {}),
        y=y,
        margin=_MARGINS,
        showlegend=False,  # the page's table shows the colours; a legend would take half the room
        **_lines(tracks, ceiling, log_y),
    )


def _titles_of_level(tracks: Sequence[Track], log_y: bool, ceiling: float | None) -> list[dict[str, Any]]:
    """The titles of level tracks, one further to the left than the other, on the side where curves seldom are.

    That is above a score; below on the logarithmic axis of what is lacking.  The first place from the right is that of
    the best possible score, if there is one; a score just below it has its title above both lines.
    """
    level = [track for track in tracks if track.level and _shown(track.y[0], log_y) is not None]
    first = 0 if ceiling is None else 1
    found = []
    for i, track in enumerate(level):
        y = math.log10(track.y[0]) if log_y else float(track.y[0])
        if ceiling is not None and ceiling - NEAR < y < ceiling:
            y = ceiling
        found.append(
            {
                **{"xref": "x domain", "x": 1 - 0.33 * (i + first), "xanchor": "right"},
                **{"y": y, "yanchor": "top" if log_y else "bottom", "yshift": -10 if log_y else 2},
                "text": track.title,
                "showarrow": False,
                "font": {"size": FONT_SIZE},
            }
        )
    return found


def _lines(tracks: Sequence[Track], ceiling: float | None, log_y: bool) -> dict[str, Any]:
    """The line of the best possible score, and the titles of all level lines."""
    line = {} if ceiling is None else _line_at(ceiling, "best possible")
    return {
        **line,
        "annotations": [*line.get("annotations", []), *_titles_of_level(tracks, log_y, ceiling)],
    }


def _line_at(height: float, text: str) -> dict[str, Any]:
    """A dotted line across a chart, with a label."""
    across = {"xref": "x domain", "yref": "y"}
    return {
        "shapes": [
            {
                "type": "line",
                **across,
                **{"x0": 0, "x1": 1, "y0": height, "y1": height},
                "line": {"dash": "dot", "width": 2, "color": "gray"},
            }
        ],
        "annotations": [
            {
                **across,
                **{"x": 1, "y": height, "xanchor": "right", "yanchor": "bottom", "showarrow": False},
                "text": text,
                "font": {"size": FONT_SIZE},
            }
        ],
    }


def calibration_chart(found: Mapping[str, Calibration], height: int = 340) -> go.Figure:
    """The share of right answers against the predicted probability, with 90 % intervals, beside the diagonal."""
    traces: list[dict[str, Any]] = [
        {
            "type": "scatter",
            "x": [0, 1],
            "y": [0, 1],
            "mode": "lines",
            "line": {"dash": "dash", "width": 2, "color": "gray"},
            "name": "perfect",
        }
    ]
    for i, (name, result) in enumerate(found.items()):
        filled = result.counts > 0
        y = result.accuracy[filled]
        low, high = result.intervals[filled].T
        traces.append(
            {
                "type": "scatter",
                "x": result.confidence[filled],
                "y": y,
                "error_y": {
                    "symmetric": False,
                    "array": np.maximum(high - y, 0),
                    "arrayminus": np.maximum(y - low, 0),
                },
                "customdata": result.counts[filled],
                "name": name,
                "mode": "lines+markers",
                "line": {"color": OKABE_ITO[i % len(OKABE_ITO)], "width": 3},
                "hovertemplate": "%{y:.3f} right where %{x:.3f} was said, %{customdata:,} places<extra>"
                + name
                + "</extra>",
            }
        )
    return styled(
        traces,
        "probability of the class named",
        "share of right answers",
        height,
        x={"range": [0, 1.02]},
        y={"range": [0, 1.05]},
    )


def _shown(value: float, log_y: bool) -> float | None:
    return float(value) if math.isfinite(value) and (value > 0 or not log_y) else None
