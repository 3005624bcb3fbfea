"""The chart of a ladder: score against the distance from the training places, a line for each contestant."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import plotly.graph_objects as go

from s2v.evaluation.ladder import Ladder, Point
from s2v.figures.charts import styled
from s2v.palette import OKABE_ITO, hex_to_rgb

_TICKS = (10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000)
_APART = {"random": "circle-open", "blocks": "square-open", "latitude": "diamond-open"}  # on other test places


def ladder_chart(ladder: Ladder, *, y_title: str, floor: float | None = None, height: int = 420) -> go.Figure:
    """Scores with their 90 % intervals against the median distance, on a logarithmic axis.

    The line of a contestant joins the rungs with the same test places.  The thin one is its control: as many training
    places, dropped at random.  Open symbols stand for other test places, so no line leads to them.

    Parameters
    ----------
    ladder : Ladder
    y_title : str
    floor : float, optional
        The lowest score that the axis shows.
    height : int, default 420
        Pixels.
    """
    traces: list[dict[str, Any]] = []
    spread = max(1, len(ladder.contestants) - 1)
    for i, name in enumerate(ladder.contestants):
        color, shift = OKABE_ITO[i % len(OKABE_ITO)], 1.04 ** (i - spread / 2)  # so that intervals stand side by side
        faint = f"rgba{(*hex_to_rgb(color), 0.55)}"
        line = ladder.points(name, "buffer")
        control = ladder.points(name, "control")
        if control:
            thin = {"color": faint, "width": 1.2, "dash": "dash"}
            traces.append(
                _trace(control, shift, f"{name}, control", mode="lines", line=thin) | {"showlegend": False},
            )
        traces.append(
            _trace(line, shift, name, mode="lines+markers", line={"color": color, "width": 2.5})
            | {"error_y": _bars(line, color), "marker": {"color": color, "size": 8}, "showlegend": True}
        )
        for kind, symbol in _APART.items():
            if points := ladder.points(name, kind):
                marker = {"color": color, "size": 11, "symbol": symbol, "line": {"width": 2}}
                traces.append(
                    _trace(points, shift, f"{name}, {points[0].rung.title}", mode="markers", marker=marker)
                    | {"error_y": _bars(points, color), "showlegend": False}
                )
    y = {"range": [floor, _top(ladder)]} if floor is not None and _lowest(ladder) < floor else {}
    return styled(
        traces,
        "median distance to the nearest training place (km)",
        y_title,
        height,
        x={"type": "log", "tickvals": list(_TICKS), "ticktext": [f"{tick:,}" for tick in _TICKS]},
        y=y,
        showlegend=True,
    )


def _trace(points: Sequence[Point], shift: float, name: str, **style: Any) -> dict[str, Any]:
    texts = [
        f"{p.score.value:.3f} ({p.interval[0]:.3f} to {p.interval[1]:.3f})<br>{p.rung.title}<br>"
        f"{p.rung.training:,} training places"
        for p in points
    ]
    return {
        "type": "scatter",
        "x": [p.km * shift for p in points],
        "y": [p.score.value for p in points],
        "name": name,
        "text": texts,
        "hovertemplate": f"%{{text}}<extra>{name}</extra>",
        **style,
    }


def _bars(points: Sequence[Point], color: str) -> dict[str, Any]:
    def length(end: int, p: Point) -> float:
        gap = abs(p.interval[end] - p.score.value)
        return gap if math.isfinite(gap) else 0.0

    return {
        "type": "data",
        "symmetric": False,
        "array": [length(1, p) for p in points],
        "arrayminus": [length(0, p) for p in points],
        "color": color,
        "thickness": 1.3,
        "width": 4,
    }


def _all(ladder: Ladder) -> list[Point]:
    return [p for n in ladder.contestants for p in ladder.points(n, "buffer", "control", *_APART)]


def _lowest(ladder: Ladder) -> float:
    return min((p.interval[0] for p in _all(ladder)), default=0.0)


def _top(ladder: Ladder) -> float:
    return max((p.interval[1] for p in _all(ladder)), default=1.0) + 0.05
