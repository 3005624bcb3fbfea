"""Codes whose every feature is a function of latitude times a function of longitude.

A map of similarities is then one small matrix product, and the codes of all cells are never written out.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from s2v.comparison import codes
from s2v.comparison.sources import Source
from s2v.fields import Grid

_PIVOTS = 6  # rows and columns along which features are tried as products
_CHECKS = 512  # cells at which the products are compared with the encoder
_TOLERANCE = 1e-7  # of the largest feature: well below what float32 keeps


@dataclass(frozen=True)
class Product:
    """The code at row i and column j is ``latitude[i] * longitude[j]``: (rows, dim) times (columns, dim), float32.

    Each feature's function of longitude was found along its row ``rows`` (dim,) of the grid, its function of latitude
    along its column ``columns`` (dim,), and divided by ``pivot`` (dim,), the feature where the two cross, float64.
    """

    latitude: Tensor
    longitude: Tensor
    rows: Tensor
    columns: Tensor
    pivot: Tensor

    def dot(self, centers: Tensor) -> Tensor:
        """Dot products (n, rows, columns) of all cells' codes with ``centers`` (n, dim)."""
        return (centers[:, None, :] * self.latitude) @ self.longitude.T

    def norms(self) -> Tensor:
        """Lengths (rows, columns) of all codes."""
        return (self.latitude.square() @ self.longitude.square().T).clamp_min(0).sqrt()


def product(source: Source, degrees: float) -> Product | None:
    """The codes of a grid as products, or None if the encoder's features are no products.

    Found by evaluation: each feature is divided along one row and one column where it is large, and the result is
    compared with the encoder at random cells.
    """

    def make() -> tuple[Product | None, int]:
        enc, grid = codes.encoder(source), Grid.equirectangular(degrees)
        rng = np.random.default_rng(0)
        rows, columns = rng.choice(grid.rows, _PIVOTS), rng.choice(grid.columns, _PIVOTS)
        crossing = codes.code(enc, grid.lonlat[rows][:, columns])  # (pivots, pivots, dim)
        best = crossing.abs().reshape(-1, enc.dim).argmax(0)
        row, column, feature = best // _PIVOTS, best % _PIVOTS, torch.arange(enc.dim)
        pivot = crossing[row, column, feature]
        pivot = torch.where(pivot == 0, 1.0, pivot)
        limit = _TOLERANCE * crossing.abs().max().clamp_min(1e-30)
        products = crossing[:, column, feature][:, None] * crossing[row, :, feature].T / pivot
        if not (products - crossing).abs().max() < limit:
            return None, 0
        longitude = codes.code(enc, grid.lonlat[rows])[row, :, feature].T
        latitude = codes.code(enc, grid.lonlat[:, columns])[:, column, feature] / pivot
        i, j = rng.integers(grid.rows, size=_CHECKS), rng.integers(grid.columns, size=_CHECKS)
        error = (latitude[i] * longitude[j] - codes.code(enc, grid.lonlat[i, j])).abs().max()
        if not error < limit:
            return None, 0
        found = Product(
            latitude.float(), longitude.float(), torch.from_numpy(rows)[row], torch.from_numpy(columns)[column], pivot
        )
        return found, 4 * (latitude.numel() + longitude.numel())

    return codes.kept(("product", source, degrees), make)
