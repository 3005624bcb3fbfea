"""What an encoder does to the sphere: stretch, tears, and agreement with great-circle distance.

An encoder maps the sphere into a space of features.  The pull-back metric g says how long a small step becomes there:
a step v (radians on the unit sphere) gets the length sqrt(v' g v).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.autograd import forward_ad

from s2v import sphere
from s2v.errors import shown
from s2v.kernels import Code, device_of, encode

Pole = Literal["north", "south"]

_SAME = 1e-6  # codes closer than this share of the spread are equal: far above rounding, far below any tear
_PAIRS = 512  # pairs of places at a time: their codes stay in the cache


def metric_tensor(enc: Code, lonlat: Any) -> NDArray[Any]:
    """Pull-back metric in the local east, north frame of the unit sphere.

    Derivatives are exact (forward mode, float64).  At a pole the frame is that of longitude 0 (east points along the
    meridian of 90 E), whatever longitude is given; where the code has no single value at that pole, a step east
    crosses a tear and its entry is infinite.

    Parameters
    ----------
    enc : callable
        An encoder or any embedding: tensor (..., 2) of degrees -> tensor (..., dim).
    lonlat : array_like, shape (..., 2)
        Places in degrees, longitude first.

    Returns
    -------
    array, shape (..., 2, 2)
        Squared length of code for each squared radian.

    Examples
    --------
    >>> import s2v
    >>> abs(s2v.distortion.metric_tensor(s2v.encoder("xyz"), [15.6, 78.2])).round(6)
    array([[1., 0.],
           [0., 1.]])
    """
    places = np.asarray(lonlat, dtype=float)
    sphere.check_lonlat(places)
    flat = places.reshape(-1, 2).copy()
    at_pole = np.abs(flat[:, 1]) == 90
    flat[at_pole, 0] = 0.0
    along_lon, along_lat = _derivatives(enc, flat)
    shrink = np.cos(np.deg2rad(flat[:, 1]))
    east = along_lon / np.where(at_pole, 1.0, shrink)[:, None]
    if at_pole.any():
        sideways = flat[at_pole] + np.array((90.0, 0.0))
        _, meridian = _derivatives(enc, sideways)
        east[at_pole] = -np.sign(flat[at_pole, 1:]) * meridian  # leaving the pole along the meridian of 90 E
    metric = np.empty((len(flat), 2, 2))
    metric[:, 0, 0] = (east * east).sum(1)
    metric[:, 0, 1] = metric[:, 1, 0] = (east * along_lat).sum(1)
    metric[:, 1, 1] = (along_lat * along_lat).sum(1)
    for pole, latitude in (("north", 90.0), ("south", -90.0)):
        here = flat[:, 1] == latitude
        if here.any() and pole_tear(enc, pole) > _SAME:  # type: ignore[arg-type]
            metric[here, 0] = np.inf, 0.0
            metric[here, 1, 0] = 0.0
    return metric.reshape(*places.shape[:-1], 2, 2)


def derivative(enc: Code, lonlat: Any, direction: tuple[float, float]) -> NDArray[Any]:
    """Derivative of the code as longitude and latitude move, per radian of angle (not of distance).

    Parameters
    ----------
    enc : callable
        An encoder or any embedding: tensor (..., 2) of degrees -> tensor (..., dim).
    lonlat : array_like, shape (..., 2)
        Places in degrees, longitude first.
    direction : tuple of float
        How much longitude and latitude move.

    Returns
    -------
    array, shape (..., dim)
        Exact: forward mode, float64.

    Examples
    --------
    >>> import s2v
    >>> abs(s2v.distortion.derivative(s2v.encoder("xyz"), [0.0, 0.0], (1.0, 0.0))).round(3)
    array([0., 1., 0.])
    """
    places = sphere.check_lonlat(np.asarray(lonlat, dtype=float))
    found = _directional(enc, torch.as_tensor(places.reshape(-1, 2)), direction)
    return found.reshape(*places.shape[:-1], -1)


@dataclass(frozen=True)
class Tissot:
    """Tissot's ellipses: what a small circle on the sphere becomes.

    Attributes
    ----------
    major, minor : array, shape (...,)
        Stretch factors in units of the code's own scale, the root mean square over the sphere of its north-south
        stretch.  A code that keeps the sphere's metric has 1 and 1 everywhere.
    azimuth : array, shape (...,)
        Direction of the largest stretch, degrees clockwise from north in [0, 180).

    Examples
    --------
    >>> found = Tissot(major=np.array(2.0), minor=np.array(0.5), azimuth=np.array(90.0))
    >>> float(found.area), float(found.anisotropy)
    (1.0, 4.0)
    """

    major: NDArray[Any]
    minor: NDArray[Any]
    azimuth: NDArray[Any]

    @property
    def area(self) -> NDArray[Any]:
        """How many times an area grows, in the same unit squared."""
        return np.asarray(self.major * self.minor)

    @property
    def anisotropy(self) -> NDArray[Any]:
        """Largest over smallest stretch; 1 where directions are treated alike."""
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.asarray(self.major / self.minor)


def tissot(enc: Code, lonlat: Any) -> Tissot:
    """Tissot's ellipses of the code of an encoder.

    Parameters
    ----------
    enc : callable
        An encoder or any embedding: tensor (..., 2) of degrees -> tensor (..., dim).
    lonlat : array_like, shape (..., 2)
        Places in degrees, longitude first.

    Returns
    -------
    Tissot
        Arrays of shape (...,); NaN for a constant code.

    Examples
    --------
    >>> import s2v
    >>> ellipse = s2v.distortion.tissot(s2v.encoder("grid", scales=4, min_radius=5.7), [[15.6, 0.0], [15.6, 80.0]])
    >>> ellipse.anisotropy.round(2)
    array([1.  , 5.76])
    """
    return tissot_of(metric_tensor(enc, lonlat), scale(enc))


def tissot_of(metric: NDArray[Any], unit: float) -> Tissot:
    """Tissot's ellipses of metric tensors.

    Parameters
    ----------
    metric : array, shape (..., 2, 2)
        See ``metric_tensor``.
    unit : float
        The stretch that counts as 1 (see ``scale``).

    Returns
    -------
    Tissot
        Arrays of shape (...,).

    Examples
    --------
    >>> found = tissot_of(np.array([[4.0, 0.0], [0.0, 1.0]]), unit=1.0)
    >>> float(found.major), float(found.minor), float(found.azimuth)
    (2.0, 1.0, 90.0)
    """
    ee, en, nn = metric[..., 0, 0], metric[..., 0, 1], metric[..., 1, 1]
    with np.errstate(invalid="ignore", divide="ignore"):
        half = np.hypot((ee - nn) / 2, en)
        large = np.where(np.isinf(ee), ee, (ee + nn) / 2 + half)
        # The small eigenvalue from the determinant: subtracting would lose it where the ellipse is long.
        small = np.where(np.isinf(ee), nn, np.maximum(ee * nn - en * en, 0) / large)
        azimuth = np.rad2deg(np.arctan2(2 * en, nn - ee) / 2) % 180
        azimuth = np.where(np.isinf(ee), 90.0, azimuth)
        return Tissot(np.sqrt(large) / unit, np.sqrt(small) / unit, azimuth)


def stretch(enc: Code, lonlat: Any) -> NDArray[Any]:
    """East-west over north-south stretch: 1 is isotropic, 1/cos(latitude) a flat map.

    Parameters
    ----------
    enc : callable
        An encoder or any embedding: tensor (..., 2) of degrees -> tensor (..., dim).
    lonlat : array_like, shape (..., 2)
        Places in degrees, longitude first.

    Returns
    -------
    array, shape (...,)

    Examples
    --------
    >>> import s2v
    >>> s2v.distortion.stretch(s2v.encoder("grid", scales=4, min_radius=5.7), [[0.0, 60.0], [0.0, 80.0]]).round(2)
    array([2.  , 5.76])
    """
    metric = metric_tensor(enc, lonlat)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(np.sqrt(metric[..., 0, 0] / metric[..., 1, 1]))


def scale(enc: Code, points: int = 512) -> float:
    """Root mean square over the sphere of the code's north-south stretch.

    Parameters
    ----------
    enc : callable
        An encoder or any embedding: tensor (..., 2) of degrees -> tensor (..., dim).
    points : int, default 512
        Places of the Fibonacci lattice on which it is measured.

    Returns
    -------
    float
        Length of code per radian; NaN for a constant code.

    Examples
    --------
    >>> import s2v
    >>> round(s2v.distortion.scale(s2v.encoder("xyz")), 6)
    1.0
    """
    metric = metric_tensor(enc, sphere.fibonacci_lattice(points))
    root = float(np.sqrt(metric[:, 1, 1].mean()))
    return root if root > 0 else float("nan")


def spread(enc: Code, points: int = 2048) -> float:
    """Root mean square distance of the codes from their mean, over the sphere: the unit of the tears.

    Parameters
    ----------
    enc : callable
        An encoder or any embedding: tensor (..., 2) of degrees -> tensor (..., dim).
    points : int, default 2048
        Places of the Fibonacci lattice on which it is measured.

    Returns
    -------
    float

    Examples
    --------
    >>> import s2v
    >>> round(s2v.distortion.spread(s2v.encoder("xyz")), 6)
    1.0
    """
    codes = _codes(enc, sphere.fibonacci_lattice(points))
    return float(np.sqrt(((codes - codes.mean(0)) ** 2).sum(1).mean()))


def dateline_tear(enc: Code, latitudes: int = 721, unit: float | None = None) -> float:
    """Largest code distance between longitude -180 and +180 at one latitude, in units of the code's spread.

    Parameters
    ----------
    enc : callable
        An encoder or any embedding: tensor (..., 2) of degrees -> tensor (..., dim).
    latitudes : int, default 721
        Latitudes from pole to pole at which the two sides are compared.
    unit : float, optional
        The spread, where it is known already; ``spread(enc)`` if not.

    Returns
    -------
    float
        0 for a code that is whole; 1.4 is as far apart as two unrelated places.

    Examples
    --------
    >>> import s2v
    >>> for frequencies in ("geometric", "integer"):
    ...     enc = s2v.encoder("sphereM", scales=4, min_radius=0.1, frequencies=frequencies)
    ...     print(frequencies, round(s2v.distortion.dateline_tear(enc), 3))
    geometric 0.787
    integer 0.0
    """
    latitude = np.linspace(-90, 90, latitudes)
    west = _codes(enc, np.stack([np.full_like(latitude, -180), latitude], -1))
    east = _codes(enc, np.stack([np.full_like(latitude, 180), latitude], -1))
    return _in_spreads(enc, float(np.sqrt(((west - east) ** 2).sum(1)).max()), unit)


def pole_tear(enc: Code, pole: Pole = "north", longitudes: int = 361, unit: float | None = None) -> float:
    """Largest code distance between two longitudes of the same pole, in units of the code's spread.

    Parameters
    ----------
    enc : callable
        An encoder or any embedding: tensor (..., 2) of degrees -> tensor (..., dim).
    pole : {"north", "south"}, default "north"
    longitudes : int, default 361
        Longitudes that are compared, pair by pair.
    unit : float, optional
        The spread, where it is known already; ``spread(enc)`` if not.

    Returns
    -------
    float

    Raises
    ------
    ValueError
        For another pole.

    Examples
    --------
    >>> import s2v
    >>> for frequencies in ("geometric", "odd"):
    ...     enc = s2v.encoder("sphereM", scales=4, min_radius=0.1, frequencies=frequencies)
    ...     print(frequencies, round(s2v.distortion.pole_tear(enc, "north"), 3))
    geometric 1.156
    odd 0.0
    """
    if pole not in ("north", "south"):
        raise ValueError(f"pole={shown(pole)} is not one of north, south.")
    longitude = np.linspace(-180, 180, longitudes)
    latitude = np.full_like(longitude, 90 if pole == "north" else -90)
    codes = torch.from_numpy(_codes(enc, np.stack([longitude, latitude], -1)))
    # Relative to one of them: cdist expands squares, which would report 1e-8 where all codes are equal.
    codes = codes - codes[0]
    return _in_spreads(enc, float(torch.cdist(codes, codes).max()), unit)


def fidelity(enc: Code, n: int = 4000, seed: int = 0, above: float | None = None) -> float:
    """Spearman rank correlation of code distance with great-circle distance, over random pairs of places.

    Parameters
    ----------
    enc : callable
        An encoder or any embedding: tensor (..., 2) of degrees -> tensor (..., dim).
    n : int, default 4000
        Number of pairs.
    seed : int, default 0
    above : float, optional
        Latitude in degrees: both places lie north of it.  Without it pairs are uniform on the sphere.

    Returns
    -------
    float
        1 is perfect agreement; NaN where all code distances are equal.

    Raises
    ------
    ValueError
        For fewer than 3 pairs, or a latitude outside [-90, 90).

    Examples
    --------
    >>> import s2v
    >>> round(s2v.distortion.fidelity(s2v.encoder("xyz")), 6)
    1.0
    >>> round(s2v.distortion.fidelity(s2v.encoder("grid", scales=4, min_radius=5.7), above=70), 2)
    0.32
    """
    if n < 3:
        raise ValueError(f"n={n}: a rank correlation needs at least 3 pairs.")
    top = 1.0 if above is None else float(2 * sphere.cap_area(above) if above < 90 else 0)
    if above is not None and not -90 <= above < 90:
        raise ValueError(f"above={shown(above)} is not a latitude from -90 to below 90 degrees.")
    rng = np.random.default_rng(seed)
    u = rng.random((2, n, 2))
    depth = u[..., 1] * (top if above is not None else 2.0)  # 1 - sin(latitude), uniform by area
    places = np.stack([360 * u[..., 0] - 180, np.rad2deg(np.arcsin(1 - depth))], -1)
    pieces = (_codes(enc, places[:, i : i + _PAIRS]) for i in range(0, n, _PAIRS))
    distance = np.concatenate([np.sqrt(((a - b) ** 2).sum(-1)) for a, b in pieces])
    return _spearman(distance, sphere.great_circle(places[0], places[1]))


def _spearman(a: NDArray[Any], b: NDArray[Any]) -> float:
    from scipy.stats import rankdata

    if np.ptp(a) == 0 or np.ptp(b) == 0:
        return float("nan")
    return float(np.corrcoef(rankdata(a), rankdata(b))[0, 1])


def _in_spreads(enc: Code, distance: float, unit: float | None) -> float:
    unit = spread(enc) if unit is None else unit
    return distance / unit if unit > 0 else 0.0  # a constant code cannot be torn


def _codes(enc: Code, lonlat: NDArray[Any]) -> NDArray[Any]:
    codes: NDArray[Any] = encode(enc, lonlat).cpu().numpy()
    return codes


def _derivatives(enc: Code, lonlat: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
    """Derivatives (n, dim) of the code by longitude and by latitude, per radian, at places (n, 2)."""
    places = torch.as_tensor(lonlat, dtype=torch.float64)
    return _directional(enc, places, (1.0, 0.0)), _directional(enc, places, (0.0, 1.0))


def _directional(enc: Code, places: Tensor, direction: tuple[float, float]) -> NDArray[Any]:
    places = places.to(device_of(enc))
    degrees = torch.tensor(direction, dtype=torch.float64, device=places.device) * (180 / np.pi)
    with torch.no_grad(), forward_ad.dual_level():
        dual = forward_ad.make_dual(places, degrees.expand_as(places).contiguous())
        code, tangent = forward_ad.unpack_dual(enc(dual))
        return (torch.zeros_like(code) if tangent is None else tangent).cpu().numpy().copy(order="K")
