"""Parts that the Similarity and Distortion pages share."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

import pandas as pd  # type: ignore[import-untyped]
import streamlit as st

from s2v.comparison.questions import FeaturesOf
from s2v.parameters import Parameter
from s2v.ui import answers
from s2v.ui.contestants import Contestant
from s2v.ui.linked_globes import Kind
from s2v.ui.messages import plain
from s2v.ui.page_state import PageState


class View(NamedTuple):
    """A choice of maps: its label, and the kinds of panels that each contestant gets."""

    label: str
    kinds: tuple[Kind, ...]


def view_parameter(views: Mapping[str, View]) -> Parameter:
    """The choice of maps, the first of ``views`` by default."""
    return Parameter("view", str, next(iter(views)), "Maps", "All maps turn together.", choices=tuple(views))


def view_widget(state: PageState, views: Mapping[str, View]) -> View:
    """Show the choice of maps and return the one chosen."""
    return views[str(state.widget("view", label=lambda name: views[name].label, beside=True))]


def usable(
    chosen: Iterable[Contestant], is_known: Callable[[Contestant], bool] = lambda contestant: False
) -> list[Contestant]:
    """The contestants that can be compared; the page says why another cannot, and stops if none is left.

    Those for which ``is_known`` is true are not asked about: the first picture must not wait for the worker.
    """
    good = []
    for contestant in chosen:
        if not is_known(contestant):
            try:
                answers.ask(FeaturesOf(contestant.source))
            except ValueError as error:
                st.error(plain(str(error)), icon=":material/error:")
                continue
        good.append(contestant)
    if not good:
        st.info("Choose another encoder, or fewer scales, to see the maps.", icon=":material/tune:")
        st.stop()
    return good


def csv_button(label: str, table: Callable[[], pd.DataFrame], name: str) -> None:
    """A button that downloads a table, which is made when it is clicked."""

    def content() -> str:
        return str(table().to_csv(index=False, float_format="%.6g"))

    st.download_button(
        label, content, f"{name}.csv", "text/csv", on_click="ignore", icon=":material/csv:", key=f"{name} csv"
    )


def finite(value: float) -> float | None:
    """A number for a table: None, an empty cell, if it is not finite."""
    return value if math.isfinite(value) else None
