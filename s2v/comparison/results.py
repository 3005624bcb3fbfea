"""What a comparison of encoders finds, in plain numbers: free of torch, so that any process can hold it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from numpy.typing import NDArray

from s2v.fields import Grid

Values = NDArray[Any]


@dataclass(frozen=True)
class Walk:
    """Similarity maps ``values`` (places, rows, columns) on ``grid`` to each place of ``path`` (places, 2)."""

    path: Values
    grid: Grid
    values: Values


@dataclass(frozen=True)
class Profile:
    """Similarity against great-circle distance, over all directions from the probe.

    ``distance`` (n,) in degrees; ``mean``, ``low`` and ``high`` (n,) are the mean and the extremes over directions.
    """

    distance: Values
    mean: Values
    low: Values
    high: Values


@dataclass(frozen=True)
class Lobe:
    """Full width of the similarity's main lobe around the probe, at half of its height, in kilometres.

    The height is counted from 0 for the cosine.  NaN where the similarity never falls that low.
    """

    east_west: float
    north_south: float


@dataclass(frozen=True)
class Character:
    """What can be said of an encoder whatever the probe: rank agreement with distance, and tears (see distortion)."""

    features: int
    fidelity: float
    fidelity_north: float
    dateline_tear: float
    north_tear: float
    south_tear: float


@dataclass(frozen=True)
class Overview:
    """An encoder in one line: largest over smallest stretch at 60, 80 and 89 degrees north, the area factor at 80,
    and how much the similarity depends on direction (standard deviation of the cosine at one distance)."""

    anisotropy: tuple[float, float, float]
    area: float
    direction: float
    character: Character


@dataclass(frozen=True)
class StretchMap:
    """Largest over smallest stretch, and the area factor, (rows, columns) float32 on ``grid``."""

    grid: Grid
    anisotropy: Values
    area: Values


@dataclass(frozen=True)
class StretchProfile:
    """Stretch by ``latitude`` (n,): its largest, smallest, area and anisotropy, means over longitudes.

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
    """The sphere as the code sees it: points (..., 3) on its first three principal components.

    ``parallels`` and ``meridians`` are curves (curve, points, 3) at ``latitudes`` and ``longitudes`` in degrees;
    ``poles`` (2, points, 3) are the codes of the North and the South Pole with all longitudes: points, unless they
    are torn; ``dateline`` (2, points, 3) are its two sides, -180 and +180: one curve, unless it is torn;
    ``explained`` is the share of the code's variance on each component.
    """

    parallels: Values
    meridians: Values
    poles: Values
    dateline: Values
    latitudes: Values
    longitudes: Values
    explained: tuple[float, float, float] = field(default=(0.0, 0.0, 0.0))
