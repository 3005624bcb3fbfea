"""A classifier and a regressor of places with scikit-learn's interface; scikit-learn need not be installed.

    model = s2v.LocationClassifier(encoder="plane_waves").fit(lonlat, species)
    model.predict_proba([[15.6, 78.2]])

``__init__`` only assigns, ``fit`` checks and trains, fitted attributes end in ``_``.
"""

from __future__ import annotations

import inspect
import warnings
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from s2v import data
from s2v.data.catalogue import Task
from s2v.encoders import registry
from s2v.errors import clipped, shown
from s2v.evaluation import r2
from s2v.fields import Field, Grid
from s2v.models.estimator_input import Places, read_places, read_target, read_weights
from s2v.models.loop import Snapshot, train_steps
from s2v.models.model import LocationModel
from s2v.models.predictions import predicted
from s2v.models.recipe import DEFAULTS, Recipe
from s2v.models.scales import resolved
from s2v.models.torn import torn_in_words
from s2v.models.trials import Trial
from s2v.models.tuning import tune
from s2v.parameters import AUTO

ENCODER = "plane_waves"  # of those without tears the best on the whole: docs/estimators.md
OF_ENCODER = "encoder_params__"  # begins the names of the encoder's parameters in searches

Callback = Callable[[Snapshot], None]


class LocationEstimator:
    """What the classifier and the regressor share.  The arguments are those of ``s2v.Recipe``."""

    _estimator_type: str
    model_: LocationModel
    recipe_: Recipe
    loss_: float
    trials_: tuple[Trial, ...]
    n_features_in_: int
    feature_names_in_: NDArray[Any]
    _places: Places  # the last ones learned, without their values

    def __init__(
        self,
        encoder: str = ENCODER,
        *,
        encoder_params: Mapping[str, Any] | None = None,
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
        device: str = DEFAULTS["device"],
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
        self.device = device
        self.seed = seed

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """The arguments of ``__init__`` as they are now, for scikit-learn's ``clone`` and searches.

        ``deep`` adds each parameter of the encoder, as ``encoder_params__scales`` and so on.
        """
        params = {name: getattr(self, name) for name in inspect.signature(LocationEstimator).parameters}
        if deep:
            try:
                known = self._encoder_params()
            except ValueError:  # told by fit
                known = dict(self.encoder_params) if isinstance(self.encoder_params, Mapping) else {}
            params |= {f"{OF_ENCODER}{name}": value for name, value in known.items()}
        return params

    def set_params(self, **params: Any) -> Self:
        """Change arguments of ``__init__``, and parameters of the encoder by names such as ``encoder_params__scales``.

        ``ValueError`` for an unknown name.
        """
        known = self.get_params(deep=False)
        of_encoder = {}
        for name, value in params.items():
            if name.startswith(OF_ENCODER):
                of_encoder[name.removeprefix(OF_ENCODER)] = value
            elif name in known:
                setattr(self, name, value)
            else:
                raise ValueError(f"{type(self).__name__} has no parameter {shown(name)}; it has: {', '.join(known)}.")
        if of_encoder:
            allowed = [parameter.name for parameter in registry.spec(self.encoder).parameters]
            for name in of_encoder:
                if name not in allowed:
                    there = f"it has: {', '.join(allowed)}" if allowed else "it has none"
                    raise ValueError(f"encoder {self.encoder!r} has no parameter {shown(name)}; {there}.")
            self.encoder_params = {**(self.encoder_params or {}), **of_encoder}
        return self

    def __sklearn_tags__(self) -> Any:
        """The tags that scikit-learn from 1.6 on asks for."""
        from sklearn.utils import ClassifierTags, RegressorTags, Tags, TargetTags

        classifier = self._estimator_type == "classifier"
        return Tags(
            estimator_type=self._estimator_type,
            target_tags=TargetTags(required=True, one_d_labels=True),
            classifier_tags=ClassifierTags() if classifier else None,
            regressor_tags=None if classifier else RegressorTags(),
        )

    def _fit(
        self, lonlat: ArrayLike, y: ArrayLike, sample_weight: ArrayLike | None, callback: Callback | None
    ) -> NDArray[Any]:
        """Learns, and returns the targets that counted."""
        name, classifier = type(self).__name__, self._estimator_type == "classifier"
        task: Task = "classification" if classifier else "regression"
        read = read_places(lonlat, name)
        places, target = np.atleast_2d(read.lonlat), read_target(y, name, classifier)
        weights = read_weights(sample_weight, len(places))
        if sample_weight is not None and weights is not None and target.shape == (len(places),):
            counted = weights > 0  # a weight of 0 leaves the place out
            places, target, weights = places[counted], target[counted], weights[counted]
        dataset = data.own(places, target, task, hold_out=False)
        params = self.get_params(deep=False) | {"encoder_params": self._encoder_params()}
        recipe = resolved(Recipe(data=dataset.name, **params), dataset)
        if torn := torn_in_words(recipe.encoder, recipe.encoder_params, places):
            warnings.warn(torn, UserWarning, stacklevel=3)
        tuning = None
        if recipe.trials:
            held = data.own(places, target, task, seed=recipe.seed)
            held = replace(held, train=np.concatenate([held.train, held.test]), test=held.val)
            *_, tuning = tune(recipe, held, weights=weights)
            recipe = tuning.recipe
        for snapshot in train_steps(recipe, dataset, every=max(1, recipe.steps // 20), weights=weights):
            if callback is not None:
                callback(snapshot)
        self.recipe_, self.trials_ = recipe, tuning.trials if tuning else ()
        self.model_, self.loss_ = snapshot.model.eval(), snapshot.loss
        self._places = read._replace(lonlat=np.empty((0, 2)))
        self.n_features_in_ = 2
        if read.names is not None:
            self.feature_names_in_ = np.array(read.names, dtype=object)
        elif hasattr(self, "feature_names_in_"):
            del self.feature_names_in_
        return target

    def _encoder_params(self) -> dict[str, Any]:
        """All parameters of the encoder; its scale is ``AUTO`` unless given."""
        given = {} if self.encoder_params is None else self.encoder_params
        if not isinstance(given, Mapping):
            raise ValueError(f"encoder_params={shown(given)} is not a mapping of names to values.")
        spec = registry.spec(self.encoder)
        if spec.scale is None:
            return spec.check(given)
        params = spec.check({spec.scale.parameter: AUTO, **given})
        return params if spec.has_scale(params) else spec.in_numbers(params)

    def _fitted(self) -> LocationModel:
        if not hasattr(self, "model_"):
            from s2v.models.scikit_learn import NotFittedError

            raise NotFittedError(f"This {type(self).__name__} has not learned anything yet: call fit(lonlat, y) first.")
        return self.model_

    def _answers(self, lonlat: ArrayLike) -> NDArray[np.float32]:
        """What the model predicts at places, which may be a frame with the columns of the one that was fitted."""
        model = self._fitted()
        return model.predict(read_places(lonlat, type(self).__name__, self._places).lonlat)

    def _scored(
        self, y: ArrayLike, sample_weight: ArrayLike | None, answers: NDArray[Any]
    ) -> tuple[NDArray[Any], NDArray[Any], NDArray[np.float64] | None]:
        """Truth, prediction and weights, each (n,); ``ValueError`` where their shapes differ."""
        truth = read_target(y, type(self).__name__, classes=False, shape=answers.shape)
        if truth.shape != answers.shape:
            raise ValueError(f"The places have shape {answers.shape}, and y has shape {truth.shape}: one each, please.")
        return truth.ravel(), answers.ravel(), read_weights(sample_weight, answers.size)

    def __repr__(self) -> str:
        defaults = {name: p.default for name, p in inspect.signature(LocationEstimator).parameters.items()}
        changed = {name: value for name, value in self.get_params(deep=False).items() if value != defaults[name]}
        return f"{type(self).__name__}({', '.join(f'{name}={value!r}' for name, value in changed.items())})"


class LocationClassifier(LocationEstimator):
    """Learns the classes of places.

    Parameters
    ----------
    encoder : str, default "plane_waves"
        Name of an encoder (``s2v.ENCODERS``).  The default has no tears: the dateline and the poles are places like any
        other, and a place there has one value whatever its longitude is written as.  docs/estimators.md has the scores
        from which it was chosen.  The encoders named ``sphere...`` are torn unless their ``frequencies`` are "odd".
    encoder_params : mapping, optional
        Parameters of the encoder; those left out have its defaults.  But the one that decides how fine its code is
        (``min_radius``, or ``s2v.ENCODERS[name].scale.parameter``) is "auto" unless given: it follows the spacing of
        the places.  In searches a parameter is called ``encoder_params__min_radius`` and so on.
    network, hidden, layers, dropout, activation, steps, batch, learning_rate, loss, precision, trials, device, seed :
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
    n_features_in_ : int
        2.
    feature_names_in_ : (2,) array
        The names of the columns, where ``fit`` was given a data frame.

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

    def fit(
        self,
        lonlat: ArrayLike,
        y: ArrayLike,
        sample_weight: ArrayLike | None = None,
        *,
        callback: Callback | None = None,
    ) -> Self:
        """Learn the classes of places.

        Parameters
        ----------
        lonlat : (n, 2) array, degrees, longitude first; or a data frame of two columns
            Columns are told apart by their names, such as lon and lat; with other names longitude comes first.
        y : (n,) array of texts, whole numbers or booleans
            The class of each place.
        sample_weight : (n,) array, optional
            How much each place counts in the loss, from 0 on; only ratios matter.  0 leaves the place out.
        callback : function, optional
            Called with each of the snapshots of ``s2v.train``, at the start and after each twentieth of the steps.

        Returns
        -------
        self

        Raises
        ------
        ValueError
            For bad settings, places, classes or weights; missing and masked ones, too.
        TypeError
            For sparse matrices.
        DivergedError
            Where the learning rate is too high.
        """
        self.classes_ = np.unique(self._fit(lonlat, y, sample_weight, callback))
        return self

    def predict(self, lonlat: ArrayLike) -> NDArray[Any]:
        """The most probable class (...,) at places (..., 2) in degrees."""
        best = self.predict_proba(lonlat).argmax(-1)
        return self.classes_[best]

    def predict_proba(self, lonlat: ArrayLike) -> NDArray[np.float32]:
        """Probabilities (..., classes) at places (..., 2) in degrees, in the order of ``classes_``."""
        return self._answers(lonlat)

    def score(self, lonlat: ArrayLike, y: ArrayLike, sample_weight: ArrayLike | None = None) -> float:
        """The accuracy: share of the places (n, 2) whose most probable class is ``y`` (n,); NaN for no places."""
        truth, answers, weights = self._scored(y, sample_weight, self.predict(lonlat))
        return float(np.average(answers == truth, weights=weights)) if len(truth) else float("nan")

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
    encoder : str, default "plane_waves"
        Name of an encoder (``s2v.ENCODERS``).  The default has no tears: the dateline and the poles are places like any
        other, and a place there has one value whatever its longitude is written as.  docs/estimators.md has the scores
        from which it was chosen.  The encoders named ``sphere...`` are torn unless their ``frequencies`` are "odd".
    encoder_params : mapping, optional
        Parameters of the encoder; those left out have its defaults.  But the one that decides how fine its code is
        (``min_radius``, or ``s2v.ENCODERS[name].scale.parameter``) is "auto" unless given: it follows the spacing of
        the places.  In searches a parameter is called ``encoder_params__min_radius`` and so on.
    network, hidden, layers, dropout, activation, steps, batch, learning_rate, loss, precision, trials, device, seed :
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
    n_features_in_ : int
        2.
    feature_names_in_ : (2,) array
        The names of the columns, where ``fit`` was given a data frame.

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

    def fit(
        self,
        lonlat: ArrayLike,
        y: ArrayLike,
        sample_weight: ArrayLike | None = None,
        *,
        callback: Callback | None = None,
    ) -> Self:
        """Learn values at places.

        Parameters
        ----------
        lonlat : (n, 2) array, degrees, longitude first; or a data frame of two columns
            Columns are told apart by their names, such as lon and lat; with other names longitude comes first.
        y : (n,) array of numbers
            The value at each place.
        sample_weight : (n,) array, optional
            How much each place counts in the loss, from 0 on; only ratios matter.  0 leaves the place out.
        callback : function, optional
            Called with each of the snapshots of ``s2v.train``, at the start and after each twentieth of the steps.

        Returns
        -------
        self

        Raises
        ------
        ValueError
            For bad settings, places, values or weights; missing and masked ones, too.
        TypeError
            For sparse matrices.
        DivergedError
            Where the learning rate is too high.
        """
        self._fit(lonlat, y, sample_weight, callback)
        return self

    def predict(self, lonlat: ArrayLike) -> NDArray[np.float32]:
        """Values (...,) at places (..., 2) in degrees, in the units of ``y``."""
        return self._answers(lonlat)

    def score(self, lonlat: ArrayLike, y: ArrayLike, sample_weight: ArrayLike | None = None) -> float:
        """R2 of the predictions at places (n, 2) against ``y`` (n,): 1 is perfect, 0 is no better than the mean."""
        return r2(*self._scored(y, sample_weight, self.predict(lonlat)))

    def grid(self, degrees: float = 1.0) -> Field:
        """The values on a grid of the whole sphere whose cells are ``degrees`` wide, which must divide 180."""
        return predicted(self._fitted(), Grid.equirectangular(degrees))
