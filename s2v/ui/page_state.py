"""The settings of a page: each is described once as a ``Parameter``, shown as a widget, kept for the session, and
written in the address, so that the address bar always holds a link to exactly what is on the page.

    state = PageState("train")
    state.add(*PARAMETERS)            # from the address, else from this session, else the default
    steps = state.widget("steps")
    state.write_address()
    state.show_notes()                # what was wrong with the address, in sentences
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import streamlit as st

from s2v.parameters import Parameter, Value
from s2v.ui import locks, visit
from s2v.ui.live_slider import live_slider
from s2v.ui.messages import degrees, plain, shorten
from s2v.ui.widget_value import with_value

_EMPTY: Mapping[str, str] = {}
_MAX_VALUE = 200  # characters of a setting in the address: an encoder with all its parameters takes 100
_MAX_SIDE_BY_SIDE = 30  # characters of choices that fit side by side
_MAX_SLIDER = 200  # whole numbers on a slider


@dataclass
class _Stored:
    """What a session stores of a page's settings."""

    values: dict[str, Value] = field(default_factory=dict)  # by key: page, group, name
    stops: dict[str, Value] = field(default_factory=dict)  # values set from outside, which a slider must offer
    outside: Counter[str] = field(default_factory=Counter)  # how often a value was, see widget_key
    notes: list[str] = field(default_factory=list)
    kept: dict[str, None] = field(default_factory=dict)  # titles of fixed settings that something tried to change
    address: dict[str, str] = field(default_factory=dict)  # as last written
    usual: dict[str, str] = field(default_factory=dict)  # what a page without a link has in its place

    def set(self, key: str, value: Value, from_outside: bool) -> None:
        if from_outside and key in self.values and self.values[key] != value:
            self.outside[key] += 1
        self.values[key] = value

    def widget_key(self, key: str) -> str:
        return f"{key} ({self.outside[key]})" if self.outside[key] else key

    def forget_notes(self) -> None:
        self.notes.clear()
        self.kept.clear()


class PageState:
    """The settings of one page, for one run of its script.

    ``page`` names the page; settings of different pages are separate.  An address that this session has not just
    written or replaced is a link that was just opened.  It is read value by value; a value that is not allowed is left
    out with a note.
    """

    def __init__(self, page: str) -> None:
        self.page = page
        self._stored: _Stored = st.session_state.setdefault(f"{page} settings", _Stored())
        address = {name: value for name, value in st.query_params.to_dict().items() if name not in visit.NAMES}
        is_link = address and address != self._stored.address and not visit.is_late()
        self._link = address if is_link else _EMPTY
        self._is_teachers = locks.in_link()
        if self._link:
            self._stored.forget_notes()
        self._table: dict[str, tuple[str, Parameter]] = {}  # name -> key, description

    def add(self, *parameters: Parameter, group: str = "") -> dict[str, Value]:
        """Adds settings to the page and returns their values.  Settings of another ``group`` keep other values.

        Names are those in the address, so they must differ over the whole page.
        """
        for parameter in parameters:
            assert parameter.name not in visit.NAMES, f"{parameter.name} stands in the address of every page"
            key = ".".join(filter(None, (self.page, group, parameter.name)))
            self._table[parameter.name] = key, parameter
            self._update(key, parameter)
        return {p.name: self[p.name] for p in parameters}

    def __getitem__(self, name: str) -> Value:
        return self._stored.values[self._table[name][0]]

    def widget(
        self,
        name: str,
        label: Callable[[Any], str] | None = None,
        disabled: bool = False,
        beside: bool = False,
    ) -> Value:
        """Shows the widget of a setting and returns its value; ``label`` turns one of its choices into words.

        Choices that are short stand side by side; with ``beside`` they always do.  A setting that a teacher's link has
        fixed is disabled, one that it has hidden is not shown.
        """
        key, parameter = self._table[name]
        if locks.is_hidden(name):
            return self[name]
        if locks.is_fixed(name):
            parameter, disabled = replace(parameter, title=locks.label(parameter.title)), True
        stop = self._stored.stops.get(key, parameter.default)
        widget_key = self._stored.widget_key(key)
        changed = partial(self._changed, key, widget_key)
        _widget(widget_key, parameter, self[name], stop, label or str, disabled, changed, beside)
        return self[name]

    def slider(self, name: str, stops: Sequence[Value], texts: Sequence[str]) -> Value:
        """Shows a setting as a slider over ``stops``, its value among them, whose ``texts`` are for people; it takes
        effect while it is moved.  Returns its value."""
        key, parameter = self._table[name]
        if locks.is_fixed(name):
            if not locks.is_hidden(name):
                text = texts[list(stops).index(self[name])]
                st.text_input(locks.label(_title(parameter)), text, disabled=True, help=parameter.help)
            return self[name]

        def moved(value: Value) -> None:
            self._stored.values[key] = value
            self._stored.forget_notes()

        live_slider(
            _title(parameter), stops, self[name], key=f"{key} slider", help=parameter.help, texts=texts, on_change=moved
        )
        return self[name]

    def put(self, name: str, value: Value, *, group: str = "", by_its_widget: bool = False) -> None:
        """Changes a setting, of a ``group`` as in ``add``; widgets and address follow in the next run.

        ``by_its_widget`` says that the reader did so in a widget of this setting, which shows the value already.
        A setting that a teacher's link has fixed stays as it is, and ``show_notes`` says so.
        """
        key = ".".join(filter(None, (self.page, group, name)))
        if locks.is_fixed(name) and key in self._stored.values:
            if self._stored.values[key] != value:
                self._keep(name)
            return
        self.settle(name, value, group=group, by_its_widget=by_its_widget)

    def settle(self, name: str, value: Value, *, group: str = "", by_its_widget: bool = False) -> None:
        """Changes a setting as ``put`` does, also a fixed one: for what the page itself has to set right."""
        key = ".".join(filter(None, (self.page, group, name)))
        self._stored.stops[key] = value
        self._stored.set(key, value, from_outside=not by_its_widget)

    def widget_key(self, name: str) -> str:
        """A key for widgets of a setting.  It changes whenever the setting is changed from outside.

        A widget in a closed popover or expander is not there to take such a change: when it opens again, the browser
        sends the value that it had when it was closed.  Under another key it is another widget, without a past.
        """
        return self._stored.widget_key(f"{self.page}.{name}")

    def is_linked(self, names: Iterable[str]) -> bool:
        """Whether a link that was just opened gives any of these settings."""
        return any(name in self._link for name in names)

    def note(self, text: str) -> None:
        """Adds a sentence for ``show_notes``: why a change was not made."""
        if text not in self._stored.notes:
            self._stored.notes.append(text)

    def write_address(self) -> None:
        """Writes every setting into the address bar, and notes the settings of the link that this page lacks."""
        for name, given in self._link.items():
            if name not in self._table:
                self.note(
                    f"{shorten(name)}={shorten(given)!r} in the address is no setting of this page with these "
                    f"choices; its settings are: {', '.join(self._table)}. It is ignored."
                )
        for sentence in locks.problems(self._table):
            self.note(sentence)
        self._link = _EMPTY  # a fragment that runs again by itself must not read it again
        self._stored.address = {name: _text(self[name]) for name in self._table}
        self._stored.usual = {name: _text(parameter.default) for name, (_, parameter) in self._table.items()}
        visit.write(self._stored.address)

    def show_notes(self) -> None:
        """Shows what was wrong with the address that was opened, until the next change of a setting."""
        for note in self._stored.notes:
            st.warning(plain(note), icon=":material/link_off:")
        if kept := list(self._stored.kept):
            stay = "is set by your teacher and stays as it is"
            if len(kept) > 1:
                stay = "are set by your teacher and stay as they are"
            st.info(f"{plain(', '.join(kept))} {stay}.", icon=":material/lock:")

    @staticmethod
    def addresses() -> dict[str, dict[str, str]]:
        """The settings of all pages that this session has opened, as in their addresses, by page."""
        return {page: dict(stored.address) for page, stored in _opened().items()}

    @staticmethod
    def defaults() -> dict[str, dict[str, str]]:
        """The same settings as a new session has them that is given those of the others, by page."""
        return {page: dict(stored.usual) for page, stored in _opened().items()}

    def _update(self, key: str, parameter: Parameter) -> None:
        stored = self._stored
        is_linked = parameter.name in self._link
        if is_linked and not self._is_teachers and key in stored.values and locks.is_fixed(parameter.name):
            is_linked = False  # a link from another page leaves what is fixed as it is
            if _text(stored.values[key]) != self._link[parameter.name]:
                self._keep(parameter.name)
        if is_linked:
            given = self._link[parameter.name]
            given = given if len(given) <= _MAX_VALUE else shorten(given)
            try:
                checked = stored.stops[key] = parameter.check(given)
                stored.set(key, checked, from_outside=True)
            except ValueError as error:
                stored.set(key, parameter.default, from_outside=True)
                self.note(f"The address says {error} The default, {_text(parameter.default)}, is used.")
        else:
            stored.values.setdefault(key, parameter.default)

    def _changed(self, key: str, widget_key: str) -> None:
        """Called when the reader has changed a widget."""
        value = st.session_state[widget_key]
        if value is not None and not locks.is_fixed(key.rpartition(".")[2]):
            self._stored.values[key] = value
        self._stored.forget_notes()

    def _keep(self, name: str) -> None:
        """Notes that something tried to change a fixed setting."""
        title = self._table[name][1].title if name in self._table else name
        self._stored.kept[title] = None


def _opened() -> dict[str, _Stored]:
    """What is stored of the pages that this session has opened."""
    found = {name: stored for name, stored in st.session_state.items() if isinstance(stored, _Stored)}
    return {str(name).removesuffix(" settings"): stored for name, stored in found.items()}


def _text(value: Value) -> str:
    """A value as the address has it; ``Parameter.check`` gives the same value back."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def parameter_widget(
    key: str, parameter: Parameter, value: Value, on_change: Callable[[Value], None], live: bool = False
) -> None:
    """Shows the widget of a parameter whose ``value`` the caller stores; ``on_change`` gets the reader's choice.

    A ``live`` slider takes effect while it is moved.
    """
    stops = _stops(parameter, value) if live else []
    if stops:
        texts = [_text_of(parameter, stop) for stop in stops]
        live_slider(_title(parameter), stops, value, key=key, help=parameter.help, texts=texts, on_change=on_change)
        return
    _widget(key, parameter, value, value, str, False, lambda: on_change(st.session_state[key]))


def _title(parameter: Parameter) -> str:
    return f"{parameter.title} ({parameter.unit})" if parameter.unit else parameter.title


def _stops(parameter: Parameter, value: Value) -> list[Value]:
    """The values that a slider of a parameter offers, ``value`` among them; none for another widget."""
    low, high = parameter.low, parameter.high
    if parameter.choices or parameter.exact or parameter.kind not in (int, float) or low is None or high is None:
        return []
    if parameter.log:
        return _log_stops(low, high, parameter.default, value)
    if parameter.kind is int:
        return list(range(int(low), int(high) + 1)) if high - low <= _MAX_SLIDER else []
    step = _fine(high - low)
    count = int((high - low) / step + 1e-9)
    return sorted({*(float(f"{low + i * step:.10g}") for i in range(count + 1)), float(high), value})


def _text_of(parameter: Parameter, value: Value) -> str:
    return _stop_text(value, parameter.unit) if parameter.log else f"{value:g}"


def _widget(
    key: str,
    parameter: Parameter,
    value: Value,
    stop: Value,
    label: Callable[[Any], str],
    disabled: bool,
    on_change: Callable[[], None],
    beside: bool = False,
) -> None:
    title = _title(parameter)
    common: dict[str, Any] = {"key": key, "help": parameter.help, "disabled": disabled, "on_change": on_change}
    low, high = parameter.low, parameter.high
    if parameter.choices:
        if beside or sum(len(label(choice)) + 3 for choice in parameter.choices) <= _MAX_SIDE_BY_SIDE:
            with_value(
                st.segmented_control, value, title, parameter.choices, format_func=label, required=True, **common
            )
        else:
            with_value(st.selectbox, value, title, parameter.choices, format_func=label, **common)
    elif parameter.kind is bool:
        with_value(st.toggle, value, title, **common)
    elif parameter.kind is str:
        with_value(st.text_input, value, title, **common)
    elif parameter.exact:
        kind = parameter.kind
        bounds = (None if low is None else kind(low), None if high is None else kind(high))
        with_value(st.number_input, value, title, *bounds, step=kind(_step(parameter.default)), **common)
    elif parameter.log and low is not None and high is not None:
        stops = _log_stops(low, high, parameter.default, stop)
        with_value(st.select_slider, value, title, stops, format_func=lambda v: _stop_text(v, parameter.unit), **common)
    elif parameter.kind is int and low is not None and high is not None and high - low <= _MAX_SLIDER:
        with_value(st.slider, value, title, int(low), int(high), **common)
    elif parameter.kind is int:
        with_value(st.number_input, value, title, _whole(low), _whole(high), step=_step(parameter.default), **common)
    elif low is not None and high is not None:
        with_value(st.slider, value, title, float(low), float(high), step=_fine(high - low), **common)
    else:
        with_value(st.number_input, value, title, low, high, **common)


def _stop_text(value: float, unit: str) -> str:
    """A stop of a slider for people: radii with two digits, and in degrees, too."""
    if unit == "degrees":
        return degrees(value)
    return f"{value:.3g} ({degrees(math.degrees(value))})" if unit == "radians" else f"{value:g}"


def _whole(bound: float | None) -> int | None:
    return None if bound is None else int(bound)


def _step(default: float) -> int:
    """A step that goes from the default to its neighbours of the same size: 500 for 2500, 50 for 128, 1 for 0."""
    return max(1, 10 ** int(math.log10(max(default, 1))) // 2)


def _fine(width: float) -> float:
    """About a hundredth of a range, as a round number."""
    return float(10 ** math.floor(math.log10(width / 50)) * (5 if width / 50 >= 5 else 1))


def _log_stops(low: float, high: float, *also: float) -> list[float]:
    """1, 2, 5, 10, ... within a range, with its ends and other values that must be among them."""
    decades = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    steps = (float(f"{digit}e{decade}") for decade in decades for digit in (1, 2, 5))
    return sorted({low, high, *also, *(step for step in steps if low < step < high)})
