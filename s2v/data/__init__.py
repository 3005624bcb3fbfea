"""Data sets: places and what is known of them.  Free of torch.

``names()`` lists the built-in sets, ``load(name)`` reads one.  Synthetic sets have parameters, which are part of the
name: ``"checkerboard,cells=1000"``, ``"vmf:U3,draw=4"``, ``"vmf:S2.3,classes=20,concentration=90"``;
``entry(name).parameters`` lists them.  Such a name works wherever a name does, so a recipe holds all that it takes to
make the data again.

Your own places come from arrays, ``own``, or from a file, ``read_points`` (see docs/data.md).

One family a file: a module with ``load(request: Request) -> DataSet``, which most often ends in ``known_everywhere``
(``everywhere.py``) or ``known_at_places`` (``observations.py``).  A new data set is one line in ``catalogue.py`` and,
for a new family, one file.
"""

from __future__ import annotations

import importlib

from s2v.data.catalogue import CATALOGUE, Entry, Task, check_name, entry, is_own, names, parse
from s2v.data.dataset import DataSet, Description, Request
from s2v.data.held import OwnData, title_of
from s2v.data.nearest import distance_field, distance_to_nearest, spacing
from s2v.data.own import own
from s2v.data.readers import read_points
from s2v.data.splits import CLIMB, DISTANCES, KINDS, LADDER, SPLITS, Rung, Split, check_split, rung, split_title
from s2v.data.von_mises_fisher import Mixture, mixture

__all__ = [
    "CATALOGUE",
    "CLIMB",
    "DISTANCES",
    "KINDS",
    "LADDER",
    "SPLITS",
    "DataSet",
    "Description",
    "Entry",
    "Mixture",
    "OwnData",
    "Request",
    "Rung",
    "Split",
    "Task",
    "check_name",
    "check_split",
    "distance_field",
    "distance_to_nearest",
    "entry",
    "is_own",
    "load",
    "mixture",
    "names",
    "own",
    "parse",
    "read_points",
    "rung",
    "spacing",
    "split_title",
    "title_of",
]


def load(name: str, points: int | None = None, seed: int = 0, split: Split = "random") -> DataSet:
    """A built-in data set.

    The held-out places are the same for every seed and every number of training places, so that runs can be compared
    place by place.

    Parameters
    ----------
    name : str
        One of ``names()``, with or without parameters.
    points : int, optional
        How many training places; ``entry(name).points`` unless given.  Sets with fewer places give all they have.
    seed : int, default 0
        Of the training places.
    split : str, default "random"
        How far from the training places the held-out ones lie (``s2v.data.splits``):

        * "random": anywhere among them;
        * "blocks:KM": in blocks of equal area, KM across (50 to 5,000), of which whole ones are held out;
        * "buffer:KM": at least KM away, along a line: the same held-out places at every KM.  Of the ``points`` training
          places those that are nearer are dropped;
        * "control:KM": as for "buffer", with as many training places dropped, but at random;
        * "latitude:DEG": beyond a latitude (10 to 85 degrees) around both poles.

    Returns
    -------
    DataSet

    Raises
    ------
    ValueError
        For an unknown name, parameter or split, fewer than one point, or a split that leaves too few places in a part.
    s2v.assets.AssetError
        Where a file of the data is missing or damaged.

    Examples
    --------
    >>> d = load("land_ocean", points=1000, seed=1)
    >>> d.classes, len(d.train), len(d.test)
    (('Ocean', 'Land'), 1000, 8000)
    >>> round(load("vmf:U3", points=10).bayes, 3)
    0.52
    >>> far = load("geoid", points=2000, split="buffer:500")
    >>> len(far.train), len(far.test), bool(far.test_distances_km.min() >= 500)
    (1809, 8000, True)
    """
    base, params = parse(name)
    catalogued = entry(base)
    points = catalogued.points if points is None else points
    if points < 1:
        raise ValueError(f"points={points}: a data set needs at least one training place.")
    request = Request(check_name(name), base, params, points, seed, check_split(split))
    data: DataSet = importlib.import_module(f"s2v.data.{catalogued.family}").load(request)
    return data
