"""Trained sine networks on spherical harmonics, as SatCLIP's location encoder, from safetensors.

Klemmer et al. 2025, AAAI, arXiv 2311.17179; Rußwurm et al. 2024, ICLR, arXiv 2310.06743 (github.com/microsoft/satclip,
location_encoder.py): spherical harmonics of degrees below L, L * L numbers, at the antipode of the place; layers of
sines, sin(w0 (W x + b)) with w0 = 30 in the first and 1 in the others; a linear layer.  A network of three
inputs takes the unit vector instead.  Tensors are named as there: ``layers.0.weight``, ``layers.0.bias``, ...,
``last_layer.weight``, behind any prefix that all of them share.
"""

from __future__ import annotations

import copy
import math
from itertools import count

import safetensors
import safetensors.torch
import torch
from torch import Tensor, nn

from s2v import sphere
from s2v.encoders.spherical_harmonics import SphericalHarmonics
from s2v.errors import shown
from s2v.models.tensor_file import DAMAGED, read_header

LAST = "last_layer.weight"
W0_INITIAL, W0 = 30.0, 1.0
UNIT_VECTOR = 3  # inputs
MAX_DEGREE = 64
_DTYPES = ("F16", "BF16", "F32", "F64")


class SineEmbedding(nn.Module):
    """What a sine network of harmonics makes of a place: (..., 2) degrees -> (..., dim), used like an encoder.

    ``degree`` is that of the harmonics, 0 for unit vectors; ``trained_on`` is what the file says of the data, if
    anything.
    ``ValueError`` for weights that are not those of its layers.
    """

    signs: Tensor

    def __init__(self, weights: dict[str, Tensor], trained_on: str = "") -> None:
        super().__init__()
        self.trained_on = trained_on
        layers: list[nn.Module] = []
        first = weights.get("layers.0.weight")
        inputs = first.shape[1] if first is not None and first.ndim == 2 else 0
        self.degree = 0 if inputs == UNIT_VECTOR else math.isqrt(inputs)
        if inputs != UNIT_VECTOR and (self.degree**2 != inputs or not 0 < self.degree <= MAX_DEGREE):
            raise ValueError(
                f"its first layer has {inputs} inputs; allowed are L * L, for harmonics of degrees below L "
                f"(at most {MAX_DEGREE}), or {UNIT_VECTOR}, for unit vectors."
            )
        for i in count():
            if f"layers.{i}.weight" not in weights:
                break
            layers += [_layer(weights, f"layers.{i}", inputs), _Sine(W0 if i else W0_INITIAL)]
            inputs = len(weights[f"layers.{i}.weight"])
        layers.append(_layer(weights, "last_layer", inputs))
        unknown = set(weights) - {f"{name}.{part}" for name in _names(len(layers) // 2) for part in ("weight", "bias")}
        if unknown:
            raise ValueError(f"it has weights of no such network, as {shown(sorted(unknown)[0])}.")
        self.float32 = nn.Sequential(*layers)
        self.float64 = copy.deepcopy(self.float32).double()
        self.dim = len(weights[LAST])
        self.layers = len(layers) // 2
        self.harmonics = SphericalHarmonics(self.degree) if self.degree else None
        signs = [(-1.0) ** degree for degree in range(self.degree) for _ in range(2 * degree + 1)]
        self.register_buffer("signs", torch.tensor(signs, dtype=torch.float64))
        self.requires_grad_(False).eval()

    def forward(self, lonlat: Tensor) -> Tensor:
        """Embeddings (..., dim) of places (..., 2), in their dtype."""
        if self.harmonics is None:
            features = sphere.to_unit_vectors(lonlat.double())
        else:
            features = self.harmonics(lonlat.double()) * self.signs
        network = self.float64 if lonlat.dtype == torch.float64 else self.float32
        result: Tensor = network(features.to(lonlat.dtype))
        return result


def loads(content: bytes) -> SineEmbedding | None:
    """The network in the bytes of a safetensors file; None for any other file, ``ValueError`` for a damaged one."""
    if content[8:9] != b"{":
        return None
    try:
        metadata, tensors = read_header(content)
    except ValueError:  # whoever reads it next says why
        return None
    ends = [name for name in tensors if name == LAST or name.endswith(f".{LAST}")]
    if len(ends) != 1 or "recipe" in metadata:
        return None
    prefix = ends[0].removesuffix(LAST)
    names = [name for name in tensors if name.startswith(prefix)]
    for name in names:
        if tensors[name].dtype not in _DTYPES:
            found = shown(tensors[name].dtype)
            raise ValueError(f"its weights {shown(name)} are {found}; allowed are {', '.join(_DTYPES)}.")
    try:
        loaded = safetensors.torch.load(content)
    except safetensors.SafetensorError:
        raise ValueError(DAMAGED) from None
    weights = {name.removeprefix(prefix): loaded[name].float() for name in names}
    return SineEmbedding(weights, metadata.get("data", ""))


class _Sine(nn.Module):
    def __init__(self, w0: float) -> None:
        super().__init__()
        self.w0 = w0

    def forward(self, x: Tensor) -> Tensor:
        return torch.sin(self.w0 * x)


def _names(layers: int) -> list[str]:
    return [*(f"layers.{i}" for i in range(layers)), "last_layer"]


def _layer(weights: dict[str, Tensor], name: str, inputs: int) -> nn.Linear:
    weight, bias = weights.get(f"{name}.weight"), weights.get(f"{name}.bias")
    if weight is None or weight.ndim != 2 or weight.shape[1] != inputs or not len(weight):
        raise ValueError(f"its weights {name}.weight are no matrix of {inputs} columns.")
    if bias is None or bias.shape != weight.shape[:1]:
        raise ValueError(f"its weights {name}.bias do not fit those of the layer.")
    if not torch.isfinite(weight).all() or not torch.isfinite(bias).all():
        raise ValueError(f"its weights {name} are not finite.")
    layer = nn.Linear(inputs, len(weight))
    layer.weight, layer.bias = nn.Parameter(weight), nn.Parameter(bias)
    return layer
