"""Encoders and their codes on grids, cached from question to question: they do not depend on the probed place."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from s2v import kernels
from s2v.comparison.sources import Source
from s2v.encoders import EncoderConfig
from s2v.encoders import encoder as named_encoder
from s2v.encoders.base import Encoder
from s2v.encoders.blocks import empty_result
from s2v.fields import Grid
from s2v.models.device import torch_device

Values = NDArray[Any]
Kept = TypeVar("Kept")

MAX_FEATURES = 4096  # features of a code that can be compared
MAX_TABLE = 20_000_000  # numbers in a learned table; a larger one is not even built
COARSER = (0.5, 1.0, 2.0, 4.0, 6.0, 10.0)  # degrees, all dividing 180
MAX_EMBEDDINGS = 8 << 20  # numbers in a trained network's codes of one grid that are cached
_MAX_CACHE = 1 << 30  # bytes of cached codes: four encoders of 150 features at half a degree
_MAX_ENTRIES = 500  # of the cache
_PIECE = 1 << 13  # places at a time for a trained network


def encoder(source: Source) -> Any:
    """The encoder of a config or the embedding of a trained model; ``ValueError`` if its code is too long."""

    def make() -> tuple[Any, int]:
        table = source.table_size if isinstance(source, EncoderConfig) else 0
        if table > MAX_TABLE:
            raise _too_long(source, f"a table of {table:,} numbers", f"{MAX_TABLE:,}")
        features = source.features if isinstance(source, EncoderConfig) else None
        if features is not None and features > MAX_FEATURES:
            raise _too_long(source, f"{features:,} features", f"{MAX_FEATURES:,}")
        enc = source.build()
        if not isinstance(source, EncoderConfig):  # an encoder's answers are mostly closed forms, which need no GPU
            enc.to(torch_device())
        if enc.dim > MAX_FEATURES:
            raise _too_long(source, f"{enc.dim:,} features", f"{MAX_FEATURES:,}")
        return enc, sum(weights.nbytes for weights in enc.parameters())

    return kept(("encoder", source), make)


def get_ready() -> None:
    """Load now what the first code in a process has to wait for: the compiled sines and cosines."""
    code(named_encoder("sphereC"), [[0.0, 0.0]])


def code(enc: Any, lonlat: Any, dtype: torch.dtype = torch.float64) -> Tensor:
    """Codes (..., dim) of places (..., 2), computed where the encoder is, on the CPU in the end."""
    places = torch.as_tensor(np.asarray(lonlat, dtype=float)).to(kernels.device_of(enc), dtype)
    with torch.no_grad():
        return enc(places).cpu()  # type: ignore[no-any-return]


def coarsened(degrees: float, dim: int, limit: int) -> float:
    """``degrees``, or the next wider cells with which the codes of a grid have at most ``limit`` numbers."""
    while (180 / degrees) * (360 / degrees) * dim > limit and degrees < COARSER[-1]:
        degrees = next(wider for wider in COARSER if wider > degrees)
    return degrees


def grid_codes(source: Source, degrees: float) -> tuple[Tensor, Tensor]:
    """Codes (cells, dim) of a whole grid in float32, and their norms (cells,)."""

    def make() -> tuple[tuple[Tensor, Tensor], int]:
        enc, places = encoder(source), Grid.equirectangular(degrees).lonlat.reshape(-1, 2)
        if isinstance(enc, Encoder):
            codes = code(enc, places, torch.float32)
            return (codes, kernels.length(codes)), codes.numel() * 4
        codes, norms = empty_result(len(places), enc.dim, torch.empty(0)), torch.empty(len(places))
        for part, piece in _by_pieces(enc, places):
            codes[part], norms[part] = piece, kernels.length(piece)
        return (codes, norms), codes.numel() * 4

    return kept(("codes", source, degrees), make)


def grid_dots(source: Source, degrees: float, centers: Tensor) -> tuple[Tensor, Tensor]:
    """Dot products (n, cells) of the codes of a whole grid with ``centers`` (n, dim), and the codes' norms (cells,).

    A trained network's codes of a fine grid are never written out: memory for them costs as much as the network.
    """
    enc, places = encoder(source), Grid.equirectangular(degrees).lonlat.reshape(-1, 2)
    if isinstance(enc, Encoder) or len(places) * enc.dim <= MAX_EMBEDDINGS:
        codes, norms = grid_codes(source, degrees)
        return centers @ codes.T, norms
    dots, norms = torch.empty(len(centers), len(places)), torch.empty(len(places))
    for part, piece in _by_pieces(enc, places):
        dots[:, part], norms[part] = centers @ piece.T, kernels.length(piece)
    return dots, norms


def kept(key: Any, make: Callable[[], tuple[Kept, int]]) -> Kept:
    """The cached result of ``make``, which returns it with its size in bytes.

    The least recently used entries are dropped from a full cache; a result larger than the cache is not kept.
    """
    if key in _kept:
        _kept.move_to_end(key)
        return _kept[key]  # type: ignore[no-any-return]
    value, size = make()
    if size <= _MAX_CACHE:
        _kept[key], _sizes[key] = value, size
    while sum(_sizes.values()) > _MAX_CACHE or len(_kept) > _MAX_ENTRIES:
        oldest, _ = _kept.popitem(last=False)
        del _sizes[oldest]
    return value


_kept: OrderedDict[Any, Any] = OrderedDict()
_sizes: dict[Any, int] = {}


def _by_pieces(enc: Any, places: Values) -> Iterator[tuple[slice, Tensor]]:
    """Codes of some places at a time, so that a network's layers stay in the processor's cache."""
    for start in range(0, len(places), _PIECE):
        part = slice(start, start + _PIECE)
        yield part, code(enc, places[part], torch.float32)


def _too_long(source: Source, what: str, allowed: str) -> ValueError:
    return ValueError(
        f"{source.title} with these parameters has {what}; a quick comparison takes {allowed} at most. "
        "Choose fewer scales, features, anchors or degrees, or a larger cell."
    )
