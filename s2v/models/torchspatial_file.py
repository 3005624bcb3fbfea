"""Checkpoints of TorchSpatial and its relatives, read without running code in them.

They are what torch.save makes of ``{"state_dict", "params"}`` and more (TorchSpatial trainer.py 1532-1538): ``params``
say which encoder and network it is, ``state_dict`` has the weights of LocationEncoder or FCNet (models.py).
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from s2v.errors import shown
from s2v.models.pickled_numpy import Opaque
from s2v.models.torch_save import FLOATS, Saved, Stored, opened

Weights = dict[str, Tensor]
GIVE = "Give a checkpoint that the training of TorchSpatial, sphere2vec, SINR or geo_prior wrote"
TAXA = "class_to_taxa"  # the one long list that is read: SINR's classes
MAX_CLASSES = 1_000_000  # a weight that repeats one number has as many rows as its file has bytes
MAX_LIST = 16  # values of any other list in the params
MAX_TEXT = 1000  # letters of a text there
FIRST = "spa_enc.ffn.layers.0.linear"
_PARALLEL = "module."  # begins the names of all weights that torch's DataParallel saved
_PLACES = "loc_enc."  # begins the names of weights of the half that places take, where there is another one


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
    """Settings and weights in a file; the latter float32 and finite, without the embedding of users.

    Of a model of places and images (LocationImageEncoder, MosaiksRegressNet in models.py) only the half that takes
    places is read.
    """
    if raw[8:9] == b"{":
        raise ValueError(f"it is a safetensors file. If it is a model of this lab, s2v.load reads it. {GIVE}.")
    saved = opened(raw)
    content = saved.content if isinstance(saved.content, dict) else {}
    params, weights = content.get("params"), content.get("state_dict")
    if not isinstance(params, dict) or not isinstance(weights, dict):
        parts = f"; it has {', '.join(shown(name) for name in list(content)[:8])}" if content else ""
        raise ValueError(
            f"it has no 'params' with a 'state_dict' beside them{parts}. {GIVE}; weights alone are not enough."
        )
    for prefix in (_PARALLEL, _PLACES):
        if any(str(name).startswith(prefix) for name in weights):
            weights = {
                str(n).removeprefix(prefix): tensor for n, tensor in weights.items() if str(n).startswith(prefix)
            }
    # Weights may share numbers, or repeat one without end: together they must be no more than the file could hold.
    total = sum(tensor.numel for tensor in weights.values() if isinstance(tensor, Stored))
    if total > len(raw):
        raise ValueError(f"its weights are {total:.3g} numbers, more than the {len(raw):,} bytes of the file hold.")
    return _plain(params), {
        str(name): _tensor(saved, name, weight)
        for name, weight in weights.items()
        if not str(name).startswith("user_emb.")
    }


def first_columns(weights: Weights) -> int:
    """How many features the first layer of a feed-forward network takes."""
    return matrix(weights, f"{FIRST}.weight").shape[1]


def matrix(weights: Weights, name: str) -> Tensor:
    """The weights of that name, which must be a matrix."""
    if name not in weights or weights[name].ndim != 2:
        raise ValueError(f"its state_dict has no matrix {name!r}. {GIVE}.")
    return weights[name]


def _plain(params: dict[Any, Any]) -> Params:
    """Numbers, texts and short lists of them; any other value is opaque, because to look at it may take for ever."""
    return Params(
        (str(name), value if _is_plain(value) or (name == TAXA and _are_taxa(value)) else Opaque(type(value).__name__))
        for name, value in params.items()
    )


def _are_taxa(value: Any) -> bool:
    return (
        isinstance(value, list | tuple)
        and len(value) <= MAX_CLASSES
        and all(type(x) is int and x.bit_length() <= 64 for x in value)
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
