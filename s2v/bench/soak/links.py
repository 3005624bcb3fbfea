"""Random links to the pages: with legal values, and with values that no page allows."""

from __future__ import annotations

import random
import urllib.parse
from collections.abc import Iterable, Mapping
from typing import Any

from s2v import data, encoders
from s2v.models.recipe import PARAMETERS
from s2v.parameters import Parameter

# Bounds for what is drawn, where a parameter allows more: a race should end within the test.
MAX_DRAWN: Mapping[str, float] = {"points": 5000, "steps": 2500, "hidden": 256, "layers": 3, "batch": 1024}
COMPARISON_PAGES = ("similarity", "distortion")
SHARE_OF_HOSTILE = 0.2  # of links to a race that also have a value that is not allowed

# One link plus Start must not fill memory: these are allowed one by one, and are far too large together.
GIANTS = (
    {"e1": "tile:cell=0.5,features=4096", "steps": "50"},
    {f"e{i}": "tile:cell=0.5,features=4096" for i in (1, 2, 3, 4)},
    {"e1": "sphereM", "hidden": "2048", "layers": "8", "batch": "16384", "points": "200000", "steps": "100000"},
)

HOSTILE = (
    "",
    " ",
    "none",
    "nan",
    "-inf",
    "1e999",
    "-1",
    "0",
    "1_0",
    "٣",
    "9" * 400,
    "0x10",
    "true",
    "\x00",
    "<script>alert(1)</script>",
    "![x](https://example.org/x.png)",
    "$\\frac{1}{0}$",
    "../../../../etc/passwd",
    "file:///etc/passwd",
    "{{7*7}}",
    "%s%s%n",
    "sphereM:scales=999",
    "sphereM:scales",
    "sphereM:scales=4,scales=5",
    "sphereM:min_radius=2,max_radius=1",
    "sphereM:" + "a=1," * 500,
    "run:../../x",
    "run:" + "0" * 8,
    "vmf:U99",
    "checkerboard,cells=-5",
    "geoid,geoid,geoid",
    "a" * 20_000,
)


def race_link(draw: random.Random) -> str:
    """The query of a link to the Train page, with a race that two cores train in seconds."""
    values = _contestants(draw, draw.choice((1, 2, 2, 3, 4)))
    for parameter in draw.sample(PARAMETERS, k=draw.randint(2, 8)):
        if parameter.name not in ("encoder", "data", "seed"):
            values[parameter.name] = _legal(draw, parameter)
    values["steps"] = _legal(draw, next(p for p in PARAMETERS if p.name == "steps"))
    values["points"] = _legal(draw, next(p for p in PARAMETERS if p.name == "points"))
    values |= {"seed": draw.randrange(10_000), "seeds": draw.choice((1, 1, 1, 2, 3))}
    values |= {"data": draw.choice(data.names()), "pace": draw.choice(("lockstep", "free"))}
    if draw.random() < SHARE_OF_HOSTILE:
        values |= _hostile(draw, values)
    return _query(values)


def hostile_link(draw: random.Random) -> tuple[str, str]:
    """A page, and the query of a link to it that is mostly not allowed."""
    page = draw.choice(("", "train", *COMPARISON_PAGES))
    names = ["e1", "e2", "e3", "e4", "lon", "lat", "view", "camera", "race", "class", "show", "measure"]
    names += [p.name for p in PARAMETERS] + ["no such setting", "\U0001f30d"]
    return page, _query({name: draw.choice(HOSTILE) for name in draw.sample(names, k=draw.randint(1, 12))})


def giant_link(draw: random.Random) -> str:
    """The query of a link to a race that is far too large for a shared server."""
    return _query(draw.choice(GIANTS))


def comparison_link(draw: random.Random) -> tuple[str, str]:
    """A comparison page, and the query of a link to it that it has most likely not seen before."""
    values = _contestants(draw, draw.randint(1, 4))
    values |= {"lon": round(draw.uniform(-180, 180), 2), "lat": round(draw.uniform(-90, 90), 2)}
    return draw.choice(COMPARISON_PAGES), _query(values)


def _contestants(draw: random.Random, number: int) -> dict[str, Any]:
    """Encoders for the four slots: with the page's parameters, or with one that is drawn near its default."""
    values: dict[str, Any] = {f"e{i}": "none" for i in range(1, 5)}
    for i in range(1, number + 1):
        name = draw.choice(tuple(encoders.ENCODERS))
        own = [p for p in encoders.spec(name).parameters if p.name not in ("min_radius", "max_radius")]
        chosen = draw.choice(own) if own and draw.random() < 0.6 else None
        values[f"e{i}"] = f"{name}:{chosen.name}={_near_default(draw, chosen)}" if chosen else name
    return values


def _near_default(draw: random.Random, parameter: Parameter) -> Any:
    if parameter.choices or parameter.kind is bool:
        return _legal(draw, parameter)
    if isinstance(parameter.default, str):
        return parameter.default
    low = parameter.default / 2 if parameter.low is None else max(parameter.low, parameter.default / 2)
    high = parameter.default * 2 if parameter.high is None else min(parameter.high, parameter.default * 2)
    value = draw.uniform(low, max(low, high))
    return round(value) if parameter.kind is int else round(value, 6)


def _legal(draw: random.Random, parameter: Parameter) -> Any:
    if parameter.choices:
        return draw.choice(parameter.choices)
    if parameter.kind is bool:
        return draw.choice(("true", "false"))
    low, high = parameter.low or 0.0, parameter.high if parameter.high is not None else 1.0
    high = min(high, MAX_DRAWN.get(parameter.name, high))
    value = low * (high / low) ** draw.random() if low > 0 else draw.uniform(low, high)
    return round(value) if parameter.kind is int else float(f"{value:.4g}")


def _hostile(draw: random.Random, names: Iterable[str]) -> dict[str, str]:
    return {draw.choice(sorted(names)): draw.choice(HOSTILE)}


def _query(values: Mapping[str, Any]) -> str:
    return urllib.parse.urlencode({name: str(value) for name, value in values.items()})
