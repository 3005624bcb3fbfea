"""What all encoders share: the door (checks, shapes, precision, memory)."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.autograd import forward_ad

from s2v import sphere

# Float64 numbers in the intermediates of a block, so many that it stays in the processor's cache.
_MOST = 1 << 21
# A block has at least so many places, below which its operations cost more than their work, or so many numbers.
_LEAST_PLACES, _LEAST = 1024, 1 << 17
_LARGE_PAGE = 1 << 21  # bytes, of memory
_EVERY = 16  # of them that a place needs under any encoder: its coordinates, angles, phases, and copies of them

Slots = Sequence[Tensor | None]


class Part(NamedTuple):
    """Neighbouring features, thought of as an array of ``shape`` whose slices along ``axis`` are computed as wholes.

    ``Part((4, 3), 1)`` are 12 features: three kinds, which take turns four times.
    """

    shape: tuple[int, ...]
    axis: int = 0

    @property
    def features(self) -> int:
        return math.prod(self.shape)

    @property
    def slices(self) -> int:
        return self.shape[self.axis]


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

    Same dtype (float32 or float64) and device as the input, differentiable in the location as often as wanted,
    in reverse and in forward mode.  Longitudes are taken modulo 360; -180 and 180 are the two sides of the dateline.
    In memory the values of one feature at all places lie side by side: ``.contiguous()`` brings those of a place
    together.

    A subclass sets ``parts``, ``width`` and gives ``features``.  Whatever the input's dtype, angles are float64, and
    phases as good as if they were: a float32 phase would be pure noise at small radii.  Only sines, cosines and their
    products follow the input.
    """

    name: str = ""
    params: dict[str, Any]
    parts: tuple[Part, ...] = ()
    width: int = 0  # float64 numbers of intermediates that a place needs at one time beside ``_EVERY``, about

    def features(self, lonlat: Tensor, dtype: torch.dtype, out: Slots) -> Iterable[Tensor]:
        """The slices (..., n) of each of ``parts`` in turn, for places (2, n), float64 and in degrees.

        ``out`` has a slot for each slice, fit for the ``out=`` of torch's functions: its memory in the result, in
        ``dtype``, or None where the result must be differentiable.  A slice that is not written there is copied, and
        may have another dtype.
        """
        raise NotImplementedError

    def fit_places(self, lonlat: NDArray[np.float64]) -> None:
        """Adapt to the training places (n, 2), before the first step.  Most encoders need not."""

    def phases(self) -> Phases | None:
        """The code as sines and cosines of phases, or None where it has another form."""
        return None

    @property
    def dim(self) -> int:
        """Number of features."""
        return sum(part.features for part in self.parts)

    def forward(self, lonlat: Tensor) -> Tensor:
        """Features (..., dim) of places (..., 2); see the class.

        ``TypeError`` or ``ValueError`` for what is not finite floating-point degrees with latitudes in [-90, 90].
        """
        if not isinstance(lonlat, Tensor):
            raise TypeError(
                f"lonlat is a {type(lonlat).__name__}; it must be a torch tensor (..., 2): use torch.as_tensor."
            )
        features = self._differentiable if self._is_differentiated(lonlat) else self._in_blocks
        return features(lonlat).T.reshape(*lonlat.shape[:-1], self.dim)

    def _differentiable(self, lonlat: Tensor) -> Tensor:
        if watched := _is_watched():
            with contextlib.suppress(RuntimeError):  # torch does not tell numbers everywhere there
                sphere.check_lonlat(lonlat)
        beyond = watched or sphere.greatest_longitude(lonlat) > 180
        places = _in_range(lonlat.reshape(-1, 2).T.double(), beyond)
        slices = iter(self.features(places, lonlat.dtype, [None] * sum(part.slices for part in self.parts)))
        wholes = (torch.stack(tuple(islice(slices, part.slices)), part.axis).flatten(0, -2) for part in self.parts)
        return torch.cat(tuple(wholes)).to(lonlat.dtype)

    @torch.no_grad()
    def _in_blocks(self, lonlat: Tensor) -> Tensor:
        """The same, written to its place in the result, with no more memory beside it than it takes itself."""
        places: Any = lonlat
        if lonlat.device.type == "cpu" and lonlat.dtype in (torch.float32, torch.float64):
            places = lonlat.detach().resolve_neg().numpy()  # whose calls by themselves cost a fraction of torch's
        beyond = sphere.greatest_longitude(places) > 180
        places = places.reshape(-1, 2).T
        count = places.shape[1]
        out = empty_result(self.dim, count, lonlat)
        each = _EVERY + self.width
        most = max(
            1, min(_MOST, 3 * out.numel() * out.element_size() // 32) // each, min(_LEAST_PLACES, _LEAST // each)
        )
        size = math.ceil(count / math.ceil(count / most)) if count else 1
        for start in range(0, count, size):
            some = _in_range(_double(places[:, start : start + size]), beyond)
            slots = list(self._slots(out[:, start : start + size]))
            for slot, piece in zip(slots, self.features(some, lonlat.dtype, slots), strict=True):
                if piece is not slot:
                    slot.copy_(piece)
        return out

    def _slots(self, features: Tensor) -> Iterator[Tensor]:
        for part, rows in zip(self.parts, features.split([part.features for part in self.parts]), strict=True):
            yield from rows.view(*part.shape, rows.shape[1]).unbind(part.axis)

    def _is_differentiated(self, lonlat: Tensor) -> bool:
        """Or may be: inside of torch.func's transforms, and where torch writes down what is done, nothing is known."""
        if forward_ad.unpack_dual(lonlat).tangent is not None or _is_watched():
            return True
        own = (*self._parameters.values(), *self._buffers.values())
        differentiated = lonlat.requires_grad or any(tensor is not None and tensor.requires_grad for tensor in own)
        return torch.is_grad_enabled() and differentiated

    def _apply(self, fn: Any, recurse: bool = True) -> Encoder:
        """As torch's, but what an encoder is made of stays float64, whatever dtype the network is given."""
        fixed = {name: buffer for name, buffer in self._buffers.items() if buffer is not None}
        super()._apply(fn, recurse)
        for name, buffer in fixed.items():
            moved = self._buffers[name]
            if moved is not None and moved.dtype != buffer.dtype:
                self._buffers[name] = buffer.to(moved.device)
        return self

    def extra_repr(self) -> str:
        return ", ".join([repr(self.name), *(f"{k}={v!r}" for k, v in getattr(self, "params", {}).items())])


def empty_result(rows: int, columns: int, like: Tensor) -> Tensor:
    """A new tensor (rows, columns).  A large one on the CPU is numpy's, which asks for memory pages of 2 MiB.

    Pages of 4 KiB, which torch gets, take longer to be had than to be filled.  The C library keeps smaller ones.  From
    16 MiB on it begins where a large page does, and there is memory for all of its last one.
    """
    size = rows * columns * like.element_size()
    if like.device.type != "cpu" or size <= 1 << 22:
        return torch.empty(rows, columns, dtype=like.dtype, device=like.device)
    spare = 2 * _LARGE_PAGE if size >= 8 * _LARGE_PAGE else 0
    memory = np.empty(size + spare, dtype=np.uint8)
    begin = -memory.ctypes.data % _LARGE_PAGE if spare else 0
    dtype = str(like.dtype).removeprefix("torch.")
    return torch.from_numpy(memory[begin : begin + size].view(dtype).reshape(rows, columns))


def _is_watched() -> bool:
    """Whether torch.func transforms what is done, or torch writes it down for other places."""
    transformed = torch._C._functorch.peek_interpreter_stack() is not None  # type: ignore[attr-defined]
    return transformed or torch._C._get_tracing_state() is not None or torch.compiler.is_compiling()


def _double(places: Any) -> Tensor:
    """Float64 places (2, n) of an array or a tensor, each row in one piece."""
    return places.double() if isinstance(places, Tensor) else torch.from_numpy(places.astype(np.float64, order="C"))


def _in_range(places: Tensor, beyond: bool) -> Tensor:
    """Places (2, n) with longitudes in [-180, 180]; ``beyond`` says whether there may be others."""
    return torch.stack((sphere.wrap_longitude(places[0]), places[1])) if beyond else places
