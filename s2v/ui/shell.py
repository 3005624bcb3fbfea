"""What all pages share: how they start, and their style sheet."""

from __future__ import annotations

import streamlit as st
from streamlit.runtime.pages_manager import PagesManager

SIDE_COLUMN = "settings_column"  # key of the container around a column of settings
PHONE_ZOOM = 0.74  # fits a globe of 460 pixels on a page of 390, less its margins


def insist_on_app() -> None:
    """Makes sure that ``app.py`` runs the page; ``app.py`` and every page call it first.

    Streamlit's older kind of multi-page app runs each file in a folder named ``pages`` by itself.  It takes this app
    for one until ``st.navigation`` has been called once, so a page that is opened by its link right after the start
    of the server would lack everything that ``app.py`` puts around it.
    """
    if getattr(PagesManager, "uses_pages_directory", False):
        PagesManager.uses_pages_directory = False
        st.rerun()


def style() -> None:
    """Adapts the page to phones: globes shrink to fit, and a column of settings moves below the picture."""
    st.html(
        f"<style>@media (max-width: 640px) {{ [data-testid=stDeckGlJsonChart] {{ zoom: {PHONE_ZOOM}; }} "
        f"[data-testid=stColumn]:has(.st-key-{SIDE_COLUMN}) {{ order: 2; }} }}</style>"
    )
