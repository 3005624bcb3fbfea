"""The scales of a race that are left to the data: what they will be, what they are, and where they are from."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from typing import TYPE_CHECKING

import streamlit as st

from s2v.assets import AssetError
from s2v.models.recipe import Recipe
from s2v.models.scales import FromData, resolved, scale_in_words
from s2v.ui import pictures
from s2v.ui.labels import titles
from s2v.ui.messages import plain
from s2v.ui.race.maps import load_dataset

if TYPE_CHECKING:
    from s2v.engine import Race


def show_planned(recipes: Sequence[Recipe]) -> None:
    """Says what the scales that are left to the data will be; trials take their place."""
    asked = [recipe for recipe in recipes if recipe.is_auto and not recipe.trials]
    if not asked:
        return
    key = tuple(recipe.to_json() for recipe in asked)
    with contextlib.suppress(ValueError, AssetError):  # the race itself says what is wrong with the data
        st.caption(pictures.cached("scales from the data", key, lambda: _planned(asked)))


def _planned(asked: Sequence[Recipe]) -> str:
    dataset = load_dataset(asked[0].data, asked[0].split, asked[0].points, asked[0].seed)
    names = titles([recipe.contestant for recipe in asked])
    parts = [_part(name, resolved(recipe, dataset)) for name, recipe in zip(names, asked, strict=True)]
    return f"From the data: {'; '.join(parts)}. {_sentence(FromData.of(dataset))}"


def show_race(race: Race, titles: Sequence[str]) -> None:
    """Says what the scales that were left to the data are."""
    known = [(run, title) for run, title in zip(race.firsts, titles, strict=True) if run.from_data]
    if known:
        parts = [_part(title, run.recipe) for run, title in known]
        sources = dict.fromkeys(_sentence(run.from_data) for run, _ in known if run.from_data)
        first = " Of the first seed; each seed has its own." if len(race.runs[0]) > 1 else ""
        st.caption(f"Scales from the data: {'; '.join(parts)}. {' '.join(sources)}{first}")


def _part(title: str, recipe: Recipe) -> str:
    return f"**{plain(title)}** {scale_in_words(recipe)}"


def _sentence(source: FromData) -> str:
    text = str(source)
    return f"{text[0].upper()}{text[1:]}."
