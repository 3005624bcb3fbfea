"""Encoders and their codes on the usual grids, kept from question to question: they do not depend on the probe."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from s2v import kernels
from s2v.comparison.closed_forms import Waves, waves_of
from s2v.comparison.sources import Source
from s2v.encoders import EncoderConfig
from s2v.encoders import encoder as named_encoder
from s2v.encoders.base import Encoder, empty_result
from s2v.fields import Grid

Values = NDArray[Any]
Kept = TypeVar("Kept")

MAX_FEATURES = 4096  # features that these quick comparisons take
MAX_TABLE = 20_000_000  # numbers of a learned table, beyond which it is not even built
MAX_GRID_CODES = (
    20 << 20
)  # numbers in one grid's codes, a fifth of a second; wider codes are evaluated on a coarser grid
MAX_EMBEDDINGS = 8 << 20  # numbers in one grid's codes of a trained network that are kept
MAX_COSINES = 256 << 20  # cosines in one grid's similarities in closed form, half a second
COARSER = (0.5, 1.0, 2.0, 4.0, 6.0, 10.0)  # degrees, all dividing 180
_MAX_CACHE = 1 << 30  # bytes of codes kept in memory: four encoders of 150 features at half a degree
_BATCH = 1 << 14
_PIECE = 1 << 13  # places at a time for a trained network
_PIVOTS = 6  # rows and columns along which features are tried as products
_CHECKS = 512  # cells at which they are compared
_ALIKE = 1e-7  # of the largest feature: well below what float32 keeps


def encoder(setting: Source) -> Any:
    """The encoder of a setting, or a trained model's embedding; ``ValueError`` where the code is too long."""

    def make() -> tuple[Any, int]:
        table = setting.table_size if isinstance(setting, EncoderConfig) else 0
        if table > MAX_TABLE:
            raise _too_long(setting, f"a table of {table:,} numbers", f"{MAX_TABLE:,}")
        enc = setting.build()
        if enc.dim > MAX_FEATURES:
            raise _too_long(setting, f"{enc.dim:,} features", f"{MAX_FEATURES:,}")
        return enc, sum(weights.nbytes for weights in enc.parameters())

    return kept(("encoder", setting), make)


def get_ready() -> None:
    """Pay now for what the first codes of a process wait for: the compiled waves are loaded."""
    code(named_encoder("sphereC"), [[0.0, 0.0]])


def code(enc: Any, lonlat: Any, dtype: torch.dtype = torch.float64) -> Tensor:
    """Codes (..., dim) of places (..., 2)."""
    with torch.no_grad():
        return enc(torch.as_tensor(np.asarray(lonlat, dtype=float)).to(dtype))  # type: ignore[no-any-return]


def grid_for(setting: Source, degrees: float) -> float:
    """The cell width at which a whole grid is encoded quickly: ``degrees``, or a coarser one for wide codes."""
    if product(setting, degrees):
        return degrees
    dim = encoder(setting).dim
    while (180 / degrees) * (360 / degrees) * dim > MAX_GRID_CODES and degrees < COARSER[-1]:
        degrees = next(coarser for coarser in COARSER if coarser > degrees)
    return degrees


def waves(setting: Source, degrees: float) -> Waves | None:
    """The code as waves, or None where it is none, or has too many of them for that grid."""
    found = kept(("waves", setting), lambda: (waves_of(encoder(setting)), 0))
    return found if found and found.cosines(Grid.equirectangular(degrees)) <= MAX_COSINES else None


def grid_codes(setting: Source, degrees: float) -> tuple[Tensor, Tensor]:
    """Codes (cells, dim) of a whole grid in float32, and their norms (cells,)."""

    def make() -> tuple[tuple[Tensor, Tensor], int]:
        enc, places = encoder(setting), Grid.equirectangular(degrees).lonlat.reshape(-1, 2)
        if isinstance(enc, Encoder):
            codes = code(enc, places, torch.float32)
            return (codes, kernels.length(codes)), codes.numel() * 4
        codes, norms = empty_result(len(places), enc.dim, torch.empty(0)), torch.empty(len(places))
        for part, piece in _by_pieces(enc, places):
            codes[part], norms[part] = piece, kernels.length(piece)
        return (codes, norms), codes.numel() * 4

    return kept(("codes", setting, degrees), make)


def grid_dots(setting: Source, degrees: float, centers: Tensor) -> tuple[Tensor, Tensor]:
    """Dot products (n, cells) of the codes of a whole grid with ``centers`` (n, dim), and the codes' norms (cells,).

    A trained network's codes of a fine grid are never written out: the memory for them costs as much as the network.
    """
    enc, places = encoder(setting), Grid.equirectangular(degrees).lonlat.reshape(-1, 2)
    if isinstance(enc, Encoder) or len(places) * enc.dim <= MAX_EMBEDDINGS:
        codes, norms = grid_codes(setting, degrees)
        return centers @ codes.T, norms
    dots, norms = torch.empty(len(centers), len(places)), torch.empty(len(places))
    for part, piece in _by_pieces(enc, places):
        dots[:, part], norms[part] = centers @ piece.T, kernels.length(piece)
    return dots, norms


def _by_pieces(enc: Any, places: Values) -> Iterator[tuple[slice, Tensor]]:
    """The codes of some places after the other: a network's layers stay in the processor's cache."""
    for start in range(0, len(places), _PIECE):
        part = slice(start, start + _PIECE)
        yield part, code(enc, places[part], torch.float32)


@dataclass(frozen=True)
class Product:
    """Codes of a whole grid whose every feature is a function of latitude times a function of longitude.

    The code at row i and column j is ``latitude[i] * longitude[j]``: (rows, dim) times (columns, dim), float32.
    So a map of similarities is one small matrix product, and the codes of all cells are never written out.
    """

    latitude: Tensor
    longitude: Tensor
    rows: Tensor  # (dim,) the row of the grid along which each feature's function of longitude was found
    columns: Tensor  # (dim,) the column along which its function of latitude was found
    pivot: Tensor  # (dim,) float64, the feature where the two cross: what the function of latitude was divided by

    def dot(self, centers: Tensor) -> Tensor:
        """Dot products (n, rows, columns) of all cells' codes with ``centers`` (n, dim)."""
        return (centers[:, None, :] * self.latitude) @ self.longitude.T

    def norms(self) -> Tensor:
        """Lengths (rows, columns) of all codes."""
        return (self.latitude.square() @ self.longitude.square().T).clamp_min(0).sqrt()


def product(setting: Source, degrees: float) -> Product | None:
    """The codes of a grid as products, or None for an encoder whose features are none.

    Found by evaluation: each feature is divided along one row and one column where it is large, and the result is
    compared with the encoder at random cells.
    """

    def make() -> tuple[Product | None, int]:
        enc, grid = encoder(setting), Grid.equirectangular(degrees)
        rng = np.random.default_rng(0)
        rows, columns = rng.choice(grid.rows, _PIVOTS), rng.choice(grid.columns, _PIVOTS)
        crossing = code(enc, grid.lonlat[rows][:, columns])  # (pivots, pivots, dim)
        best = crossing.abs().reshape(-1, enc.dim).argmax(0)
        row, column, feature = best // _PIVOTS, best % _PIVOTS, torch.arange(enc.dim)
        pivot = crossing[row, column, feature]
        pivot = torch.where(pivot == 0, 1.0, pivot)
        limit = _ALIKE * crossing.abs().max().clamp_min(1e-30)
        products = crossing[:, column, feature][:, None] * crossing[row, :, feature].T / pivot
        if not (products - crossing).abs().max() < limit:
            return None, 0
        longitude = code(enc, grid.lonlat[rows])[row, :, feature].T
        latitude = code(enc, grid.lonlat[:, columns])[:, column, feature] / pivot
        i, j = rng.integers(grid.rows, size=_CHECKS), rng.integers(grid.columns, size=_CHECKS)
        error = (latitude[i] * longitude[j] - code(enc, grid.lonlat[i, j])).abs().max()
        if not error < limit:
            return None, 0
        found = Product(
            latitude.float(), longitude.float(), torch.from_numpy(rows)[row], torch.from_numpy(columns)[column], pivot
        )
        return found, 4 * (latitude.numel() + longitude.numel())

    return kept(("product", setting, degrees), make)


def cosine(enc: Any, probe: Any, places: Values) -> Values:
    """Cosine similarity (...,) of places (..., 2) to one place, float64, in batches."""
    flat = places.reshape(-1, 2)
    if found := waves_of(enc):
        dots, norms = found.dot(probe, flat, torch.float64), found.norms(flat, torch.float64)
        values = (dots / norms / found.norms(np.asarray([probe]), torch.float64)).numpy()
    else:
        pieces = (flat[i : i + _BATCH] for i in range(0, len(flat), _BATCH))
        values = np.concatenate([kernels.similarity(enc, probe, piece) for piece in pieces])
    return values.reshape(places.shape[:-1])


def kept(key: Any, make: Callable[[], tuple[Kept, int]]) -> Kept:
    """What ``make`` gives, together with its size in bytes, at the first time, and the same again later.

    What was used longest ago is forgotten once there is too much; what is too large by itself is not kept.
    """
    if key in _kept:
        _kept.move_to_end(key)
        return _kept[key]  # type: ignore[no-any-return]
    value, size = make()
    if size <= _MAX_CACHE:
        _kept[key], _sizes[key] = value, size
    while sum(_sizes.values()) > _MAX_CACHE or len(_kept) > 500:
        oldest, _ = _kept.popitem(last=False)
        del _sizes[oldest]
    return value


_kept: OrderedDict[Any, Any] = OrderedDict()
_sizes: dict[Any, int] = {}


def _too_long(setting: Source, what: str, allowed: str) -> ValueError:
    return ValueError(
        f"{setting.title} with these parameters has {what}; a quick comparison takes {allowed} at most. "
        "Choose fewer scales, features, anchors or degrees, or a larger cell."
    )
