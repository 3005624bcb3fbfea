"""The numbers of a chart as a table."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

import plotly.graph_objects as go

Row = dict[str, Any]


def chart_table(figure: go.Figure) -> list[Row]:
    """What a chart of points, lines or bars shows, a row for each point.

    Parameters
    ----------
    figure : plotly.graph_objects.Figure
        Of bars, lines and points in two or three dimensions.  Texts are left out.

    Returns
    -------
    list of dict
        ``series``, the name of the curve; its ``part``, if a curve has gaps; the coordinates under the titles of their
        axes, or as x, y and z; the ends of whiskers or bands as ``low`` and ``high``, if there are any.  None is a
        missing number.

    Examples
    --------
    >>> whiskers = {"array": [0.25], "arrayminus": [0.5]}
    >>> bars = {"type": "bar", "name": "grid", "x": ["North"], "y": [0.5], "error_y": whiskers}
    >>> chart_table(go.Figure({"data": [bars], "layout": {"yaxis": {"title": {"text": "R²"}}}}))
    [{'series': 'grid', 'x': 'North', 'R²': 0.5, 'low': 0.0, 'high': 0.75}]
    """
    bands = {trace.name: trace for trace in figure.data if _is_band(trace)}
    rows: list[Row] = []
    for trace in figure.data:
        if trace.type in ("bar", "scatter", "scatter3d") and _mode(trace) != "text" and not _is_band(trace):
            rows += _points(trace, _titles(figure, trace), _ends(trace, bands.get(trace.name)))
    return _without_empty_columns(rows, ("part", "low", "high"))


def _mode(trace: Any) -> str | None:
    return None if trace.type == "bar" else trace.mode


def _is_band(trace: Any) -> bool:
    """Whether a trace is the area between the ends of a curve's intervals; it has the name of the curve."""
    return trace.type == "scatter" and trace.fill == "toself"


def _titles(figure: go.Figure, trace: Any) -> list[str]:
    """The names of the coordinates, first what the chart is read by."""
    if trace.type == "scatter3d":
        return ["x", "y", "z"]
    titles = [figure.layout.xaxis.title.text or "x", figure.layout.yaxis.title.text or "y"]
    return titles[::-1] if _lies(trace) else titles


def _lies(trace: Any) -> bool:
    return trace.type == "bar" and trace.orientation == "h"


def _points(trace: Any, titles: Sequence[str], ends: Sequence[tuple[Any, Any]]) -> Iterator[Row]:
    x, y, *z = (_plain(trace[name]) for name in ("x", "y", "z")[: len(titles)])
    coordinates = zip(*((y, x) if _lies(trace) else (x, y)), *z, strict=True)
    gaps = [i for i, value in enumerate(x) if value is None]
    part = 1
    for i, (point, (low, high)) in enumerate(zip(coordinates, ends, strict=True)):
        if x[i] is None:
            part += 1
            continue
        yield {
            "series": trace.name or "",
            "part": part if gaps else None,
            **dict(zip(titles, point, strict=True)),
            "low": low,
            "high": high,
        }


def _ends(trace: Any, band: Any) -> list[tuple[Any, Any]]:
    """The ends of the interval at each point of a curve, from its whiskers or its band."""
    y = _plain(trace.y)
    nothing: list[Any] = [None] * len(y)
    if band is not None and len(band.y) == 2 * len(y):
        edges = _plain(band.y)
        return list(zip(edges[len(y) :][::-1], edges[: len(y)], strict=True))
    if trace.type == "scatter3d" or trace.error_y.array is None:
        return list(zip(nothing, nothing, strict=True))
    up, down = _plain(trace.error_y.array), _plain(trace.error_y.arrayminus)
    low = [None if v is None or d is None else v - d for v, d in zip(y, down, strict=True)]
    high = [None if v is None or u is None else v + u for v, u in zip(y, up, strict=True)]
    return list(zip(low, high, strict=True))


def _plain(values: Any) -> list[Any]:
    """Python's own numbers and texts; None for what is not finite."""
    found = [value.item() if hasattr(value, "item") else value for value in values]
    return [None if isinstance(value, float) and not math.isfinite(value) else value for value in found]


def _without_empty_columns(rows: Sequence[Row], names: Sequence[str]) -> list[Row]:
    empty = [name for name in names if all(row[name] is None for row in rows)]
    return [{name: value for name, value in row.items() if name not in empty} for row in rows]
