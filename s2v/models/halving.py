"""Which encoder for these places?  Successive halving over encoders, their scales and the reference predictors.

All candidates are trained briefly and scored on validation places; the better half is trained anew for twice as many
steps, and so on; the few that are left are trained in full and compared on test places, which nothing has looked at
before (Jamieson and Talwalkar 2016, "Non-stochastic best arm identification and hyperparameter optimization", AISTATS;
Li et al. 2018, "Hyperband", JMLR 18).  Each score is of two splits: held-out places at random among the others, and in
whole blocks, far from the others.  The halves are made of the best of both, so that neither decides alone.

Free of torch, which is imported where something is trained: the engine runs the search in the page's process, and the
tries on workers.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np

from s2v import data
from s2v.cells import cells_across
from s2v.data import DataSet
from s2v.data.blocks import block_of
from s2v.data.splits import Split
from s2v.errors import shown
from s2v.evaluation import Judged, judge
from s2v.models import cost
from s2v.models.recipe import MIN_POINTS, Recipe
from s2v.models.standings import (
    MAX_FINALISTS,
    MAX_REFERENCES,
    RANDOM,
    Standing,
    Standings,
    best_first,
    finalists_of,
    ordered,
    titles_of,
)
from s2v.models.tries import OVERHEAD_SECONDS, STEPS, Outcome, Try, candidates

MIN_STEPS = 100
MAX_CORE_SECONDS = 130.0  # by the estimate of s2v.models.cost: about a minute on two cores
MAX_POINTS = 20_000  # training places of a search
HALVED_FROM = 2 * MAX_FINALISTS  # with no more left, the next are the finalists
BLOCKS_KM = (1000, 500, 200, 100, 50)
MIN_BLOCKS = 40  # that have places: held out are a tenth and a fifth of them
MIN_HELD_OUT = 10  # places

NO_BLOCKS = "The places lie too close together to hold out whole blocks, so nothing is known of places far from them."

# Runs tries, and gives the number of each with its outcome, as soon as it is there and in any order.
Runner = Callable[[Sequence[Try]], Iterator[tuple[int, Outcome]]]


def search(
    name: str,
    *,
    points: int | None = None,
    steps: int | None = None,
    seed: int = 0,
    recipes: Sequence[Recipe] | None = None,
    run: Runner | None = None,
    should_stop: Callable[[], bool] = lambda: False,
) -> Iterator[Standings]:
    """Find the encoder, with its scale, and the reference predictor that suit a data set best.

    Every candidate is trained and scored on validation places; of the encoders the better half goes on, with twice the
    steps and a training of its own, until at most eight are left.  Of these the best four of different encoders, and
    the best reference predictors, are trained in full and compared on test places: nothing else looks at those.  The
    result depends on the data and the seed alone, not on where and in which order the tries are run.

    Parameters
    ----------
    name : str
        Of a data set that ``s2v.data.load`` knows; for places of your own that of ``s2v.data.held.hold``.
    points : int, optional
        Training places, by default all, at most 20,000.
    steps : int, optional
        Of a finalist's training; by default 2,000, or fewer where steps take long, such as with many classes.
    seed : int, default 0
        Of the training places, first weights and batches.
    recipes : sequence of Recipe, optional
        The candidates; by default those of ``candidates``.
    run : function, optional
        Runs tries, and gives the number of each with its outcome as soon as it is there, in any order; by default one
        after the other, here.
    should_stop : function, optional
        Where it returns true, no further try is begun; the last standings say what there is.

    Returns
    -------
    iterator of Standings
        One after each try; the last is ``done``, or ``stopped``.

    Raises
    ------
    ValueError
        For an unknown data set, or one with too few places.

    Examples
    --------
    >>> recipes = [Recipe(data="checkerboard", encoder=each, points=300, hidden=16) for each in ("xyz", "grid")]
    >>> *_, last = search("checkerboard", points=300, steps=40, recipes=recipes)
    >>> last.done, len(last.finalists), last.splits
    (True, 2, ('random', 'blocks:1000'))
    """
    dataset = data.load(name, points, seed)
    points = min(len(dataset.train), MAX_POINTS)
    if points < MIN_POINTS or len(dataset.val) < MIN_HELD_OUT:
        raise ValueError(
            f"data={shown(name)} has {len(dataset.train):,} places to train on and {len(dataset.val):,} to validate "
            f"with; a search needs at least {MIN_POINTS} of each. Give more places."
        )
    far = far_split(dataset, points, seed)
    splits = (RANDOM, far) if far else (RANDOM,)
    asked = list(recipes) if recipes is not None else candidates(name, points, seed)
    found = _Search(asked, points, steps, splits, run or _run_here(name, points, seed), should_stop)
    for rung in range(len(found.rounds)):
        yield from found.round(rung)
        if found.stopped:
            yield found.standings()
            return
        found.halve(rung)
    yield from found.final()


def far_split(dataset: DataSet, points: int, seed: int = 0) -> Split | None:
    """The split into the largest blocks that these places allow, of at most 1,000 km; None where they allow none.

    Parameters
    ----------
    dataset : DataSet
        With a name that ``s2v.data.load`` knows.
    points, seed : int
        As in a recipe.

    Examples
    --------
    >>> far_split(data.load("geoid", 2000), 2000)
    'blocks:1000'
    """
    for km in BLOCKS_KM:
        if len(np.unique(block_of(dataset.lonlat, cells_across(km)))) < MIN_BLOCKS:
            continue
        try:
            split = data.load(dataset.name, points, seed, f"blocks:{km}")
        except ValueError:
            continue
        if min(len(split.train), len(split.val), len(split.test)) >= MIN_HELD_OUT:
            return f"blocks:{km}"
    return None


class _Search:
    """A search, as far as it has come."""

    def __init__(
        self,
        asked: Sequence[Recipe],
        points: int,
        steps: int | None,
        splits: tuple[Split, ...],
        run: Runner,
        should_stop: Callable[[], bool],
    ) -> None:
        self.rounds = rounds_of(sum(not recipe.predictor for recipe in asked))
        self.stopped = False
        self._splits, self._run, self._should_stop = splits, run, should_stop
        self._steps = steps or _affordable_steps(asked, self.rounds, len(splits))
        self._rows = [Standing(r.contestant, replace(r, steps=self._steps, points=points, split=RANDOM)) for r in asked]
        self._rung = 0
        self._began = time.monotonic()
        self._total, self._worked = self._work(), 0.0
        self._judged: dict[Split, Judged] = {}

    def round(self, rung: int) -> Iterator[Standings]:
        """Train those that are in; reference predictors, which take no steps, only in the first round."""
        self._rung = rung
        steps = max(1, round(self._steps / 2 ** (len(self.rounds) - rung)))
        tries, numbers = [], []
        for number, row in self._longest_first():
            if row.state == "in" and not (row.recipe.predictor and rung):
                self._rows[number] = replace(row, rung=rung + 1)
                for split in self._splits:
                    tries.append(Try(replace(row.recipe, split=split, steps=steps)))
                    numbers.append(number)
        yield self.standings()
        for which, outcome in self._outcomes(tries):
            row, recipe = self._rows[numbers[which]], tries[which].recipe
            self._rows[numbers[which]] = replace(
                row,
                scores={**row.scores, recipe.split: outcome.score},
                steps=0 if recipe.predictor else steps,
                problem=outcome.problem or row.problem,
            )
            yield self.standings()

    def halve(self, rung: int) -> None:
        """Let the better half of the encoders go on; after the last round, the finalists."""
        if rung + 1 == len(self.rounds):
            chosen = finalists_of(self._rows, self._splits)
            self._rows = [replace(row, state="finalist" if row in chosen else "out") for row in self._rows]
            return
        playing = [i for i, row in enumerate(self._rows) if row.state == "in" and not row.recipe.predictor]
        for i in best_first(playing, self._rows, self._splits)[self.rounds[rung + 1] :]:
            self._rows[i] = replace(self._rows[i], state="out")

    def final(self) -> Iterator[Standings]:
        """Train the finalists in full, and compare them on test places."""
        self._rung = len(self.rounds)
        titles = titles_of([row.contestant for row in self._rows])
        tries, names = [], []
        for number, row in self._longest_first():
            if row.state == "finalist":
                tries += [Try(replace(row.recipe, split=split), final=True) for split in self._splits]
                names += [titles[number]] * len(self._splits)
        yield self.standings()
        outcomes: dict[int, Outcome] = {}
        for which, outcome in self._outcomes(tries):
            outcomes[which] = outcome
            yield self.standings()
        for split in self._splits:
            known = {i: outcome for i, outcome in outcomes.items() if tries[i].recipe.split == split}
            if known:
                recipe = tries[min(known)].recipe
                dataset = data.load(recipe.data, recipe.points, recipe.seed, split)
                judged = _judge({names[i]: known[i] for i in sorted(known)}, recipe.task, dataset)
                if judged:
                    self._judged[split] = judged
        yield self.standings(done=not self.stopped)

    def standings(self, done: bool = False) -> Standings:
        """Where the search is."""
        recipe = self._rows[0].recipe
        return Standings(
            data=recipe.data,
            task=recipe.task,
            splits=self._splits,
            points=recipe.points,
            rung=self._rung + 1,
            rungs=len(self.rounds) + 1,
            # The work is an estimate: while it goes on, it is never all done.
            share=1.0 if done else min(0.99, self._worked / self._total),
            seconds=time.monotonic() - self._began,
            rows=tuple(ordered(self._rows, self._splits)),
            judged=dict(self._judged),
            done=done,
            stopped=self.stopped,
            note="" if len(self._splits) > 1 else NO_BLOCKS,
        )

    def _longest_first(self) -> list[tuple[int, Standing]]:
        """Numbered rows, the reference predictors first: kriging takes longest, and at the end workers would wait."""
        return sorted(enumerate(self._rows), key=lambda numbered: not numbered[1].recipe.predictor)

    def _outcomes(self, tries: Sequence[Try]) -> Iterator[tuple[int, Outcome]]:
        left = len(tries)
        for which, outcome in self._run(tries):
            self._worked += tries[which].seconds
            left -= 1
            yield which, outcome
            if left and self._should_stop():
                break
        self.stopped = left > 0

    def _work(self) -> float:
        """Seconds of one core that the search takes, about."""
        encoders = [Try(row.recipe).seconds - OVERHEAD_SECONDS for row in self._rows if not row.recipe.predictor]
        references = [Try(row.recipe).seconds for row in self._rows if row.recipe.predictor]
        mean = float(np.mean(encoders)) if encoders else 0.0
        last = len(self.rounds)
        work = sum(n * (OVERHEAD_SECONDS + mean / 2 ** (last - rung)) for rung, n in enumerate(self.rounds))
        work += min(MAX_FINALISTS, len(encoders)) * (OVERHEAD_SECONDS + mean)
        work += sum(references) + sum(references[:MAX_REFERENCES])
        return max(OVERHEAD_SECONDS, work * len(self._splits))


def rounds_of(encoders: int) -> list[int]:
    """How many encoders take part in each round before the final comparison."""
    rounds = [encoders]
    while rounds[-1] > HALVED_FROM:
        rounds.append(math.ceil(rounds[-1] / 2))
    return rounds


def _affordable_steps(asked: Sequence[Recipe], rounds: Sequence[int], splits: int) -> int:
    """A finalist's steps such that the whole search stays within ``MAX_CORE_SECONDS``, by the estimate."""
    classes = len(data.load(asked[0].data, asked[0].points, asked[0].seed).classes)
    encoders = [r for r in asked if not r.predictor]
    if not encoders:
        return STEPS
    step = float(np.mean([cost.cost(r, classes=classes).step_seconds for r in encoders]))
    full = sum(n / 2 ** (len(rounds) - rung) for rung, n in enumerate(rounds)) + min(MAX_FINALISTS, rounds[-1])
    return int(np.clip(MAX_CORE_SECONDS / (splits * full * step), MIN_STEPS, STEPS))


def _judge(found: Mapping[str, Outcome], task: str, dataset: DataSet) -> Judged | None:
    """The finalists that have predictions, on the test places; None without any."""
    known = {title: outcome for title, outcome in found.items() if outcome.prediction is not None}
    if not known:
        return None
    test = dataset.test
    lonlat = dataset.lonlat[test]
    background = (
        {title: np.asarray(outcome.background) for title, outcome in known.items()} if task == "presence" else None
    )
    predictions = {title: np.asarray(outcome.prediction) for title, outcome in known.items()}
    groups = dataset.groups_of(lonlat)
    return judge(task, dataset.target[test], predictions, lonlat, background=background, groups=groups)


def _run_here(name: str, points: int, seed: int) -> Runner:
    """Runs tries one after the other in this process."""
    datasets: dict[Split, DataSet] = {}

    def run(tries: Sequence[Try]) -> Iterator[tuple[int, Outcome]]:
        from s2v.models.attempts import attempt  # torch

        for which, each in enumerate(tries):
            split = each.recipe.split
            if split not in datasets:
                datasets[split] = data.load(name, points, seed, split)
            outcome = attempt(each, datasets[split])
            assert outcome is not None
            yield which, outcome

    return run
