"""The suite ``pages``: how long the Similarity and Distortion pages wait for their answers.

Each question goes to a comparison worker, as from a page, and its answer comes back; drawing it is not included.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import count
from typing import Any

import torch

from s2v.bench.measure import WALL, Clock, seconds
from s2v.bench.report import Cell, Report
from s2v.comparison.questions import (
    CharacterOf,
    EllipsesOf,
    FeaturesOf,
    ImageOf,
    LobeOf,
    Place,
    ProfileOf,
    Question,
    SimilarityMapOf,
    StretchMapOf,
    StretchProfileOf,
    WalkOf,
)
from s2v.comparison.sources import Source, TrainedModel, digest
from s2v.encoders.registry import EncoderConfig
from s2v.engine.comparison_worker import ComparisonWorker
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
    """Another network for each number; untrained, which costs the same."""
    torch.manual_seed(number)
    file = dumps(
        LocationModel(Recipe(encoder="sphereM", encoder_params={"scales": 8, "min_radius": 1 / 32}), "regression")
    )
    name = digest(file)
    _files[name] = file
    return TrainedModel("network", "a trained network", name)


# Sources without radii: each number makes another one.
OTHERS: dict[str, Callable[[int], Source]] = {
    "geoclip_rff": lambda number: EncoderConfig.of("geoclip_rff", seed=number),
    "a trained network": _trained,
}
COLUMNS = ("question", "encoders", "new", "ms", f"within {AIM:.0f} ms")
NOTES = (
    f"The aim is an answer within {AIM:.0f} ms: maps of {COARSE:g} degrees first, of {FINE:g} degrees when the page is "
    "still.",
    "The codes of a new encoder are computed; for a new place under the same encoder they are in the cache.",
    "A trained network is sphereM with 8 scales and two layers of 128 units, whose last layer is compared.",
    "Numbers are the curve over distance, the widths and, for a new encoder, rank agreement and tears.",
)


def run(
    points: int = 10_000, repeat: int = 9, clock: Clock = WALL, on_progress: Callable[[str], None] = lambda line: None
) -> Report:
    """Times of the pages' questions; ``points`` has no meaning here."""
    if clock is not WALL:
        raise ValueError("The answers come from another process: only --clock wall can time them.")
    with ComparisonWorker() as worker:
        on_progress("starting the worker")
        worker.ask([FeaturesOf(EncoderConfig.of("xyz"))])
        calls: dict[tuple[str, str, str], Callable[[], Any]] = {}
        for number, (name, make) in enumerate(_QUESTIONS.items()):
            for group in (*GROUPS, *OTHERS):
                for new in ("encoder", "place") if name in _OF_A_PLACE else ("encoder",):
                    calls[name, group, new] = _asking(worker, number, make, group, new)
        on_progress(f"{len(calls)} questions, {repeat} times each")
        # One after another, not in turn: what one keeps in the cache must not be dropped for the others.
        took = {asked: seconds({"ask": call}, repeat, clock)["ask"] for asked, call in calls.items()}
    rows = tuple(_row(asked, 1000 * value) for asked, value in took.items())
    return Report("pages", f"{repeat} repetitions, {clock.title}", COLUMNS, rows, NOTES)


Make = Callable[[Source, Place, bool], Sequence[Question[Any]]]

_QUESTIONS: dict[str, Make] = {
    f"maps of {COARSE:g} degrees": lambda s, place, new: [SimilarityMapOf(s, place, COARSE)],
    f"maps of {FINE:g} degrees": lambda s, place, new: [SimilarityMapOf(s, place, FINE)],
    "numbers": lambda s, place, new: [ProfileOf(s, place), LobeOf(s, place), *([CharacterOf(s)] if new else [])],
    "walk of 31 places": lambda s, place, new: [WalkOf(s, place, 31, COARSE)],
    "ellipses, maps of stretch": lambda s, place, new: [StretchMapOf(s), EllipsesOf(s)],
    "stretch by latitude": lambda s, place, new: [StretchProfileOf(s)],
    "the sphere as the code sees it": lambda s, place, new: [ImageOf(s)],
}
_OF_A_PLACE = tuple(_QUESTIONS)[:4]


def _asking(worker: ComparisonWorker, number: int, make: Make, group: str, new: str) -> Callable[[], Any]:
    """A call that asks the question of that number about another encoder, or another place, each time."""
    turns = count()

    def call() -> list[Any]:
        turn = next(turns)
        is_new = new == "encoder"
        # Another smallest radius makes a new encoder that costs the same; no two questions share one.
        factor = (1 + 1e-4 * turn if is_new else 1) * (1 + 1e-6 * (1 + number))
        place = (15.6, 78.2 if is_new else 78.2 - 0.5 * turn)
        sources: list[Source] = (
            [_config(name, unit, 0.1 * factor) for name, unit in GROUPS[group]]
            if group in GROUPS
            else [OTHERS[group](turn if is_new else 0)]
        )
        models = {s.digest: _files[s.digest] for s in sources if isinstance(s, TrainedModel)}
        return worker.ask([q for s in sources for q in make(s, place, is_new)], models)

    return call


def _config(name: str, unit: float, radius: float) -> EncoderConfig:
    return EncoderConfig.of(name, scales=16, min_radius=radius * unit, max_radius=unit)


def _row(asked: tuple[str, str, str], milliseconds: float) -> dict[str, Cell]:
    return dict(zip(COLUMNS, (*asked, milliseconds, "yes" if milliseconds <= AIM else "no"), strict=True))
