"""A classifier and a regressor of places with scikit-learn's interface; scikit-learn need not be installed.

    model = s2v.LocationClassifier(encoder="plane_waves").fit(lonlat, species)
    model.predict_proba([[15.6, 78.2]])

``__init__`` only assigns, ``fit`` checks and trains, fitted attributes end in ``_``.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from s2v import data
from s2v.data.catalogue import Task
from s2v.errors import clipped, shown
from s2v.evaluation import r2
from s2v.fields import Field, Grid
from s2v.models.loop import Snapshot, train_steps
from s2v.models.model import LocationModel
from s2v.models.predictions import predicted
from s2v.models.recipe import DEFAULTS, Recipe
from s2v.models.trials import Trial
from s2v.models.tuning import tune

_NO_PARAMS: Mapping[str, Any] = {}

Callback = Callable[[Snapshot], None]


class NotFittedError(ValueError, AttributeError):
    """The estimator was used before it was fitted."""


class LocationEstimator:
    """What the classifier and the regressor share.  The arguments are those of ``s2v.Recipe``."""

    _estimator_type: str
    model_: LocationModel
    recipe_: Recipe
    loss_: float
    trials_: tuple[Trial, ...]

    def __init__(
        self,
        encoder: str = DEFAULTS["encoder"],
        *,
        encoder_params: Mapping[str, Any] = _NO_PARAMS,
        network: str = DEFAULTS["network"],
        hidden: int = DEFAULTS["hidden"],
        layers: int = DEFAULTS["layers"],
        dropout: float = DEFAULTS["dropout"],
        activation: str = DEFAULTS["activation"],
        steps: int = DEFAULTS["steps"],
        batch: int = DEFAULTS["batch"],
        learning_rate: float = DEFAULTS["learning_rate"],
        loss: str = DEFAULTS["loss"],
        precision: str = DEFAULTS["precision"],
        trials: int = DEFAULTS["trials"],
        seed: int = DEFAULTS["seed"],
    ) -> None:
        self.encoder = encoder
        self.encoder_params = encoder_params
        self.network = network
        self.hidden = hidden
        self.layers = layers
        self.dropout = dropout
        self.activation = activation
        self.steps = steps
        self.batch = batch
        self.learning_rate = learning_rate
        self.loss = loss
        self.precision = precision
        self.trials = trials
        self.seed = seed

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """The arguments of ``__init__`` as they are now, for scikit-learn's ``clone`` and searches."""
        return {name: getattr(self, name) for name in inspect.signature(LocationEstimator).parameters}

    def set_params(self, **params: Any) -> Self:
        """Change arguments of ``__init__``; ``ValueError`` for an unknown name."""
        known = self.get_params()
        for name, value in params.items():
            if name not in known:
                raise ValueError(f"{type(self).__name__} has no parameter {shown(name)}; it has: {', '.join(known)}.")
            setattr(self, name, value)
        return self

    def __sklearn_tags__(self) -> Any:
        """The tags that scikit-learn from 1.6 on asks for."""
        from sklearn.utils import ClassifierTags, RegressorTags, Tags, TargetTags

        classifier = self._estimator_type == "classifier"
        return Tags(
            estimator_type=self._estimator_type,
            target_tags=TargetTags(required=True),
            classifier_tags=ClassifierTags() if classifier else None,
            regressor_tags=None if classifier else RegressorTags(),
        )

    def _fit(self, lonlat: ArrayLike, y: ArrayLike, task: Task, callback: Callback | None) -> None:
        dataset = data.own(lonlat, y, task, hold_out=False)
        recipe = Recipe(data=dataset.name, **self.get_params())
        tuning = None
        if recipe.trials:
            held = data.own(lonlat, y, task, seed=recipe.seed)
            *_, tuning = tune(recipe, replace(held, train=np.concatenate([held.train, held.test]), test=held.val))
            recipe = tuning.recipe
        for snapshot in train_steps(recipe, dataset, every=max(1, recipe.steps // 20)):
            if callback is not None:
                callback(snapshot)
        self.recipe_, self.trials_ = recipe, tuning.trials if tuning else ()
        self.model_, self.loss_ = snapshot.model.eval(), snapshot.loss

    def _fitted(self) -> LocationModel:
        if not hasattr(self, "model_"):
            raise NotFittedError(f"This {type(self).__name__} has not learned anything yet: call fit(lonlat, y) first.")
        return self.model_

    def __repr__(self) -> str:
        defaults = {name: p.default for name, p in inspect.signature(LocationEstimator).parameters.items()}
        changed = {name: value for name, value in self.get_params().items() if value != defaults[name]}
        return f"{type(self).__name__}({', '.join(f'{name}={value!r}' for name, value in changed.items())})"


class LocationClassifier(LocationEstimator):
    """Learns the classes of places.

    Parameters
    ----------
    encoder : str, default "sphereM"
        Name of an encoder (``s2v.ENCODERS``).
    encoder_params : mapping, default {}
        Parameters of the encoder.
    network, hidden, layers, dropout, activation, steps, batch, learning_rate, loss, precision, trials, seed :
        As in ``s2v.Recipe``, with its defaults.  Trials hold out a tenth of the places; the training then has them all.

    Attributes
    ----------
    classes_ : (classes,) array
        The distinct ``y``, sorted, in their dtype.
    model_ : LocationModel
        The trained model, for ``s2v.save`` and ``s2v.Embedding``.
    recipe_ : Recipe
        The recipe of the model, with the scale that the trials have chosen.
    trials_ : tuple of Trial
        The trials of the encoder's scale; empty without.
    loss_ : float
        Mean loss of the last twentieth of the steps.

    Examples
    --------
    >>> import s2v
    >>> lonlat = s2v.sphere.random_points(200, seed=0)
    >>> half = ["north" if lat > 0 else "south" for lon, lat in lonlat]
    >>> model = s2v.LocationClassifier(encoder="xyz", steps=100).fit(lonlat, half)
    >>> model.predict([[15.6, 78.2], [77.0, -90.0]]).tolist()
    ['north', 'south']
    >>> model.predict_proba([15.6, 78.2]).round(1).tolist()
    [1.0, 0.0]
    >>> model.grid(30.0, of="north").values.shape
    (6, 12)
    """

    _estimator_type = "classifier"
    classes_: NDArray[Any]

    def fit(self, lonlat: ArrayLike, y: ArrayLike, callback: Callback | None = None) -> Self:
        """Learn the classes of places.

        Parameters
        ----------
        lonlat : (n, 2) array, degrees, longitude first
        y : (n,) array of texts, whole numbers or booleans
            The class of each place.
        callback : function, optional
            Called with each of the snapshots of ``s2v.train``, at the start and after each twentieth of the steps.

        Returns
        -------
        self

        Raises
        ------
        ValueError
            For bad settings, places or classes.
        DivergedError
            Where the learning rate is too high.
        """
        self._fit(lonlat, y, "classification", callback)
        self.classes_ = np.unique(np.asarray(y))
        return self

    def predict(self, lonlat: ArrayLike) -> NDArray[Any]:
        """The most probable class (...,) at places (..., 2) in degrees."""
        best = self.predict_proba(lonlat).argmax(-1)
        return self.classes_[best]

    def predict_proba(self, lonlat: ArrayLike) -> NDArray[np.float32]:
        """Probabilities (..., classes) at places (..., 2) in degrees, in the order of ``classes_``."""
        return self._fitted().predict(lonlat)

    def score(self, lonlat: ArrayLike, y: ArrayLike) -> float:
        """The accuracy: share of the places (n, 2) whose most probable class is ``y`` (n,); NaN for no places."""
        y, answers = _pairs(y, self.predict(lonlat))
        return float(np.mean(answers == y)) if len(y) else float("nan")

    def grid(self, degrees: float = 1.0, of: Any = None) -> Field:
        """The most probable class on a grid of the whole sphere, or the probability of one class.

        Parameters
        ----------
        degrees : float, degrees, default 1
            Width of a cell; it must divide 180.
        of : class, optional
            The class whose probability to map.

        Returns
        -------
        Field

        Raises
        ------
        ValueError
            For an unknown class.
        """
        names = self._fitted().classes
        if of is None:
            return predicted(self.model_, Grid.equirectangular(degrees))
        found = np.flatnonzero(self.classes_ == of)
        if len(found) != 1:
            raise ValueError(clipped(f"of={shown(of)} is not one of the classes: {', '.join(names[:20])}."))
        return predicted(self.model_, Grid.equirectangular(degrees), names[found[0]])


class LocationRegressor(LocationEstimator):
    """Learns values at places.

    Parameters
    ----------
    encoder : str, default "sphereM"
        Name of an encoder (``s2v.ENCODERS``).
    encoder_params : mapping, default {}
        Parameters of the encoder.
    network, hidden, layers, dropout, activation, steps, batch, learning_rate, loss, precision, trials, seed :
        As in ``s2v.Recipe``, with its defaults.  Trials hold out a tenth of the places; the training then has them all.

    Attributes
    ----------
    model_ : LocationModel
        The trained model, for ``s2v.save`` and ``s2v.Embedding``.
    recipe_ : Recipe
        The recipe of the model, with the scale that the trials have chosen.
    trials_ : tuple of Trial
        The trials of the encoder's scale; empty without.
    loss_ : float
        Mean loss of the last twentieth of the steps.

    Examples
    --------
    >>> import numpy as np, s2v
    >>> lonlat = s2v.sphere.random_points(200, seed=0)
    >>> insolation = np.cos(np.deg2rad(lonlat[:, 1]))
    >>> model = s2v.LocationRegressor(encoder="xyz", steps=200).fit(lonlat, insolation)
    >>> model.predict([[0.0, 0.0], [0.0, 90.0]]).round(0).tolist()
    [1.0, 0.0]
    >>> model.score(lonlat, insolation) > 0.9
    True
    """

    _estimator_type = "regressor"

    def fit(self, lonlat: ArrayLike, y: ArrayLike, callback: Callback | None = None) -> Self:
        """Learn values at places.

        Parameters
        ----------
        lonlat : (n, 2) array, degrees, longitude first
        y : (n,) array of numbers
            The value at each place.
        callback : function, optional
            Called with each of the snapshots of ``s2v.train``, at the start and after each twentieth of the steps.

        Returns
        -------
        self

        Raises
        ------
        ValueError
            For bad settings, places or values.
        DivergedError
            Where the learning rate is too high.
        """
        self._fit(lonlat, y, "regression", callback)
        return self

    def predict(self, lonlat: ArrayLike) -> NDArray[np.float32]:
        """Values (...,) at places (..., 2) in degrees, in the units of ``y``."""
        return self._fitted().predict(lonlat)

    def score(self, lonlat: ArrayLike, y: ArrayLike) -> float:
        """R2 of the predictions at places (n, 2) against ``y`` (n,): 1 is perfect, 0 is no better than the mean."""
        return r2(*_pairs(y, self.predict(lonlat)))

    def grid(self, degrees: float = 1.0) -> Field:
        """The values on a grid of the whole sphere whose cells are ``degrees`` wide, which must divide 180."""
        return predicted(self._fitted(), Grid.equirectangular(degrees))


def _pairs(y: ArrayLike, answers: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
    """Truth and prediction, both (n,); ``ValueError`` where their shapes differ."""
    y = np.asarray(y)
    if y.shape != answers.shape:
        raise ValueError(f"The places have shape {answers.shape}, and y has shape {y.shape}: one each, please.")
    return y.ravel(), answers.ravel()
