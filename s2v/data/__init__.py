"""Built-in data sets: places and what is known of them.  Free of torch.

One family a file: each family's module has ``load(request: Request) -> DataSet``.  A new data set is one line in
``catalogue.py`` and, for a new family, one file.

Synthetic sets are made anew at other sizes by their name: ``"checkerboard,cells=1000"``, ``"vmf:U3,draw=4"``,
``"vmf:S2.3,classes=20,concentration=90"``; ``entry(name).parameters`` says what can be set.  Such a name is good
wherever a name is asked for, so a recipe holds all that it takes to make the data again.

Places of a user's own come from arrays, ``own``, or from a file, ``read_points`` (CSV, Parquet, GeoJSON).
"""

from __future__ import annotations

import importlib

from s2v.data.blocks import SPLITS, Split, check_split
from s2v.data.catalogue import CATALOGUE, Entry, Task, check_name, entry, names, parse
from s2v.data.dataset import DataSet, Description, Request
from s2v.data.own import own
from s2v.data.readers import read_points
from s2v.data.von_mises_fisher import Mixture, mixture

__all__ = [
    "CATALOGUE",
    "SPLITS",
    "DataSet",
    "Description",
    "Entry",
    "Mixture",
    "Request",
    "Split",
    "Task",
    "check_name",
    "entry",
    "load",
    "mixture",
    "names",
    "own",
    "parse",
    "read_points",
]


def load(name: str, points: int | None = None, seed: int = 0, split: Split = "random") -> DataSet:
    """The data set of that name with ``points`` training places, the same for the same ``seed``.

    ``points`` is the data set's own number unless given (``entry(name).points``); sets with fewer places than that
    give all they have.  The held-out places are the same for every seed and every number of training places, so that
    runs can be compared place by place.

    ``split="random"``: held-out places lie anywhere among the training places.  ``split="blocked"``: the sphere is cut
    into about 200 blocks of equal area (``s2v.data.blocks``), and whole blocks are held out for validation and for
    test, so that a model has to do without near neighbours.

    ``ValueError`` for an unknown name, setting or split, fewer than one point, or data that lie in too few blocks;
    ``s2v.assets.AssetError`` where a file of the data is missing or damaged.
    """
    base, settings = parse(name)
    known = entry(base)
    points = known.points if points is None else points
    if points < 1:
        raise ValueError(f"points={points}: a data set needs at least one training place.")
    request = Request(check_name(name), base, settings, points, seed, check_split(split))
    data: DataSet = importlib.import_module(f"s2v.data.{known.family}").load(request)
    return data
