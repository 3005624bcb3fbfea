"""What every page has around it."""

from __future__ import annotations

import streamlit as st
from streamlit.runtime.pages_manager import PagesManager

SIDE_COLUMN = "settings_column"  # key of the container around a column of settings
PHONE_ZOOM = 0.74  # a globe of 460 pixels on a page of 390, less its margins


def insist_on_app() -> None:
    """Called first by ``app.py`` and by every page: the page is run by ``app.py``, or not at all.

    Streamlit's older kind of many-page app runs the files of a folder named ``pages`` by themselves.  It takes this
    app for one until ``st.navigation`` has been called once, so a link to a page, opened as the first thing after
    the start of the server, would come without the page's frame.
    """
    if getattr(PagesManager, "uses_pages_directory", False):
        PagesManager.uses_pages_directory = False
        st.rerun()


def style() -> None:
    """Adapts the page to telephones: globes are drawn for a column of a wide page, and shrink to fit a narrow one;
    a column of settings comes below what it sets."""
    st.html(
        f"<style>@media (max-width: 640px) {{ [data-testid=stDeckGlJsonChart] {{ zoom: {PHONE_ZOOM}; }} "
        f"[data-testid=stColumn]:has(.st-key-{SIDE_COLUMN}) {{ order: 2; }} }}</style>"
    )
