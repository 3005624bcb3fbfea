"""The parts of the Similarity page: its maps, its numbers and what they say in words."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd  # type: ignore[import-untyped]
import streamlit as st

from s2v.comparison import great_circle, start
from s2v.comparison.questions import (
    CharacterOf,
    FeaturesOf,
    IsQuick,
    LobeOf,
    ProfileOf,
    Question,
    SimilarityMapOf,
    WalkOf,
)
from s2v.comparison.results import Character, Lobe, Profile
from s2v.encoders import EncoderConfig
from s2v.fields import Field, Grid
from s2v.figures import comparison_charts
from s2v.ui import answers
from s2v.ui.comparison.common import View, finite
from s2v.ui.contestants import COMPARISON_MENU, Contestant
from s2v.ui.linked_globes import MAX_PANELS, Difference, Panel, Place

COARSE, FINE = 2.0, 0.5  # degrees: cells of the maps shown at once, and of those that follow
FRAMES = 31  # places of a walk
LIMITS = (-1.0, 1.0)
DIFFERENCE_LIMITS = (-1.5, 1.5)
TRUTH = "the sphere itself"
VIEWS = {
    "globe": View("Globes", ("globe",)),
    "north": View("North", ("north",)),
    "south": View("South", ("south",)),
    "poles": View("Both poles", ("north", "south")),
    "world": View("World", ("world",)),
}


@dataclass(frozen=True)
class Maps:
    """Every contestant's map at one place, and ``truth``, the sphere's own.

    For a walk, ``frames`` and ``truth_frames`` are those at each place of its ``path``.
    """

    fields: list[Field]
    truth: Field
    frames: list[list[Field]]
    truth_frames: list[Field]
    path: list[Place] | None


def maps(chosen: Sequence[Contestant], place: Place, degrees: float, walking: bool) -> Maps:
    """The maps at ``place``, or of a walk from there; ``ValueError`` or ``NoAnswerError`` if there are none."""
    if walking:
        walks = answers.ask_all([WalkOf(c.source, place, FRAMES, COARSE) for c in chosen])
        true_walk = great_circle.great_circle_walk(place, FRAMES, COARSE)
        frames = [[_field(w.grid, values, c.title) for values in w.values] for c, w in zip(chosen, walks, strict=True)]
        truth_frames = [_field(true_walk.grid, values, TRUTH) for values in true_walk.values]
        path = [(float(longitude), float(latitude)) for longitude, latitude in true_walk.path]
        return Maps([f[0] for f in frames], truth_frames[0], frames, truth_frames, path)
    shipped = {c.title: field for c in chosen if (field := _shipped_map(c, place)) is not None}
    others = [c for c in chosen if c.title not in shipped]  # none on the first visit, which waits for nothing
    computed = {
        c.title: _field(*found, c.title)
        for c, found in zip(others, answers.ask_all([_map_of(c, place, degrees) for c in others]), strict=True)
    }
    truth = _field(*great_circle.great_circle_map(place, degrees), TRUTH)
    return Maps([(shipped | computed)[c.title] for c in chosen], truth, [], [], None)


def first_numbers() -> list[Question[Any]]:
    """What the page asks when it is opened without a link; the first maps are those of the Start page."""
    return [
        question
        for source in next(iter(COMPARISON_MENU.line_ups.values()))
        for question in (ProfileOf(source, start.ANCHOR), LobeOf(source, start.ANCHOR), CharacterOf(source))
    ]


def first_questions() -> list[Question[Any]]:
    """``first_numbers``, and what the page asks at the first click on a map."""
    sources = next(iter(COMPARISON_MENU.line_ups.values()))
    return [
        *first_numbers(),
        *(FeaturesOf(source) for source in sources),
        *(SimilarityMapOf(source, start.ANCHOR, FINE) for source in sources),
    ]


def fine_questions(chosen: Sequence[Contestant], place: Place) -> list[SimilarityMapOf]:
    """The finer maps that take too long for the first picture; they are shown when the page is idle."""
    new = [c for c in chosen if not is_shipped(c, place) and not answers.knows(_map_of(c, place, FINE))]
    quick = answers.ask_all([IsQuick(c.source, FINE) for c in new])
    return [_map_of(c, place, FINE) for c, is_quick in zip(new, quick, strict=True) if not is_quick]


def is_shipped(contestant: Contestant, place: Place) -> bool:
    """Whether the map is one of the Start page, so that it need not be computed."""
    name = contestant.source.name
    return (
        place == start.ANCHOR
        and name in start.ENCODERS
        and contestant.source == EncoderConfig.of(name, **start.ENCODERS[name])
    )


def panels(found: Maps, view: View, difference: bool, live: bool) -> tuple[list[Panel | Difference], int]:
    """Panels for the linked globes, and how many of the contestants are on them; ``live`` if finer ones follow."""
    room = MAX_PANELS // len(view.kinds)
    count = min(len(found.fields), room)
    drawn: list[Panel | Difference] = []
    for kind in view.kinds:
        truth = Panel(found.truth, kind, TRUTH.capitalize(), frames=found.truth_frames, live=live)
        for i in range(count):
            panel = Panel(found.fields[i], kind, frames=found.frames[i] if found.frames else (), live=live)
            title = f"{panel.field.title} − the sphere"
            drawn.append(Difference(panel, truth, title, DIFFERENCE_LIMITS) if difference else panel)
        if count < room:
            drawn.append(truth)
    return drawn, count


@dataclass(frozen=True)
class Numbers:
    """What is measured of one contestant at a place."""

    contestant: Contestant
    profile: Profile
    lobe: Lobe
    character: Character


def numbers(chosen: Sequence[Contestant], place: Place) -> list[Numbers]:
    """Curves, widths and rank agreement of all contestants."""
    profiles, lobes, characters = answers.ask_all(
        [ProfileOf(c.source, place) for c in chosen],
        [LobeOf(c.source, place) for c in chosen],
        [CharacterOf(c.source) for c in chosen],
    )
    return [Numbers(*measured) for measured in zip(chosen, profiles, lobes, characters, strict=True)]


def findings(found: Sequence[Numbers], place_in_words: str) -> list[str]:
    """What the numbers say, in sentences of Markdown."""
    sentences = []
    for n in found:
        east, north = n.lobe.east_west, n.lobe.north_south
        if not (math.isfinite(east) and math.isfinite(north)):
            sentences.append(f"**{n.contestant.title}**: in some direction nothing is ever less than half alike.")
            continue
        ratio = north / east
        shape = (
            "nearly round"
            if 0.87 <= ratio <= 1.15
            else f"{ratio:.1f} times as long north-south as it is wide east-west"
            if ratio > 1
            else f"{1 / ratio:.1f} times as wide east-west as it is long north-south"
        )
        sentences.append(
            f"**{n.contestant.title}**: the patch of likeness around {place_in_words} is {shape} "
            f"({km(east)} east-west by {km(north)} north-south)."
        )
    ranked = sorted((n for n in found if math.isfinite(n.character.fidelity_north)), key=_north)
    if len(ranked) > 1:
        sentences.append(
            f"Above 70° N the order of distances is kept best by **{ranked[-1].contestant.title}** "
            f"(rank agreement {_north(ranked[-1]):.2f} of 1) and worst by **{ranked[0].contestant.title}** "
            f"({_north(ranked[0]):.2f})."
        )
    return sentences


def show_chart(found: Sequence[Numbers]) -> None:
    """Similarity against distance."""
    figure = comparison_charts.similarity_chart(
        [(comparison_charts.CurveLabel(n.contestant.title, n.contestant.color), n.profile) for n in found]
    )
    st.plotly_chart(figure, key="similarity chart", alt="Similarity of each encoder against distance along the sphere")


def show_table(found: Sequence[Numbers]) -> None:
    """Widths, rank agreement and tears, one row for each contestant."""
    table = pd.DataFrame(
        {
            "encoder": [n.contestant.title for n in found],
            "features": [n.character.features for n in found],
            "east_west": [finite(n.lobe.east_west) for n in found],
            "north_south": [finite(n.lobe.north_south) for n in found],
            "fidelity": [finite(n.character.fidelity) for n in found],
            "fidelity_north": [finite(n.character.fidelity_north) for n in found],
            "dateline": [n.character.dateline_tear for n in found],
            "north": [n.character.north_tear for n in found],
            "south": [n.character.south_tear for n in found],
        }
    )
    st.dataframe(table, hide_index=True, column_config=_COLUMNS, key="similarity table", placeholder="–")


def km(value: float) -> str:
    """Kilometres for people, with two or three digits."""
    if value >= 1000:
        return f"{round(value, -1):,.0f} km".replace(",", "\u202f")
    return f"{value:.0f} km" if value >= 10 else f"{value:.1f} km"


def _north(n: Numbers) -> float:
    return n.character.fidelity_north


def _map_of(contestant: Contestant, place: Place, degrees: float) -> SimilarityMapOf:
    return SimilarityMapOf(contestant.source, place, degrees)


def _field(grid: Grid, values: Any, title: str) -> Field:
    return Field(values, grid, title, "similarity", LIMITS, "RdBu_r")


def _shipped_map(contestant: Contestant, place: Place) -> Field | None:
    if not is_shipped(contestant, place):
        return None
    field = next(panel.field for panel in start.load() if panel.encoder == contestant.source.name)
    return _field(field.grid, field.values, contestant.title)


_TEAR = (
    "in units of the code's spread over the whole sphere (root mean square): 0 is whole, 1.4 is as far apart as "
    "two places that have nothing to do with each other."
)
_COLUMNS = {
    "encoder": st.column_config.TextColumn("Encoder", pinned=True),
    "features": st.column_config.NumberColumn("Features", help="Length of the code: how many numbers a place becomes."),
    "east_west": st.column_config.NumberColumn(
        "Width east-west",
        format="%.0f km",
        help="Width of the patch around the place inside which the similarity stays above one half, going east and "
        "west. Empty: it never falls so low.",
    ),
    "north_south": st.column_config.NumberColumn(
        "Width north-south", format="%.0f km", help="The same, going north and south."
    ),
    "fidelity": st.column_config.NumberColumn(
        "Rank agreement",
        format="%.2f",
        help="Do places that are farther apart get codes that are farther apart? Spearman's rank correlation of "
        "code distance with great-circle distance over the whole sphere: 1 is perfect, 0 is chance.",
    ),
    "fidelity_north": st.column_config.NumberColumn(
        "… above 70° N", format="%.2f", help="The same, for pairs of places north of 70° N."
    ),
    "dateline": st.column_config.NumberColumn(
        "Dateline tear",
        format="%.2f",
        help=f"Largest gap between the codes of one place written with longitude 180° and −180°, {_TEAR}",
    ),
    "north": st.column_config.NumberColumn(
        "North Pole tear",
        format="%.2f",
        help=f"Largest gap between the codes of the North Pole written with different longitudes, {_TEAR}",
    ),
    "south": st.column_config.NumberColumn(
        "South Pole tear", format="%.2f", help=f"The same at the South Pole, {_TEAR}"
    ),
}
