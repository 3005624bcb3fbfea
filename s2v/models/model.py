"""A place in, an answer out: an encoder with the network that was learned on top of it; and what it makes of places."""

from __future__ import annotations

import copy
from typing import Any, get_args

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from torch import Tensor, nn

from s2v import sphere
from s2v.data.catalogue import Task
from s2v.encoders import encoder
from s2v.models.choices import NETWORKS
from s2v.models.networks import network
from s2v.models.recipe import Recipe

TASKS = get_args(Task)
_FEATURES_AT_ONCE = 1 << 22  # bounds the memory of a prediction: 16 MB of features at a time


class LocationModel(nn.Module):
    """The encoder and the network of a ``recipe``, untrained, for a ``task``.

    ``classes`` are the names of the classes of a classification, of which one is right at each place, or of presences,
    each of which may be there or not.  A regression learns a target of mean 0 and standard
    deviation 1; the buffers ``mean`` and ``scale`` bring its outputs back to the units of the data.
    """

    mean: Tensor
    scale: Tensor

    def __init__(self, recipe: Recipe, task: Task, classes: tuple[str, ...] = ()) -> None:
        super().__init__()
        if task not in TASKS:
            raise ValueError(f"task={task!r} is not one of {', '.join(TASKS)}.")
        if task != "regression" and not classes:
            raise ValueError(f"A {task} needs the names of its classes.")
        self.recipe, self.task, self.classes = recipe, task, tuple(classes)
        self.encoder = encoder(recipe.encoder, **recipe.encoder_params)
        settings = {name: getattr(recipe, name) for name in NETWORKS[recipe.network].parameters}
        self.network = network(recipe.network, self.encoder.dim, max(1, len(self.classes)), **settings)
        self.register_buffer("mean", torch.zeros(()))
        self.register_buffer("scale", torch.ones(()))

    def forward(self, lonlat: Tensor) -> Tensor:
        """Raw outputs of places (..., 2) in degrees: logits (..., classes), or standardised values (..., 1)."""
        features: Tensor = self.encoder(lonlat)
        outputs: Tensor = self.network(features.to(self.mean.dtype))
        return outputs

    def predict(self, lonlat: ArrayLike) -> NDArray[np.float32]:
        """Values (...,) in the units of the data, or probabilities (..., classes), at places (..., 2) in degrees.

        The probabilities of a classification sum to 1; those of presences are independent, each from 0 to 1.
        Works through any number of places in pieces, without gradients and without dropout; ``ValueError`` for what
        are not places.
        """
        places = sphere.check_lonlat(np.asarray(lonlat, dtype=float))
        flat = torch.from_numpy(np.ascontiguousarray(places.reshape(-1, 2), dtype=np.float32))
        piece = max(256, _FEATURES_AT_ONCE // self.encoder.dim)
        with torch.no_grad():
            answers = [self.answer(self.encoder(part)) for part in flat.split(piece)]
        shape = places.shape[:-1] + ((len(self.classes),) if self.classes else ())
        return np.concatenate(answers).reshape(shape)

    def predict_proba(self, lonlat: ArrayLike) -> NDArray[np.float32]:
        """Probabilities (..., classes) at places (..., 2) in degrees, as ``predict``.

        ``ValueError`` for what are not places, and for a regression, which has no probabilities.
        """
        if self.task == "regression":
            raise ValueError("This model is a regression and has no probabilities; predict gives its values.")
        return self.predict(lonlat)

    def answer(self, features: Tensor) -> NDArray[np.float32]:
        """The same from features (n, dim) that are already computed: values (n,) or probabilities (n, classes)."""
        was_training = self.training
        self.eval()
        try:
            with torch.no_grad():
                outputs = self.network(features)
                if self.task == "classification":
                    answers: Any = torch.softmax(outputs, -1)
                elif self.task == "presence":
                    answers = torch.sigmoid(outputs)
                else:
                    answers = outputs.squeeze(-1) * self.scale + self.mean
        finally:
            self.train(was_training)
        values: NDArray[np.float32] = answers.numpy()
        return values


class Embedding(nn.Module):
    """What a trained model makes of places, to be used like an encoder: the numbers that its last matrix sees.

    ``lonlat`` (..., 2) in degrees -> (..., dim), in the dtype of the input, differentiable in the location; the
    weights stay as they are.  It is ``body`` of the model's network: the last hidden layer of ``ffn`` (with relu never
    negative) and of ``residual``, the last sines of ``siren``.  ``linear`` has no layer before its matrix, so there
    it is the encoder's own code, with what was learned of that (the vectors of ``tile``, the centres of ``rbf``).
    """

    def __init__(self, model: LocationModel) -> None:
        super().__init__()
        self.dim: int = model.network.head.in_features
        self.encoder = copy.deepcopy(model.encoder)
        # One for each precision: weights in float32 would leave 1e-7 of a tear where the encoder has none.
        self.float32, self.float64 = (copy.deepcopy(model.network.body).to(d) for d in (torch.float32, torch.float64))
        self.requires_grad_(False).eval()

    def forward(self, lonlat: Tensor) -> Tensor:
        """Embeddings (..., dim) of places (..., 2); errors as those of an encoder."""
        features: Tensor = self.encoder(lonlat)
        body = self.float64 if lonlat.dtype == torch.float64 else self.float32
        embedded: Tensor = body(features)
        return embedded
