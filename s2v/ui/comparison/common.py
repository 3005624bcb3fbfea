"""What the Similarity and Distortion pages have in common, beside the choice of encoders."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

import pandas as pd  # type: ignore[import-untyped]
import streamlit as st

from s2v.parameters import Parameter
from s2v.ui import answers as desk
from s2v.ui.contestants import Contestant
from s2v.ui.messages import plain
from s2v.ui.page_state import PageState


def view_parameter(views: Mapping[str, str]) -> Parameter:
    """Which kinds of maps are shown, the first of ``views`` unless chosen otherwise."""
    return Parameter("view", str, next(iter(views)), "Maps", "All maps turn together.", choices=tuple(views))


def view_widget(settings: PageState, views: Mapping[str, str]) -> str:
    """Shows the choice of maps where it is called; ``views`` has the words for them."""
    return str(settings.widget("view", label=lambda view: views[view], beside=True))


def usable(
    chosen: Iterable[Contestant], known: Callable[[Contestant], bool] = lambda contestant: False
) -> list[Contestant]:
    """The contestants that can be compared; for each other one the page says why not, and ends if none is left.

    What is ``known`` needs no asking: the first picture must not wait for the process to start.
    """
    good = []
    for contestant in chosen:
        if not known(contestant):
            try:
                desk.ask(desk.question("features", contestant.setting))
            except ValueError as error:
                st.error(plain(str(error)), icon=":material/error:")
                continue
        good.append(contestant)
    if not good:
        st.info("Choose another encoder, or fewer scales, to see the maps.", icon=":material/tune:")
        st.stop()
    return good


def csv_button(label: str, table: Callable[[], pd.DataFrame], name: str) -> None:
    """A way to take a table away; it is made when it is asked for."""

    def content() -> str:
        return str(table().to_csv(index=False, float_format="%.6g"))

    st.download_button(
        label, content, f"{name}.csv", "text/csv", on_click="ignore", icon=":material/csv:", key=f"{name} csv"
    )
