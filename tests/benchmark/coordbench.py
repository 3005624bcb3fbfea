"""A stand-in for CoordBench, written from what its interface says: torchgeo-bench is no dependency of this project."""

from __future__ import annotations

import types
from abc import ABC, abstractmethod

import numpy as np

FOLDS = 5


class LocationEncoder(ABC):
    """What every encoder of CoordBench is an instance of."""

    @abstractmethod
    def _encode(self, lon: np.ndarray, lat: np.ndarray, year: np.ndarray | None) -> np.ndarray: ...


def loaded() -> types.ModuleType:
    """The module of CoordBench that holds that class."""
    module = types.ModuleType("torchgeo_bench.coordbench.models")
    module.LocationEncoder = LocationEncoder
    return module


def score(encoder: object, lon: np.ndarray, lat: np.ndarray, values: np.ndarray) -> float:
    """R2 of a ridge regression on the codes, the mean over random folds."""
    if not isinstance(encoder, LocationEncoder):
        raise TypeError(f"{type(encoder).__name__} is no LocationEncoder")
    codes = encoder.encode(lon, lat, np.full(len(lon), 2021))
    assert isinstance(codes, np.ndarray)
    assert codes.dtype == np.float32
    assert codes.shape[0] == len(lon)
    fold = np.random.default_rng(0).permutation(len(lon)) % FOLDS
    return float(np.mean([_r2(codes, values, fold != each) for each in range(FOLDS)]))


def _r2(codes: np.ndarray, values: np.ndarray, train: np.ndarray) -> float:
    mean, spread = codes[train].mean(0), np.maximum(codes[train].std(0), 1e-6)
    x = (codes - mean).astype(float) / spread
    y = values - values[train].mean()
    weights = np.linalg.solve(x[train].T @ x[train] + 10 * np.eye(x.shape[1]), x[train].T @ y[train])
    left = y[~train] - x[~train] @ weights
    return 1 - left.var() / y[~train].var()
