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
from s2v.kernels import Code, encode

Pole = Literal["north", "south"]

_SAME = 1e-6  # codes closer than this share of the spread are one code: far above rounding, far below any tear
_PAIRS = 512  # pairs of places at a time: their codes stay in the cache


def metric_tensor(enc: Code, lonlat: Any) -> NDArray[Any]:
    """Pull-back metric (..., 2, 2) in the local east, north frame of the unit sphere, at places (..., 2) in degrees.

    Exact derivatives, forward mode, float64.  At a pole itself the frame is that of longitude 0 (east points along
    the meridian of 90 E), whatever longitude is given; where the code has no single value at that pole, the step
    east meets a tear and its entry is infinite.
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
    """Derivative (..., dim) of the code at places (..., 2) as longitude and latitude move by ``direction``, per radian
    of angle (not of distance): exact, forward mode, float64."""
    places = sphere.check_lonlat(np.asarray(lonlat, dtype=float))
    found = _directional(enc, torch.as_tensor(places.reshape(-1, 2)), direction)
    return found.reshape(*places.shape[:-1], -1)


@dataclass(frozen=True)
class Tissot:
    """Tissot's ellipses (...,): what a small circle on the sphere becomes.

    ``major`` and ``minor`` are stretch factors in units of the code's own scale, the root mean square over the
    sphere of its north-south stretch: a code that keeps the sphere's metric has 1 and 1 everywhere.  ``azimuth`` is
    the direction of the largest stretch, degrees clockwise from north in [0, 180).
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
    """Tissot's ellipses of the code of ``enc`` at places (..., 2) in degrees; NaN for a code that is constant."""
    return tissot_of(metric_tensor(enc, lonlat), scale(enc))


def tissot_of(metric: NDArray[Any], unit: float) -> Tissot:
    """Tissot's ellipses (...,) of metric tensors (..., 2, 2), in units of the stretch ``unit`` (see ``scale``)."""
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
    """East-west over north-south stretch (...,) at places (..., 2): 1 is isotropic, 1/cos(latitude) a flat map."""
    metric = metric_tensor(enc, lonlat)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(np.sqrt(metric[..., 0, 0] / metric[..., 1, 1]))


def scale(enc: Code, points: int = 512) -> float:
    """Root mean square over the sphere of the code's north-south stretch: length of code per radian."""
    metric = metric_tensor(enc, sphere.fibonacci_lattice(points))
    root = float(np.sqrt(metric[:, 1, 1].mean()))
    return root if root > 0 else float("nan")


def spread(enc: Code, points: int = 2048) -> float:
    """Root mean square distance of the codes from their mean, over the sphere: the unit of the tears."""
    codes = _codes(enc, sphere.fibonacci_lattice(points))
    return float(np.sqrt(((codes - codes.mean(0)) ** 2).sum(1).mean()))


def dateline_tear(enc: Code, latitudes: int = 721, unit: float | None = None) -> float:
    """Largest code distance between longitude -180 and +180 at one latitude, in units of the code's RMS spread.

    ``unit`` is that spread where it is known already.
    """
    latitude = np.linspace(-90, 90, latitudes)
    west = _codes(enc, np.stack([np.full_like(latitude, -180), latitude], -1))
    east = _codes(enc, np.stack([np.full_like(latitude, 180), latitude], -1))
    return _in_spreads(enc, float(np.sqrt(((west - east) ** 2).sum(1)).max()), unit)


def pole_tear(enc: Code, pole: Pole = "north", longitudes: int = 361, unit: float | None = None) -> float:
    """Largest code distance between two longitudes of the same pole, in units of the code's RMS spread.

    ``unit`` is that spread where it is known already.
    """
    if pole not in ("north", "south"):
        raise ValueError(f"pole={pole!r} is not one of north, south.")
    longitude = np.linspace(-180, 180, longitudes)
    latitude = np.full_like(longitude, 90 if pole == "north" else -90)
    codes = torch.from_numpy(_codes(enc, np.stack([longitude, latitude], -1)))
    # From one of them, so that the expanded squares of matrix products are as small as the tear: of the codes
    # themselves they would report 1e-8 where all are equal.
    codes = codes - codes[0]
    widest = float(torch.cdist(codes, codes).max())
    return _in_spreads(enc, widest, unit)


def fidelity(enc: Code, n: int = 4000, seed: int = 0, above: float | None = None) -> float:
    """Spearman rank correlation of code distance with great-circle distance, over ``n`` random pairs of places.

    Pairs are uniform on the sphere, or, with ``above``, both places lie north of that latitude (degrees).
    NaN where all code distances are equal.
    """
    if n < 3:
        raise ValueError(f"n={n}: a rank correlation needs at least 3 pairs.")
    top = 1.0 if above is None else float(2 * sphere.cap_area(above) if above < 90 else 0)
    if above is not None and not -90 <= above < 90:
        raise ValueError(f"above={above!r} is not a latitude from -90 to below 90 degrees.")
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
    codes: NDArray[Any] = encode(enc, lonlat).numpy()
    return codes


def _derivatives(enc: Code, lonlat: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
    """Derivatives (n, dim) of the code by longitude and by latitude, per radian, at places (n, 2)."""
    places = torch.as_tensor(lonlat, dtype=torch.float64)
    return _directional(enc, places, (1.0, 0.0)), _directional(enc, places, (0.0, 1.0))


def _directional(enc: Code, places: Tensor, direction: tuple[float, float]) -> NDArray[Any]:
    degrees = torch.tensor(direction, dtype=torch.float64) * (180 / np.pi)
    with torch.no_grad(), forward_ad.dual_level():
        dual = forward_ad.make_dual(places, degrees.expand_as(places).contiguous())
        code, tangent = forward_ad.unpack_dual(enc(dual))
        return (torch.zeros_like(code) if tangent is None else tangent).numpy().copy(order="K")
