"""The paper's claims, held against the cells of the suites ``vmf`` and ``phase``.  Free of torch.

Mai et al. 2023, "Sphere2Vec", ISPRS 202, abstract and highlights of arXiv 2306.17624.  The paper's own mixtures and
settings are not published, so a claim can be supported or contradicted on mixtures like them, not repeated.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from s2v import encoders
from s2v.benchmark.phase import is_mixture
from s2v.benchmark.report import counted, interval, signed, title_of
from s2v.benchmark.setting import Setting
from s2v.benchmark.table import Gap, Table
from s2v.evaluation import over_seeds

CLAIMED_REDUCTION = 0.308

Verdict = Literal["supported", "contradicted", "not decidable here"]


@dataclass(frozen=True)
class Claim:
    """What the paper says, and what these cells say of it.

    Attributes
    ----------
    text : str
        The claim in a sentence.
    verdict : "supported", "contradicted" or "not decidable here"
    why : str
        The numbers, in a sentence or two.

    Examples
    --------
    >>> Claim("It always wins.", "contradicted", "It lost on 3 of 20.").verdict
    'contradicted'
    """

    text: str
    verdict: Verdict
    why: str


def claims(vmf: Table, phase: Table | None = None) -> list[Claim]:
    """All claims that can be held against these tables.

    Parameters
    ----------
    vmf : Table
        Of the suite ``vmf``, or a part of it.
    phase : Table, optional
        Of the suite ``phase``.

    Returns
    -------
    list of Claim
        Without those for which contestants are missing.

    Examples
    --------
    >>> claims(Table([]))
    []
    """
    found = [best_everywhere(vmf), error_reduction(vmf), near_the_poles(vmf)]
    found.append(where_sparse(phase) if phase is not None else None)
    return [claim for claim in found if claim is not None]


def best_everywhere(table: Table) -> Claim | None:
    """Is some Sphere2Vec encoder better than every baseline, on every setting?"""
    gaps = [found for setting in table.settings if (found := family_gap(table, setting))]
    if not gaps:
        return None
    ahead = sum(gap.sign > 0 for *_, gap in gaps)
    behind = [(setting, ours, theirs, gap) for setting, ours, theirs, gap in gaps if gap.sign < 0]
    tied = len(gaps) - ahead - len(behind)
    why = (
        f"The best Sphere2Vec encoder was ahead of the best baseline on {ahead} of {counted(len(gaps), 'setting')}, "
        f"tied on {tied} and behind on {len(behind)}."
    )
    if behind:
        setting, ours, theirs, gap = min(behind, key=lambda found: found[3].value)
        why += f" Farthest behind on {setting.title}: {title_of(ours)} against {title_of(theirs)}, {_between(gap)}."
    verdict: Verdict = "supported" if ahead == len(gaps) else "contradicted" if behind else "not decidable here"
    return Claim("Sphere2Vec is better than every baseline on all twenty synthetic data sets.", verdict, why)


def error_reduction(table: Table) -> Claim | None:
    """By how much is the error of the best baseline reduced at most, and how much could any encoder?"""
    reductions: list[tuple[float, Setting, str, str, Gap, float]] = []
    possible = []
    for setting in table.settings:
        if (found := family_gap(table, setting)) is None:
            continue
        _, ours, theirs, gap = found
        error = 1 - table.score(theirs, setting).mean
        reductions.append((gap.value / error, setting, ours, theirs, gap, error))
        bayes = [row["bayes"] for row in table.cells(theirs, setting)]
        possible.append(1 - (1 - sum(bayes) / len(bayes)) / error)
    if not reductions:
        return None
    most, setting, ours, theirs, gap, error = max(reductions)
    room = max(possible)
    ends = "no interval" if math.isnan(gap.low) else f"{_percent(gap.low / error)} to {_percent(gap.high / error)}"
    where = f"{setting.title} ({title_of(ours)} against {title_of(theirs)}): {_percent(most)} ({ends})"
    why = (
        f"The largest reduction here was on {where}. "
        if most > 0
        else f"On none of these settings was there any; nearest to one came {where}. "
    )
    if room < CLAIMED_REDUCTION:
        why += (
            f"The best possible predictor would reduce the error of the best baseline by at most {room:.1%}, the most "
            f"over {counted(len(reductions), 'setting')}: the ceilings leave no room for {CLAIMED_REDUCTION:.1%}."
        )
        return Claim(_REDUCTION, "not decidable here", why)
    why += f"The ceilings leave room for {room:.1%}."
    return Claim(_REDUCTION, "supported" if most >= CLAIMED_REDUCTION else "contradicted", why)


def near_the_poles(table: Table) -> Claim | None:
    """Is the lead over flat baselines larger near the poles than on the whole sphere?"""
    pair = _leaders(table)
    if pair is None:
        return None
    ours, theirs = pair
    extra = []
    for setting in table.settings:
        whole = _lead(table, ours, theirs, setting)
        poles = [_lead(table, ours, theirs, setting, part) for part in ("north", "south")]
        known = [lead - whole for lead in poles if math.isfinite(lead)]
        if known and math.isfinite(whole):
            extra.append(sum(known) / len(known))
    what = f"the lead of {title_of(ours)} over {title_of(theirs)} above 70 degrees, less that on the whole sphere"
    return _judged("The advantage is largest near the poles.", extra, what)


def where_sparse(table: Table) -> Claim | None:
    """Is the lead over flat baselines larger with few training places than with many?"""
    table = table.on([s for s in table.settings if is_mixture(s) and s.split == "random" and s.radius is None])
    pair = _leaders(table)
    if pair is None:
        return None
    ours, theirs = pair
    points = sorted({setting.points for setting in table.settings})
    extra = []
    for data in dict.fromkeys(setting.data for setting in table.settings):
        mine = {setting.points: setting for setting in table.settings if setting.data == data}
        if len(points) > 1 and {points[0], points[-1]} <= mine.keys():
            few, many = (_lead(table, ours, theirs, mine[each]) for each in (points[0], points[-1]))
            extra += [few - many] if math.isfinite(few - many) else []
    what = (
        f"the lead of {title_of(ours)} over {title_of(theirs)} with {points[0]:,} places, less that with {points[-1]:,}"
    )
    return _judged("The advantage is largest where samples are sparse.", extra, what)


def of_this_project(table: Table) -> list[str]:
    """A sentence for each of this project's own encoders: on how many settings it is behind, and where the farthest."""
    own = [n for n in table.contestants if n in encoders.ENCODERS and encoders.spec(n).reference.startswith(_OURS)]
    ties = {setting: table.not_behind(setting) for setting in table.settings}
    found = []
    for name in own:
        on = [setting for setting in table.settings if table.cells(name, setting)]
        behind = [(table.against(ties[s][0], s)[name], s) for s in on if name not in ties[s]]
        words = (
            f"{title_of(name)}, this project's own, is the best or cannot be told from it on "
            f"{len(on) - len(behind)} of {counted(len(on), 'setting')}, and behind on {len(behind)}."
        )
        if behind:
            gap, setting = min(behind, key=lambda found: found[0].value)
            words += f" Farthest behind on {setting.title}: {_between(gap)} against {title_of(ties[setting][0])}."
        found.append(words)
    return found


def part_in_paper(contestant: str) -> str:
    """The part of a contestant in the experiments of the paper: "proposed", "baseline" or "".

    Examples
    --------
    >>> [part_in_paper(name) for name in ("sphereM", "grid", "plane_waves", "kriging")]
    ['proposed', 'baseline', '', '']
    """
    return encoders.spec(contestant).sphere2vec if contestant in encoders.ENCODERS else ""


def family_gap(table: Table, setting: Setting) -> tuple[Setting, str, str, Gap] | None:
    """The best Sphere2Vec encoder and the best baseline of a setting, and how far the first is ahead; None without."""
    ours, theirs = (table.best(setting, _of(table, part)) for part in ("proposed", "baseline"))
    if ours is None or theirs is None:
        return None
    gap = table.against(theirs, setting).get(ours)
    return None if gap is None else (setting, ours, theirs, gap)


_OURS = "this project"  # how the reference of its encoders begins
_REDUCTION = f"It reduces the error rate by up to {CLAIMED_REDUCTION:.1%}."


def _leaders(table: Table) -> tuple[str, str] | None:
    """The Sphere2Vec encoder and the flat baseline of the best mean score: one pair for all settings."""
    found = []
    flat = [name for name in _of(table, "baseline") if not encoders.spec(name).spherical]
    for names in (_of(table, "proposed"), flat):
        known = {name: score for name in names if math.isfinite(score := table.mean(name))}
        if not known:
            return None
        found.append(max(known, key=lambda name: known[name]))
    return found[0], found[1]


def _of(table: Table, part: str) -> list[str]:
    """The contestants with this part in the paper's experiments."""
    return [name for name in table.contestants if part_in_paper(name) == part]


def _lead(table: Table, ours: str, theirs: str, setting: Setting, part: str = "score") -> float:
    return table.score(ours, setting, part).mean - table.score(theirs, setting, part).mean


def _judged(text: str, extra: Sequence[float], what: str) -> Claim | None:
    if not extra:
        return None
    over = over_seeds(extra)  # the settings are the repetitions
    low, high = over.interval
    verdict: Verdict = "supported" if low > 0 else "contradicted" if high < 0 else "not decidable here"
    return Claim(
        text,
        verdict,
        f"{what[:1].upper()}{what[1:]}: {signed(over.mean, 4)} ({interval(low, high, 4)}) over "
        f"{counted(len(extra), 'setting')}.",
    )


def _between(gap: Gap) -> str:
    return f"{signed(gap.value, 4)} ({interval(gap.low, gap.high, 4)})"


def _percent(share: float) -> str:
    return f"{share:.1%}".replace("-", "−")
