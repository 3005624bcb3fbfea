"""A race as the board of a class shows it."""

from __future__ import annotations

import math
from dataclasses import fields
from typing import TYPE_CHECKING

from s2v import data
from s2v.encoders.registry import EncoderConfig
from s2v.ui import labels
from s2v.ui.messages import short_title
from s2v.ui.race import results, scores, view
from s2v.ui.teaching.boards import Scored, SharedRace

if TYPE_CHECKING:
    from s2v.engine import Race, Run

_OWN = ("encoder", "encoder_params", "predictor", "seed", "device")  # fields of a recipe in which results may differ


def shared(race: Race, name: str) -> SharedRace:
    """The race as it stands; with intervals once it has ended."""
    recipe = race.recipe
    titles = view.titles_of(race)
    judged = None if race.live else results.judge_race(race, titles)
    scored = []
    for runs, title in zip(race.runs, titles, strict=True):
        values = [(run.recipe.seed, scores.final_score(race, run.history[-1])) for run in runs if run.history]
        if not values:
            continue
        low, high = judged.score(title).interval if judged and title in judged.runs else (math.nan, math.nan)
        mean = sum(value for _, value in values) / len(values)
        mean = judged.score(title).value if judged and title in judged.runs else mean
        scored.append(Scored(_label(runs[0]), mean, low, high, tuple(values)))
    steps = [run.step / run.recipe.steps for run in race.all_runs if not run.recipe.predictor]
    return SharedRace(
        race.id,
        name,
        race.began,
        f"{data.title_of(recipe.data)}, {recipe.points:,} places, {recipe.steps:,} steps",
        setting_of(race),
        scores.score_of(race).title,
        tuple(scored),
        sum(steps) / len(steps) if steps else float(not race.live),
        "Training" if race.live else view.ended(race),
        not race.live,
    )


def setting_of(race: Race) -> str:
    """All that races must share so that their scores can be compared; encoders and seed may differ."""
    recipe = race.firsts[0].asked
    return repr([(each.name, getattr(recipe, each.name)) for each in fields(recipe) if each.name not in _OWN])


def _label(run: Run) -> str:
    contestant = run.asked.contestant
    title = short_title(contestant.title)
    words = labels.settings(contestant) if isinstance(contestant, EncoderConfig) else ""
    return f"{title}, {words}" if words else title
