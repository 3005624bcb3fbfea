"""The authors' published code, from the PyPI package ``torchspatial`` 0.0.0.1 (MIT), for comparison.

The package cannot be imported: its ``__init__`` starts a training script, its modules import each other by top-level
names, and one of them, for spherical harmonics, is missing.  So the modules are loaded from the package's folder, with
an empty module in place of the missing one.
"""

from __future__ import annotations

import importlib
import importlib.util
import sys
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import torch
from torch import Tensor

PACKAGE = "torchspatial"
_MISSING = "spherical_harmonics_ylm_numpy"

# Two published results are wrong but take the same work: sphereM+ has only its coarsest scale in some columns, dfs
# ignores min_radius.
_CLASSES = {
    "grid": "GridCellSpatialRelationPositionEncoder",
    "theory": "TheoryGridCellSpatialRelationPositionEncoder",
    "sphereC": "SphereSpatialRelationPositionEncoder",
    "sphereC+": "SphereGirdSpatialRelationPositionEncoder",
    "sphereM": "SphereMixScaleSpatialRelationPositionEncoder",
    "sphereM+": "SphereGridMixScaleSpatialRelationPositionEncoder",
    "dfs": "DFTSpatialRelationPositionEncoder",
}


def is_installed() -> bool:
    """Whether the package is installed; does not import it."""
    return importlib.util.find_spec(PACKAGE) is not None


@cache
def load(name: str) -> ModuleType:
    """A module of the package, such as ``trainer_helper``; ``ModuleNotFoundError`` where it is not installed."""
    spec = importlib.util.find_spec(PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        raise ModuleNotFoundError(f"{PACKAGE} is not installed: make bench-tools")
    folder = str(Path(spec.submodule_search_locations[0]))
    before = set(sys.modules)
    missing = ModuleType(_MISSING)
    missing.get_positional_encoding = None  # type: ignore[attr-defined]
    sys.modules[_MISSING] = missing
    sys.path.insert(0, folder)
    try:
        return importlib.import_module(name)
    finally:
        sys.path.remove(folder)
        for added in set(sys.modules) - before:  # they have common names: utils, models, datasets
            if str(getattr(sys.modules[added], "__file__", "") or "").startswith(folder) or added == _MISSING:
                del sys.modules[added]


def encode(name: str, params: Mapping[str, Any], lonlat: Tensor) -> Callable[[], Any] | None:
    """The published encoding of places (n, 2) as a function; None where there is none to compare with.

    For float64 it gives the numpy result; for float32 it calls ``forward``, which converts that to a float32 tensor.
    """
    if name not in _CLASSES or not is_installed():
        return None
    encoder = getattr(load("SpatialRelationEncoder"), _CLASSES[name])(
        frequency_num=params["scales"],
        max_radius=params["max_radius"],
        min_radius=params["min_radius"],
        freq_init="geometric",
        device="cpu",
    )
    places = lonlat.numpy()[:, None, :]
    if lonlat.dtype == torch.float64:
        return lambda: encoder.make_output_embeds(places)
    return lambda: encoder(places)
