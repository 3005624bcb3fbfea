"""A place in, an answer out: an encoder with the network that was learned on top of it."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from torch import Tensor, nn

from s2v import sphere
from s2v.data.catalogue import Task
from s2v.encoders import encoder
from s2v.networks import network
from s2v.recipe import Recipe

TASKS = ("regression", "classification")
_FEATURES_AT_ONCE = 1 << 22  # bounds the memory of a prediction: 16 MB of features at a time


class LocationModel(nn.Module):
    """The encoder and the network of a ``recipe``, untrained, for a ``task``.

    ``classes`` are the names of the classes of a classification.  A regression learns a target of mean 0 and standard
    deviation 1; the buffers ``mean`` and ``scale`` bring its outputs back to the units of the data.
    """

    mean: Tensor
    scale: Tensor

    def __init__(self, recipe: Recipe, task: Task, classes: tuple[str, ...] = ()) -> None:
        super().__init__()
        if task not in TASKS:
            raise ValueError(f"task={task!r} is not one of {', '.join(TASKS)}.")
        if task == "classification" and not classes:
            raise ValueError("A classification needs the names of its classes.")
        self.recipe, self.task, self.classes = recipe, task, tuple(classes)
        self.encoder = encoder(recipe.encoder, **recipe.encoder_params)
        settings = {"hidden": recipe.hidden, "layers": recipe.layers, "dropout": recipe.dropout}
        if recipe.network == "linear":
            settings = {}
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

    def answer(self, features: Tensor) -> NDArray[np.float32]:
        """The same from features (n, dim) that are already computed: values (n,) or probabilities (n, classes)."""
        was_training = self.training
        self.eval()
        try:
            with torch.no_grad():
                outputs = self.network(features)
                if self.task == "classification":
                    answers: Any = torch.softmax(outputs, -1)
                else:
                    answers = outputs.squeeze(-1) * self.scale + self.mean
        finally:
            self.train(was_training)
        values: NDArray[np.float32] = answers.numpy()
        return values
