"""Encoders and trained models in words: titles that differ, and the settings that a title does not name."""

from __future__ import annotations

import math
from collections.abc import Sequence

from s2v import encoders
from s2v.comparison.sources import Source
from s2v.encoders.registry import EncoderConfig
from s2v.models.contestant import PredictorConfig
from s2v.parameters import AUTO, Value
from s2v.ui.messages import degrees, short_title

Choice = Source | PredictorConfig


def titles(sources: Sequence[Choice]) -> list[str]:
    """Titles that differ: sources with the same title add the parameters that tell them apart."""
    short = [short_title(s.title) for s in sources]
    found = []
    for source, title in zip(sources, short, strict=True):
        twins = [dict(s.params) for s, other in zip(sources, short, strict=True) if other == title]
        words = _words(source, {k for k, v in source.params if any(twin.get(k) != v for twin in twins)})
        found.append(f"{title}, {words}" if words else title)
    # The same encoder may be chosen twice; the second title is numbered.
    return [t if found.index(t) == i else f"{t} ({found[: i + 1].count(t)})" for i, t in enumerate(found)]


def settings(source: Choice) -> str:
    """The parameters of an encoder that differ from its defaults, in words; the title names its frequencies."""
    if not isinstance(source, EncoderConfig):
        return ""
    usual = {p.name: p.default for p in encoders.spec(source.name).parameters}
    return _words(source, {k for k, v in source.params if v != usual[k] and k != "frequencies"})


def _words(source: Choice, names: set[str]) -> str:
    """The named parameters of a source in words; both radii are given, with the scales: 16 scales, 5.7°–57°."""
    units = {p.name: p.unit for p in encoders.spec(source.name).parameters} if source.params else {}
    values, parts = dict(source.params), []
    if names & {"scales", "min_radius", "max_radius"}:
        if "scales" in values:
            parts.append(f"{values['scales']} {'scale' if values['scales'] == 1 else 'scales'}")
        if "min_radius" in values:
            parts.append("–".join(_angle(values[name], units[name]) for name in ("min_radius", "max_radius")))
    for name in sorted(names - {"scales", "min_radius", "max_radius"}):
        value, unit = values[name], units[name]
        if name == "frequencies":
            parts.append(f"{value} frequencies")
        elif unit in ("degrees", "radians") and value != AUTO:
            parts.append(f"{name.replace('_', ' ')} {_angle(value, unit)}")
        else:
            parts.append(f"{name.replace('_', ' ')} {value:.3g}" if isinstance(value, float) else f"{name} {value}")
    return ", ".join(parts)


def _angle(radius: Value, unit: str) -> str:
    """A radius in degrees, whatever its unit; auto is auto."""
    if radius == AUTO:
        return AUTO
    return degrees(math.degrees(radius) if unit == "radians" else radius)
