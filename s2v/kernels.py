"""How similar an encoder thinks two places are."""

from __future__ import annotations

from collections.abc import Callable
from itertools import chain
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from s2v.errors import shown

MEASURES = ("cosine", "dot", "distance")

Code = Callable[[Tensor], Tensor]  # an encoder, or any embedding: (..., 2) degrees -> (..., dim)


def encode(enc: Code, lonlat: Any) -> Tensor:
    """Codes of places.

    Parameters
    ----------
    enc : callable
        An encoder or any embedding: tensor (..., 2) of degrees -> tensor (..., dim).
    lonlat : array_like or tensor, shape (..., 2)
        Places in degrees, longitude first.

    Returns
    -------
    tensor, shape (..., dim)
        Differentiable for a tensor; float64 without gradients for anything else, on the encoder's device.

    Examples
    --------
    >>> import s2v
    >>> s2v.kernels.encode(s2v.encoder("xyz"), [[90.0, 0.0]]).round()
    tensor([[0., 1., 0.]], dtype=torch.float64)
    """
    if isinstance(lonlat, Tensor):
        return enc(lonlat)
    with torch.no_grad():
        return enc(torch.as_tensor(np.asarray(lonlat, dtype=np.float64), device=device_of(enc)))


def device_of(enc: Code) -> torch.device:
    """Where a code is computed: the device of an encoder's tensors; the CPU for one that has none, or is no module.

    Parameters
    ----------
    enc : callable
        An encoder or any embedding.

    Returns
    -------
    torch.device

    Examples
    --------
    >>> import s2v
    >>> device_of(s2v.encoder("plane_waves"))
    device(type='cpu')
    """
    tensors = chain(enc.parameters(), enc.buffers()) if isinstance(enc, nn.Module) else ()
    return next((tensor.device for tensor in tensors), torch.device("cpu"))


def similarity(enc: Code, anchor: Any, lonlat: Any, measure: str = "cosine") -> Any:
    """Similarity of every place to one place under the code of an encoder.

    Parameters
    ----------
    enc : callable
        An encoder or any embedding: tensor (..., 2) of degrees -> tensor (..., dim).
    anchor : array_like, shape (2,)
        The place to compare with: longitude, latitude in degrees.
    lonlat : array_like or tensor, shape (..., 2)
        Places in degrees, longitude first.
    measure : {"cosine", "dot", "distance"}, default "cosine"
        Cosine of the angle between two codes, their dot product, or their Euclidean distance (small means similar).

    Returns
    -------
    array or tensor, shape (...,)
        A tensor, with gradients, where ``lonlat`` is one.

    Raises
    ------
    ValueError
        For another measure, or an anchor that is not one place.

    Examples
    --------
    >>> import s2v
    >>> enc = s2v.encoder("sphereM", scales=4, min_radius=0.1)
    >>> s2v.kernels.similarity(enc, (15.6, 78.2), [[15.6, 78.2], [15.6, 88.0], [0.0, 0.0]]).round(3)
    array([1.   , 0.614, 0.158])
    """
    if measure not in MEASURES:
        raise ValueError(f"measure={shown(measure)} is not one of {', '.join(MEASURES)}.")
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
    """Euclidean length of codes.

    Parameters
    ----------
    code : tensor, shape (..., dim)

    Returns
    -------
    tensor, shape (...,)

    Examples
    --------
    >>> import torch
    >>> length(torch.tensor([[3.0, 4.0]]))
    tensor([5.])
    """
    if code.requires_grad:
        return torch.linalg.vector_norm(code, dim=-1)  # whose derivative at zero is zero
    # Four times as fast where the values of one feature lie side by side, as an encoder writes them.
    return code.square().sum(-1).sqrt_()


def _to_array(values: Tensor) -> NDArray[Any]:
    array: NDArray[Any] = values.detach().cpu().numpy()
    return array
