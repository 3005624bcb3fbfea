"""Widgets whose value the app stores itself.

Streamlit tells the browser the value of a widget whenever the app sets it, even to what it is.  A reader who is quick,
or far from the server, has entered a newer one by then, and would lose it.  So here it is set only where the widget has
another value, or is a new one to Streamlit: one with other choices or bounds begins at its default.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st


def with_value(widget: Callable[..., Any], value: Any, *args: Any, key: str, **options: Any) -> Any:
    """Shows ``widget(*args, key=key, **options)`` with a value, and returns what the widget returns.

    with_value(st.number_input, stored["seed"], "Seed", 0, 9, key="seed", on_change=store_seed)
    """
    as_drawn = f"{key} as drawn"
    label = options.get("format_func")
    texts = [label(choice) for choice in args[1]] if label else []
    now = hash(repr((args, texts, {name: each for name, each in options.items() if not callable(each)})))
    if key not in st.session_state or st.session_state[key] != value or st.session_state.get(as_drawn) != now:
        st.session_state[key] = value
        st.session_state[as_drawn] = now
    return widget(*args, key=key, **options)
