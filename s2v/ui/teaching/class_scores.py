"""What a class has found together: for races with equal settings the spread over seeds, and its intervals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations

from s2v.evaluation.seeds import OverSeeds, over_seeds
from s2v.ui.teaching.boards import SharedRace

MIN_SEEDS = 3  # from so many there is an interval


def settings(races: Sequence[SharedRace]) -> dict[str, str]:
    """The settings that final races had, those with the most results first, and their data in words."""
    final = [race for race in races if race.is_final and race.scored]
    count = {race.setting: sum(other.setting == race.setting for other in final) for race in final}
    return {race.setting: race.data for race in sorted(final, key=lambda race: -count[race.setting])}


def by_encoder(races: Sequence[SharedRace], setting: str) -> dict[str, dict[int, float]]:
    """The scores of one setting by encoder and seed.

    Races with the same encoder and seed are one measurement, however many students made it: the same numbers come out.
    """
    found: dict[str, dict[int, float]] = {}
    for race in sorted(races, key=lambda race: race.began):
        if race.setting == setting and race.is_final:
            for scored in race.scored:
                for seed, value in scored.runs:
                    found.setdefault(scored.title, {}).setdefault(seed, value)
    return found


def means(scores: Mapping[str, Mapping[int, float]]) -> dict[str, OverSeeds]:
    """Mean and 90 % interval over the seeds of each encoder, the best mean first."""
    found = {title: over_seeds(list(by_seed.values())) for title, by_seed in scores.items()}
    return dict(sorted(found.items(), key=lambda item: -item[1].mean))


def findings(scores: Mapping[str, Mapping[int, float]]) -> list[str]:
    """Which encoder was better over the seeds that both had, pair by pair, in sentences.

    Intervals are wide enough to hold together, by Bonferroni.
    """
    pairs = [
        (a, b, sorted(set(scores[a]) & set(scores[b])))
        for a, b in combinations(means(scores), 2)
        if len(set(scores[a]) & set(scores[b])) >= MIN_SEEDS
    ]
    said = []
    for a, b, seeds in pairs:
        difference = over_seeds([scores[a][seed] - scores[b][seed] for seed in seeds], comparisons=len(pairs))
        low, high = difference.interval
        if difference.mean < 0:
            a, b, low, high, mean = b, a, -high, -low, -difference.mean
        else:
            mean = difference.mean
        verdict = f"{a} was better than {b}" if low > 0 else f"{a} and {b} are level"
        said.append(f"{verdict}: difference {mean:+.3f} ({low:+.3f} to {high:+.3f}) over {len(seeds)} seeds.")
    return said
