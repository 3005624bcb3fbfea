"""The results of a comparison in plain numbers.  Free of torch, so that any process can hold them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

from numpy.typing import NDArray

from s2v.fields import Grid

Values = NDArray[Any]


class SimilarityMap(NamedTuple):
    """Similarity of every cell of ``grid`` to one place: ``values`` (rows, columns), float32."""

    grid: Grid
    values: Values


@dataclass(frozen=True)
class Walk:
    """Similarity maps ``values`` (places, rows, columns) on ``grid`` to each place of ``path`` (places, 2).

    ``half_widths`` (places,) are those of ``Lobe``, in kilometres.
    """

    path: Values
    grid: Grid
    values: Values
    half_widths: Values


@dataclass(frozen=True)
class Profile:
    """Similarity to a place against great-circle distance.

    ``distance`` (n,) in degrees; ``mean``, ``low`` and ``high`` (n,) are the mean and the extremes over directions.
    """

    distance: Values
    mean: Values
    low: Values
    high: Values


@dataclass(frozen=True)
class Lobe:
    """Full width in kilometres of the main lobe of the similarity to a place, where the cosine falls to one half.

    ``half_width`` is the distance at which the mean over all directions falls to one half; where the code is torn, as
    at a pole, that of the directions in which it is whole.  NaN where the similarity never falls that low.
    """

    east_west: float
    north_south: float
    half_width: float


@dataclass(frozen=True)
class Character:
    """An encoder's rank agreement with great-circle distance, and its tears (see ``s2v.distortion``).

    ``poles_alike`` is the cosine similarity of the North Pole to the South Pole, the largest over longitudes.
    """

    features: int
    fidelity: float
    fidelity_north: float
    dateline_tear: float
    north_tear: float
    south_tear: float
    poles_alike: float


@dataclass(frozen=True)
class Overview:
    """An encoder in one row of a table.

    ``anisotropy`` is the largest over the smallest stretch at 60, 80 and 89 degrees north, ``area`` the area factor at
    80, ``direction`` how much the similarity depends on direction (standard deviation of the cosine at one distance).
    """

    anisotropy: tuple[float, float, float]
    area: float
    direction: float
    character: Character


@dataclass(frozen=True)
class KernelVariogram:
    """The variogram of a code (see ``s2v.variograms``): semivariances as shares of the ``sill`` by ``distance`` (n,).

    ``mean`` (n,) is that over places and bearings, ``half_sill`` where it reaches one half.  ``north_south`` and
    ``east_west`` (m, n) are means over longitudes at each ``latitude`` (m,), and ``half_north_south`` and
    ``half_east_west`` (m,) where they reach one half.  Distances are in kilometres; NaN where one half is not reached.
    """

    distance: Values
    mean: Values
    sill: float
    half_sill: float
    latitude: Values
    north_south: Values
    east_west: Values
    half_north_south: Values
    half_east_west: Values


@dataclass(frozen=True)
class HalfSills:
    """Half-sill distances of a code in kilometres: all over the sphere, and at 0, 60 and 80 degrees north.

    NaN where half the sill is never reached.
    """

    everywhere: float
    at_latitudes: tuple[float, ...]


@dataclass(frozen=True)
class StretchMap:
    """Largest over smallest stretch, and the area factor, (rows, columns) float32 on ``grid``."""

    grid: Grid
    anisotropy: Values
    area: Values


@dataclass(frozen=True)
class StretchProfile:
    """Stretch by ``latitude`` (n,): largest, smallest, area factor and anisotropy, means over longitudes.

    ``east_west`` is the east-west over the north-south stretch.
    """

    latitude: Values
    major: Values
    minor: Values
    area: Values
    anisotropy: Values
    east_west: Values


@dataclass(frozen=True)
class Ellipse:
    """A Tissot ellipse as a polygon (points, 2) on the globe around ``center``, and its stretch factors."""

    center: tuple[float, float]
    outline: Values
    major: float
    minor: float


@dataclass(frozen=True)
class Image:
    """The graticule through the encoder: points (..., 3) on the first three principal components of the code.

    ``parallels`` and ``meridians`` are curves (curve, points, 3) at ``latitudes`` and ``longitudes`` in degrees.
    ``poles`` (2, points, 3) are the codes of the North and the South Pole with all longitudes: single points unless
    torn.  ``dateline`` (2, points, 3) are its two sides, -180 and +180: one curve unless torn.  ``explained`` is the
    share of the code's variance on each component.
    """

    parallels: Values
    meridians: Values
    poles: Values
    dateline: Values
    latitudes: Values
    longitudes: Values
    explained: tuple[float, float, float]


@dataclass(frozen=True)
class OpenedModel:
    """A model that came in a file, and what was understood of it.

    ``file`` is the model in the lab's own format (``s2v.save``), ``understood`` has a line for each thing that the file
    says, ``remarks`` say where the model computes something else than its name promises, ``data`` is what it was
    trained on, empty where the file does not say.  One that ``is_embedding`` predicts nothing by itself, and its
    ``file`` is as it came: then ``title`` names it, ``about`` says in a sentence what it is, and ``untrained`` is the
    text of the encoder below its network.
    """

    file: bytes
    understood: tuple[str, ...]
    remarks: tuple[str, ...]
    data: str
    is_embedding: bool = False
    title: str = ""
    about: str = ""
    untrained: str = ""
