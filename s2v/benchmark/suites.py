"""Which cells a suite of the benchmark has.  Free of torch."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import product

from s2v import encoders
from s2v.benchmark.results import key_of
from s2v.data import CLIMB, check_name, check_split
from s2v.data.catalogue import CONCENTRATIONS, STRATA, TASKS
from s2v.errors import shown
from s2v.models.recipe import Recipe
from s2v.predictors import names as predictors_for

MAX_SEEDS = 100
MAX_SCALES = 8  # of a multi-scale encoder, as on the Train page: the published 16 or 64 cost more than they bring
BATCH = 256


@dataclass(frozen=True)
class Grid:
    """Settings of a suite: each of the data sets with each number of training places and each split.

    Attributes
    ----------
    data : tuple of str
        Names of data sets, with their settings.
    points : tuple of int
        Training places.
    splits : tuple of str, default ("random",)
        Where held-out places lie.
    radii : tuple of float, optional
        Smallest radii in radians, of multi-scale encoders, in place of trials; others sit it out.  None is the default
        of an encoder, which is no radius that was given (``s2v.benchmark.setting``).
    contestants : tuple of str, default all
        Encoders and reference predictors that take part, unless others are asked for.

    Examples
    --------
    >>> Grid(("geoid",), (500, 2000)).splits
    ('random',)
    """

    data: tuple[str, ...]
    points: tuple[int, ...]
    splits: tuple[str, ...] = ("random",)
    radii: tuple[float, ...] = ()
    contestants: tuple[str, ...] = ()


@dataclass(frozen=True)
class Suite:
    """Settings in which all contestants are compared, and the budget that each has.

    Attributes
    ----------
    name, title, summary : str
        The name on the command line, one for people, and a sentence.
    grids : tuple of Grid
        The settings.
    steps : int, default 400
        Steps of a training.
    trials : int, default 5
        Values of each encoder's scale that are tried on validation places.
    seeds : int, default 3
    by_distance : bool, default False
        Whether its splits are rungs of a ladder (``s2v.benchmark.ladder``).

    Examples
    --------
    >>> SUITES["vmf"].title, len(SUITES["vmf"].data)
    ('The twenty mixtures', 20)
    """

    name: str
    title: str
    summary: str
    grids: tuple[Grid, ...]
    steps: int = 400
    trials: int = 5
    seeds: int = 3
    by_distance: bool = False

    @property
    def data(self) -> tuple[str, ...]:
        """The data sets of all grids."""
        return tuple(dict.fromkeys(name for grid in self.grids for name in grid.data))

    def cells(
        self,
        seeds: int | None = None,
        steps: int | None = None,
        points: int | None = None,
        names: Sequence[str] | None = None,
        *,
        data_sets: Sequence[str] | None = None,
        splits: Sequence[str] | None = None,
        trials: int | None = None,
    ) -> tuple[Recipe, ...]:
        """The recipes of all cells, each once, those of one setting together.

        Parameters
        ----------
        seeds, steps, points, trials : int, optional
            In place of the suite's own.
        names : sequence of str, optional
            Encoders and reference predictors that take part; those that do not serve the task of a data set sit it out.
        data_sets, splits : sequence of str, optional
            In place of those of each grid.

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
        _check_names(names or ())
        data_sets, splits = _checked(data_sets, check_name), _checked(splits, check_split)
        base = Recipe(
            batch=BATCH,
            steps=self.steps if steps is None else steps,
            trials=self.trials if trials is None else trials,
        )
        found: dict[str, Recipe] = {}
        for grid in self.grids:
            each = (data_sets or grid.data, (points,) if points is not None else grid.points, splits or grid.splits)
            for name, count, split in product(*each):
                on = replace(base, data=name, points=count, split=split)
                for recipe in _contestants(grid, on, names):
                    for seed in range(seeds):
                        cell = replace(recipe, seed=seed)
                        found.setdefault(key_of(cell), cell)
        return tuple(found.values())


def _contestants(grid: Grid, on: Recipe, names: Sequence[str] | None) -> Iterator[Recipe]:
    """The recipes of a setting, one for each contestant, or for each of its radii."""
    for name in names if names is not None else grid.contestants or _everybody():
        if name not in encoders.ENCODERS:
            if name in predictors_for(on.task) and not grid.radii:
                yield _fitted(name, on)
        elif not grid.radii:
            yield _trained(name, on)
        elif encoders.spec(name).wavenumber is not None:
            for radius in grid.radii:
                recipe = _trained(name, on)
                params = encoders.spec(name).at_radius(radius, recipe.encoder_params)
                yield replace(recipe, encoder_params=params, trials=0)


def _checked(names: Sequence[str] | None, check: Callable[[str], str]) -> tuple[str, ...]:
    return () if names is None else tuple(dict.fromkeys(map(check, names)))


def _check_names(names: Sequence[str]) -> None:
    for name in names:
        if name not in _everybody():
            raise ValueError(
                f"{shown(name)} is no encoder and no reference predictor; there are: {', '.join(_everybody())}."
            )


def _everybody() -> tuple[str, ...]:
    return (*encoders.ENCODERS, *(n for n in _PREDICTORS if n not in encoders.ENCODERS))


def _fitted(predictor: str, on: Recipe) -> Recipe:
    # What has no effect on a predictor is at its default, so that a cell of it is the same in every suite.
    return replace(on, predictor=predictor, steps=Recipe.steps, batch=Recipe.batch, trials=0)


def _trained(encoder: str, on: Recipe) -> Recipe:
    spec = encoders.spec(encoder)
    scales = {p.name: min(MAX_SCALES, p.default) for p in spec.parameters if p.name == "scales"}
    return replace(on, encoder=encoder, encoder_params=scales, trials=on.trials if spec.has_scale(scales) else 0)


_PREDICTORS = tuple(dict.fromkeys(name for task in TASKS for name in predictors_for(task)))
_UNIFORM = tuple(f"vmf:U{j}" for j in range(1, len(CONCENTRATIONS) + 1))
_MIXTURES = (
    *_UNIFORM,
    *(f"vmf:S{i}.{j}" for i in range(1, len(STRATA) + 1) for j in range(1, len(CONCENTRATIONS) + 1)),
)

_TURNED = tuple(f"vmf:polar,latitude={latitude}" for latitude in (0, 30, 50, 70))  # beside the pole itself

_USUAL = ("xyz", "grid", "sphereC", "sphereM", "spherical_harmonics", "plane_waves")

SUITES = {
    suite.name: suite
    for suite in (
        Suite(
            "vmf",
            "The twenty mixtures",
            "mixtures of 50 von Mises-Fisher distributions with 100 training places a class, as in the paper",
            (Grid(_MIXTURES, (5000,)),),
        ),
        Suite(
            "fields",
            "Fields",
            "geoid, relief, land and ocean, land cover: held out at random, and in blocks of 1,000 km",
            (Grid(("geoid", "relief", "land_ocean", "land_cover"), (5000,), ("random", "blocks:1000")),),
            steps=800,
        ),
        Suite(
            "presence",
            "Presences",
            "cities and languages, of which only presences are known",
            (Grid(("cities:presence", "languages:presence"), (5000,)),),
        ),
        Suite(
            "ladder",
            "The ladder",
            "geoid and relief, with held-out places ever farther from the training places",
            (Grid(("geoid", "relief"), (2000,), CLIMB, contestants=(*_USUAL, "idw", "kriging")),),
            steps=1000,
            by_distance=True,
        ),
        Suite(
            "checkerboard",
            "Checkerboards",
            "cells of equal area, ever smaller: how much detail an encoder can hold",
            (Grid(tuple(f"checkerboard,cells={cells}" for cells in (100, 200, 400, 1000)), (10000,)),),
            steps=800,
        ),
        Suite(
            "phase",
            "When it pays",
            "mixtures from few to many places a class, from wide to narrow classes, from the equator to a pole; "
            "smallest radii; held-out places ever farther away",
            (
                Grid((*_UNIFORM, "vmf:polar"), (500, 2000, 5000, 20000), contestants=(*_USUAL, "knn")),
                Grid(_TURNED, (500, 5000), contestants=(*_USUAL, "knn")),
                Grid(
                    (_UNIFORM[0], _UNIFORM[-1]),
                    (500, 5000),
                    radii=(0.02, 0.05, 0.1, 0.2, 0.4),
                    contestants=("grid", "sphereC", "sphereM", "plane_waves"),
                ),
                Grid(
                    (_UNIFORM[-1], "relief"),
                    (2000,),
                    ("random", "blocks:500", "blocks:1000", "blocks:2000", "blocks:5000"),
                    contestants=(*_USUAL, "knn", "kriging"),
                ),
            ),
        ),
        Suite(
            "small",
            "A small one",
            "two mixtures and six contestants, in about a minute",
            (
                Grid(
                    ("vmf:U3", "vmf:S1.3"),
                    (2000,),
                    contestants=("xyz", "grid", "sphereC", "sphereM", "plane_waves", "knn"),
                ),
            ),
            steps=200,
            trials=3,
            seeds=2,
        ),
    )
}
