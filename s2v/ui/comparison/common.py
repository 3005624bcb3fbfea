"""Parts that the Similarity and Distortion pages share."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import streamlit as st

import s2v
from s2v.comparison.questions import FeaturesOf
from s2v.comparison.snippets import Compared
from s2v.encoders import EncoderConfig
from s2v.parameters import Parameter
from s2v.ui import answers, trained_models
from s2v.ui.contestants import Contestant
from s2v.ui.linked_globes import Kind, Place
from s2v.ui.messages import plain
from s2v.ui.page_state import PageState
from s2v.ui.place_widget import words as place_words

MIN_TEAR = 1e-6  # a smaller one is rounding (see s2v.distortion)
SAME = 1e-6  # similarities that differ by less are equal but for rounding
CREDIT = f"Sphere2Vec Lab {s2v.__version__}. Coastlines: Natural Earth (public domain)"
ONE = 0.995  # a similarity of the poles, above which a code cannot tell them apart


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


def columns(chosen: Sequence[Contestant], view: View, maps: int) -> int:
    """In how many columns ``maps`` are laid out, so that those of one encoder are below each other; 0 for as many as
    fit.  World maps, of two columns each, stand in pairs."""
    if view.kinds == ("world",):
        return 4 if maps > 1 else 0
    return len(chosen) if len(chosen) > 1 else 0


def picture(
    page: str, chosen: Sequence[Contestant], view: View, what: str, place: Place | None = None
) -> dict[str, Any]:
    """Name and caption of the saved picture, arguments of ``linked_globes``."""
    where = "" if place is None else f"-{place_name(place)}"
    lines = [what if place is None else f"{what}, seen from {place_words(place)}."]
    for c in chosen:
        values = ", ".join(f"{k}={v:.6g}" if isinstance(v, float) else f"{k}={v}" for k, v in c.source.params)
        lines.append(f"{c.title}: {c.source.name}({values})" if values else f"{c.title}: {c.source.title}")
    lines.append(f"{CREDIT}.")
    return {"file_name": f"{page}-{view.label.lower()}-{'-'.join(names(chosen))}{where}", "caption": lines}


def names(chosen: Iterable[Contestant]) -> list[str]:
    """The contestants as the names of files have them."""
    return [c.source.name.replace(":", "-") for c in chosen]


def place_name(place: Place) -> str:
    """A place as the names of files have it: 78.2N-15.6E."""
    return f"{abs(place[1]):g}{'NS'[place[1] < 0]}-{abs(place[0]):g}{'EW'[place[0] < 0]}"


def listed(texts: Iterable[str]) -> str:
    """Texts as a list in a sentence: a, b and c."""
    *first, last = texts
    return f"{', '.join(first)} and {last}" if first else last


def finite(value: float) -> float | None:
    """A number for a table: None, an empty cell, if it is not finite."""
    return value if math.isfinite(value) else None


def compared(chosen: Iterable[Contestant]) -> list[Compared]:
    """The contestants as snippets of code name them."""
    found = []
    for c in chosen:
        if isinstance(c.source, EncoderConfig):
            found.append(Compared(c.source, c.title))
        else:
            model = trained_models.find(c.source.name)
            found.append(Compared(c.source, c.title, model.file_name, is_embedding=bool(model.about)))
    return found
