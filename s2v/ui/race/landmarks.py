"""The places that encoders are made of, as dots on the maps of a race: whether they are shown, and what they are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import streamlit as st

from s2v import encoders
from s2v.encoders.spec import Landmarks
from s2v.parameters import Parameter
from s2v.ui.messages import plain

if TYPE_CHECKING:
    from s2v.engine import Race
    from s2v.ui.page_state import PageState

DOTS = Parameter(
    "dots",
    bool,
    True,
    "Dots",
    "The places that an encoder is made of, on its own map. Those that it learns move while it trains.",
)


def widget(state: PageState, race: Race) -> bool:
    """Shows the switch, where an encoder of the race is made of places; it is on at first where one learns them."""
    known = [marks for run in race.firsts if (marks := _known(run.recipe.contestant)) is not None]
    if not known or not (race.live or any(run.latest and run.latest.landmarks is not None for run in race.firsts)):
        return False
    learned = any(marks.learned for marks in known)
    words = ", ".join(dict.fromkeys(marks.word for marks in known))
    state.add(replace(DOTS, default=learned, title=f"Dots: {words}"), group="learned" if learned else "fixed")
    return bool(state.widget("dots"))


def show_remark(race: Race, titles: Sequence[str], dots: Mapping[str, Any]) -> None:
    """Says what the dots on the maps are."""
    texts = []
    for run, title in zip(race.firsts, titles, strict=True):
        marks = _known(run.recipe.contestant)
        if marks is None or run.latest is None or run.latest.landmarks is None:
            continue
        moving = (", which move while it trains" if race.live else ", where training has brought them") * marks.learned
        texts.append(f"the {len(run.latest.landmarks):,} {marks.word} of {title}{moving}")
    if dots and texts:
        st.caption(plain(f"Dots: {'; '.join(texts)}."))


def _known(contestant: Any) -> Landmarks | None:
    spec = encoders.ENCODERS.get(contestant.name)
    return spec.landmarks if spec else None
