"""The data set of a race on the page: a summary, maps of the truth, and the distribution of its values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import streamlit as st

from s2v.data import DataSet, Split, split_title
from s2v.data.held import cached_by_name
from s2v.evaluation import MAIN_SCORES
from s2v.fields import Grid
from s2v.ui import charts
from s2v.ui.linked_globes import Kind
from s2v.ui.messages import explained, plain
from s2v.ui.race import maps

if TYPE_CHECKING:
    from s2v.engine import Race

MAX_BARS = 20  # classes in the chart of their shares


def show_truth(name: str, kind: Kind) -> None:
    """Shows a data set before the first race.

    Its maps and its chart stand where those of a race will be, so that the browser has loaded all it needs by then.
    """
    with explained("The data set"):
        dataset = maps.load_dataset(name)
        with st.container():
            st.subheader(f"What there is to learn: {dataset.title}", anchor=False)
            st.markdown(
                f"{plain(dataset.summary)} {_ceiling(dataset)} Press **Start**: networks see it at "
                "scattered places only, each through another encoder, and their ideas of the whole Earth appear here "
                "while they learn."
            )
        maps.show_truth(name, kind)
        chart = _distribution(name)
        charts.show(
            chart,
            key="truth chart",
            alt=f"How often each value of {dataset.title} occurs",
            file_name=charts.file_name(name.partition(",")[0], "share of the area by value"),
        )
        st.caption(plain(dataset.credit))


def show_summary(name: str, split: Split = "") -> None:
    """Shows in words what a data set is, where the held-out places of a race on it lie, and its source."""
    with explained("The data set"):
        dataset = maps.load_dataset(name)
        held_out = f" Held out: places {plain(split_title(split))}." if split else ""
        st.markdown(f"**{plain(dataset.title)}**: {plain(dataset.summary)} {_ceiling(dataset)}{held_out}")
        st.caption(plain(dataset.credit))


def show_other_data(race: Race, chosen: str, button: str) -> None:
    """Says that the race on the page is not on the chosen data set, and what that one is, which ``button`` begins."""
    with explained("The data set"):
        old, new = maps.load_dataset(race.recipe.data).title, maps.load_dataset(chosen).title
        changed = "the same data made anew" if old == new else f"**{plain(new)}**"
        st.info(f"This race is on **{plain(old)}**. {button} begins one on {changed}.", icon=":material/info:")
        if old != new:
            show_summary(chosen)


def _ceiling(dataset: DataSet) -> str:
    """What the best possible score on a data set is, in a sentence."""
    score = MAIN_SCORES[dataset.task]
    if dataset.bayes is None:
        return f"The best possible score ({score.word}) on these data is not known."
    if dataset.bayes < 1:
        best = score.text(dataset.bayes)
        return f"The best possible score ({score.word}) is {best}: in the long run no model can do better."
    return f"The data have no noise, so a perfect score ({score.word} of 1) is possible."


@cached_by_name(16)
def _distribution(name: str) -> Any:
    """A chart of the share of the sphere's area that each value or class of a data set takes."""
    from s2v.figures.charts import bars

    dataset = maps.load_dataset(name)
    grid = Grid.equirectangular(2)
    values = maps.truth(name, grid).values.ravel()
    areas = grid.areas.ravel()
    known = np.isfinite(values)
    if dataset.classes:
        shares = np.bincount(values[known].astype(int), weights=areas[known], minlength=len(dataset.classes))
        shares = 100 * shares / shares.sum()
        order = np.argsort(-shares)[:MAX_BARS]
        largest = f" ({len(order)} largest)" if len(order) < len(shares) else ""
        return bars(
            [dataset.classes[i] for i in order],
            shares[order],
            [dataset.colors[i] for i in order] if dataset.colors else None,
            y_title=f"% of the area{largest}",
            sideways=True,
            height=90 + 22 * len(order),
        )
    counts, edges = np.histogram(values[known], bins=40, weights=areas[known])
    middles = (edges[1:] + edges[:-1]) / 2
    return bars(middles, 100 * counts / counts.sum(), None, x_title=dataset.units or "value", y_title="% of the area")
