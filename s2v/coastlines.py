"""Coastlines of Natural Earth, from files of the project; nothing is ever fetched."""

from __future__ import annotations

import json
from functools import cache
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from s2v import sphere
from s2v.assets import asset_path, damaged
from s2v.errors import shown

Detail = Literal["110m", "50m"]


@cache
def coastlines(detail: Detail = "110m") -> tuple[NDArray[Any], ...]:
    """The world's coastlines, cut at the dateline.

    Parameters
    ----------
    detail : {"110m", "50m"}
        1:110 million, for whole globes, or 1:50 million, for maps of a part.

    Returns
    -------
    tuple of (points, 2) arrays
        Longitude and latitude in degrees; read-only.

    Raises
    ------
    ValueError
        For another detail.
    AssetError
        If the file is missing or damaged.

    Examples
    --------
    >>> lines = coastlines()
    >>> lines[0].shape[1]
    2
    """
    if detail not in ("110m", "50m"):
        raise ValueError(f"detail={shown(detail)} is not one of 110m, 50m.")
    path = asset_path("coastlines", f"coastline_{detail}.json")
    try:
        lines = tuple(np.array(line["path"], dtype=float) for line in json.loads(path.read_text(encoding="utf-8")))
        for line in lines:
            if len(line) < 2:
                raise ValueError("a line has fewer than two points")
            sphere.check_lonlat(line)
    except (ValueError, TypeError, KeyError) as error:
        raise damaged(path, str(error)) from error
    if not lines:
        raise damaged(path, "it holds no lines")
    for line in lines:
        line.flags.writeable = False  # the cache shares them with all callers
    return lines
