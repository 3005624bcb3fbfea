"""Files that TorchSpatial's trainer wrote, read without running code in them.

They are what torch.save makes of ``{"epoch", "state_dict", "optimizer", "params"}`` (trainer.py 1532-1538): ``params``
say which encoder and network it is, ``state_dict`` has the weights of LocationEncoder or FCNet (models.py).
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from s2v.errors import shown
from s2v.models.torch_save import FLOATS, Opaque, Saved, Stored, opened

Weights = dict[str, Tensor]
GIVE = "Give a checkpoint that TorchSpatial's trainer wrote"
MAX_LIST = 16  # values of a list in the params
MAX_TEXT = 1000  # letters of a text there


class Params(dict[str, Any]):
    """The settings of a published model."""

    def __missing__(self, name: str) -> Any:
        raise ValueError(f"its params have no {name!r}. {GIVE}.")

    def whole(self, name: str) -> int:
        """A setting that must be a whole number."""
        value = self[name]
        if not isinstance(value, int) or isinstance(value, bool):
            raise ValueError(f"its params say {name}={shown(value)}, which is not a whole number.")
        return value


def read(raw: bytes) -> tuple[Params, Weights]:
    """Settings and weights in a file; the latter float32 and finite, without the embedding of users."""
    saved = opened(raw)
    params, weights = (
        (saved.content.get(k) if isinstance(saved.content, dict) else None) for k in ("params", "state_dict")
    )
    if not isinstance(params, dict) or not isinstance(weights, dict):
        raise ValueError(f"it has no 'params' with a 'state_dict' beside them. {GIVE}; weights alone are not enough.")
    # Weights may share numbers, or repeat one without end: together they must be no more than the file could hold.
    total = sum(tensor.numel for tensor in weights.values() if isinstance(tensor, Stored))
    if total > len(raw):
        raise ValueError(f"its weights are {total:.3g} numbers, more than the {len(raw):,} bytes of the file hold.")
    return _plain(params), {
        str(name): _tensor(saved, name, weight)
        for name, weight in weights.items()
        if not str(name).startswith("user_emb.")
    }


def matrix(weights: Weights, name: str) -> Tensor:
    """The weights of that name, which must be a matrix."""
    if name not in weights or weights[name].ndim != 2:
        raise ValueError(f"its state_dict has no matrix {name!r}. {GIVE}.")
    return weights[name]


def _plain(params: dict[Any, Any]) -> Params:
    """Numbers, texts and short lists of them; any other value is opaque, because to look at it may take for ever."""
    return Params(
        (str(name), value if _is_plain(value) else Opaque(type(value).__name__)) for name, value in params.items()
    )


def _is_plain(value: Any) -> bool:
    if isinstance(value, list | tuple):
        return len(value) <= MAX_LIST and all(_is_plain(x) and not isinstance(x, list | tuple) for x in value)
    if isinstance(value, str):
        return len(value) <= MAX_TEXT
    if isinstance(value, int):
        return value.bit_length() <= 64
    return value is None or isinstance(value, float)


def _kind(value: Any) -> str:
    return value.kind.removeprefix("_rebuild_") if isinstance(value, Opaque) else f"a {type(value).__name__}"


def _tensor(saved: Saved, name: Any, weight: Any) -> Tensor:
    if not isinstance(weight, Stored) or not weight.dtype.is_floating_point:
        kind = str(weight.dtype) if isinstance(weight, Stored) else _kind(weight)
        raise ValueError(
            f"its weights {shown(name)} are {kind.removeprefix('torch.')}, not a plain tensor of {FLOATS}. {GIVE}."
        )
    if not weight.numel:  # with a side as long as the file says, and none of its numbers
        raise ValueError(f"its weights {shown(name)} are empty: their shape is {shown(weight.shape)}. {GIVE}.")
    tensor = saved.tensor(weight).float()
    if not torch.isfinite(tensor).all():
        raise ValueError(f"its weights {shown(name)} are not finite: the training that wrote it had failed.")
    return tensor
