"""What a search has found, in words and as JSON.  Free of torch."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

from s2v.data.splits import rung
from s2v.evaluation import MAIN_SCORES, Judged
from s2v.evaluation.best import best_in_words
from s2v.evaluation.judged import MIN_PLACES
from s2v.evaluation.phrases import time_left
from s2v.models.scales import scale_in_words
from s2v.models.standings import RANDOM, Standing, Standings, titles_of


class Finding(NamedTuple):
    """One sentence or two of the answer, under a ``heading``."""

    heading: str
    text: str


def findings(standings: Standings) -> list[Finding]:
    """The answer of a search: the best, the best near the poles, the best far from data, and what they are worth.

    Parameters
    ----------
    standings : Standings
        The last ones of a search; of one that was stopped they say what there is.

    Returns
    -------
    list of Finding

    Examples
    --------
    >>> from s2v.models.halving import search
    >>> from s2v.models.recipe import Recipe
    >>> recipes = [Recipe(data="geoid", encoder=each, points=300, hidden=16) for each in ("xyz", "grid")]
    >>> *_, last = search("geoid", points=300, steps=40, recipes=recipes)
    >>> [finding.heading for finding in findings(last)]
    ['Among your data', 'Near the poles', 'Far from your data', 'How sure is this?']
    """
    if not standings.judged:
        return [Finding("So far", _so_far(standings))]
    found = []
    near = standings.judged.get(RANDOM)
    if near is not None:
        found += [
            Finding("Among your data", best_in_words(near) or _nothing(near)),
            Finding("Near the poles", _near_the_poles(near)),
        ]
    for split, judged in standings.judged.items():
        if split != RANDOM:
            where = f"In blocks {rung(split).size:,g} km across, none of whose places was trained on: "
            found.append(Finding("Far from your data", where + _lower(best_in_words(judged) or _nothing(judged))))
    if standings.note:
        found.append(Finding("Far from your data", standings.note))
    return [*found, Finding("How sure is this?", _how_sure(standings))]


def rows_of(standings: Standings) -> list[dict[str, Any]]:
    """The standings as a table, the best first: a mapping of column names to values for each contestant."""
    score = MAIN_SCORES[standings.task]
    return [
        {
            "Contestant": row.contestant.title,
            **{f"{score.title}, {column(split)}": _known(row.scores.get(split)) for split in standings.splits},
            "Scale": "" if row.recipe.predictor else scale_in_words(row.recipe),
            "Steps": row.steps or None,
            "State": _state(row, standings),
        }
        for row in standings.rows
    ]


def column(split: str) -> str:
    """A split as the heading of a column of scores."""
    return "among the data" if split == RANDOM else "far from the data"


def progress_in_words(standings: Standings) -> str:
    """What goes on, and how long it will take: "Round 2 of 4, 45 s left"."""
    last = standings.rung == standings.rungs
    what = "Final comparison" if last else f"Round {standings.rung} of {standings.rungs}"
    left = standings.seconds_left
    if math.isnan(left) or standings.done or standings.stopped:
        return what
    return f"{what}, {time_left(left)}"


def json_of(standings: Standings) -> dict[str, Any]:
    """The result as a JSON object: answer, scores with intervals, recipes of the finalists, and all standings."""
    titles = dict(zip(map(id, standings.rows), titles_of([row.contestant for row in standings.rows]), strict=True))
    return {
        "data": standings.data,
        "task": standings.task,
        "points": standings.points,
        "splits": list(standings.splits),
        "seconds": round(standings.seconds, 1),
        "finished": standings.done,
        "answer": [finding._asdict() for finding in findings(standings)],
        "test": {split: _scores(judged) for split, judged in standings.judged.items()},
        "finalists": [
            {
                "title": titles.get(id(row), row.contestant.title),
                "encoder": None if row.recipe.predictor else row.recipe.encoder,
                "encoder_params": {} if row.recipe.predictor else dict(row.recipe.encoder_params),
                "predictor": row.recipe.predictor or None,
                "steps": 0 if row.recipe.predictor else row.recipe.steps,
            }
            for row in standings.finalists
        ],
        "standings": [
            {
                "title": titles[id(row)],
                "validation": {split: _number(score) for split, score in row.scores.items()},
                "steps": row.steps,
                "state": row.state,
                "problem": row.problem,
            }
            for row in standings.rows
        ],
    }


def _scores(judged: Judged) -> dict[str, Any]:
    parts = ("sphere", "poles")
    return {
        "score": judged.metric,
        "contestants": {
            name: {
                part: {
                    "value": _number(judged.score(name, part).value),
                    "interval": [_number(end) for end in judged.score(name, part).interval],
                    "places": judged.score(name, part).count,
                }
                for part in parts
            }
            for name in judged.names
        },
    }


def _so_far(standings: Standings) -> str:
    score = MAIN_SCORES[standings.task]
    best = [row for row in standings.finalists if not math.isnan(row.scores.get(RANDOM, math.nan))]
    if not best:
        reasons = {row.problem for row in standings.rows if row.problem}
        why = f" {sorted(reasons)[0]}" if reasons else ""
        return (f"No candidate has a score.{why}" if standings.done else "No candidate had a score yet.") + (
            " A column whose values are all the same cannot be learned." if standings.done and not why else ""
        )
    titles = titles_of([row.contestant for row in best])
    scored = sorted(zip(best, titles, strict=True), key=lambda pair: -pair[0].scores[RANDOM])
    row = ", ".join(f"{title} ({score.text(each.scores[RANDOM])})" for each, title in scored)
    return (
        f"On validation places lead, by {score.word} after short trainings: {row}. Without the final comparison "
        "nothing says whether their differences are more than luck."
    )


def _near_the_poles(judged: Judged) -> str:
    count = judged.score(judged.names[0], "poles").count
    where = "above 70 degrees"
    if count < MIN_PLACES:
        few = f"{count} {'lies' if count == 1 else 'lie'}" if count else "none lies"
        return f"Of the held-out places {few} {where}: too few to tell."
    return f"At {count:,} places {where}: " + _lower(best_in_words(judged, "poles") or _nothing(judged))


def _nothing(judged: Judged) -> str:
    return " ".join(judged.notes) or "Nothing can be told."


def _how_sure(standings: Standings) -> str:
    counts = [judged.score(judged.names[0]).count for judged in standings.judged.values()]
    places = " and ".join(f"{count:,}" for count in counts)
    return (
        f"All candidates were compared on validation places; only the finalists, trained anew, on {places} test "
        "places, at which nothing had looked before. Intervals are of 90 %, over places, and hold for all pairs "
        "together; with another seed the order may change."
    )


def _state(row: Standing, standings: Standings) -> str:
    if row.problem:
        return "no score"
    if row.state == "finalist":
        return "finalist"
    if row.state == "out":
        return (
            "not in the final" if row.recipe.predictor or row.rung + 1 == standings.rungs else f"out, round {row.rung}"
        )
    return row.state


def _lower(text: str) -> str:
    """A sentence that goes on after a colon; names keep their capitals."""
    return f"n{text[1:]}" if text.startswith("No ") else text


def _known(value: float | None) -> float | None:
    return None if value is None else _number(value)


def _number(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None


__all__: Sequence[str] = ("Finding", "column", "findings", "json_of", "progress_in_words", "rows_of")
