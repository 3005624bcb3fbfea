"""The table of a suite as text.  Free of torch."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from s2v import encoders
from s2v.benchmark.table import PARTS, Table
from s2v.evaluation.scores import MAIN_SCORES
from s2v.predictors import PREDICTORS


def markdown(rows: Sequence[Mapping[str, Any]]) -> str:
    """A table as text for each task: a line for each contestant, the best mean rank first."""
    return "\n".join(_markdown(table, MAIN_SCORES[task].word) for task, table in Table(rows).by_task().items())


def _markdown(table: Table, score: str) -> str:
    head = ("contestant", "rank", "score", "gap to ceiling", "north", "south", "dateline", "best or tied", "seconds")
    ties = [table.not_behind(setting) for setting in table.settings]
    lines: list[Sequence[str]] = [head]
    for name in table.contestants:
        rank, on = table.rank(name), [i for i, s in enumerate(table.settings) if table.cells(name, s)]
        lines.append(
            (
                title_of(name),
                f"{rank:.1f}" if math.isfinite(rank) else "–",
                number(table.mean(name)),
                number(table.gap_to_ceiling(name)),
                *(number(table.mean(name, part)) for part in PARTS),
                f"{sum(name in ties[i] for i in on)} of {len(on)}",
                f"{table.cost(name)[0]:.2f}",
            )
        )
    seeds = max((len(table.cells(n, s)) for n in table.contestants for s in table.settings), default=0)
    about = (
        f"Score: {score}, the mean over {counted(len(table.settings), 'setting')} and {counted(seeds, 'seed')}; north "
        "and south: above 70 degrees; dateline: within 15 degrees of it."
    )
    notes = [about]
    if math.isfinite(table.critical_difference):
        notes.append(
            f"Mean ranks over {len(table.complete_settings)} settings: closer than {table.critical_difference:.1f} "
            "cannot be told apart (Nemenyi, 10 %)."
        )
    if seeds >= 3:
        notes.append(
            "Tied: not behind the best by intervals over places, which hold together with 90 %, and over seeds, 90 %."
        )
    else:
        notes.append("Fewer than 3 seeds: no difference can be told, and all count as tied.")
    return as_table(lines) + "\n\n" + "\n".join(f"- {note}" for note in notes) + "\n"


def as_table(lines: Sequence[Sequence[str]]) -> str:
    """Lines of cells, the first of which is the head, as a table in Markdown.

    Examples
    --------
    >>> print(as_table([("contestant", "score"), ("xyz", number(0.4567))]))
    | contestant | score |
    | --- | ---: |
    | xyz | 0.457 |
    """
    rule = ("---", *["---:"] * (len(lines[0]) - 1))
    return "\n".join(f"| {' | '.join(line)} |" for line in (lines[0], rule, *lines[1:]))


def number(value: float) -> str:
    """A score with three decimals; a dash where there is none."""
    return f"{value:.3f}" if math.isfinite(value) else "–"


def signed(value: float, decimals: int = 3) -> str:
    """A difference as sentences and charts have it.

    Examples
    --------
    >>> signed(0.0312), signed(-0.5, 2)
    ('+0.031', '−0.50')
    """
    return f"{value:+.{decimals}f}".replace("-", "−")


def interval(low: float, high: float, decimals: int = 3) -> str:
    """The ends of the interval of a difference, or that there is none.

    Examples
    --------
    >>> interval(-0.01, 0.02), interval(math.nan, math.nan)
    ('−0.010 to +0.020', 'no interval')
    """
    return "no interval" if math.isnan(low) else f"{signed(low, decimals)} to {signed(high, decimals)}"


def counted(count: int, noun: str) -> str:
    """A number of things.

    Examples
    --------
    >>> counted(1, "seed"), counted(1234, "cell")
    ('1 seed', '1,234 cells')
    """
    return f"{count:,} {noun}{'s' * (count != 1)}"


def title_of(contestant: str) -> str:
    """The title of an encoder or a reference predictor; its name where this installation does not have it."""
    if contestant in PREDICTORS:
        return PREDICTORS[contestant].title
    return encoders.spec(contestant).title if contestant in encoders.ENCODERS else contestant
