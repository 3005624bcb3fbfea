"""How every chart stands on a page: drawn by plotly, and below it its numbers and its picture as files."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import streamlit as st

from s2v import spreadsheets
from s2v.ui.components import component

if TYPE_CHECKING:
    from s2v.models.recipe import Recipe

MAX_NAME = 100  # letters of a file's name

# The only button of the toolbar saves the picture.  The page hides the toolbar (shell.py) and has buttons of its own,
# which click on that one (assets/components/chart_pictures): on a touch screen a toolbar would lie on the curves.
_CONFIG = {"displayModeBar": True, "modeBarButtons": [["toImage"]], "displayNotifier": False, "displaylogo": False}


def show(
    figure: Any,
    *,
    key: str,
    alt: str,
    file_name: str,
    table: Callable[[], Sequence[Mapping[str, object]]] | None = None,
) -> None:
    """Shows a chart with buttons for its numbers (CSV) and its picture (SVG, PNG).

    ``file_name`` is without its ending.  The rows of ``table`` are the numbers where the figure does not have them as
    they are, such as bars that end at the edge of the chart.
    """

    def numbers() -> bytes:
        from s2v.figures.chart_table import chart_table  # here, because plotly takes a second to import

        return spreadsheets.table(table() if table else chart_table(figure))

    with st.container(gap=None):
        st.plotly_chart(figure, key=key, config=_CONFIG, alt=alt)
        with st.container(horizontal=True, horizontal_alignment="right", vertical_alignment="center"):
            st.download_button(
                "CSV",
                numbers,
                f"{file_name}.csv",
                "text/csv",
                key=f"{key} csv",
                type="tertiary",
                on_click="ignore",
            )
            component("chart_pictures")(key=f"{key} pictures", data={"name": file_name}, width="content")


def file_name(*parts: str) -> str:
    """The name of a chart's files: which data, which encoders, which quantity.

    >>> file_name("geoid", "grid", "sphereM+", "R2 by latitude")
    'geoid-grid-sphereM+-R2-by-latitude'
    """
    words = (re.sub(r"[^\w+.]+", "-", part).strip("-.") for part in parts)
    return "-".join(word for word in words if word)[:MAX_NAME].rstrip("-.")


def race_file_name(recipes: Sequence[Recipe], quantity: str) -> str:
    """The name of the files of a race's chart."""
    return file_name(recipes[0].data.partition(",")[0], *(recipe.contestant.name for recipe in recipes), quantity)
