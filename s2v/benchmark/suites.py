"""Which cells a suite of the benchmark has.  Free of torch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from s2v import data, encoders
from s2v.data.catalogue import CONCENTRATIONS, STRATA, TASKS
from s2v.errors import shown
from s2v.models.recipe import Recipe
from s2v.predictors import names as predictors_for

MAX_SEEDS = 100
MAX_SCALES = 8  # of a multi-scale encoder, as on the Train page: the published 16 or 64 cost more than they bring
BATCH = 256


@dataclass(frozen=True)
class Suite:
    """Data sets on which all contestants are compared, and the budget that each has.

    Attributes
    ----------
    name, title, summary : str
        The name on the command line, one for people, and a sentence.
    data : tuple of str
        Names of data sets, with their settings.
    points : tuple of int
        Training places; each is a data set of its own.
    splits : tuple of str, default ("random",)
        Where held-out places lie.
    steps : int, default 400
        Steps of a training.
    trials : int, default 5
        Values of each encoder's scale that are tried on validation places.
    contestants : tuple of str, default all
        Encoders and reference predictors that take part, unless others are asked for.
    seeds : int, default 3

    Examples
    --------
    >>> SUITES["vmf"].title, len(SUITES["vmf"].data)
    ('The twenty mixtures', 20)
    """

    name: str
    title: str
    summary: str
    data: tuple[str, ...]
    points: tuple[int, ...]
    splits: tuple[str, ...] = ("random",)
    steps: int = 400
    trials: int = 5
    contestants: tuple[str, ...] = ()
    seeds: int = 3

    def cells(
        self,
        seeds: int | None = None,
        steps: int | None = None,
        points: int | None = None,
        names: Sequence[str] | None = None,
    ) -> tuple[Recipe, ...]:
        """The recipes of all cells, those of one data set together.

        Parameters
        ----------
        seeds, steps, points : int, optional
            In place of the suite's own.
        names : sequence of str, optional
            Encoders and reference predictors that take part; those that do not serve the task of a data set sit it out.

        Returns
        -------
        tuple of Recipe

        Raises
        ------
        ValueError
            For an unknown name, or a number out of its range.

        Examples
        --------
        >>> cells = SUITES["checkerboard"].cells(seeds=2, names=["grid", "knn"])
        >>> len(cells), cells[0].encoder, cells[0].trials, cells[-1].predictor
        (16, 'grid', 5, 'knn')
        """
        seeds = self.seeds if seeds is None else seeds
        if not 1 <= seeds <= MAX_SEEDS:
            raise ValueError(f"seeds={seeds} is outside its range; allowed is a whole number from 1 to {MAX_SEEDS}.")
        chosen = self._chosen(names)
        base = Recipe(batch=BATCH, steps=self.steps if steps is None else steps, trials=self.trials)
        found = []
        for name in self.data:
            task = data.entry(name).task
            for count in self.points if points is None else (points,):
                for split in self.splits:
                    on = replace(base, data=name, points=count, split=split)
                    for contestant in chosen:
                        if contestant in encoders.ENCODERS or contestant in predictors_for(task):
                            recipe = _of(contestant, on)
                            found += [replace(recipe, seed=seed) for seed in range(seeds)]
        return tuple(found)

    def _chosen(self, names: Sequence[str] | None) -> tuple[str, ...]:
        everybody = (*encoders.ENCODERS, *(n for n in _PREDICTORS if n not in encoders.ENCODERS))
        asked = tuple(names) if names is not None else self.contestants or everybody
        for name in asked:
            if name not in everybody:
                raise ValueError(
                    f"{shown(name)} is no encoder and no reference predictor; there are: {', '.join(everybody)}."
                )
        return asked


def _of(contestant: str, base: Recipe) -> Recipe:
    if contestant not in encoders.ENCODERS:
        # What has no effect on a predictor is at its default, so that a cell of it is the same in every suite.
        return replace(base, predictor=contestant, steps=Recipe.steps, batch=Recipe.batch, trials=0)
    spec = encoders.spec(contestant)
    scales = {p.name: min(MAX_SCALES, p.default) for p in spec.parameters if p.name == "scales"}
    return replace(base, encoder=contestant, encoder_params=scales, trials=base.trials if spec.has_scale(scales) else 0)


_PREDICTORS = tuple(dict.fromkeys(name for task in TASKS for name in predictors_for(task)))
_MIXTURES = tuple(
    [f"vmf:U{j}" for j in range(1, len(CONCENTRATIONS) + 1)]
    + [f"vmf:S{i}.{j}" for i in range(1, len(STRATA) + 1) for j in range(1, len(CONCENTRATIONS) + 1)]
)

SUITES = {
    suite.name: suite
    for suite in (
        Suite(
            "vmf",
            "The twenty mixtures",
            "mixtures of 50 von Mises-Fisher distributions with 100 training places a class, as in the paper",
            _MIXTURES,
            (5000,),
        ),
        Suite(
            "fields",
            "Fields",
            "geoid, relief, land and ocean, land cover: held out at random, and in blocks of 1,000 km",
            ("geoid", "relief", "land_ocean", "land_cover"),
            (5000,),
            ("random", "blocks:1000"),
            steps=800,
        ),
        Suite(
            "presence",
            "Presences",
            "cities and languages, of which only presences are known",
            ("cities:presence", "languages:presence"),
            (5000,),
        ),
        Suite(
            "checkerboard",
            "Checkerboards",
            "cells of equal area, ever smaller: how much detail an encoder can hold",
            tuple(f"checkerboard,cells={cells}" for cells in (100, 200, 400, 1000)),
            (10000,),
            steps=800,
        ),
        Suite(
            "phase",
            "When it pays",
            "mixtures from few to many places a class, from wide to narrow classes, and at the poles",
            (*(f"vmf:U{j}" for j in range(1, len(CONCENTRATIONS) + 1)), "vmf:polar"),
            (500, 2000, 5000, 20000),
            contestants=("xyz", "grid", "sphereC", "sphereM", "spherical_harmonics", "plane_waves", "knn"),
        ),
        Suite(
            "small",
            "A small one",
            "two mixtures and six contestants, in about a minute",
            ("vmf:U3", "vmf:S1.3"),
            (2000,),
            steps=200,
            trials=3,
            contestants=("xyz", "grid", "sphereC", "sphereM", "plane_waves", "knn"),
            seeds=2,
        ),
    )
}
