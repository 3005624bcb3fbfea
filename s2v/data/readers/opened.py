"""A user's file as a page shows it: a part of its places, and what was counted over all of them.

What is large stays where the file was read; the rest goes from process to process as bytes.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import safetensors.numpy
from numpy.typing import NDArray

from s2v import sphere
from s2v.data.held import OwnData
from s2v.data.nearest import neighbour_km
from s2v.data.readers import read_points
from s2v.data.readers.base import Table
from s2v.data.readers.columns import choose
from s2v.data.readers.files import Source
from s2v.data.understood import LeftOut, Understood

BAND = 10  # degrees of latitude


@dataclass(frozen=True, eq=False)
class Opened:
    """A user's file.

    Attributes
    ----------
    data : OwnData
        Its places with what is known of them; of very many a part, chosen at random.
    understood : Understood
        How it was read.
    problems : tuple of str
        The rows left out, and why.
    places : int
        How many there are in all.
    counts : array (classes,)
        How many places each class has; (0,) for values.
    bands : array (18,)
        How many places lie in each band of ten degrees of latitude, from the South Pole on.
    distances : array (m,)
        Kilometres from a place to the nearest other one: see ``s2v.data.neighbour_km``.
    middle : array (3,)
        The mean of the places' unit vectors.
    """

    data: OwnData
    understood: Understood
    problems: tuple[str, ...]
    places: int
    counts: NDArray[np.int64]
    bands: NDArray[np.int64]
    distances: NDArray[np.float64]
    middle: NDArray[np.float64]

    @classmethod
    def read(
        cls, source: Source, name: str, how: Mapping[str, Any], progress: Callable[[int], None] | None = None
    ) -> Opened:
        """The file, read as ``read_points`` does with the arguments ``how``; ``ValueError`` as there."""
        found = read_points(source, **how, progress=progress)
        assert found.understood is not None
        return cls(
            data=OwnData.of(found, name, how),
            understood=found.understood,
            problems=found.problems,
            places=len(found.lonlat),
            counts=np.bincount(found.target, minlength=len(found.classes)) if found.classes else np.zeros(0, np.int64),
            bands=np.histogram(found.lonlat[:, 1], np.arange(-90, 91, BAND))[0],
            distances=neighbour_km(found.lonlat),
            middle=sphere.to_unit_vectors(found.lonlat).mean(axis=0),
        )


_TEXTS = ("title", "credit", "summary", "units", "file")
_ARRAYS = ("counts", "bands", "distances", "middle")


def dumps(opened: Opened) -> bytes:
    """The bytes of ``loads``."""
    data = opened.data
    about = {
        "task": data.task,
        "classes": data.classes,
        **{name: getattr(data, name) for name in _TEXTS},
        "how": dict(data.how),
        "understood": asdict(opened.understood),
        "problems": opened.problems,
        "places": opened.places,
    }
    arrays = {"lonlat": data.lonlat, "target": data.target, **{name: getattr(opened, name) for name in _ARRAYS}}
    return safetensors.numpy.save(
        {name: np.ascontiguousarray(array) for name, array in arrays.items()}, {"about": json.dumps(about)}
    )


def loads(content: bytes) -> Opened:
    """What the bytes of ``dumps`` hold; they come from a process of this server."""
    header = json.loads(content[8 : 8 + int.from_bytes(content[:8], "little")])["__metadata__"]
    about, arrays = json.loads(header["about"]), safetensors.numpy.load(content)
    understood = about["understood"]
    left_out = tuple(LeftOut(*row) for row in understood["left_out"])
    data = OwnData(
        task=about["task"],
        lonlat=arrays["lonlat"],
        target=arrays["target"],
        classes=tuple(about["classes"]),
        how=about["how"],
        **{name: about[name] for name in _TEXTS},
    )
    return Opened(
        data,
        Understood(**{**understood, "left_out": left_out, "warnings": tuple(understood["warnings"])}),
        tuple(about["problems"]),
        about["places"],
        *(arrays[name] for name in _ARRAYS),
    )


@dataclass(frozen=True)
class Head:
    """The columns of a file.

    Attributes
    ----------
    columns : tuple of str
    needs_columns : bool
        Whether the places are in columns of longitude and latitude, and not part of the format.
    in_geometry : bool
        Whether the places can be taken from a column of geometries.
    lon, lat : str or None
        The columns of longitude and latitude, if they are recognised.
    """

    columns: tuple[str, ...]
    needs_columns: bool
    in_geometry: bool
    lon: str | None = None
    lat: str | None = None

    @classmethod
    def of(cls, table: Table) -> Head:
        """That of an open file."""
        lon = lat = None
        if table.in_geometry is None and not table.has_places:
            try:
                numbers = choose(table, None, None, None)
                lon, lat = (table.columns[number or 0] for number in numbers[:2])
            except ValueError:  # the reader says so, once it is told to read
                pass
        columns = tuple(dict.fromkeys(table.columns))
        return cls(columns, not table.has_places, table.in_geometry is not None, lon, lat)
