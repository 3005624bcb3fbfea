"""``s2v.train``: a recipe in, a generator of snapshots out.  No interface, no threads, no cluster."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import replace

from s2v import data
from s2v.data import DataSet
from s2v.models.device import torch_device
from s2v.models.loop import DivergedError, Evaluation, Snapshot, train_steps
from s2v.models.recipe import Recipe
from s2v.models.trials import Tuning
from s2v.models.tuning import tune

__all__ = ["DivergedError", "Evaluation", "Snapshot", "train"]


def train(
    recipe: Recipe,
    *,
    every: int | None = None,
    seconds: float | Callable[[], float] | None = None,
    should_stop: Callable[[], bool] | None = None,
    pause_at: Callable[[], int] | None = None,
    dataset: DataSet | None = None,
    evaluated: bool = True,
    on_tuning: Callable[[Tuning], None] = lambda tuning: None,
) -> Iterator[Snapshot]:
    """Train a model, with a snapshot at step 0, at regular intervals and at the end.

    A recipe with ``trials`` has its encoder's scale chosen first (``s2v.models.tuning``), before step 0.

    The result depends on the recipe and the data alone: not on when snapshots are taken, nor on random numbers that
    others draw meanwhile.  Torch's random state is left as it was.  The generator may be closed at any time.

    Parameters
    ----------
    recipe : Recipe
        What to train.  Losses of presences that need background points get as many new ones per step as the batch has
        places.
    every : int, steps, default a twentieth of all steps
        Interval between snapshots.
    seconds : float or function, seconds of training, optional
        Interval by the clock instead.  A function is called after each step and must be quick.
    should_stop : function, optional
        Called before each step; where it returns true, the generator ends without another snapshot.
    pause_at : function, optional
        Called after each step; at the step that it returns there is a snapshot.  Training waits until the next snapshot
        is requested, so this is how to pause, or to go step by step.
    dataset : DataSet, optional
        Takes the place of the data that the recipe names, and must have that name: "own:regression" and so on for the
        data sets of ``s2v.data.own`` and ``s2v.data.read_points``.  ``points`` and ``split`` of the recipe then have
        no effect.
    evaluated : bool, default True
        Whether snapshots have metrics.  Without them training is faster; an ``Evaluation`` of a copy of the model gives
        them elsewhere.
    on_tuning : function, optional
        Called with the state of the trials before step 0, where the recipe has some: as often as there are snapshots
        by the clock, or once a trial.

    Returns
    -------
    iterator of Snapshot

    Raises
    ------
    ValueError
        At once for a bad interval, a data set of another name or a GPU that is not there; while running for data that
        cannot be split or learned as the recipe asks.
    DivergedError
        Where the loss explodes.
    s2v.assets.AssetError
        Where a file of the data set is missing or damaged.

    Examples
    --------
    >>> import s2v
    >>> recipe = s2v.Recipe(data="checkerboard", encoder="xyz", points=200, steps=20)
    >>> for snapshot in s2v.train(recipe, every=10):
    ...     print(snapshot.step, snapshot.done)
    0 False
    10 False
    20 True
    >>> snapshot.model.predict([[15.6, 78.2], [-70.0, -30.0]]).shape
    (2, 16)
    """
    if recipe.predictor:
        raise ValueError(
            f"predictor={recipe.predictor!r} needs no training: s2v.predictors.fit({recipe.predictor!r}, data set) "
            "gives it."
        )
    torch_device(recipe.device)
    if every is not None and seconds is not None:
        raise ValueError("Both every and seconds provided; only one is allowed.")
    if every is not None and every < 1:
        raise ValueError(f"every={every}: a snapshot can be taken after 1 step at the earliest.")
    if seconds is not None and not callable(seconds) and not seconds > 0:
        raise ValueError(f"seconds={seconds}: the time between snapshots must be positive.")
    if seconds is None:
        every = every or max(1, recipe.steps // 20)
    if dataset is not None:
        recipe.check_data(dataset.name)
    interval = seconds if callable(seconds) else lambda: seconds or math.inf

    stopped = should_stop or (lambda: False)

    def snapshots() -> Iterator[Snapshot]:
        known = dataset or data.load(recipe.data, recipe.points, recipe.seed, recipe.split)
        tuning = None
        for tuning in tune(recipe, known, seconds=interval, should_stop=stopped):
            on_tuning(tuning)
        if tuning is None or not tuning.done:
            return  # it was asked to stop
        for snapshot in train_steps(
            tuning.recipe,
            known,
            every=every,
            seconds=interval,
            should_stop=stopped,
            pause_at=pause_at or (lambda: math.inf),
            evaluated=evaluated,
        ):
            yield replace(snapshot, trials=tuning.trials)

    return snapshots()
