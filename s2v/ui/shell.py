"""What all pages share: how they start, and their style sheet."""

from __future__ import annotations

from collections.abc import Iterable

import streamlit as st
from streamlit.navigation.page import Page
from streamlit.runtime.pages_manager import PagesManager

from s2v.ui import connection, projector

# Keys of containers around a column of settings.  On a phone it comes after the picture, or before it in two columns.
SIDE_COLUMN, COMPACT_COLUMN = projector.SIDE_COLUMNS
NAVIGATION = "phone_navigation"  # key of the row of links to all pages
NARROW = 768  # pixels: up to this width Streamlit hides its row of pages
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
    """Adapts the page to phones: globes and titles shrink to fit, settings take their place, and the row of
    ``phone_navigation`` takes the place of Streamlit's, which hides all pages behind an arrow."""
    st.html(f"<style>{_STYLE}</style>")


def phone_navigation(pages: Iterable[Page]) -> None:
    """Links to all pages in rows.  Only phones show it: wider windows have Streamlit's own row."""
    with st.container(horizontal=True, key=NAVIGATION):
        for page in pages:
            st.page_link(page)


# Streamlit's captions and the texts of its charts stand out less than 4.5 to 1 on a light page, and the text of a
# primary button on a dark one.
_STYLE = f"""
[data-testid=stCaptionContainer] {{ color: inherit; opacity: .78; }}
[data-testid=stPlotlyChart] svg text {{ fill: currentColor !important; fill-opacity: .78; }}
[data-testid=stPlotlyChart] .modebar-container {{ display: none; }} /* see charts.py */
[data-testid=stBaseButton-primary]:not(:disabled) {{ background: #0b6e99; border-color: #0b6e99; color: #fff; }}
[data-testid=stBaseButton-primary]:not(:disabled):hover {{ background: #095a7d; }}
[data-testid=stPageLink-NavLink] p {{ white-space: normal; }}
[data-testid=stLayoutWrapper]:has(> .st-key-{connection.KEY}) {{ position: absolute; }}
[data-testid=stLayoutWrapper]:has(> .st-key-{NAVIGATION}) {{ display: none; }}
@media (max-width: {NARROW}px) {{
  [data-testid=stLayoutWrapper]:has(> .st-key-{NAVIGATION}) {{ display: flex; }}
  .st-key-{NAVIGATION} {{ flex-wrap: wrap; gap: 0; }}
  .st-key-{NAVIGATION} a {{ min-height: 2.5rem; padding: 0 .6rem; }}
  .st-key-{NAVIGATION} a > :not(:has(p)) {{ display: none; }}
  [data-testid=stSidebar], [data-testid=stExpandSidebarButton] {{ display: none; }}
  [data-testid=stHeader] {{ background: none; }}
  [data-testid=stHeader], [data-testid=stHeader] :not(button, button *) {{ pointer-events: none; }}
  [data-testid=stMainBlockContainer] {{ padding-top: .75rem; }}
}}
@media (max-width: 640px) {{
  [data-testid=stDeckGlJsonChart] {{ zoom: {PHONE_ZOOM}; }}
  [data-testid=stHeading] h1 {{ font-size: 1.6rem; }}
  [data-testid=stPlotlyChart] .textpoint {{ display: none; }} /* numbers at bars would overlap; a tap shows them */
  [data-testid=stColumn]:has(.st-key-{SIDE_COLUMN}) {{ order: 2; }}
  .st-key-{COMPACT_COLUMN} {{ display: grid; grid-template-columns: 1fr 1fr; gap: .5rem 1rem; align-items: end; }}
  .st-key-{COMPACT_COLUMN} > :has([data-testid=stExpander], [data-testid=stCaptionContainer], [data-testid=stAlert]) {{
    grid-column: 1 / -1;
  }}
}}
"""
