"""An encoder with the network on top of it: a place in, a prediction out; and the embedding that it learned."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from torch import Tensor, nn

from s2v import sphere
from s2v.data.catalogue import Task, check_task
from s2v.data.class_names import check_class_names
from s2v.encoders import encoder
from s2v.models.choices import NETWORKS
from s2v.models.device import room
from s2v.models.networks import network
from s2v.models.recipe import Recipe

_MAX_FEATURES = 1 << 22  # numbers of a layer that are computed at a time in a prediction: 16 MB


class LocationModel(nn.Module):
    """The encoder and the network of a recipe, untrained.

    A regression learns a target of mean 0 and standard deviation 1; the buffers ``mean`` and ``scale`` bring its
    outputs back to the units of the data.

    Parameters
    ----------
    recipe : Recipe
    task : {"regression", "classification", "presence"}
        In a classification one class is right at each place; presences are independent of each other.
    classes : tuple of str
        Names of the classes; none for a regression.

    Raises
    ------
    ValueError
        For an unknown task, a task of classes without their names, or names that do not differ.

    Examples
    --------
    >>> import torch
    >>> model = LocationModel(Recipe(encoder="xyz"), "classification", ("sea", "land"))
    >>> model(torch.tensor([[15.6, 78.2], [-70.0, -30.0]])).shape
    torch.Size([2, 2])
    """

    mean: Tensor
    scale: Tensor

    def __init__(self, recipe: Recipe, task: Task, classes: tuple[str, ...] = ()) -> None:
        super().__init__()
        if check_task(task) != "regression" and not classes:
            raise ValueError(f"A {task} needs the names of its classes.")
        self.recipe, self.task, self.classes = recipe, task, check_class_names(classes)
        self.encoder = encoder(recipe.encoder, **recipe.encoder_params)
        settings = {name: getattr(recipe, name) for name in NETWORKS[recipe.network].parameters}
        self.network = network(recipe.network, self.encoder.dim, max(1, len(self.classes)), **settings)
        self.register_buffer("mean", torch.zeros(()))
        self.register_buffer("scale", torch.ones(()))

    @property
    def device(self) -> torch.device:
        """Where it computes; ``model.to("cuda")`` moves it to a GPU."""
        return self.mean.device

    def forward(self, lonlat: Tensor) -> Tensor:
        """Raw outputs of places (..., 2) in degrees: logits (..., classes), or standardised values (..., 1)."""
        features: Tensor = self.encoder(lonlat)
        outputs: Tensor = self.network(features.to(self.mean.dtype))
        return outputs

    def predict(self, lonlat: ArrayLike) -> NDArray[np.float32]:
        """Values or probabilities at places, without gradients and without dropout, for any number of places.

        Parameters
        ----------
        lonlat : (..., 2) array, degrees, longitude first

        Returns
        -------
        float32 array
            Values (...,) in the units of the data, or probabilities (..., classes).  Those of a classification sum to
            1; those of presences are independent, each from 0 to 1.

        Raises
        ------
        ValueError
            For another shape, a number that is not finite, or a latitude beyond 90 degrees.

        Examples
        --------
        >>> model = LocationModel(Recipe(encoder="xyz"), "classification", ("sea", "land"))
        >>> model.predict([[15.6, 78.2], [-70.0, -30.0]]).sum(-1).round(3).tolist()
        [1.0, 1.0]
        """
        places = sphere.check_lonlat(np.asarray(lonlat, dtype=float))
        flat = torch.from_numpy(np.ascontiguousarray(places.reshape(-1, 2), dtype=np.float32))
        widest = max(self.encoder.dim, self.recipe.hidden, len(self.classes))
        piece = max(256, room(_MAX_FEATURES, self.device) // widest)
        with torch.no_grad():
            answers = [self.answer(self.encoder(part.to(self.device))) for part in flat.split(piece)]
        shape = places.shape[:-1] + ((len(self.classes),) if self.classes else ())
        return np.concatenate(answers).reshape(shape)

    def predict_proba(self, lonlat: ArrayLike) -> NDArray[np.float32]:
        """Probabilities (..., classes) at places (..., 2), as ``predict``; ``ValueError`` for a regression."""
        if self.task == "regression":
            raise ValueError("This model is a regression and has no probabilities; predict gives its values.")
        return self.predict(lonlat)

    def answer(self, features: Tensor) -> NDArray[np.float32]:
        """``predict`` from computed features (n, dim): values (n,) or probabilities (n, classes)."""
        was_training = self.training
        self.eval()
        try:
            with torch.no_grad():
                answers: Any = self.answers_of(self.network(features))
        finally:
            self.train(was_training)
        values: NDArray[np.float32] = answers.cpu().numpy()
        return values

    def answers_of(self, outputs: Tensor) -> Tensor:
        """Values (n,) or probabilities (n, classes) of the network's raw outputs (n, ...)."""
        if self.task == "classification":
            return torch.softmax(outputs, -1)
        if self.task == "presence":
            return torch.sigmoid(outputs)
        return outputs.squeeze(-1) * self.scale + self.mean


class Embedding(nn.Module):
    """The learned embedding of a trained model: the input of its last layer.  It is used like an encoder.

    ``lonlat`` (..., 2) in degrees -> (..., dim), in the dtype of the input, differentiable in the location; the
    weights are fixed.  It is the last hidden layer of ``ffn`` (with relu never negative) and of ``residual``, the last
    sines of ``siren``.  ``linear`` has no hidden layer, so there it is the encoder's code, with its learned parts (the
    vectors of ``tile``, the centres of ``rbf``).

    Parameters
    ----------
    model : LocationModel
        The trained model; it is copied.

    Examples
    --------
    >>> import s2v, torch
    >>> *_, last = s2v.train(s2v.Recipe(data="checkerboard", encoder="xyz", points=200, steps=10, hidden=32))
    >>> embedding = s2v.Embedding(last.model)
    >>> embedding.dim, embedding(torch.tensor([[15.6, 78.2], [-70.0, -30.0]])).shape
    (32, torch.Size([2, 32]))
    >>> bool(abs(s2v.kernels.similarity(embedding, (0.0, 0.0), [[0.0, 0.0]]) - 1) < 1e-6)
    True
    """

    def __init__(self, model: LocationModel) -> None:
        super().__init__()
        self.dim: int = model.network.head.in_features
        self.encoder = copy.deepcopy(model.encoder)
        # One for each dtype: weights in float32 would make a tear of 1e-7 where the encoder has none.
        self.float32, self.float64 = (copy.deepcopy(model.network.body).to(d) for d in (torch.float32, torch.float64))
        self.requires_grad_(False).eval()

    def forward(self, lonlat: Tensor) -> Tensor:
        """Embeddings (..., dim) of places (..., 2); raises what an encoder raises."""
        features: Tensor = self.encoder(lonlat)
        body = self.float64 if lonlat.dtype == torch.float64 else self.float32
        embedded: Tensor = body(features)
        return embedded
