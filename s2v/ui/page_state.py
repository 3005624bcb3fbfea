"""A page's settings: each described once as a ``Parameter``, shown as a widget, kept for the session, and written
in the address, so that the address bar always holds a link to exactly what is seen.

    settings = PageState("train")
    settings.add(*PARAMETERS)            # from the address, else from this session, else the default
    steps = settings.widget("steps")
    settings.write_address()
    settings.show_notes()                # what was wrong with the address, in sentences
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import streamlit as st

from s2v.parameters import Parameter, Value
from s2v.ui.messages import plain, shorten

_EMPTY: Mapping[str, str] = {}
_MAX_VALUE = 200  # characters of a setting in the address: an encoder with all its parameters takes 100


@dataclass
class _Kept:
    """What a session keeps of a page's settings."""

    values: dict[str, Value] = field(default_factory=dict)  # by widget key
    notes: list[str] = field(default_factory=list)
    address: dict[str, str] = field(default_factory=dict)  # as last written
    linked: dict[str, Value] = field(default_factory=dict)  # values that came by a link: sliders keep a stop for them


class PageState:
    """The settings of one page, for one run of its script.

    ``page`` names the page; settings of different pages do not mix.  An address that is not the one written last is
    a link that was just opened: it is read, value by value; what is not allowed is left out with a note.
    """

    def __init__(self, page: str) -> None:
        self.page = page
        self._kept: _Kept = st.session_state.setdefault(f"{page} settings", _Kept())
        address = st.query_params.to_dict()
        self._link = address if address and address != self._kept.address else _EMPTY
        if self._link:
            self._kept.notes.clear()
        self._table: dict[str, tuple[str, Parameter]] = {}  # name -> widget key, description

    def add(self, *parameters: Parameter, group: str = "") -> dict[str, Value]:
        """Takes settings into the page and returns their values.  Settings of another ``group`` keep other values.

        Names are those in the address, so they must differ over the whole page.
        """
        for parameter in parameters:
            key = ".".join(filter(None, (self.page, group, parameter.name)))
            self._table[parameter.name] = key, parameter
            self._update(key, parameter)
        return {p.name: self[p.name] for p in parameters}

    def __getitem__(self, name: str) -> Value:
        return self._kept.values[self._table[name][0]]

    def widget(
        self,
        name: str,
        label: Callable[[Any], str] | None = None,
        disabled: bool = False,
        beside: bool = False,
    ) -> Value:
        """The widget of a setting; ``label`` turns one of its choices into words.

        Few choices stand side by side; with ``beside`` they always do.
        """
        key, parameter = self._table[name]
        linked = self._kept.linked.get(key, parameter.default)
        _widget(key, parameter, linked, label or str, disabled, partial(self._changed, key), beside)
        return self[name]

    def put(self, name: str, value: Value) -> None:
        """Changes a setting from a callback; widgets and address follow in the run after it."""
        self._kept.values[".".join((self.page, name))] = value

    def note(self, text: str) -> None:
        """A sentence for ``show_notes``: why a change was not made."""
        if text not in self._kept.notes:
            self._kept.notes.append(text)

    def write_address(self) -> None:
        """Puts every setting into the address bar, and notes what the opened link had that this page has not."""
        for name, given in self._link.items():
            if name not in self._table:
                self.note(
                    f"{shorten(name)}={shorten(given)!r} in the address is no setting of this page with these "
                    f"choices; its settings are: {', '.join(self._table)}. It is ignored."
                )
        self._link = _EMPTY  # it is read: parts of the page that are drawn again by themselves do not read it again
        self._kept.address = {name: _text(self[name]) for name in self._table}
        if st.query_params.to_dict() != self._kept.address:
            st.query_params.from_dict(self._kept.address)

    def show_notes(self) -> None:
        """What was wrong with the address that was opened; gone with the next change of a setting."""
        for note in self._kept.notes:
            st.warning(plain(note), icon=":material/link_off:")

    def _update(self, key: str, parameter: Parameter) -> None:
        kept = self._kept
        if parameter.name in self._link:
            given = self._link[parameter.name]
            given = given if len(given) <= _MAX_VALUE else shorten(given)
            try:
                kept.values[key] = kept.linked[key] = parameter.check(given)
            except ValueError as error:
                kept.values[key] = parameter.default
                self.note(f"The address says {error} The default, {_text(parameter.default)}, is used.")
        else:
            kept.values.setdefault(key, parameter.default)
        # Every time, not only the first: the table is the truth.  A widget whose run was cut short by the next one
        # (a click while the page is still being drawn) comes back empty otherwise.
        st.session_state[key] = kept.values[key]

    def _changed(self, key: str) -> None:
        """The reader has changed a widget."""
        value = st.session_state[key]
        if value is not None:
            self._kept.values[key] = value
        self._kept.notes.clear()


def _text(value: Value) -> str:
    """A value as the address has it; ``Parameter.check`` gives the same value back."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def parameter_widget(key: str, parameter: Parameter, value: Value, on_change: Callable[[], None]) -> None:
    """The widget of a parameter that shows ``value``, which is kept elsewhere; ``on_change`` finds the reader's
    choice in ``st.session_state[key]``."""
    st.session_state[key] = value
    _widget(key, parameter, value, str, False, on_change)


def _widget(
    key: str,
    parameter: Parameter,
    linked: Value,
    words: Callable[[Any], str],
    disabled: bool,
    on_change: Callable[[], None],
    beside: bool = False,
) -> None:
    title = f"{parameter.title} ({parameter.unit})" if parameter.unit else parameter.title
    common: dict[str, Any] = {"key": key, "help": parameter.help, "disabled": disabled, "on_change": on_change}
    low, high = parameter.low, parameter.high
    if parameter.choices:
        if beside or sum(len(words(choice)) + 3 for choice in parameter.choices) <= 30:  # fits side by side
            st.segmented_control(title, parameter.choices, format_func=words, required=True, **common)
        else:
            st.selectbox(title, parameter.choices, format_func=words, **common)
    elif parameter.kind is bool:
        st.toggle(title, **common)
    elif parameter.kind is str:
        st.text_input(title, **common)
    elif parameter.exact:
        kind = parameter.kind
        bounds = (None if low is None else kind(low), None if high is None else kind(high))
        st.number_input(title, *bounds, step=kind(_step(parameter.default)), **common)
    elif parameter.log and low is not None and high is not None:
        stops = _log_stops(low, high, parameter.default, linked)
        st.select_slider(title, stops, format_func=lambda v: f"{v:g}", **common)
    elif parameter.kind is int and low is not None and high is not None and high - low <= 200:
        st.slider(title, int(low), int(high), **common)
    elif parameter.kind is int:
        st.number_input(title, _whole(low), _whole(high), step=_step(parameter.default), **common)
    elif low is not None and high is not None:
        st.slider(title, float(low), float(high), step=_fine(high - low), **common)
    else:
        st.number_input(title, low, high, **common)


def _whole(bound: float | None) -> int | None:
    return None if bound is None else int(bound)


def _step(default: float) -> int:
    """A step that goes from the default to its neighbours of the same size: 500 for 2500, 50 for 128, 1 for 0."""
    return max(1, 10 ** int(math.log10(max(default, 1))) // 2)


def _fine(width: float) -> float:
    """About a hundredth of a range, as a round number."""
    return float(10 ** math.floor(math.log10(width / 50)) * (5 if width / 50 >= 5 else 1))


def _log_stops(low: float, high: float, *also: float) -> list[float]:
    """1, 2, 5, 10, ... within a range, with its ends and the values that must be among them."""
    decades = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    steps = (float(f"{digit}e{decade}") for decade in decades for digit in (1, 2, 5))
    return sorted({low, high, *also, *(step for step in steps if low < step < high)})
