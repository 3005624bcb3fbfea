"""Encoders and their codes on the usual grids, kept from question to question: they do not depend on the probe."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from s2v import kernels
from s2v.encoders.registry import Setting
from s2v.fields import Grid

Values = NDArray[Any]
Kept = TypeVar("Kept")

WIDEST_CODE = 4096  # features that these quick comparisons take
MOST_CELLS = 20_000_000  # numbers of a learned table, beyond which it is not even built
LARGEST = 96 << 20  # numbers in one grid's codes; wider codes are evaluated on a coarser grid
COARSER = (0.5, 1.0, 2.0, 4.0, 6.0, 10.0)  # degrees, all dividing 180
_KEEP = 1 << 30  # bytes of codes kept in memory: four encoders of 150 features at half a degree
_BATCH = 1 << 14


def encoder(setting: Setting) -> Any:
    """The encoder of a setting; ``ValueError`` where its code is too long for a quick answer."""

    def make() -> tuple[Any, int]:
        params = dict(setting.params)
        if "cell" in params:
            cells = (180 / params["cell"]) * (360 / params["cell"])
            if cells * params["features"] > MOST_CELLS:
                raise _too_long(setting, f"a table of {cells * params['features']:,.0f} numbers", f"{MOST_CELLS:,}")
        enc = setting.build()
        if enc.dim > WIDEST_CODE:
            raise _too_long(setting, f"{enc.dim:,} features", f"{WIDEST_CODE:,}")
        return enc, 0

    return kept(("encoder", setting), make)


def code(enc: Any, lonlat: Any, dtype: torch.dtype = torch.float64) -> Tensor:
    """Codes (..., dim) of places (..., 2)."""
    with torch.no_grad():
        return enc(torch.as_tensor(np.asarray(lonlat, dtype=float)).to(dtype))  # type: ignore[no-any-return]


def grid_for(setting: Setting, degrees: float) -> float:
    """The cell width at which the codes of a whole grid fit the memory: ``degrees``, or the next coarser one."""
    dim = encoder(setting).dim
    while (180 / degrees) * (360 / degrees) * dim > LARGEST and degrees < COARSER[-1]:
        degrees = next(coarser for coarser in COARSER if coarser > degrees)
    return degrees


def grid_codes(setting: Setting, degrees: float) -> tuple[Tensor, Tensor]:
    """Codes (cells, dim) of a whole grid in float32, and their norms (cells,)."""

    def make() -> tuple[tuple[Tensor, Tensor], int]:
        codes = code(encoder(setting), Grid.equirectangular(degrees).lonlat.reshape(-1, 2), torch.float32)
        return (codes, torch.linalg.vector_norm(codes, dim=-1)), codes.numel() * 4

    return kept(("codes", setting, degrees), make)


def cosine(enc: Any, probe: Any, places: Values) -> Values:
    """Cosine similarity (...,) of places (..., 2) to one place, float64, in batches."""
    flat = places.reshape(-1, 2)
    values = np.concatenate([kernels.similarity(enc, probe, flat[i : i + _BATCH]) for i in range(0, len(flat), _BATCH)])
    return values.reshape(places.shape[:-1])


def kept(key: Any, make: Callable[[], tuple[Kept, int]]) -> Kept:
    """What ``make`` gives, together with its size in bytes, at the first time, and the same again later.

    What was used longest ago is forgotten once there is too much; what is too large by itself is not kept.
    """
    if key in _kept:
        _kept.move_to_end(key)
        return _kept[key]  # type: ignore[no-any-return]
    value, size = make()
    if size <= _KEEP:
        _kept[key], _sizes[key] = value, size
    while sum(_sizes.values()) > _KEEP or len(_kept) > 500:
        oldest, _ = _kept.popitem(last=False)
        del _sizes[oldest]
    return value


_kept: OrderedDict[Any, Any] = OrderedDict()
_sizes: dict[Any, int] = {}


def _too_long(setting: Setting, what: str, allowed: str) -> ValueError:
    return ValueError(
        f"{setting.title} with these parameters has {what}; a quick comparison takes {allowed} at most. "
        "Choose fewer scales, features, anchors or degrees, or a larger cell."
    )
