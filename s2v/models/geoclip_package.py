"""GeoCLIP's trained location encoder, from the file of weights in the package ``geoclip``; its code is not run.

Vivanco Cepeda et al. 2023, NeurIPS, arXiv 2309.16020; geo-clip 1.3.0, location_encoder.py: Equal Earth coordinates, at
three levels of detail random Fourier features and four linear layers with relu between them; the sum of the levels.
"""

from __future__ import annotations

import copy
import math
from itertools import count

import torch
from torch import Tensor, nn

from s2v.encoders.geoclip import SCALE, equal_earth
from s2v.errors import shown
from s2v.models.torch_save import Stored, opened

FIRST = "LocEnc0.capsule.0.b"  # a weight that no other checkpoint has
_LAYERS = ("capsule.1", "capsule.3", "capsule.5", "head.0")


class GeoClip(nn.Module):
    """What GeoCLIP's location encoder makes of a place: (..., 2) degrees -> (..., 512), used like an encoder.

    ``ValueError`` for weights that are not those of its layers.
    """

    def __init__(self, weights: dict[str, Tensor]) -> None:
        super().__init__()
        self.directions, self.float32 = nn.ParameterList(), nn.ModuleList()
        for i in count():
            prefix = f"LocEnc{i}"
            if f"{prefix}.capsule.0.b" not in weights:
                break
            self.directions.append(nn.Parameter(_matrix(weights, f"{prefix}.capsule.0.b", 2).double()))
            self.float32.append(_level(weights, prefix, 2 * len(self.directions[-1])))
        widths = {len(weights[f"LocEnc{i}.head.0.weight"]) for i in range(len(self.float32))}
        if len(widths) != 1:
            raise ValueError(f"its levels have {shown(sorted(widths))} outputs, which cannot be added.")
        (self.dim,) = widths
        self.float64 = copy.deepcopy(self.float32).double()
        self.requires_grad_(False).eval()

    def forward(self, lonlat: Tensor) -> Tensor:
        """Embeddings (..., dim) of places (..., 2), in their dtype."""
        position = equal_earth(lonlat.double()) * SCALE
        levels = self.float64 if lonlat.dtype == torch.float64 else self.float32
        parts = []
        for directions, level in zip(self.directions, levels, strict=True):
            phase = position @ (2 * math.pi * directions.T)
            parts.append(level(torch.cat((phase.cos(), phase.sin()), -1).to(lonlat.dtype)))
        return torch.stack(parts).sum(0)


def loads(content: bytes) -> GeoClip | None:
    """The encoder in the bytes of GeoCLIP's file; None for any other file, ``ValueError`` for a damaged one."""
    if content[8:9] == b"{":
        return None
    try:
        saved = opened(content)
    except ValueError:  # whoever reads it next says why
        return None
    if not isinstance(saved.content, dict) or FIRST not in saved.content:
        return None
    tensors = {str(name): part for name, part in saved.content.items() if isinstance(part, Stored)}
    total = sum(part.numel for part in tensors.values())
    if total > len(content):
        raise ValueError(f"its weights are {total:.3g} numbers, more than the {len(content):,} bytes of the file hold.")
    return GeoClip({name: saved.tensor(part).float() for name, part in tensors.items()})


def _level(weights: dict[str, Tensor], prefix: str, inputs: int) -> nn.Sequential:
    layers: list[nn.Module] = []
    for name in _LAYERS:
        weight = _matrix(weights, f"{prefix}.{name}.weight", inputs)
        bias = weights.get(f"{prefix}.{name}.bias")
        if bias is None or bias.shape != weight.shape[:1] or not torch.isfinite(bias).all():
            raise ValueError(f"its weights {prefix}.{name}.bias do not fit those of the layer.")
        layer = nn.Linear(inputs, len(weight))
        layer.weight, layer.bias = nn.Parameter(weight), nn.Parameter(bias)
        layers += [layer, nn.ReLU()]
        inputs = len(weight)
    return nn.Sequential(*layers[:-1])


def _matrix(weights: dict[str, Tensor], name: str, columns: int) -> Tensor:
    found = weights.get(name)
    if found is None or found.ndim != 2 or found.shape[1] != columns or not len(found):
        raise ValueError(f"its weights {name} are no matrix of {columns} columns.")
    if not torch.isfinite(found).all():
        raise ValueError(f"its weights {name} are not finite.")
    return found
