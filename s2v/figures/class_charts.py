"""Charts of the races of a class: scores by encoder, with mean and interval over seeds, and by time."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import plotly.graph_objects as go

from s2v.evaluation.seeds import OverSeeds
from s2v.figures.charts import styled
from s2v.palette import OKABE_ITO

LINE_PIXELS = 46  # of an encoder


def by_encoder(scores: Mapping[str, Mapping[int, float]], means: Mapping[str, OverSeeds], title: str) -> go.Figure:
    """A line for each encoder, the best mean on top: dots for its seeds, a diamond with the interval of their mean."""
    traces: list[dict[str, Any]] = []
    for i, (name, mean) in enumerate(means.items()):
        color = OKABE_ITO[i % len(OKABE_ITO)]
        seeds = dict(scores[name])
        traces.append(
            {
                "type": "scatter",
                "mode": "markers",
                "name": name,
                "x": list(seeds.values()),
                "y": [name] * len(seeds),
                "text": [f"seed {seed}" for seed in seeds],
                "marker": {"color": color, "size": 9, "opacity": 0.5},
                "showlegend": False,
            }
        )
        low, high = mean.interval
        if math.isfinite(low):
            traces.append(
                {
                    "type": "scatter",
                    "mode": "markers",
                    "name": f"{name}, mean",
                    "x": [mean.mean],
                    "y": [name],
                    "error_x": {
                        "type": "data",
                        "symmetric": False,
                        "array": [high - mean.mean],
                        "arrayminus": [mean.mean - low],
                        "color": color,
                        "thickness": 3,
                    },
                    "marker": {"color": color, "size": 14, "symbol": "diamond"},
                    "showlegend": False,
                }
            )
    return styled(traces, title, "", 90 + LINE_PIXELS * len(means), y={"autorange": "reversed"})


def by_time(results: Sequence[tuple[float, str, float]], title: str) -> go.Figure:
    """The score of each race, (seconds, encoder, score), against the minutes since the first began."""
    begin = min(seconds for seconds, _, _ in results)
    names = sorted({name for _, name, _ in results})
    traces = [
        {
            "type": "scatter",
            "mode": "markers",
            "name": name,
            "x": [(seconds - begin) / 60 for seconds, other, _ in results if other == name],
            "y": [value for _, other, value in results if other == name],
            "marker": {"color": OKABE_ITO[i % len(OKABE_ITO)], "size": 10},
        }
        for i, name in enumerate(names)
    ]
    return styled(traces, "minutes since the first race", title, 320)
