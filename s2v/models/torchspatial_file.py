"""Files that TorchSpatial's trainer wrote, read without running code in them.

They are what torch.save makes of ``{"epoch", "state_dict", "optimizer", "params"}`` (trainer.py 1532-1538): ``params``
say which encoder and network it is, ``state_dict`` has the weights of LocationEncoder or FCNet (models.py).
"""

from __future__ import annotations

import io
import re
import warnings
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

Weights = dict[str, Tensor]
GIVE = "Give a checkpoint that TorchSpatial's trainer wrote"


class Params(dict[str, Any]):
    """The settings of a published model."""

    def __missing__(self, name: str) -> Any:
        raise ValueError(f"its params have no {name!r}. {GIVE}.")

    def whole(self, name: str) -> int:
        """A setting that must be a whole number."""
        value = self[name]
        if not isinstance(value, int) or isinstance(value, bool):
            raise ValueError(f"its params say {name}={value!r}, which is not a whole number.")
        return value


def read(path: Path) -> tuple[Params, Weights]:
    """Settings and weights; the latter float32 and finite, without the embedding of users."""
    file = io.BytesIO(path.read_bytes())  # errors of the disk are raised here, not below
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # torch warns of old files
            content = torch.load(file, weights_only=True, map_location="cpu")
    except Exception as error:  # torch.load raises anything for a foreign file
        if found := re.search(r"GLOBAL (\S+)", str(error)):
            raise ValueError(
                f"it holds {found[1]}, and only tensors and plain numbers, texts, lists and dictionaries are read: "
                "anything else could be code. If it is your own, save it again with plain params."
            ) from None
        raise ValueError(f"it is not a whole file of torch.save with tensors and plain values. {GIVE}.") from None
    params, weights = ((content.get(k) if isinstance(content, dict) else None) for k in ("params", "state_dict"))
    if not isinstance(params, dict) or not isinstance(weights, dict):
        raise ValueError(f"it has no 'params' with a 'state_dict' beside them. {GIVE}; weights alone are not enough.")
    kept = {}
    for name, tensor in weights.items():
        if str(name).startswith("user_emb."):
            continue
        plain = isinstance(tensor, Tensor) and tensor.layout == torch.strided and not tensor.is_meta
        if not plain or not tensor.is_floating_point():
            raise ValueError(f"its weights {name!r} are not a plain tensor of floating-point numbers. {GIVE}.")
        kept[str(name)] = tensor.float()
        if not torch.isfinite(kept[str(name)]).all():
            raise ValueError(f"its weights {name!r} are not finite: the training that wrote it had failed.")
    return Params(params), kept


def matrix(weights: Weights, name: str) -> Tensor:
    """The weights of that name, which must be a matrix."""
    if name not in weights or weights[name].ndim != 2:
        raise ValueError(f"its state_dict has no matrix {name!r}. {GIVE}.")
    return weights[name]
