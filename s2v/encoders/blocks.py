"""Memory of an encoder's result, and how many places are encoded at a time."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import ArrayLike
from torch import Tensor

# A block's intermediates stay in the processor's cache: at most so many float64 numbers.
_MAX_NUMBERS = 1 << 21
# Smaller blocks cost more than their work: at least so many places, or so many numbers.
_MIN_PLACES, _MIN_NUMBERS = 1024, 1 << 17
# On other devices the intermediates of a block may take as many bytes as the result, within these limits.
_MIN_WORK, _MAX_WORK = 1 << 27, 1 << 30
_LARGE_PAGE = 1 << 21  # bytes, of memory
_ALWAYS = 16  # numbers per place under any encoder: its coordinates, angles, phases, and copies of them

Slots = Sequence[Tensor | None]


class Part(NamedTuple):
    """Neighbouring features, as an array of ``shape`` whose slices along ``axis`` are computed as wholes.

    ``Part((4, 3), 1)`` are 12 features: three kinds that take turns four times.
    """

    shape: tuple[int, ...]
    axis: int = 0

    @property
    def features(self) -> int:
        """Number of features."""
        return math.prod(self.shape)

    @property
    def slices(self) -> int:
        """Number of slices."""
        return self.shape[self.axis]


def slots_of(parts: Sequence[Part], features: Tensor) -> Iterator[Tensor]:
    """The memory of each slice of each part, in ``features`` (dim, n)."""
    for part, rows in zip(parts, features.split([part.features for part in parts]), strict=True):
        yield from rows.view(*part.shape, rows.shape[1]).unbind(part.axis)


def block_size(places: int, width: int, result_bytes: int) -> int:
    """How many places to encode at a time, in blocks of equal size; ``width`` numbers per place beside ``_ALWAYS``."""
    numbers = _ALWAYS + width
    fewest = min(_MIN_PLACES, _MIN_NUMBERS // numbers)
    most = max(1, min(_MAX_NUMBERS, 3 * result_bytes // 32) // numbers, fewest)
    return _in_equal_parts(places, most)


def device_block_size(places: int, width: int, dim: int, result_bytes: int) -> int:
    """The same on a GPU, where blocks are large: each of their many steps is a call of its own.

    The intermediates are not written to the result's memory, so there are more of them: phases and what rounds them.
    """
    a_place = 8 * (_ALWAYS + width + 4 * dim)
    return _in_equal_parts(places, max(1, min(_MAX_WORK, max(_MIN_WORK, result_bytes)) // a_place))


def _in_equal_parts(places: int, most: int) -> int:
    return math.ceil(places / math.ceil(places / most)) if places else 1


def constant(values: ArrayLike, like: Tensor) -> Tensor:
    """Fixed float64 numbers on the device of another tensor; a GPU is not waited for, as ``torch.tensor`` would."""
    return torch.as_tensor(values, dtype=torch.float64).to(like.device, non_blocking=True)


def empty_result(rows: int, columns: int, like: Tensor) -> Tensor:
    """A new tensor (rows, columns).  A large one on the CPU is numpy's, which asks for memory pages of 2 MiB.

    Pages of 4 KiB, which torch gets, take longer to obtain than to fill.  The C library keeps smaller results.  From
    16 MiB on the tensor begins where a large page does, and there is memory for all of its last page.
    """
    size = rows * columns * like.element_size()
    if like.device.type != "cpu" or size <= 1 << 22:
        return torch.empty(rows, columns, dtype=like.dtype, device=like.device)
    spare = 2 * _LARGE_PAGE if size >= 8 * _LARGE_PAGE else 0
    memory = np.empty(size + spare, dtype=np.uint8)
    begin = -memory.ctypes.data % _LARGE_PAGE if spare else 0
    dtype = str(like.dtype).removeprefix("torch.")
    return torch.from_numpy(memory[begin : begin + size].view(dtype).reshape(rows, columns))
