"""Sentences for people: what went wrong, in the page; the details, in the server's log."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from s2v.assets import AssetError
from s2v.errors import sentence

log = logging.getLogger("s2v.ui")

MAX_QUOTED = 60  # characters of a given value that are repeated in a message


def plain(text: str) -> str:
    """``text`` as Markdown that shows exactly this text: nothing in it becomes a link, a picture or a formula."""
    return re.sub(r"([\\`*_{}\[\]()<>#+!|~$:])", r"\\\1", text)


def shorten(text: str) -> str:
    """``text`` cut to a length that suits a sentence."""
    return text if len(text) <= MAX_QUOTED else text[: MAX_QUOTED - 1] + "…"


def short_title(title: str) -> str:
    """An encoder's title without the name of its family, where there is little room."""
    return title.removeprefix("Sphere2Vec ").removeprefix("Space2Vec ")


@contextmanager
def explained(what: str) -> Iterator[None]:
    """Runs a part of a page; where it fails, the page says so and goes on.

    ``what`` completes "... cannot be shown", for example "The map of the geoid".  A missing or damaged file of the
    project brings its own sentence, and so does what cannot be computed from what was given; for anything else the log
    is named, which gets the details either way.
    """
    try:
        yield
    except Exception as error:
        # Streamlit's own signals (rerun, stop) are no Exception, so they pass.
        log.exception("%s cannot be shown", what)
        unforeseen = (
            "something went wrong that was not foreseen. The server's log has the details. The rest of the page works; "
            "reloading it may help."
        )
        if isinstance(error, AssetError):
            st.error(plain(str(error)), icon=":material/broken_image:")
        else:
            st.error(plain(f"{what} cannot be shown: {sentence(error) or unforeseen}"), icon=":material/error:")
