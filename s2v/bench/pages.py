"""The suite ``pages``: how long the Similarity and Distortion pages wait for their answers.

Each question goes to a desk in a process of its own, as from a page, and its answer comes back: encoders, codes,
maps and numbers, with the way there and back.  What the page adds to draw it is not in it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import count
from typing import Any

import torch

from s2v.bench.measure import WALL, Clock, seconds
from s2v.bench.report import Report
from s2v.comparison.sources import Source, TrainedModel, digest
from s2v.encoders.registry import EncoderConfig
from s2v.engine.comparison_worker import Desk, Question, question
from s2v.models.checkpoints import dumps
from s2v.models.model import LocationModel
from s2v.models.recipe import Recipe

AIM = 300.0  # milliseconds
COARSE, FINE = 2.0, 0.5  # degrees

GROUPS: dict[str, tuple[tuple[str, float], ...]] = {  # encoders with the unit of their radii in radians
    "sphereM": (("sphereM", 1.0),),
    "plane_waves": (("plane_waves", 1.0),),
    "grid, sphereC, sphereM, sphereM+": (("grid", 57.29578), ("sphereC", 1.0), ("sphereM", 1.0), ("sphereM+", 1.0)),
}
_files: dict[str, bytes] = {}  # of trained networks, by digest


def _trained(number: int) -> TrainedModel:
    """A network of its own for each number; untrained, which costs the same."""
    torch.manual_seed(number)
    file = dumps(
        LocationModel(Recipe(encoder="sphereM", encoder_params={"scales": 8, "min_radius": 1 / 32}), "regression")
    )
    name = digest(file)
    _files[name] = file
    return TrainedModel("network", "a trained network", name)


# What has no radius, by a number that makes another one each time.
OTHERS: dict[str, Callable[[int], Source]] = {
    "geoclip_rff": lambda number: EncoderConfig.of("geoclip_rff", seed=number),
    "a trained network": _trained,
}
COLUMNS = ("question", "encoders", "new", "ms", f"within {AIM:.0f} ms")
NOTES = (
    f"The aim is an answer within {AIM:.0f} ms: maps of {COARSE:g} degrees first, of {FINE:g} degrees when the page is "
    "still.",
    "A new encoder is one that was never asked for, so its codes are computed; a new place finds them kept.",
    "A trained network is sphereM with 8 scales and two layers of 128 units, whose last layer is compared.",
    "Numbers are the curve over distance, the widths and, for a new encoder, rank agreement and tears.",
)


def run(
    points: int = 10_000, repeat: int = 9, clock: Clock = WALL, tell: Callable[[str], None] = lambda line: None
) -> Report:
    """Times of the pages' questions; ``points`` has no meaning here."""
    if clock is not WALL:
        raise ValueError("The answers come from another process: only --clock wall can time them.")
    with Desk() as desk:
        tell("starting the desk")
        desk.ask(question("features", EncoderConfig.of("xyz")))
        calls: dict[str, Callable[[], Any]] = {}
        for name, make in _QUESTIONS.items():
            for group in (*GROUPS, *OTHERS):
                for new in ("encoder", "place") if name in _OF_A_PLACE else ("encoder",):
                    calls["|".join((name, group, new))] = _asking(desk, make, group, new)
        tell(f"{len(calls)} questions, {repeat} times each")
        # One after another, not by turns: what one keeps in memory must not be pushed out by the others.
        took = {name: seconds({name: call}, repeat, clock)[name] for name, call in calls.items()}
    rows = tuple(_row(name, 1000 * value) for name, value in took.items())
    return Report("pages", f"{repeat} repetitions, {clock.title}", COLUMNS, rows, NOTES)


Make = Callable[[Source, tuple[float, float], bool], Sequence[Question]]

_QUESTIONS: dict[str, Make] = {
    f"maps of {COARSE:g} degrees": lambda s, place, fresh: [question("similarity_map", s, place, COARSE)],
    f"maps of {FINE:g} degrees": lambda s, place, fresh: [question("similarity_map", s, place, FINE)],
    "numbers": lambda s, place, fresh: [
        question("similarity_profile", s, place),
        question("main_lobe", s, place),
        *([question("character", s)] if fresh else []),
    ],
    "walk of 31 places": lambda s, place, fresh: [question("walk", s, place, 31, COARSE)],
    "ellipses, maps of stretch": lambda s, place, fresh: [question("stretch_map", s), question("ellipses", s)],
    "stretch by latitude": lambda s, place, fresh: [question("stretch_profile", s)],
    "the sphere as the code sees it": lambda s, place, fresh: [question("principal_image", s)],
}
_OF_A_PLACE = tuple(_QUESTIONS)[:4]


def _asking(desk: Desk, make: Make, group: str, new: str) -> Callable[[], Any]:
    """A call that asks about another encoder, or another place, each time."""
    turns = count()

    def call() -> list[Any]:
        turn = next(turns)
        fresh = new == "encoder"
        # A change of the smallest radius makes a new encoder that costs the same.
        key = (1 + 1e-4 * turn if fresh else 1) * (1 + 1e-6 * (1 + list(_QUESTIONS.values()).index(make)))
        place = (15.6, 78.2 if fresh else 78.2 - 0.5 * turn)
        settings: list[Source] = (
            [_setting(name, unit, 0.1 * key) for name, unit in GROUPS[group]]
            if group in GROUPS
            else [OTHERS[group](turn if fresh else 0)]
        )
        models = {s.digest: _files[s.digest] for s in settings if isinstance(s, TrainedModel)}
        return desk.ask(*(q for s in settings for q in make(s, place, fresh)), models=models)

    return call


def _setting(name: str, unit: float, radius: float) -> EncoderConfig:
    return EncoderConfig.of(name, scales=16, min_radius=radius * unit, max_radius=unit)


def _row(name: str, milliseconds: float) -> dict[str, float | int | str]:
    asked, group, new = name.split("|")
    return dict(zip(COLUMNS, (asked, group, new, milliseconds, "yes" if milliseconds <= AIM else "no"), strict=True))
