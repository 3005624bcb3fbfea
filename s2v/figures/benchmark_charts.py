"""Charts of the benchmark: mean ranks with the critical difference, and where multi-scale spherical encoding pays."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import plotly.graph_objects as go

from s2v.figures.charts import FONT_SIZE, styled
from s2v.palette import OKABE_ITO, hex_to_rgb

LINE_PIXELS = 30  # of a contestant
CELL_PIXELS = 74  # of a row of the phase diagram
TITLE_PIXELS = 12  # between the labels of its columns and their title
AHEAD, BEHIND = OKABE_ITO[0], OKABE_ITO[5]
_STRENGTH = 0.6  # opacity at the largest margin: the text in a cell stays readable on light and dark pages


@dataclass(frozen=True)
class Ranked:
    """A contestant with its mean rank and its kind, which decides the colour."""

    title: str
    rank: float
    kind: str


@dataclass(frozen=True)
class PhaseCell:
    """A cell of the phase diagram: where it stands, what is written in it, and the margin that colours it.

    ``told`` is whether the margin can be told from zero; ``about`` is what the pointer shows.
    """

    column: str
    row: str
    winner: str
    margin: float
    told: bool
    about: str


def rank_chart(ranked: Sequence[Ranked], critical: float) -> go.Figure:
    """Mean ranks, the best on top, with whiskers of half the critical difference.

    Two contestants whose whiskers do not meet can be told apart.  Without a critical difference (NaN) there are none.
    """
    names = [each.title for each in ranked]
    kinds = list(dict.fromkeys(each.kind for each in ranked))
    half = critical / 2 if math.isfinite(critical) else 0.0
    traces: list[dict[str, Any]] = []
    for i, kind in enumerate(kinds):
        mine = [each for each in ranked if each.kind == kind]
        color = OKABE_ITO[i % len(OKABE_ITO)]
        traces.append(
            {
                "type": "scatter",
                "mode": "markers",
                "x": [each.rank for each in mine],
                "y": [each.title for each in mine],
                "name": kind,
                "marker": {"color": color, "size": 11},
                "error_x": {"type": "constant", "value": half, "color": color, "thickness": 2, "width": 0},
                "hovertemplate": f"%{{y}}: mean rank %{{x:.1f}}<extra>{kind}</extra>",
            }
        )
    return styled(
        traces,
        "mean rank (1 is best)",
        "",
        150 + LINE_PIXELS * len(names),
        x={"range": [0.5, len(ranked) + 0.5]},
        y={"categoryorder": "array", "categoryarray": names[::-1], "range": [-0.6, len(names) - 0.4], "dtick": 1},
        showlegend=True,
    )


def phase_chart(cells: Sequence[PhaseCell], columns_title: str, rows_title: str) -> go.Figure:
    """Winner and margin of each setting: blue where a multi-scale encoder of the sphere is ahead, orange where another
    contestant is, no colour for a margin of zero; ties are marked with ≈."""
    columns = list(dict.fromkeys(cell.column for cell in cells))
    rows = list(dict.fromkeys(cell.row for cell in cells))
    found = {(cell.row, cell.column): cell for cell in cells}
    grid = [[found.get((row, column)) for column in columns] for row in rows]
    most = max((abs(cell.margin) for cell in cells), default=0.0) or 1.0
    trace = {
        "type": "heatmap",
        "x": columns,
        "y": rows,
        "z": [[cell.margin if cell else None for cell in line] for line in grid],
        "text": [[_written(cell) if cell else "" for cell in line] for line in grid],
        "customdata": [[cell.about if cell else "" for cell in line] for line in grid],
        "texttemplate": "%{text}",
        "textfont": {"size": FONT_SIZE - 2},
        "hovertemplate": "%{customdata}<extra></extra>",
        "colorscale": [
            [0.0, _faint(BEHIND, _STRENGTH)],
            [0.5, _faint("#808080", 0.0)],
            [1.0, _faint(AHEAD, _STRENGTH)],
        ],
        "zmin": -most,
        "zmax": most,
        "xgap": 3,
        "ygap": 3,
        "colorbar": {
            "title": {"text": "margin", "side": "top"},
            "orientation": "h",
            "y": 1.0,
            "yanchor": "bottom",
            "thickness": 12,
            "tickformat": "+.2f",
            "nticks": 5,
        },
    }
    return styled(
        [trace],
        columns_title,
        rows_title,
        190 + CELL_PIXELS * len(rows),
        x={
            "type": "category",
            "showgrid": False,
            "tickangle": 0,
            # Below labels of several lines, not beside them.
            "title": {"text": columns_title, "font": {"size": FONT_SIZE}, "standoff": TITLE_PIXELS},
        },
        y={"type": "category", "autorange": "reversed", "showgrid": False},
        showlegend=False,
    )


def _written(cell: PhaseCell) -> str:
    """In lines that fit a phone."""
    winner = cell.winner.replace(" ", "<br>")
    return f"{'' if cell.told else '≈ '}{winner}<br>{cell.margin:+.3f}".replace("-", "−")


def _faint(color: str, opacity: float) -> str:
    return f"rgba{(*hex_to_rgb(color), opacity)}"
