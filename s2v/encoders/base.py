"""What all encoders share: checks of the input, shapes, precision, and two ways through ``features``."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.autograd import forward_ad

from s2v import sphere
from s2v.encoders.blocks import Part, Slots, block_size, device_block_size, empty_result, slots_of

__all__ = ["Encoder", "Part", "Phases", "Slots", "places_of"]

_BAD_PLACE = (
    "lonlat has a longitude that is not finite, or a latitude outside [-90, 90] degrees. To see which, give the "
    "places to s2v.sphere.check_lonlat on the CPU."
)


@dataclass(frozen=True)
class Phases:
    """A code of the sines and cosines of ``position(places) @ matrix``: its kernel has a closed form.

    ``position`` maps places (n, 2) in float64 degrees to (n, k); ``matrix`` (k, waves) is in radians per unit of
    position.  ``with_position``: the code also holds the position itself.  ``straight``: along each parallel the
    position moves evenly with longitude.
    """

    position: Callable[[Tensor], Tensor]
    matrix: Tensor
    with_position: bool = False
    straight: bool = False


class Encoder(nn.Module):
    """A location encoder: ``lonlat`` (..., 2) in degrees, longitude first -> features (..., dim).

    The result has the input's dtype (float32 or float64) and device, and is differentiable in the location as often
    as wanted, in reverse and in forward mode.  Longitudes are taken modulo 360; -180 and 180 are the two sides of the
    dateline.  In memory the values of one feature at all places lie side by side: ``.contiguous()`` brings those of a
    place together.

    A subclass sets ``parts`` and ``width``, and defines ``features``.  Angles and phases are float64 whatever the
    input's dtype: a float32 phase would be pure noise at small radii.  Only sines, cosines and their products follow
    the input.

    Examples
    --------
    >>> import torch
    >>> from s2v.encoders.base import Encoder, Part
    >>> class Latitude(Encoder):
    ...     parts = (Part((1, 2)),)
    ...     def features(self, lonlat, dtype, out):
    ...         latitude = torch.deg2rad(lonlat[1])
    ...         return (torch.stack((latitude.sin(), latitude.cos())),)
    >>> Latitude()(torch.tensor([[10.0, 90.0]])).shape
    torch.Size([1, 2])
    """

    name: str = ""
    params: dict[str, Any]
    parts: tuple[Part, ...] = ()
    width: int = 0  # about how many float64 numbers a place needs in ``features``
    # Of learned parameters that do not train at the recipe's learning rate: name -> factor of that rate.
    learning_rates: Mapping[str, float] = {}

    def features(self, lonlat: Tensor, dtype: torch.dtype, out: Slots) -> Iterable[Tensor]:
        """The slices (..., n) of each of ``parts`` in turn, for places (2, n) in float64 degrees.

        ``out`` has a slot for each slice: its memory in the result, in ``dtype``, for the ``out=`` of torch's
        functions, or None where the result must be differentiable.  Writing there is for speed: any other tensor,
        of any dtype, is copied.
        """
        raise NotImplementedError

    def fit_places(self, lonlat: NDArray[np.float64]) -> None:
        """Adapt to the training places (n, 2), before the first step.  Most encoders need not."""

    def after_step(self) -> None:
        """Bring learned parameters back to where they belong, after each step and without gradients.  Most need not."""

    def landmarks(self) -> NDArray[np.float64] | None:
        """Places (n, 2) that the encoder is made of, as they are now, to be drawn; None if it is made of none.

        The spec says what they are (``EncoderSpec.landmarks``).
        """
        return None

    def phases(self) -> Phases | None:
        """The code as sines and cosines of phases, or None where it has another form."""
        return None

    @property
    def dim(self) -> int:
        """Number of features."""
        return sum(part.features for part in self.parts)

    def forward(self, lonlat: Tensor) -> Tensor:
        """Features (..., dim) of places (..., 2); see the class.

        ``TypeError`` or ``ValueError`` unless they are finite floating-point degrees with latitudes in [-90, 90].  On a
        GPU values are checked without waiting for it: a bad one ends its work (``torch._assert_async``).  Compiled and
        exported code checks them alike, and raises ``RuntimeError``.
        """
        if not isinstance(lonlat, Tensor):
            raise TypeError(
                f"lonlat is a {type(lonlat).__name__}; it must be a torch tensor (..., 2): use torch.as_tensor."
            )
        if torch.compiler.is_compiling():
            features = self._recorded
        elif self._may_be_differentiated(lonlat):
            features = self._differentiable
        else:
            features = self._in_blocks
        return features(lonlat).T.reshape(*lonlat.shape[:-1], self.dim)

    def _recorded(self, lonlat: Tensor) -> Tensor:
        """The same for torch.compile and torch.export, which cannot branch on values: the check is an operation."""
        sphere.check_form(lonlat)
        if not torch._C._are_functorch_transforms_active():  # type: ignore[attr-defined]
            _assert_valid(lonlat)
        return self._features(lonlat, beyond=True)

    def _differentiable(self, lonlat: Tensor) -> Tensor:
        if transformed := _is_transformed():
            with contextlib.suppress(RuntimeError):  # torch cannot always look at values there
                sphere.check_lonlat(lonlat)
        return self._features(lonlat, transformed or _check(lonlat))

    def _features(self, lonlat: Tensor, beyond: bool) -> Tensor:
        places = _in_range(lonlat.reshape(-1, 2).T.double(), beyond)
        slices = iter(self.features(places, lonlat.dtype, [None] * sum(part.slices for part in self.parts)))
        wholes = (torch.stack(tuple(islice(slices, part.slices)), part.axis).flatten(0, -2) for part in self.parts)
        return torch.cat(tuple(wholes)).to(lonlat.dtype)

    @torch.no_grad()
    def _in_blocks(self, lonlat: Tensor) -> Tensor:
        """The same, written into the result block by block, with little memory beside it.

        On a GPU the blocks are large, and ``features`` does not write to the result itself.
        """
        places: Any = lonlat
        on_cpu = _is_on_cpu(lonlat)
        if on_cpu and lonlat.dtype in (torch.float32, torch.float64):
            places = lonlat.detach().resolve_neg().numpy()  # a call of numpy costs a fraction of one of torch
        beyond = _check(places)
        places = places.reshape(-1, 2).T
        count = places.shape[1]
        out = empty_result(self.dim, count, lonlat)
        bytes_in_all = out.numel() * out.element_size()
        if on_cpu:
            size = block_size(count, self.width, bytes_in_all)
        else:
            size = device_block_size(count, self.width, self.dim, bytes_in_all)
        for start in range(0, count, size):
            block = _in_range(_double(places[:, start : start + size]), beyond)
            slots = list(slots_of(self.parts, out[:, start : start + size]))
            memory: Slots = slots if on_cpu else [None] * len(slots)
            for slot, piece in zip(slots, self.features(block, lonlat.dtype, memory), strict=True):
                if piece is not slot:
                    slot.copy_(piece)
        return out

    def _may_be_differentiated(self, lonlat: Tensor) -> bool:
        """True inside torch.func's transforms and where torch records operations: nothing is known there."""
        if forward_ad.unpack_dual(lonlat).tangent is not None or _is_transformed():
            return True
        own = (*self._parameters.values(), *self._buffers.values())
        differentiated = lonlat.requires_grad or any(tensor is not None and tensor.requires_grad for tensor in own)
        return torch.is_grad_enabled() and differentiated

    def _apply(self, fn: Any, recurse: bool = True) -> Encoder:
        """Keep the buffers in float64, whatever dtype the network is cast to."""
        fixed = {name: buffer for name, buffer in self._buffers.items() if buffer is not None}
        super()._apply(fn, recurse)
        for name, buffer in fixed.items():
            moved = self._buffers[name]
            if moved is not None and moved.dtype != buffer.dtype:
                self._buffers[name] = buffer.to(moved.device)
        return self

    def extra_repr(self) -> str:
        return ", ".join([repr(self.name), *(f"{k}={v!r}" for k, v in getattr(self, "params", {}).items())])


def places_of(vectors: Tensor) -> NDArray[np.float64]:
    """Places (n, 2) in degrees of vectors (n, 3), for ``landmarks``."""
    places: NDArray[np.float64] = sphere.to_lonlat(vectors.detach().double().cpu().numpy())
    return places


def _is_transformed() -> bool:
    """Whether torch.func transforms the operations, or torch.jit traces them."""
    transformed = torch._C._functorch.peek_interpreter_stack() is not None  # type: ignore[attr-defined]
    return transformed or torch._C._get_tracing_state() is not None


def _is_on_cpu(lonlat: Tensor) -> bool:
    return lonlat.device.type == "cpu"


def _check(lonlat: Any) -> bool:
    """Check places; whether some may have longitudes beyond 180 degrees.  A GPU checks values when it comes to them."""
    if not isinstance(lonlat, Tensor) or lonlat.device.type not in ("cuda", "meta"):
        return sphere.greatest_longitude(lonlat) > 180
    sphere.check_form(lonlat)
    _assert_valid(lonlat)
    return True


def _assert_valid(lonlat: Tensor) -> None:
    """Check values by an operation: what computes them raises when it comes to it."""
    longitude, latitude = lonlat.detach().unbind(-1)
    torch._assert_async((longitude.isfinite() & (latitude.abs() <= 90)).all(), _BAD_PLACE)


def _double(places: Any) -> Tensor:
    """Float64 places (2, n) of an array or a tensor, each row contiguous."""
    return places.double() if isinstance(places, Tensor) else torch.from_numpy(places.astype(np.float64, order="C"))


def _in_range(places: Tensor, beyond: bool) -> Tensor:
    """Places (2, n) with longitudes in [-180, 180]; ``beyond`` says whether there may be others."""
    return torch.stack((sphere.wrap_longitude(places[0]), places[1])) if beyond else places
