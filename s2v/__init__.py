"""Sphere2Vec Lab: see, measure and train what location encoders do to the sphere.

Public names are imported when they are first used, so ``import s2v`` is fast and free of torch.

>>> import s2v, torch
>>> encoder = s2v.encoder("sphereM", scales=16, min_radius=0.01)
>>> encoder(torch.tensor([[15.6, 78.2], [-70.0, -30.0]])).shape
torch.Size([2, 80])
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from s2v.version import __version__ as __version__

if TYPE_CHECKING:
    from s2v.encoders import ENCODERS, encoder
    from s2v.models.checkpoints import load, save
    from s2v.models.estimators import LocationClassifier, LocationRegressor
    from s2v.models.fitted import fit
    from s2v.models.model import Embedding
    from s2v.models.onnx_export import export_onnx
    from s2v.models.recipe import Recipe
    from s2v.models.torchspatial import import_embedding, import_torchspatial
    from s2v.models.training import train
    from s2v.variograms import variogram

# Public name -> module that holds it; a name that stands for a whole module is marked by an empty module.
_PUBLIC = {
    "ENCODERS": "s2v.encoders",
    "Embedding": "s2v.models.model",
    "LocationClassifier": "s2v.models.estimators",
    "LocationRegressor": "s2v.models.estimators",
    "Recipe": "s2v.models.recipe",
    "data": "",
    "distortion": "",
    "encoder": "s2v.encoders",
    "evaluation": "",
    "export": "",
    "export_onnx": "s2v.models.onnx_export",
    "fields": "",
    "fit": "s2v.models.fitted",
    "import_embedding": "s2v.models.torchspatial",
    "import_torchspatial": "s2v.models.torchspatial",
    "isotropic": "",
    "kernels": "",
    "load": "s2v.models.checkpoints",
    "predictors": "",
    "save": "s2v.models.checkpoints",
    "sphere": "",
    "train": "s2v.models.training",
    "variogram": "s2v.variograms",
    "variograms": "",
}

__all__ = [
    "ENCODERS",
    "Embedding",
    "LocationClassifier",
    "LocationRegressor",
    "Recipe",
    "data",
    "distortion",
    "encoder",
    "evaluation",
    "export",
    "export_onnx",
    "fields",
    "fit",
    "import_embedding",
    "import_torchspatial",
    "isotropic",
    "kernels",
    "load",
    "predictors",
    "save",
    "sphere",
    "train",
    "variogram",
    "variograms",
]


def __getattr__(name: str) -> Any:
    if name not in _PUBLIC:
        raise AttributeError(f"module 's2v' has no attribute {name!r}; it has: {', '.join(__all__)}.")
    module = _PUBLIC[name]
    value = getattr(importlib.import_module(module), name) if module else importlib.import_module(f"s2v.{name}")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
