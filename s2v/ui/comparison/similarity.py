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
from s2v.ui import answers, charts, glossary
from s2v.ui.comparison.common import MIN_TEAR, ONE, SAME, View, finite, listed, names, place_name
from s2v.ui.contestants import COMPARISON_MENU, Contestant
from s2v.ui.linked_globes import MAX_PANELS, Difference, Panel, Place
from s2v.ui.messages import plain

COARSE, FINE = 2.0, 0.5  # degrees: cells of the maps shown at once, and of those that follow
FRAMES = 31  # places of a walk
LIMITS = (-1.0, 1.0)
DIFFERENCE_LIMITS = (-1.5, 1.5)
ROUND = 0.87, 1.15  # a patch between these ratios of length to width is called nearly round
NEAR_POLE = 89.5  # degrees of latitude: closer to a pole, there is hardly an east
VIEWS = {
    "globe": View("Globes", ("globe",)),
    "north": View("North", ("north",)),
    "south": View("South", ("south",)),
    "poles": View("Both poles", ("north", "south")),
    "world": View("World", ("world",)),
}


@dataclass(frozen=True)
class Maps:
    """Every contestant's map at one place, and ``rounds``, the round kernels of the same half-widths.

    For a walk, ``frames`` and ``round_frames`` are those at each place of its ``path``.  ``seen`` says in a sentence
    what each map shows; there are none for a walk and at a pole.
    """

    fields: list[Field]
    rounds: list[Field]
    frames: list[list[Field]]
    round_frames: list[list[Field]]
    path: list[Place] | None
    seen: Sequence[str] = ()


def maps(chosen: Sequence[Contestant], place: Place, degrees: float, walking: bool) -> Maps:
    """The maps at ``place``, or of a walk from there; ``ValueError`` or ``NoAnswerError`` if there are none."""
    if walking:
        walks = answers.ask_all([WalkOf(c.source, place, FRAMES, COARSE) for c in chosen])
        path = [(float(longitude), float(latitude)) for longitude, latitude in walks[0].path]
        frames = [[_field(w.grid, values, c.label) for values in w.values] for c, w in zip(chosen, walks, strict=True)]
        round_frames = [
            [_round(c, place, float(width), COARSE) for place, width in zip(path, w.half_widths, strict=True)]
            for c, w in zip(chosen, walks, strict=True)
        ]
        return Maps([f[0] for f in frames], [f[0] for f in round_frames], frames, round_frames, path)
    shipped = {c.title: field for c in chosen if (field := _shipped_map(c, place)) is not None}
    others = [c for c in chosen if c.title not in shipped]  # none on the first visit, which waits for nothing
    found, lobes = answers.ask_all(
        [_map_of(c, place, degrees) for c in others], [LobeOf(c.source, place) for c in chosen]
    )
    computed = {c.title: _field(*values, c.label) for c, values in zip(others, found, strict=True)}
    rounds = [_round(c, place, lobe.half_width, degrees) for c, lobe in zip(chosen, lobes, strict=True)]
    seen = [f"The patch of likeness is {_form(lobe)}." for lobe in lobes] if abs(place[1]) < NEAR_POLE else ()
    return Maps([(shipped | computed)[c.title] for c in chosen], rounds, [], [], None, seen)


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


def panels(found: Maps, view: View, difference: bool, live: bool) -> tuple[list[Panel | Difference], bool]:
    """Panels for the linked globes, and whether the round kernels are among them; ``live`` if finer ones follow."""
    drawn: list[Panel | Difference] = []
    with_rounds = 2 * len(view.kinds) * len(found.fields) <= MAX_PANELS
    for kind in view.kinds:
        own = [
            Panel(
                field,
                kind,
                frames=found.frames[i] if found.frames else (),
                live=live,
                seen=found.seen[i] if found.seen else "",
            )
            for i, field in enumerate(found.fields)
        ]
        rounds = [
            Panel(field, kind, frames=found.round_frames[i] if found.round_frames else (), live=live)
            for i, field in enumerate(found.rounds)
        ]
        drawn += [
            Difference(a, b, f"{a.field.title} − round", DIFFERENCE_LIMITS) if difference else a
            for a, b in zip(own, rounds, strict=True)
        ]
        if with_rounds and kind == "world":  # each beside its own
            drawn[-len(own) :] = [panel for pair in zip(drawn[-len(own) :], rounds, strict=True) for panel in pair]
        elif with_rounds:
            drawn += rounds
    return drawn, with_rounds


@dataclass(frozen=True)
class Numbers:
    """What is measured of one contestant at a place."""

    contestant: Contestant
    profile: Profile
    lobe: Lobe
    character: Character


def numbers(chosen: Sequence[Contestant], place: Place) -> list[Numbers]:
    """Curves, widths and rank agreement of all contestants; the page says why those of one are missing."""
    try:
        return _numbers(chosen, place)
    except ValueError:  # about one of them: the others have their numbers
        found = []
        for contestant in chosen:
            try:
                found += _numbers([contestant], place)
            except ValueError as error:
                st.error(plain(str(error)), icon=":material/error:")
        if not found:
            raise
        return found


def findings(found: Sequence[Numbers], place: Place, place_in_words: str) -> list[str]:
    """What the numbers say, in sentences of Markdown."""
    shape_of = _at_the_pole if abs(place[1]) >= NEAR_POLE else _shape
    sentences = [f"**{n.contestant.title}**: {shape_of(n, place, place_in_words)}" for n in found]
    if alike := [n for n in found if n.character.poles_alike >= ONE]:
        sentences.append(
            f"{_bold(alike)} cannot tell the poles apart: the similarity of the North Pole to the South Pole is "
            f"{listed(dict.fromkeys(f'{n.character.poles_alike:.2f}' for n in alike))}."
        )
    if alone := [n for n in found if _by_direction(n) < SAME]:
        sentences.append(
            f"Under {_bold(alone)} similarity depends on distance alone: the largest difference between two "
            f"directions, at any distance, is {max(map(_by_direction, alone)):.3f}."
        )
    ranked = sorted((n for n in found if math.isfinite(n.character.fidelity_north)), key=_north)
    if len(ranked) > 1:
        sentences.append(
            f"Above 70° N the order of distances is kept best by **{ranked[-1].contestant.title}** "
            f"(rank agreement {_north(ranked[-1]):.2f} of 1) and worst by **{ranked[0].contestant.title}** "
            f"({_north(ranked[0]):.2f})."
        )
    return sentences


def show_chart(found: Sequence[Numbers], place: Place) -> None:
    """Similarity against distance, and the round kernels of the same half-widths."""
    figure = comparison_charts.similarity_chart(
        [
            (comparison_charts.CurveLabel(n.contestant.title, n.contestant.color), n.profile, n.lobe.half_width)
            for n in found
        ],
        aims=[
            (comparison_charts.CurveLabel(n.contestant.title, n.contestant.color), kernel)
            for n in found
            if isinstance(n.contestant.source, EncoderConfig) and (kernel := n.contestant.source.aimed_kernel)
        ],
    )
    charts.show(
        figure,
        key="similarity chart",
        alt="Similarity of each encoder against distance along the sphere",
        file_name=charts.file_name(
            *names(n.contestant for n in found), "similarity by distance", f"from {place_name(place)}"
        ),
    )


def show_table(found: Sequence[Numbers], place: Place) -> None:
    """Widths, rank agreement and tears, one row for each contestant."""
    has_east = abs(place[1]) < NEAR_POLE
    table = pd.DataFrame(
        {
            "encoder": [n.contestant.title for n in found],
            "settings": [n.contestant.settings for n in found],
            "features": [n.character.features for n in found],
            "half_width": [finite(math.nan if _torn_at(n, place) else n.lobe.half_width) for n in found],
            "east_west": [finite(n.lobe.east_west) if has_east else math.nan for n in found],
            "north_south": [finite(n.lobe.north_south) if has_east else math.nan for n in found],
            "fidelity": [finite(n.character.fidelity) for n in found],
            "fidelity_north": [finite(n.character.fidelity_north) for n in found],
            "dateline": [n.character.dateline_tear for n in found],
            "north": [n.character.north_tear for n in found],
            "south": [n.character.south_tear for n in found],
            "poles": [n.character.poles_alike for n in found],
        }
    )
    st.dataframe(
        table,
        hide_index=True,
        column_config=_COLUMNS,
        column_order=list(_COLUMNS),
        key="similarity table",
        placeholder="–",
        height="content",
    )


def km(value: float) -> str:
    """Kilometres for people, with two or three digits."""
    if value >= 1000:
        return f"{round(value, -1):,.0f} km".replace(",", "\u202f")
    return f"{value:.0f} km" if value >= 10 else f"{value:.1f} km"


def _numbers(chosen: Sequence[Contestant], place: Place) -> list[Numbers]:
    profiles, lobes, characters = answers.ask_all(
        [ProfileOf(c.source, place) for c in chosen],
        [LobeOf(c.source, place) for c in chosen],
        [CharacterOf(c.source) for c in chosen],
    )
    return [Numbers(*measured) for measured in zip(chosen, profiles, lobes, characters, strict=True)]


def _shape(n: Numbers, place: Place, place_in_words: str) -> str:
    """How long and how wide the patch of likeness is."""
    if not (math.isfinite(n.lobe.east_west) and math.isfinite(n.lobe.north_south)):
        return "in some direction nothing is ever less than half alike."
    return f"the patch of likeness around {place_in_words} is {_form(n.lobe)}."


def _form(lobe: Lobe) -> str:
    """The form of a patch and its size, such as "nearly round (900 km east-west by 950 km north-south)"."""
    east, north = lobe.east_west, lobe.north_south
    if not (math.isfinite(east) and math.isfinite(north)):
        return "without an end in some direction"
    ratio = north / east
    shape = (
        "nearly round"
        if ROUND[0] <= ratio <= ROUND[1]
        else f"{_times(ratio)} as long north-south as it is wide east-west"
        if ratio > 1
        else f"{_times(1 / ratio)} as wide east-west as it is long north-south"
    )
    return f"{shape} ({km(east)} east-west by {km(north)} north-south)"


def _at_the_pole(n: Numbers, place: Place, place_in_words: str) -> str:
    """Whether the code has one value at the pole: there is no east-west to be measured."""
    pole, tear = ("North", n.character.north_tear) if place[1] > 0 else ("South", n.character.south_tear)
    width = km(n.lobe.half_width) if math.isfinite(n.lobe.half_width) else ""
    if _torn_at(n, place):
        compared = f" Its round kernel is as wide as it is along its own meridian, {width}." if width else ""
        return (
            f"the code is torn at the {pole} Pole: one place has many codes, one for each longitude, up to {tear:.2f} "
            f"apart. East and west have no meaning there, so no shape is given.{compared}"
        )
    compared = f", with a half-width of {width}" if width else ""
    return f"the code is single-valued at the {pole} Pole: one code, whatever the longitude{compared}."


def _torn_at(n: Numbers, place: Place) -> bool:
    """Whether the place is a pole, or beside it, where the code is torn."""
    tear = n.character.north_tear if place[1] > 0 else n.character.south_tear
    return abs(place[1]) >= NEAR_POLE and tear >= MIN_TEAR


def _times(ratio: float) -> str:
    return f"{ratio:.1f} times" if ratio < 10 else f"{ratio:.0f} times"


def _by_direction(n: Numbers) -> float:
    """The largest difference between two directions at one distance."""
    return float((n.profile.high - n.profile.low).max())


def _bold(found: Sequence[Numbers]) -> str:
    return listed(f"**{n.contestant.title}**" for n in found)


def _north(n: Numbers) -> float:
    return n.character.fidelity_north


def _map_of(contestant: Contestant, place: Place, degrees: float) -> SimilarityMapOf:
    return SimilarityMapOf(contestant.source, place, degrees)


def _field(grid: Grid, values: Any, title: str) -> Field:
    return Field(values, grid, title, "similarity", LIMITS, "RdBu_r")


def _round(contestant: Contestant, place: Place, half_width: float, degrees: float) -> Field:
    return _field(*great_circle.round_map(place, half_width, degrees), f"Round, as wide as {contestant.title}")


def _shipped_map(contestant: Contestant, place: Place) -> Field | None:
    if not is_shipped(contestant, place):
        return None
    field = next(panel.field for panel in start.load() if panel.encoder == contestant.source.name)
    return _field(field.grid, field.values, contestant.label)


def _number(label: str, width: int, help: str, format: str = "%.2f") -> Any:
    return st.column_config.NumberColumn(label, help=help, format=format, width=width)


_WIDTH = (
    "Width of the patch around the place inside which the similarity stays above one half, going {}. Empty: it never "
    "falls so low, or there is no east, as at a pole."
)
_COLUMNS = {  # measures first: a phone shows the first columns; together as wide as a page of 1280 pixels
    "encoder": st.column_config.TextColumn("Encoder", width=130, pinned=True),
    "half_width": _number(
        "Half-width",
        86,
        glossary.sentence("half-width") + " Empty: it never does, or the code is torn here.",
        "%.0f km",
    ),
    "east_west": _number("East-west", 84, _WIDTH.format("east and west"), "%.0f km"),
    "north_south": _number("North-south", 94, _WIDTH.format("north and south"), "%.0f km"),
    "fidelity": _number("Agreement", 86, glossary.sentence("rank agreement")),
    "fidelity_north": _number("… > 70° N", 82, "Rank agreement for pairs of places north of 70° N."),
    "dateline": _number("Tear 180°", 80, "Written with longitude 180° and −180°. " + glossary.sentence("tear")),
    "north": _number(
        "Tear N", 66, "Of the North Pole, written with different longitudes. " + glossary.sentence("tear")
    ),
    "south": _number(
        "Tear S", 66, "Of the South Pole, written with different longitudes. " + glossary.sentence("tear")
    ),
    "poles": _number("Alike", 60, glossary.sentence("poles alike")),
    "settings": st.column_config.TextColumn("Settings", help="Where they differ from the defaults.", width=150),
    "features": _number("Features", 76, "Length of the code: how many numbers a place becomes.", "%d"),
}
