"""The choice "from the data" for an encoder's scale: the switch beside its slider; a number where there are none."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from s2v import encoders
from s2v.encoders.registry import EncoderConfig
from s2v.parameters import AUTO, Parameter, Value
from s2v.ui.widget_value import with_value

HELP = (
    "As fine as the training places allow: their spacing, or coarser where what was observed is noisy. The number is "
    "worked out when the data are known, and shown with the race."
)


def is_auto(config: EncoderConfig) -> bool:
    """Whether the scale of an encoder is left to the data."""
    return encoders.spec(config.name).is_auto(dict(config.params))


def in_numbers(config: EncoderConfig, fresh: EncoderConfig) -> EncoderConfig:
    """The encoder with a number for its scale: that of the ``fresh`` one, as far as the other parameters allow.

    Examples
    --------
    >>> asked = EncoderConfig.of("grid", min_radius="auto", max_radius=4)
    >>> dict(in_numbers(asked, EncoderConfig.of("grid", min_radius=5)).params)["min_radius"]
    0.5
    """
    spec, params = encoders.spec(config.name), dict(config.params)
    name = spec.scale_parameter.name
    try:
        return EncoderConfig.of(config.name, **{**params, name: dict(fresh.params)[name]})
    except ValueError:  # such as a largest radius below it
        return EncoderConfig.of(config.name, **spec.in_numbers(params))


def sentence(settled: EncoderConfig) -> str:
    """Why a page without data has a number for the scale of an encoder that was left to them, and which one."""
    spec = encoders.spec(settled.name)
    parameter = spec.scale_parameter
    value = f"{dict(settled.params)[parameter.name]:.3g} {parameter.unit}".strip()
    return (
        f"{spec.title}: {parameter.name}={AUTO} follows from the data that are learned, and this page has none. "
        f"{parameter.title} is {value} here."
    )


def switch(
    key: str, config: EncoderConfig, fresh: EncoderConfig, parameter: Parameter, change: Callable[[Value], None]
) -> bool:
    """Shows the switch, and returns whether it is on; ``change`` gets the new value of the parameter."""

    def turn() -> None:
        on = st.session_state[key]
        change(AUTO if on else dict(in_numbers(config, fresh).params)[parameter.name])

    with_value(st.toggle, is_auto(config), f"{parameter.title} from the data", key=key, help=HELP, on_change=turn)
    return is_auto(config)
