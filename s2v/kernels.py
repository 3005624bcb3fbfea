"""How similar an encoder thinks two places are."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

MEASURES = ("cosine", "dot", "distance")

Code = Callable[[Tensor], Tensor]  # an encoder, or any embedding: (..., 2) degrees -> (..., dim)


def encode(enc: Code, lonlat: Any) -> Tensor:
    """Codes (..., dim) of places (..., 2): differentiable for a tensor, plain float64 for an array or a list."""
    if isinstance(lonlat, Tensor):
        return enc(lonlat)
    with torch.no_grad():
        return enc(torch.as_tensor(np.asarray(lonlat, dtype=np.float64)))


def similarity(enc: Code, anchor: Any, lonlat: Any, measure: str = "cosine") -> Any:
    """Similarity (...,) of every place ``lonlat`` (..., 2) to the place ``anchor`` (2,), under the code of ``enc``.

    ``cosine`` of the angle between the two codes, their ``dot`` product, or their Euclidean ``distance`` (small means
    similar).  Degrees, longitude first; arrays give an array, tensors a tensor.  ``ValueError`` for another measure.
    """
    if measure not in MEASURES:
        raise ValueError(f"measure={measure!r} is not one of {', '.join(MEASURES)}.")
    code = encode(enc, lonlat)
    center = encode(enc, torch.as_tensor(anchor, dtype=code.dtype, device=code.device))
    if center.dim() != 1:
        raise ValueError(f"anchor has shape {tuple(np.shape(anchor))}; it must be one place (2,): longitude, latitude.")
    if measure == "distance":
        result = length(code - center)
    else:
        result = code @ center
        if measure == "cosine":
            norms = length(code) * length(center)
            result = result / norms.clamp_min(torch.finfo(norms.dtype).tiny)
    return result if isinstance(lonlat, Tensor) else _to_array(result)


def length(code: Tensor) -> Tensor:
    """Euclidean length (...,) of codes (..., dim)."""
    if code.requires_grad:
        return torch.linalg.vector_norm(code, dim=-1)  # whose derivative at zero is zero
    # Four times as fast where the values of one feature lie side by side, as an encoder writes them.
    return code.square().sum(-1).sqrt_()


def _to_array(values: Tensor) -> NDArray[Any]:
    array: NDArray[Any] = values.detach().cpu().numpy()
    return array
