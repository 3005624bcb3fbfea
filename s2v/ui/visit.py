"""What holds on every page of a visit: the lesson that is open, what a teacher's link has fixed.  It stands in the
address of each page beside the page's own settings, so that a link to any page carries it, and nowhere else.

    visit.read()                      # app.py, before the page
    visit.get("lesson"), visit.put("lesson", "tears")
    visit.write()                     # a page whose PageState writes the address need not
"""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

NAMES = ("lesson", "lesson_step", "lesson_answers", "fix", "hide", "projector", "board", "lang")
MAX_LENGTH = 400  # characters of a value; a longer one is cut, and whoever reads it says what is wrong with it

_KEY = "visit"
_WRITTEN = "visit written"


def read() -> None:
    """Takes what a link that was just opened says; what it does not name stays as it was in this session.

    What was last written is no link: a report of a widget that was on its way may still come with the address from
    before the link.
    """
    stored, written = _stored(), st.session_state.get(_WRITTEN, {})
    for name in NAMES:
        if name in st.query_params and st.query_params[name] != written.get(name):
            stored[name] = st.query_params[name][:MAX_LENGTH]


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
    st.session_state[_WRITTEN] = dict(address())
    if own is None:
        own = {name: value for name, value in before.items() if name not in NAMES}
    if before != (now := {**own, **address()}):
        st.query_params.from_dict(now)


def _stored() -> dict[str, str]:
    found: dict[str, str] = st.session_state.setdefault(_KEY, {})
    return found


def _known(name: str) -> str:
    if name not in NAMES:
        raise KeyError(f"{name!r} is none of {', '.join(NAMES)}.")
    return name
