"""The parts of the Similarity page: its maps, its numbers and what they say in words."""

from __future__ import annotations

import io
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd  # type: ignore[import-untyped]
import streamlit as st

from s2v.comparison import Character, Lobe, Profile, great_circle, start
from s2v.comparison.sources import TrainedModel
from s2v.encoders.registry import EncoderConfig
from s2v.fields import Field, Grid
from s2v.figures import comparison_charts
from s2v.sphere import EARTH_RADIUS_KM
from s2v.ui import answers as desk
from s2v.ui import trained_models
from s2v.ui.comparison.common import csv_button
from s2v.ui.contestants import COMPARISON, Contestant
from s2v.ui.linked_globes import MAX_PANELS, Difference, Kind, Panel, Place
from s2v.ui.messages import plain

COARSE, FINE = 2.0, 0.5  # degrees: what is shown at once, and what when the page is still
FRAMES = 31  # places of a walk
LIMITS = (-1.0, 1.0)
DIFFERENCE_LIMITS = (-1.5, 1.5)
TRUTH = "the sphere itself"
View = Literal["globe", "north", "south", "poles", "world"]
VIEWS: dict[str, str] = {
    "globe": "Globes",
    "north": "North",
    "south": "South",
    "poles": "Both poles",
    "world": "World",
}


@dataclass(frozen=True)
class Maps:
    """Every contestant's field, and the sphere's own, at one place; ``frames`` for each step of a walk."""

    fields: list[Field]
    own: Field
    frames: list[list[Field]]
    own_frames: list[Field]
    path: list[Place] | None


def maps(chosen: Sequence[Contestant], place: Place, degrees: float, walking: bool) -> Maps:
    """Asks for the maps; ``ValueError`` or ``NoAnswerError`` where there are none."""
    if walking:
        walks = desk.ask(*(desk.question("walk", c.setting, place, FRAMES, COARSE) for c in chosen))
        own_walk = great_circle.great_circle_walk(place, FRAMES, COARSE)
        frames = [[_field(w.grid, values, c.title) for values in w.values] for c, w in zip(chosen, walks, strict=True)]
        own_frames = [_field(own_walk.grid, values, TRUTH) for values in own_walk.values]
        path = [(float(longitude), float(latitude)) for longitude, latitude in own_walk.path]
        return Maps([f[0] for f in frames], own_frames[0], frames, own_frames, path)
    fields = [
        ready if (ready := _computed_ahead(c, place)) is not None else None for c in chosen
    ]  # the picture of the first visit waits for nothing
    missing = [c for c, field in zip(chosen, fields, strict=True) if field is None]
    answers = iter(desk.ask(*(map_question(c, place, degrees) for c in missing)))
    found = [field or _answered(next(answers), c.title) for c, field in zip(chosen, fields, strict=True)]
    own_grid, own = great_circle.great_circle_map(place, degrees)
    return Maps(found, _field(own_grid, own, TRUTH), [], [], None)


def first_numbers() -> list[desk.Question]:
    """What the page asks when it is opened without a link."""
    chosen = next(iter(COMPARISON.presets.values()))
    names = (("similarity_profile", (start.ANCHOR,)), ("main_lobe", (start.ANCHOR,)), ("character", ()))
    return [desk.question(name, setting, *arguments) for setting in chosen for name, arguments in names]


def first_questions() -> list[desk.Question]:
    """The same, and what it asks at the first click on a map."""
    chosen = next(iter(COMPARISON.presets.values()))
    return [
        *first_numbers(),
        *(desk.question("features", setting) for setting in chosen),
        *(desk.question("similarity_map", setting, start.ANCHOR, FINE) for setting in chosen),
    ]


def fine_questions(chosen: Sequence[Contestant], place: Place) -> list[desk.Question]:
    """What takes too long to be asked before the first picture: the finer maps, shown when the page is still."""
    new = [c for c in chosen if not is_computed_ahead(c, place) and not desk.knows(map_question(c, place, FINE))]
    quick = desk.ask(*(desk.question("is_quick", c.setting, FINE) for c in new))
    return [map_question(c, place, FINE) for c, is_quick in zip(new, quick, strict=True) if not is_quick]


def map_question(contestant: Contestant, place: Place, degrees: float) -> desk.Question:
    return desk.question("similarity_map", contestant.setting, place, degrees)


def is_computed_ahead(contestant: Contestant, place: Place) -> bool:
    """Whether the map comes with the project, as on the Start page."""
    name = contestant.setting.name
    return (
        place == start.ANCHOR
        and name in start.ENCODERS
        and contestant.setting == EncoderConfig.of(name, **start.ENCODERS[name])
    )


def panels(found: Maps, view: View, difference: bool, live: bool) -> tuple[list[Panel | Difference], int]:
    """Panels for the linked globes, and how many of the contestants are on them; ``live`` if finer ones follow."""
    kinds: list[Kind] = ["north", "south"] if view == "poles" else [view]
    fits = min(len(found.fields), MAX_PANELS // len(kinds))
    with_own = fits + 1 <= MAX_PANELS // len(kinds)
    drawn: list[Panel | Difference] = []
    for kind in kinds:
        own = Panel(found.own, kind, TRUTH.capitalize(), frames=found.own_frames, live=live)
        for i in range(fits):
            panel = Panel(found.fields[i], kind, frames=found.frames[i] if found.frames else (), live=live)
            title = f"{panel.field.title} − the sphere"
            drawn.append(Difference(panel, own, title, DIFFERENCE_LIMITS) if difference else panel)
        if with_own:
            drawn.append(own)
    return drawn, fits


@dataclass(frozen=True)
class Numbers:
    """What is measured of one contestant at a place."""

    contestant: Contestant
    profile: Profile
    lobe: Lobe
    character: Character


def numbers(chosen: Sequence[Contestant], place: Place) -> list[Numbers]:
    """Asks for curves, widths and agreement of all contestants."""
    questions = [
        desk.question(name, c.setting, *arguments)
        for c in chosen
        for name, arguments in (("similarity_profile", (place,)), ("main_lobe", (place,)), ("character", ()))
    ]
    answers = desk.ask(*questions)
    return [Numbers(c, *answers[3 * i : 3 * i + 3]) for i, c in enumerate(chosen)]


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
            f"({km(east)} by {km(north)})."
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
    figure = comparison_charts.similarity_chart(
        [(comparison_charts.Named(n.contestant.title, n.contestant.color), n.profile) for n in found]
    )
    st.plotly_chart(figure, key="similarity chart", alt="Similarity of each encoder against distance along the sphere")


def show_table(found: Sequence[Numbers]) -> None:
    st.dataframe(_table(found), hide_index=True, column_config=_COLUMNS, key="similarity table", placeholder="–")


def curves(found: Sequence[Numbers]) -> pd.DataFrame:
    """The chart's values: distance, and mean, lowest and highest similarity of each encoder."""
    columns: dict[str, Any] = {"distance_km": np.deg2rad(found[0].profile.distance) * EARTH_RADIUS_KM}
    for n in found:
        for part in ("mean", "low", "high"):
            columns[f"{n.contestant.title}: {part}"] = getattr(n.profile, part)
    return pd.DataFrame(columns)


def maps_npz(found: Maps, place: Place) -> bytes:
    """All maps as arrays, with the longitudes and latitudes of their cells."""
    buffer = io.BytesIO()
    arrays: dict[str, Any] = {"place": np.array(place)}
    for field in (*found.fields, found.own):
        arrays[field.title] = field.values
        arrays[f"{field.title}: longitude"] = field.grid.lonlat[0, :, 0]
        arrays[f"{field.title}: latitude"] = field.grid.lonlat[:, 0, 1]
    np.savez_compressed(buffer, allow_pickle=False, **arrays)
    return buffer.getvalue()


def code(chosen: Sequence[Contestant], place: Place) -> str:
    """The Python that computes these maps."""
    lines = ["import s2v"]
    if any(isinstance(c.setting, TrainedModel) for c in chosen):
        lines.append("from s2v.models.model import Embedding")
    lines += ["", f"grid = s2v.fields.Grid.equirectangular({FINE})"]
    for c in chosen:
        if isinstance(c.setting, TrainedModel):
            lines.append(f"enc = Embedding(s2v.load({trained_models.find(c.setting.name).file_name!r}))")
        else:
            params = "".join(f", {k}={v!r}" for k, v in c.setting.params)
            lines.append(f"enc = s2v.encoder({c.setting.name!r}{params})")
        lines.append(f"values = s2v.kernels.similarity(enc, {place}, grid.lonlat)  # {c.title}")
    return "\n".join(lines)


def show_exits(found: Maps, measured: Sequence[Numbers], chosen: Sequence[Contestant], place: Place) -> None:
    """Everything to take away: the maps' values, the chart's, and the Python that computes them."""
    with st.expander("Take it with you: values and code", icon=":material/download:"):
        with st.container(horizontal=True):
            st.download_button(
                "Maps as NPZ", lambda: maps_npz(found, place), "similarity.npz", on_click="ignore", key="similarity npz"
            )
            csv_button("Curves as CSV", lambda: curves(measured), "similarity")
            for model in (trained_models.find(c.setting.name) for c in chosen if isinstance(c.setting, TrainedModel)):
                st.download_button(
                    plain(model.trained.title), model.file, model.file_name, on_click="ignore", key=model.trained.name
                )
        st.code(code(chosen, place), language="python")


def km(value: float) -> str:
    """Kilometres for people: two or three digits that mean something."""
    if value >= 1000:
        return f"{round(value, -1):,.0f} km".replace(",", "\u202f")
    return f"{value:.0f} km" if value >= 10 else f"{value:.1f} km"


def _north(n: Numbers) -> float:
    return n.character.fidelity_north


def _field(grid: Grid, values: Any, title: str) -> Field:
    return Field(values, grid, title, "similarity", LIMITS, "RdBu_r")


def _answered(answer: tuple[Grid, Any], title: str) -> Field:
    return _field(*answer, title)


def _computed_ahead(contestant: Contestant, place: Place) -> Field | None:
    if not is_computed_ahead(contestant, place):
        return None
    for panel in start.load():
        if panel.encoder == contestant.setting.name:
            return _field(panel.field.grid, panel.field.values, contestant.title)
    return None


def _table(found: Sequence[Numbers]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "encoder": [n.contestant.title for n in found],
            "features": [n.character.features for n in found],
            "east_west": [_finite(n.lobe.east_west) for n in found],
            "north_south": [_finite(n.lobe.north_south) for n in found],
            "fidelity": [_finite(n.character.fidelity) for n in found],
            "fidelity_north": [_finite(n.character.fidelity_north) for n in found],
            "dateline": [n.character.dateline_tear for n in found],
            "north": [n.character.north_tear for n in found],
            "south": [n.character.south_tear for n in found],
        }
    )


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None


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
