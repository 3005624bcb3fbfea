"""A classifier and a regressor of places with the habits of scikit-learn, which is not needed for them.

    model = s2v.LocationClassifier(encoder="plane_waves").fit(lonlat, species)
    model.predict_proba([[15.6, 78.2]])

``__init__`` only assigns, ``fit`` checks and trains, what was learned ends in ``_``.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from s2v import data
from s2v.data import DataSet
from s2v.evaluation import r2
from s2v.fields import Field, Grid
from s2v.models.model import LocationModel
from s2v.models.predictions import predicted
from s2v.models.recipe import Recipe
from s2v.models.training import Snapshot, train

_NOTHING: Mapping[str, Any] = {}


class NotFittedError(ValueError, AttributeError):
    """The estimator was asked before it was fitted."""


class LocationEstimator:
    """What both have in common.  The arguments are those of ``s2v.Recipe``; ``encoder_params`` those of the encoder.

    After ``fit``: ``model_`` is the trained model, for ``s2v.save`` and wherever an encoder fits;
    ``recipe_`` its recipe, ``loss_`` the mean loss of the last twentieth of the steps.
    """

    _estimator_type: str
    model_: LocationModel
    recipe_: Recipe
    loss_: float

    def __init__(
        self,
        encoder: str = "sphereM",
        *,
        encoder_params: Mapping[str, Any] = _NOTHING,
        network: str = "ffn",
        hidden: int = 128,
        layers: int = 2,
        dropout: float = 0.0,
        activation: str = "relu",
        steps: int = 2500,
        batch: int = 256,
        learning_rate: float = 0.005,
        loss: str = "auto",
        precision: str = "float32",
        seed: int = 0,
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
        self.seed = seed

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """The arguments of ``__init__`` as they are now, as scikit-learn's ``clone`` and searches want them."""
        return {name: getattr(self, name) for name in inspect.signature(LocationEstimator).parameters}

    def set_params(self, **params: Any) -> Self:
        """Change arguments of ``__init__``; ``ValueError`` for a name that is none."""
        known = self.get_params()
        for name, value in params.items():
            if name not in known:
                raise ValueError(f"{type(self).__name__} has no parameter {name!r}; it has: {', '.join(known)}.")
            setattr(self, name, value)
        return self

    def __sklearn_tags__(self) -> Any:
        """What scikit-learn asks of an estimator from 1.6 on; nobody else calls it."""
        from sklearn.utils import ClassifierTags, RegressorTags, Tags, TargetTags

        classifier = self._estimator_type == "classifier"
        return Tags(
            estimator_type=self._estimator_type,
            target_tags=TargetTags(required=True),
            classifier_tags=ClassifierTags() if classifier else None,
            regressor_tags=None if classifier else RegressorTags(),
        )

    def _fit(self, dataset: DataSet, tell: Callable[[Snapshot], None] | None) -> None:
        self.recipe_ = Recipe(data=dataset.name, **self.get_params())
        for snapshot in train(self.recipe_, dataset=dataset):
            if tell is not None:
                tell(snapshot)
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
    """Classes of places.  ``classes_`` (classes,) are the different ``y`` in their own order and of their own kind."""

    _estimator_type = "classifier"
    classes_: NDArray[Any]

    def fit(self, lonlat: ArrayLike, y: ArrayLike, tell: Callable[[Snapshot], None] | None = None) -> Self:
        """Learn the classes ``y`` (n,) of places ``lonlat`` (n, 2) in degrees, longitude first; gives itself back.

        ``y`` may be texts, whole numbers or booleans.  ``tell`` gets twenty snapshots on the way (``s2v.train``).
        ``ValueError`` for bad settings, places or classes, ``DivergedError`` where the learning rate is too high.
        """
        self._fit(data.own(lonlat, y, "classification", hold_out=False), tell)
        self.classes_ = np.unique(np.asarray(y))
        return self

    def predict(self, lonlat: ArrayLike) -> NDArray[Any]:
        """The most probable class (...,) at places (..., 2)."""
        most = self.predict_proba(lonlat).argmax(-1)
        return self.classes_[most]

    def predict_proba(self, lonlat: ArrayLike) -> NDArray[np.float32]:
        """Probabilities (..., classes) at places (..., 2), in the order of ``classes_``."""
        return self._fitted().predict(lonlat)

    def score(self, lonlat: ArrayLike, y: ArrayLike) -> float:
        """Share of the places (n, 2) whose class ``y`` (n,) is the most probable one; NaN for no places."""
        y, answers = _pairs(y, self.predict(lonlat))
        return float(np.mean(answers == y)) if len(y) else float("nan")

    def grid(self, degrees: float = 1.0, of: Any = None) -> Field:
        """The most probable class on a grid of the whole sphere; or the probability ``of`` one class.

        Cells are ``degrees`` wide, which must divide 180.  ``ValueError`` for a class that there is not.
        """
        names = self._fitted().classes
        if of is None:
            return predicted(self.model_, Grid.equirectangular(degrees))
        found = np.flatnonzero(self.classes_ == of)
        if len(found) != 1:
            raise ValueError(f"of={of!r} is not one of the classes: {', '.join(names[:20])}.")
        return predicted(self.model_, Grid.equirectangular(degrees), names[found[0]])


class LocationRegressor(LocationEstimator):
    """Values at places."""

    _estimator_type = "regressor"

    def fit(self, lonlat: ArrayLike, y: ArrayLike, tell: Callable[[Snapshot], None] | None = None) -> Self:
        """Learn the values ``y`` (n,) at places ``lonlat`` (n, 2) in degrees, longitude first; gives itself back.

        ``tell`` gets twenty snapshots on the way (``s2v.train``); errors as those of ``LocationClassifier.fit``.
        """
        self._fit(data.own(lonlat, y, "regression", hold_out=False), tell)
        return self

    def predict(self, lonlat: ArrayLike) -> NDArray[np.float32]:
        """Values (...,) at places (..., 2), in the units of ``y``."""
        return self._fitted().predict(lonlat)

    def score(self, lonlat: ArrayLike, y: ArrayLike) -> float:
        """R2 of the predictions at places (n, 2) against ``y`` (n,): 1 is perfect, 0 is no better than the mean."""
        return r2(*_pairs(y, self.predict(lonlat)))

    def grid(self, degrees: float = 1.0) -> Field:
        """The values on a grid of the whole sphere whose cells are ``degrees`` wide, which must divide 180."""
        return predicted(self._fitted(), Grid.equirectangular(degrees))


def _pairs(y: ArrayLike, answers: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
    """What was asked and what was answered, both (n,); ``ValueError`` where their shapes differ."""
    y = np.asarray(y)
    if y.shape != answers.shape:
        raise ValueError(f"The places have shape {answers.shape}, and y has shape {y.shape}: one each, please.")
    return y.ravel(), answers.ravel()
