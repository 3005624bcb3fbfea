"""What a teacher's link has fixed or hidden: settings that stay as the link has set them.

    /train?data=geoid&steps=500&fix=data,steps&hide=network

A name is that of a group, or of a single setting.  It is a help for a class, no protection: whoever edits the address
can change everything.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache

import streamlit as st

from s2v import data
from s2v.ui import visit
from s2v.ui.messages import shorten

MAX_NAMES = 40  # in one list
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,29}")
_CHECKED = "locks that were checked"  # key of the session


@dataclass(frozen=True)
class Group:
    """Settings that are fixed or hidden together, under a title for people."""

    title: str
    settings: tuple[str, ...]


GROUPS: Mapping[str, Group] = {
    "encoders": Group("Encoders and reference", ("e1", "e2", "e3", "e4", "reference")),
    "data": Group("Data", ("data", "points", "split")),  # and the parameters of made-up data
    "steps": Group("Steps", ("steps",)),
    "network": Group("Network", ("network", "hidden", "layers", "dropout", "activation")),
    "learning": Group("How it learns", ("learning_rate", "batch", "loss", "background", "precision", "device")),
    "seed": Group("Seed and number of runs", ("seed", "seeds")),
    "trials": Group("Trials of the scale", ("trials",)),
    "pace": Group("Pace", ("pace",)),
    "place": Group("Place", ("lon", "lat")),
    "frequencies": Group("Repaired frequencies", ("repair",)),
    "maps": Group(
        "What the maps show",
        ("view", "show", "class", "veil", "dots", "difference", "walk", "rings", "measure", "coastlines"),
    ),
    "curves": Group("Curves and variograms", ("curves", "against", "variogram", "places", "around")),
}


def is_hidden(*names: str) -> bool:
    """Whether all these settings have no widget."""
    return _named("hide").issuperset(names)


def is_fixed(*names: str) -> bool:
    """Whether all these settings are fixed: shown, but not to be changed, or hidden."""
    return (_named("fix") | _named("hide")).issuperset(names)


def label(title: str) -> str:
    """The label of a widget whose setting is fixed."""
    return f":material/lock: {title} (set by your teacher)"


def in_link() -> bool:
    """Whether the address that was opened is a teacher's, which may change what is fixed."""
    return "fix" in st.query_params or "hide" in st.query_params


def problems(settings: Collection[str]) -> list[str]:
    """Sentences on names, in the address that was opened, that are neither those of groups nor of a page's settings.

    Each list is checked once, on the page that it was opened with: on others its names may have no meaning.
    """
    found: list[str] = []
    for kind in ("fix", "hide"):
        given = visit.get(kind)
        if st.session_state.setdefault(_CHECKED, {}).get(kind, "") == given:
            continue
        st.session_state[_CHECKED][kind] = given
        names = _split(given)
        known = {*GROUPS, *settings, *(name for group in GROUPS for name in members(group))}
        for name in names[:MAX_NAMES]:
            if name not in known:
                found.append(
                    f"{kind}={shorten(name)!r} in the address names no control of this page; there are "
                    f"{', '.join(GROUPS)}, and single settings. It is ignored."
                )
        if len(names) > MAX_NAMES or len(given) >= visit.MAX_LENGTH:
            found.append(
                f"{kind} in the address has more than {MAX_NAMES} names or {visit.MAX_LENGTH - 1} characters; the "
                "rest is ignored."
            )
    return found


@cache
def members(group: str) -> tuple[str, ...]:
    """The settings of a group."""
    own = GROUPS[group].settings
    if group != "data":
        return own
    made = (parameter.name for name in data.names() for parameter in data.entry(name).parameters)
    return (*own, *dict.fromkeys(made))


def _named(kind: str) -> frozenset[str]:
    return _settings(visit.get(kind))


@lru_cache(64)  # any text can come in an address
def _settings(given: str) -> frozenset[str]:
    """The settings that a list names, those of its groups among them."""
    names = [name for name in _split(given)[:MAX_NAMES] if _NAME.fullmatch(name)]
    return frozenset(setting for name in names for setting in (members(name) if name in GROUPS else (name,)))


def _split(given: str) -> list[str]:
    return [name for name in given.split(",") if name]
