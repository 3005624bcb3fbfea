"""What the page shows of the open models: which of them, which classes, which maps; all of it in the address."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from s2v.parameters import Parameter
from s2v.ui.messages import plain, shorten
from s2v.ui.page_state import PageState
from s2v.ui.published import maps
from s2v.ui.published.opening import Model
from s2v.ui.widget_value import with_value

MAX_LISTED = 200  # classes in a list; more are searched for
FIRST_CLASSES = ("Snow and ice",)  # of the demonstration

MODELS = Parameter("models", str, "", "Models", "Models side by side, by the names that the address has for them.")
CLASSES = Parameter("classes", str, "", "Classes", "Classes side by side, by their numbers from 0.")


def chosen_models(state: PageState, models: Sequence[Model], new: Sequence[Model]) -> list[Model]:
    """Shows the choice of up to four models, and returns those chosen, at least one; ``new`` ones are among them."""
    by_name = {model.name: model for model in models}
    wanted = [name for name in str(state["models"]).split(",") if name]
    for name in wanted:
        if name not in by_name and state.is_linked(["models"]):
            state.note(f"{shorten(name)} in the address is no model that this session has open; it is left out.")
    names = [name for name in wanted if name in by_name][: maps.MAX_SHOWN]
    names = [*(name for name in names if name not in [m.name for m in new]), *(model.name for model in new)]
    names = names[-maps.MAX_SHOWN :] or [
        model.name for model in (models[:2] if models[0].is_demonstration else models[-1:])
    ]
    state.settle("models", ",".join(names), by_its_widget=True)
    if len(models) > 1:
        key = state.widget_key("models")
        with_value(
            st.multiselect,
            names,
            "Models side by side",
            list(by_name),
            key=key,
            max_selections=maps.MAX_SHOWN,
            format_func=lambda name: by_name[name].title,
            on_change=lambda: state.put("models", ",".join(st.session_state[key]), by_its_widget=True),
            placeholder="Choose up to four",
        )
    return [by_name[name] for name in names]


def chosen_classes(state: PageState, models: Sequence[Model], new: Sequence[Model]) -> list[int]:
    """Shows the choice of classes, and returns their numbers; none where no model has classes.

    With ``new`` models the choice starts afresh.
    """
    classes = maps.classes_of(models)
    if not classes:
        return []
    most = max(1, maps.MAX_SHOWN // len(models))
    numbers = ([] if new else _numbers(state, classes)[:most]) or _first(classes)[:most]
    state.settle("classes", ",".join(map(str, numbers)), by_its_widget=True)
    options = _options(classes, numbers)
    key = state.widget_key("classes")
    with_value(
        st.multiselect,
        numbers,
        "Class" if most == 1 else f"Classes, up to {most}",
        options,
        key=key,
        max_selections=most,
        format_func=lambda number: _label(number, classes),
        on_change=lambda: state.put("classes", ",".join(map(str, st.session_state[key])), by_its_widget=True),
        placeholder="Type a name or a number",
        help="Type a part of the name, or the number. Each gets maps of its own; with several models all show the same "
        "class.",
    )
    return numbers


def _numbers(state: PageState, classes: Sequence[str]) -> list[int]:
    """The classes of the address."""
    found = []
    for text in str(state["classes"]).split(","):
        number = int(text) if text.isascii() and text.isdigit() and len(text) < 8 else -1
        if text and not 0 <= number < len(classes):
            state.note(
                f"classes={shorten(text)!r} in the address is no class of the first model: those have the numbers 0 to "
                f"{len(classes) - 1}. It is left out."
            )
        elif text:
            found.append(number)
    return list(dict.fromkeys(found))


def _first(classes: Sequence[str]) -> list[int]:
    return [classes.index(name) for name in FIRST_CLASSES if name in classes] or [0]


def _options(classes: Sequence[str], numbers: Sequence[int]) -> list[int]:
    """The classes to choose from: all, or those that are searched for."""
    if len(classes) <= MAX_LISTED:
        return list(range(len(classes)))
    text = st.text_input(
        f"Find one of {len(classes):,} classes",
        key="published search",
        placeholder="A part of its name, or its number",
        max_chars=100,
    ).strip()
    wanted = text.casefold()
    matches = [
        number
        for number, name in enumerate(classes)
        if not wanted or wanted in name.casefold() or str(number) == wanted
    ]
    if text and not matches:
        st.caption(f"No class has {plain(text)} in its name or for its number.")
    elif len(matches) > MAX_LISTED:
        st.caption(f"{len(matches):,} classes match; the first {MAX_LISTED} are listed. Type more of the name.")
    exact = [number for number in matches if str(number) == wanted or classes[number].casefold() == wanted]
    return list(dict.fromkeys([*numbers, *exact, *matches[:MAX_LISTED]]))


def _label(number: int, classes: Sequence[str]) -> str:
    name = shorten(classes[number])
    return name if str(number) in name else f"{name} ({number})"
