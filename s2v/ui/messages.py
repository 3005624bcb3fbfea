"""Messages on the page in plain sentences; the details of an error go to the server's log."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from s2v.assets import AssetError
from s2v.errors import clipped, user_message

log = logging.getLogger("s2v.ui")

MAX_QUOTED = 60  # characters of a given value that a message repeats


def plain(text: str) -> str:
    """``text`` as messages show it: escaped for Markdown, so that nothing in it becomes a link, a picture or a formula.

    It is clipped to ``s2v.errors.MAX_MESSAGE`` letters.
    """
    return re.sub(r"([\\`*_{}\[\]()<>#+!|~$:])", r"\\\1", clipped(text))


def shorten(text: str) -> str:
    """``text``, cut where it is too long for a sentence."""
    return text if len(text) <= MAX_QUOTED else text[: MAX_QUOTED - 1] + "…"


def degrees(value: float) -> str:
    """An angle in degrees for people, with two digits: 5.7°, 57°, 360°."""
    return f"{value:.0f}°" if abs(value) >= 100 else f"{float(f'{value:.2g}'):g}°"


def short_title(title: str) -> str:
    """An encoder's title without the name of its family, for places with little room."""
    return title.removeprefix("Sphere2Vec ").removeprefix("Space2Vec ")


@contextmanager
def explained(what: str) -> Iterator[None]:
    """Runs a part of a page; if it fails, the page shows a message instead and goes on.

    ``what`` completes "... cannot be shown", for example "The map of the geoid".  The project's own errors bring their
    own sentence; for any other the message points to the log.  The log gets the details either way.
    """
    try:
        yield
    except Exception as error:
        # Streamlit's signals (rerun, stop) are not subclasses of Exception, so they pass.
        log.exception("%s cannot be shown", what)
        unexpected = (
            "something went wrong that was not foreseen. The server's log has the details. The rest of the page works; "
            "reloading it may help."
        )
        if isinstance(error, AssetError):
            st.error(plain(str(error)), icon=":material/broken_image:")
        else:
            st.error(plain(f"{what} cannot be shown: {user_message(error) or unexpected}"), icon=":material/error:")
