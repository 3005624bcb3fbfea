"""Widgets are told a value only where they lack it: the reader may have entered a newer one."""

from __future__ import annotations

from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

KINDS = ("number_input", "slider", "selectbox", "segmented_control", "select_slider", "multiselect", "toggle")


def page() -> None:
    import streamlit as st

    from s2v.ui.widget_value import with_value

    stored = st.session_state["stored"]
    widget, high = getattr(st, stored["kind"]), stored["high"]

    def changed() -> None:
        stored["value"] = st.session_state["widget"]

    choices: tuple[Any, ...] = (range(high),)
    options: dict[str, Any] = {"format_func": lambda i: f"{i} of {high}"}
    if stored["kind"] in ("number_input", "slider"):
        choices, options = (0, high), {}
    if stored["kind"] == "toggle":
        choices, options = (), {}
    if stored["shown"]:
        with_value(widget, stored["value"], "Widget", *choices, key="widget", on_change=changed, **options)


def opened(**stored: Any) -> AppTest:
    app = AppTest.from_function(page, default_timeout=30)
    app.session_state["stored"] = {"value": 3, "high": 9, "shown": True, **stored}
    return app.run()


def told(app: AppTest, kind: str) -> bool:
    """Whether the browser is told a value in place of its own."""
    return bool(app.get("button_group" if kind == "segmented_control" else kind)[0].proto.set_value)


@pytest.mark.parametrize("kind", KINDS)
def test_only_what_the_browser_lacks_is_told(kind: str) -> None:
    one, other = {"toggle": (True, False), "multiselect": ([3], [4])}.get(kind, (3, 4))
    app = opened(kind=kind, value=one)
    assert not app.exception
    assert told(app, kind)
    app.run()
    assert not told(app, kind)
    app.session_state["stored"]["value"] = other
    app.run()
    assert told(app, kind)
    assert app.session_state["widget"] == other
    app.session_state["stored"]["high"] = 7  # a new widget, to Streamlit
    app.run()
    assert app.session_state["widget"] == other
    app.session_state["stored"]["shown"] = False
    app.run()
    app.session_state["stored"]["shown"] = True
    app.run()
    assert app.session_state["widget"] == other


def test_what_the_reader_enters_is_not_told_again() -> None:
    app = opened(kind="number_input")
    app.number_input[0].set_value(5).run()
    assert app.session_state["stored"]["value"] == 5
    assert not told(app, "number_input")
