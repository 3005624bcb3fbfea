"""The splits there are, by name: where held-out places lie, and how far from them training places must stay.

==============  ========================================================================================================
random          held-out places lie anywhere among the training places
blocks:KM       the sphere is cut into blocks of equal area, KM across; whole ones are held out (``s2v.data.blocks``)
buffer:KM       held-out places lie along a line and are the same for every KM; training places within KM of one are
                dropped (``s2v.data.route``, and ``s2v.data.parts`` for places that are given)
control:KM      the same held-out places, and as many training places dropped, but at random
latitude:DEG    training places lie below this latitude, held-out ones beyond it, around both poles
==============  ========================================================================================================

KM is from 50 to 5,000, DEG from 10 to 85.  "blocked", which was the only split by blocks, is still read: as
``blocks:1800``, and for "vmf:polar", of which few such blocks have places, as ``blocks:313``.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from s2v.errors import shown

MIN_KM, MAX_KM = 50, 5000
MIN_DEGREES, MAX_DEGREES = 10, 85

Split = str
SPLITS: tuple[Split, ...] = ("random", "blocks:KM", "buffer:KM", "control:KM", "latitude:DEG")
KINDS = tuple(split.partition(":")[0] for split in SPLITS)
DISTANCES = (50, 200, 500, 1000, 2000, 5000)  # kilometres
LATITUDE = 70  # degrees
LADDER: tuple[Split, ...] = ("random", *(f"buffer:{km}" for km in DISTANCES), f"latitude:{LATITUDE}")

CLIMB: tuple[Split, ...] = (*LADDER, *(f"control:{km}" for km in DISTANCES))  # in the order in which it is climbed

_ALLOWED = (
    f"allowed is random, blocks:KM, buffer:KM or control:KM with {MIN_KM} to {MAX_KM:,} kilometres, or latitude:DEG "
    f"with {MIN_DEGREES} to {MAX_DEGREES} degrees"
)


class Rung(NamedTuple):
    """A split taken apart.

    Attributes
    ----------
    kind : "random", "blocks", "buffer", "control" or "latitude"
    size : float
        Kilometres, or degrees; 0 for "random".

    Examples
    --------
    >>> rung("buffer:500")
    Rung(kind='buffer', size=500.0)
    """

    kind: str
    size: float = 0.0

    @property
    def along_a_line(self) -> bool:
        """Whether the held-out places are those along a line, which are the same at every distance."""
        return self.kind in ("buffer", "control")


def rung(split: Split) -> Rung:
    """The kind and the size of a split.

    Parameters
    ----------
    split : str

    Returns
    -------
    Rung

    Raises
    ------
    ValueError
        For an unknown split, or one outside its range.

    Examples
    --------
    >>> rung("latitude:70"), rung("random").kind
    (Rung(kind='latitude', size=70.0), 'random')
    """
    if split == "random":
        return Rung("random")
    if split == "blocked":
        return Rung("blocks", 1800.0)
    kind, _, size = split.partition(":") if isinstance(split, str) else ("", "", "")
    known = f"{kind}:DEG" if kind == "latitude" else f"{kind}:KM"
    if known not in SPLITS or not re.fullmatch(r"\d{1,5}(\.\d{1,9})?", size):
        raise ValueError(f"split={shown(split)} is not one of {', '.join(SPLITS)}: {_ALLOWED}.")
    low, high = (MIN_DEGREES, MAX_DEGREES) if kind == "latitude" else (MIN_KM, MAX_KM)
    if not low <= float(size) <= high:
        raise ValueError(f"split={shown(split)} is outside its range: {_ALLOWED}.")
    return Rung(kind, float(size))


def check_split(split: Split) -> Split:
    """The split, written in one way; ``ValueError`` for an unknown one or one outside its range.

    Parameters
    ----------
    split : str

    Returns
    -------
    str

    Examples
    --------
    >>> check_split("buffer:0500.0")
    'buffer:500'
    """
    kind, size = rung(split)
    return split if split in ("random", "blocked") else f"{kind}:{size:g}"


def split_title(split: Split) -> str:
    """What a split holds out, in words that go on "held-out places: ".

    Parameters
    ----------
    split : str

    Returns
    -------
    str

    Examples
    --------
    >>> split_title("buffer:500")
    'at least 500 km from the training places'
    """
    kind, size = rung(split)
    return {
        "random": "at random among the training places",
        "blocks": f"in blocks {size:,g} km across",
        "buffer": f"at least {size:,g} km from the training places",
        "control": f"as at {size:,g} km, but with as many training places dropped at random",
        "latitude": f"beyond {size:g} degrees of latitude",
    }[kind]
