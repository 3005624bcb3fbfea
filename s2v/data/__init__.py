"""Built-in data sets: places and what is known of them.  Free of torch.

One family a file: each family's module has ``load(name, points, seed) -> DataSet``.  A new data set is one line in
``catalogue.py`` and, for a new family, one file.
"""

from __future__ import annotations

import importlib

from s2v.data.catalogue import CATALOGUE, Entry, Task, check_name, names
from s2v.data.dataset import DataSet

__all__ = ["CATALOGUE", "DataSet", "Entry", "Task", "check_name", "load", "names"]


def load(name: str, points: int = 20000, seed: int = 0) -> DataSet:
    """The data set of that name with ``points`` training places, the same for the same ``seed``.

    The held-out places are the same for every seed and every number of training places, so that runs can be
    compared place by place.  ``ValueError`` for an unknown name or fewer than one point; ``s2v.assets.AssetError``
    where a file of the data is missing or damaged.
    """
    family = CATALOGUE[check_name(name)].family
    if points < 1:
        raise ValueError(f"points={points}: a data set needs at least one training place.")
    data: DataSet = importlib.import_module(f"s2v.data.{family}").load(name, points, seed)
    return data
