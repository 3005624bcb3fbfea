"""Bars, and the style of all charts, with plotly: large type, and a transparent background for light and dark pages.

Only plain x and y axes: plotly's maps would fetch their coastlines from the network.  Text takes the colour of the
page's theme.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import plotly.graph_objects as go

from s2v.palette import OKABE_ITO, hex_to_rgb

FONT_SIZE = 15  # pixels: readable on a projector

_EMPTY: Mapping[str, Any] = {}


@dataclass(frozen=True)
class Band:
    """One bar: its label (such as "90 to 85 N"), its value, and the ends of its interval if it has one."""

    label: str
    value: float
    low: float | None = None
    high: float | None = None


def band_bars(
    series: Mapping[str, Sequence[Band]],
    *,
    y_title: str,
    floor: float | None = None,
    numbers: bool = False,
    height: int = 360,
) -> go.Figure:
    """Bars side by side for latitude bands, one colour for each name in ``series``, with intervals as whiskers.

    ``floor`` is the lowest value that the axis shows.  An R2 of -10 would flatten all others, so its bar ends at the
    floor and its number is written there.  With ``numbers`` each bar has its number, so that a small one can be read
    beside a large one.  Bands without a value (NaN) stay empty.
    """

    def is_cut(band: Band) -> bool:
        return floor is not None and band.value < floor

    traces: list[dict[str, Any]] = []
    for i, (name, bands) in enumerate(series.items()):
        shown = [None if not math.isfinite(b.value) else _at_least(b.value, floor) for b in bands]
        traces.append(
            {
                "type": "bar",
                "x": [b.label for b in bands],
                "y": shown,
                "name": name,
                "marker": {"color": f"rgb{hex_to_rgb(OKABE_ITO[i % len(OKABE_ITO)])}"},
                "customdata": [_interval_text(b) for b in bands],
                "hovertemplate": f"%{{customdata}}<br>%{{x}}<extra>{name}</extra>",
                "text": [_number(b) if is_cut(b) else "" for b in bands] if any(map(is_cut, bands)) else None,
                "textposition": "outside",
                "error_y": _whiskers(bands, floor),
            }
        )
        if numbers:  # across the zero line from the bar, where no whisker is in the way
            known = [b for b in bands if math.isfinite(b.value)]
            traces.append(
                {
                    "type": "scatter",
                    "mode": "text",
                    "cliponaxis": False,
                    "x": [b.label for b in known],
                    "y": [0.0] * len(known),
                    "text": [_number(b) for b in known],
                    "textposition": [f"{'bottom' if b.value > 0 else 'top'} center" for b in known],
                    "hoverinfo": "skip",
                    "showlegend": False,
                }
            )
    y: dict[str, Any] = {"zeroline": True, "zerolinewidth": 1.5, "zerolinecolor": "rgba(128,128,128,0.7)"}
    if floor is not None and any(is_cut(b) for bands in series.values() for b in bands):
        top = max((b.high or b.value for bands in series.values() for b in bands if math.isfinite(b.value)), default=1)
        y["range"] = [floor - 0.12 * (max(top, 0) - floor), max(top, 0) + 0.08 * (max(top, 0) - floor)]
    return styled(
        traces,
        "",
        y_title,
        height,
        x={"type": "category"},
        y=y,
        showlegend=len(series) > 1,
        barmode="group",
        bargap=0.25,
    )


def band_rows(series: Mapping[str, Sequence[Band]], y_title: str) -> list[dict[str, Any]]:
    """The numbers of ``band_bars``, whole where a bar ends at the floor: a row for each bar.

    Examples
    --------
    >>> band_rows({"grid": [Band("90 to 85 N", -10.0)]}, "R²")
    [{'series': 'grid', 'band': '90 to 85 N', 'R²': -10.0, 'low': None, 'high': None}]
    """
    return [
        {"series": name, "band": band.label, y_title: band.value, "low": band.low, "high": band.high}
        for name, bands in series.items()
        for band in bands
    ]


def bars(
    x: Sequence[Any],
    y: Sequence[float],
    colors: Sequence[str] | None = None,
    *,
    x_title: str = "",
    y_title: str,
    sideways: bool = False,
    height: int = 300,
) -> go.Figure:
    """Plain bars of percentages, in one colour or each in its own of ``colors``.

    ``sideways`` bars lie below each other, so that long names can be read.
    """
    trace: dict[str, Any] = {"type": "bar", "marker": {"color": list(colors) if colors else OKABE_ITO[0]}}
    if sideways:
        trace |= {"x": list(y), "y": list(x), "orientation": "h", "hovertemplate": "%{y}: %{x:.2f} %<extra></extra>"}
        names = {"autorange": "reversed", "dtick": 1, "automargin": True}
        return styled([trace], y_title, x_title, height, y=names, bargap=0.2, showlegend=False)
    trace |= {"x": list(x), "y": list(y), "hovertemplate": "%{x}: %{y:.2f} %<extra></extra>"}
    return styled([trace], x_title, y_title, height, bargap=0.05, showlegend=False)


def styled(
    traces: Sequence[Mapping[str, Any]],
    x_title: str,
    y_title: str,
    height: int,
    *,
    x: Mapping[str, Any] = _EMPTY,
    y: Mapping[str, Any] = _EMPTY,
    **layout: Any,
) -> go.Figure:
    """A figure in the style of all charts: large type, a transparent background, the legend above.

    ``x``, ``y`` and ``layout`` are further properties of the axes and the layout.  The figure is made in one go from
    plain dictionaries: plotly takes twelve times as long if it is changed piece by piece, and the curves of a race are
    redrawn all the time.
    """

    def axis(title: str, own: Mapping[str, Any]) -> dict[str, Any]:
        return {
            "automargin": True,
            "gridcolor": "rgba(128,128,128,0.25)",
            "zeroline": False,
            "tickfont": {"size": FONT_SIZE},
            "title": {"text": title, "font": {"size": FONT_SIZE}},
            **own,
        }

    return go.Figure(
        {
            "data": list(traces),
            "layout": {
                "height": height,
                "font": {"size": FONT_SIZE},
                "paper_bgcolor": "rgba(0,0,0,0)",
                "plot_bgcolor": "rgba(0,0,0,0)",
                "margin": {"l": 10, "r": 10, "t": 30, "b": 10},
                "hoverlabel": {"font": {"size": FONT_SIZE}},
                "legend": {"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0, "font": {"size": FONT_SIZE}},
                "xaxis": axis(x_title, x),
                "yaxis": axis(y_title, y),
                **layout,
            },
        }
    )


def log_ticks(values: Sequence[float]) -> list[float]:
    """Round numbers around ``values`` for a logarithmic axis: 1, 2, 5, ... over up to two decades, else powers of ten.

    Examples
    --------
    >>> log_ticks([0.03, 0.4])
    [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0]
    """
    if not values:
        return [1.0]
    low, high = math.floor(math.log10(min(values))), math.ceil(math.log10(max(values)))
    # plotly's own labels between the powers of ten are too small to read from afar
    steps = (1, 2, 5) if high - low <= 2 else (1,)
    return [step * 10.0**power for power in range(low, high + 1) for step in steps]


def _whiskers(bands: Sequence[Band], floor: float | None) -> dict[str, Any]:
    # A bar cut at the floor has no whisker, since it does not end at its value.
    whole = [floor is None or b.value >= floor for b in bands]
    up = [b.high - b.value if ok and b.high is not None else None for b, ok in zip(bands, whole, strict=True)]
    down = [
        b.value - _at_least(b.low, floor) if ok and b.low is not None else None
        for b, ok in zip(bands, whole, strict=True)
    ]
    return {
        "type": "data",
        "symmetric": False,
        "array": up,
        "arrayminus": down,
        "thickness": 2,
        "color": "#777777",
        "width": 5,
        "visible": any(b.low is not None or b.high is not None for b in bands),
    }


def _number(band: Band) -> str:
    return f"{band.value:.3g}".replace("-", "−")


def _interval_text(band: Band) -> str:
    if band.low is None or band.high is None:
        return f"{band.value:.4g}"
    return f"{band.value:.4g} ({band.low:.4g} to {band.high:.4g})"


def _at_least(value: float, floor: float | None) -> float:
    return value if floor is None or not math.isfinite(value) else max(value, floor)
