"""The settings of a training run on a page: from the tables of ``s2v.recipe`` and of the encoders to a ``Recipe``."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import streamlit as st

from s2v import data, encoders
from s2v.parameters import Parameter
from s2v.recipe import PARAMETERS, Recipe
from s2v.ui.controls import Settings

FIRST_ENCODERS = ("xyz", "wrap", "grid", "sphereC", "sphereM", "plane_waves")

# What a newcomer sees: as fine as 20,000 training points can teach, and quick on two cores.
SCALES = 8
MIN_RADIUS = 1 / 32  # radians

NETWORKS = {
    "linear": "linear: a weighted sum",
    "ffn": "ffn: the paper's, feed-forward",
    "residual": "residual: with short cuts",
    "siren": "siren: with sine waves",
}

_MAIN = ("network", "steps", "learning_rate", "seed")
_MORE = ("hidden", "layers", "dropout", "points", "batch")


def recipe_settings(settings: Settings) -> Recipe:
    """Shows the settings of a run where it is called, and returns the recipe that they make.

    Raises ``ValueError`` where values that are allowed one by one do not go together.
    """
    table = {p.name: p for p in PARAMETERS}
    settings.add(replace(table["data"], choices=_data_names()), replace(table["encoder"], choices=_encoder_names()))
    settings.widget("data", label=lambda name: data.CATALOGUE[name].title)
    encoder = settings.widget("encoder", label=lambda name: encoders.spec(name).title)
    st.caption(encoders.spec(encoder).summary)

    own = encoder_parameters(encoder)
    settings.add(*own.values(), group=encoder)
    settings.add(*(table[name] for name in (*_MAIN, *_MORE)))
    for parameter in own.values():
        if parameter.name != "max_radius":
            settings.widget(parameter.name)
    for name in _MAIN:
        settings.widget(name, label=lambda choice: NETWORKS.get(choice, choice))
    with st.expander("More"):
        if "max_radius" in own:
            settings.widget("max_radius")
        for name in _MORE:
            settings.widget(name)
    return Recipe(
        **{name: settings[name] for name in ("data", "encoder", *_MAIN, *_MORE)},
        encoder_params={name: settings[parameter.name] for name, parameter in own.items()},
    )


def encoder_parameters(encoder: str) -> dict[str, Parameter]:
    """An encoder's parameters by their own names, with the defaults of this page and names fit for the address."""
    return {p.name: _for_page(p) for p in encoders.spec(encoder).parameters}


def _for_page(parameter: Parameter) -> Parameter:
    changes: dict[str, Any] = {}
    if parameter.name == "seed":  # the run has a seed too
        changes["name"] = "encoder_seed"
    if parameter.name == "scales" and parameter.default > SCALES:
        changes["default"] = SCALES
    if parameter.name == "min_radius":
        changes["default"] = MIN_RADIUS if parameter.unit == "radians" else round(math.degrees(MIN_RADIUS), 2)
    return replace(parameter, **changes)


def _data_names() -> tuple[str, ...]:
    """Data sets that a run can learn: presence-only sets need losses that runs do not use yet."""
    return tuple(name for name in data.names() if data.entry(name).task != "presence")


def _encoder_names() -> tuple[str, ...]:
    return (*FIRST_ENCODERS, *(name for name in encoders.ENCODERS if name not in FIRST_ENCODERS))
