"""What holds on every page of a visit: the lesson that is open, what a teacher's link has fixed.  It stands in the
address of each page beside the page's own settings, so that a link to any page carries it, and nowhere else.

    visit.read()                      # app.py, before the page
    visit.get("lesson"), visit.put("lesson", "tears")
    visit.write()                     # a page whose PageState writes the address need not
"""

from __future__ import annotations

import time
from collections.abc import Mapping

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

NAMES = ("lesson", "lesson_step", "lesson_answers", "fix", "hide", "projector", "board", "lang")
MAX_LENGTH = 400  # characters of a value; a longer one is cut, and whoever reads it says what is wrong with it
LATE_SECONDS = 3.0  # the report of a widget takes no longer, even to a busy server and with a slow connection

_KEY = "visit"
_WRITTEN = "address written"
_REPLACED = "addresses replaced"


def read() -> None:
    """Takes what a link that was just opened says; what it does not name stays as it was in this session.

    What was last written is no link: a report of a widget that was on its way may still come with the address from
    before the link.
    """
    if is_late():
        return
    _replaced().clear()  # the browser has a newer address now, and sends no older one
    stored, written = _stored(), st.session_state.get(_WRITTEN, {})
    for name in NAMES:
        if name in st.query_params and st.query_params[name] != written.get(name):
            stored[name] = st.query_params[name][:MAX_LENGTH]


def is_late() -> bool:
    """Whether this run has an address that the session has just replaced.  It is no link then.

    A browser sends each change of a widget with the address that it has at that moment.  Two quick changes both come
    with the address from before the first, which read as a link would undo the first.  The way back in the browser's
    history leads to the same addresses, and is a link.
    """
    context = get_script_run_ctx()
    if context is not None and context.is_history_navigation:
        return False
    address = st.query_params.to_dict()
    return any(address == old for _, old in _replaced())


def get(name: str) -> str:
    """The value of one of ``NAMES``; "" where it has none."""
    return _stored().get(_known(name), "")


def put(name: str, value: str) -> None:
    """Sets a value, or ends it with ""; the address follows when it is written."""
    if value:
        _stored()[_known(name)] = value[:MAX_LENGTH]
    else:
        _stored().pop(_known(name), None)


def address() -> Mapping[str, str]:
    """All values, as they stand in an address."""
    return dict(_stored())


def write(own: Mapping[str, str] | None = None) -> None:
    """Writes the values into the address bar, behind a page's ``own`` settings; without those the others stay."""
    before = st.query_params.to_dict()
    last = st.session_state.get(_WRITTEN, {})  # the browser may not have it yet
    if own is None:
        own = {name: value for name, value in before.items() if name not in NAMES}
    st.session_state[_WRITTEN] = now = {**own, **address()}
    if before != now:
        moment = time.monotonic()
        _replaced().extend((moment, old) for old in (before, last) if old and old != now)
        st.query_params.from_dict(now)


def _stored() -> dict[str, str]:
    found: dict[str, str] = st.session_state.setdefault(_KEY, {})
    return found


def _replaced() -> list[tuple[float, dict[str, str]]]:
    """The addresses that were just replaced, and when."""
    recent = time.monotonic() - LATE_SECONDS
    found = [each for each in st.session_state.get(_REPLACED, []) if each[0] > recent]
    st.session_state[_REPLACED] = found
    return found


def _known(name: str) -> str:
    if name not in NAMES:
        raise KeyError(f"{name!r} is none of {', '.join(NAMES)}.")
    return name
