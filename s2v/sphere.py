"""Geometry of the unit sphere, for numpy arrays and torch tensors alike.

Conventions of the whole project:

* a place is ``lonlat``, shape (..., 2), in **degrees, longitude first**; east and north are positive;
* longitudes in [-180, 180] are used as they are (-180 and 180 are the two sides of the dateline), all
  others modulo 360; latitudes lie in [-90, 90];
* a unit vector is (x, y, z): x to (0, 0), y to (90 E, 0), z to the north pole;
* a distance is the central angle in radians unless its name ends in ``_km``; an azimuth is in degrees,
  clockwise from north.

Nothing here imports torch: a tensor has already done so.
"""

from __future__ import annotations

import math
import sys
from typing import Any, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

EARTH_RADIUS_KM = 6371.0088  # mean radius of WGS 84 (IUGG)

Array = TypeVar("Array", bound=Any)  # a numpy array or a torch tensor


def _namespace(values: Any) -> Any:
    """The library for ``values``: torch for its tensors, numpy for everything else."""
    return sys.modules["torch"] if type(values).__module__.partition(".")[0] == "torch" else np


def _floats(values: Any) -> Any:
    return values if _namespace(values) is not np else np.asarray(values, dtype=float)


def check_lonlat(lonlat: Array) -> Array:
    """``lonlat`` itself, if it is valid: floating point, shape (..., 2), finite, latitudes in [-90, 90].

    Parameters
    ----------
    lonlat : array or tensor, shape (..., 2)
        Places in degrees, longitude first.

    Returns
    -------
    array or tensor
        The argument, unchanged.

    Raises
    ------
    TypeError
        For another dtype than float32 and float64.
    ValueError
        Names the first bad value, what is allowed and the likely mistake.

    Examples
    --------
    >>> check_lonlat(np.array([[78.2, 115.6]]))
    Traceback (most recent call last):
    ...
    ValueError: lonlat row 0 has latitude 115.6, outside [-90, 90] degrees. If the columns ...
    """
    greatest_longitude(lonlat)
    return lonlat


def greatest_longitude(lonlat: Array) -> float:
    """The greatest absolute longitude of places that pass ``check_lonlat``.

    Parameters
    ----------
    lonlat : array or tensor, shape (..., 2)
        Places in degrees, longitude first.

    Returns
    -------
    float
        Degrees; 0 if there are no places.

    Raises
    ------
    TypeError, ValueError
        As ``check_lonlat``.

    Examples
    --------
    >>> greatest_longitude(np.array([[10.0, 20.0], [-170.0, 0.0]]))
    170.0
    """
    check_form(lonlat)
    if 0 in lonlat.shape:
        return 0.0
    values = lonlat.detach() if hasattr(lonlat, "detach") else lonlat
    # Not abs(): it would take as much memory as the places.
    longitude, latitude = (max(float(v.max()), -float(v.min())) for v in (values[..., 0], values[..., 1]))
    # With a NaN among them the maximum is NaN, which fails both comparisons.
    if longitude < math.inf and latitude <= 90:
        return longitude
    _explain_bad_lonlat(np.asarray(values.cpu() if hasattr(values, "cpu") else values))
    raise AssertionError("unreachable")


def check_form(lonlat: Array) -> None:
    """Check the shape and the dtype of places, without looking at their values.

    Parameters
    ----------
    lonlat : array or tensor, shape (..., 2)

    Raises
    ------
    TypeError, ValueError
        As ``check_lonlat``.

    Examples
    --------
    >>> check_form(np.zeros(3))
    Traceback (most recent call last):
    ValueError: lonlat has shape (3,); it must be (..., 2): longitude, latitude in degrees. Three columns look like ...
    """
    shape = tuple(lonlat.shape)
    if not shape or shape[-1] != 2:
        hint = (
            " Three columns look like unit vectors: convert them with s2v.sphere.to_lonlat."
            if (shape and shape[-1] == 3)
            else ""
        )
        raise ValueError(f"lonlat has shape {shape}; it must be (..., 2): longitude, latitude in degrees.{hint}")
    if "float" not in str(lonlat.dtype) or "float16" in str(lonlat.dtype):
        raise TypeError(f"lonlat has dtype {lonlat.dtype}; it must be float32 or float64 (degrees).")


def _explain_bad_lonlat(lonlat: NDArray[Any]) -> None:
    rows = lonlat.reshape(-1, 2)

    def name(i: int) -> str:
        index = ", ".join(str(k) for k in np.unravel_index(i, lonlat.shape[:-1])) if lonlat.ndim > 1 else ""
        return f"lonlat row {index}" if index else "lonlat"

    finite = np.isfinite(rows).all(axis=1)
    if not finite.all():
        i = int(np.argmin(finite))
        raise ValueError(
            f"{name(i)} is ({rows[i, 0]}, {rows[i, 1]}): not finite. Every longitude and latitude must be a "
            f"number in degrees; drop or fill the {int((~finite).sum())} rows with missing values first."
        )
    sizes = abs(rows)
    i = int(np.argmax(sizes[:, 1]))
    if sizes[i, 1] < 90.001:
        hint = "That is a pole, rounded to beyond it: clip latitudes to [-90, 90]."
    elif (sizes[:, 0] <= 90).all() and (sizes[:, 1] <= 180).all():
        hint = "If the columns are swapped, give longitude first; if not, this place is wrong."
    else:
        hint = "Coordinates are degrees, longitude first; are these metres, arc minutes or 0..180 colatitudes?"
    raise ValueError(f"{name(i)} has latitude {rows[i, 1]}, outside [-90, 90] degrees. {hint}")


def wrap_longitude(longitude: Array) -> Array:
    """Longitudes in [-180, 180] unchanged, all others modulo 360 into [-180, 180).

    Parameters
    ----------
    longitude : array or tensor, any shape
        Degrees.

    Returns
    -------
    array or tensor, the same shape

    Examples
    --------
    >>> wrap_longitude(np.array([190.0, -180.0, 540.0]))
    array([-170., -180., -180.])
    """
    xp = _namespace(longitude)
    return xp.where(abs(longitude) <= 180, longitude, xp.remainder(longitude + 180, 360) - 180)


def to_unit_vectors(lonlat: Array) -> Array:
    """Unit vectors (x, y, z) of places.

    Parameters
    ----------
    lonlat : array_like or tensor, shape (..., 2)
        Places in degrees, longitude first.

    Returns
    -------
    array or tensor, shape (..., 3)

    Examples
    --------
    >>> to_unit_vectors([90.0, 0.0]).round(3)
    array([0., 1., 0.])
    """
    xp, lonlat = _namespace(lonlat), _floats(lonlat)
    longitude, latitude = xp.deg2rad(lonlat[..., 0]), xp.deg2rad(lonlat[..., 1])
    ring = xp.cos(latitude)
    return xp.stack([ring * xp.cos(longitude), ring * xp.sin(longitude), xp.sin(latitude)], -1)


def to_lonlat(vectors: Array) -> Array:
    """Places of vectors of any positive length.

    Parameters
    ----------
    vectors : array_like or tensor, shape (..., 3)

    Returns
    -------
    array or tensor, shape (..., 2)
        Degrees, longitude first; longitude 0 at the poles.

    Examples
    --------
    >>> to_lonlat([0.0, 0.0, 2.0])
    array([ 0., 90.])
    """
    xp, vectors = _namespace(vectors), _floats(vectors)
    x, y, z = vectors[..., 0], vectors[..., 1], vectors[..., 2]
    return xp.stack([xp.rad2deg(xp.arctan2(y, x)), xp.rad2deg(xp.arctan2(z, xp.hypot(x, y)))], -1)


def great_circle(lonlat: Array, other: Array) -> Array:
    """Central angle between places.

    The arctangent form (Vincenty 1975 on a sphere): full accuracy at 0, at 90 and at 180 degrees.

    Parameters
    ----------
    lonlat, other : array_like or tensor, shape (..., 2)
        Places in degrees, longitude first; the two broadcast.

    Returns
    -------
    array or tensor, shape (...,)
        Radians.

    Examples
    --------
    >>> float(np.rad2deg(great_circle([0.0, 0.0], [180.0, 0.0])))
    180.0
    """
    xp = _namespace(lonlat)
    a, b = to_unit_vectors(lonlat), to_unit_vectors(other)
    a, b = a + 0 * b, b + 0 * a  # broadcast by arithmetic: the same in both libraries
    cross = xp.linalg.cross(a, b)
    return xp.arctan2(xp.sqrt((cross * cross).sum(-1)), (a * b).sum(-1))


def great_circle_km(lonlat: Array, other: Array) -> Array:
    """Great-circle distance on a sphere of the Earth's mean radius.

    Parameters
    ----------
    lonlat, other : array_like or tensor, shape (..., 2)
        Places in degrees, longitude first; the two broadcast.

    Returns
    -------
    array or tensor, shape (...,)
        Kilometres.

    Examples
    --------
    >>> round(float(great_circle_km([15.6, 78.2], [15.6, 90.0])), 1)
    1312.1
    """
    return great_circle(lonlat, other) * EARTH_RADIUS_KM


def tangent_frame(lonlat: ArrayLike) -> tuple[NDArray[Any], NDArray[Any]]:
    """East and north unit vectors at places.

    At a pole they follow from the given longitude, as the limit along that meridian.

    Parameters
    ----------
    lonlat : array_like, shape (..., 2)
        Places in degrees, longitude first.

    Returns
    -------
    east, north : array, shape (..., 3)

    Examples
    --------
    >>> east, north = tangent_frame([0.0, 0.0])
    >>> abs(east).round(3), abs(north).round(3)
    (array([0., 1., 0.]), array([0., 0., 1.]))
    """
    lonlat = np.asarray(lonlat, dtype=float)
    longitude, latitude = np.deg2rad(lonlat[..., 0]), np.deg2rad(lonlat[..., 1])
    zero = np.zeros_like(longitude)
    east = np.stack([-np.sin(longitude), np.cos(longitude), zero], -1)
    north = np.stack(
        [-np.sin(latitude) * np.cos(longitude), -np.sin(latitude) * np.sin(longitude), np.cos(latitude)], -1
    )
    return east, north


def destination(lonlat: ArrayLike, azimuth: ArrayLike, distance: ArrayLike) -> NDArray[Any]:
    """Places reached along a great circle.

    Parameters
    ----------
    lonlat : array_like, shape (..., 2)
        Where to start: degrees, longitude first.
    azimuth : array_like, shape (...,)
        Degrees, clockwise from north.
    distance : array_like, shape (...,)
        Radians.

    Returns
    -------
    array, shape (..., 2)
        Degrees, longitude first.

    Examples
    --------
    >>> destination([0.0, 60.0], azimuth=0.0, distance=np.deg2rad(20.0)).round(6)
    array([ 0., 80.])
    """
    lonlat = np.asarray(lonlat, dtype=float)
    azimuth, distance = np.deg2rad(np.asarray(azimuth, dtype=float)), np.asarray(distance, dtype=float)
    east, north = tangent_frame(lonlat)
    heading = np.cos(azimuth)[..., None] * north + np.sin(azimuth)[..., None] * east
    return to_lonlat(np.cos(distance)[..., None] * to_unit_vectors(lonlat) + np.sin(distance)[..., None] * heading)


def circle(center: ArrayLike, radius: float, points: int = 181) -> NDArray[Any]:
    """A closed small circle.

    Parameters
    ----------
    center : array_like, shape (2,)
        Longitude, latitude in degrees.
    radius : float
        Degrees.
    points : int, default 181
        Points on the circle; the last is the first.

    Returns
    -------
    array, shape (points, 2)

    Examples
    --------
    >>> circle([0.0, 90.0], 5.0, points=3).round(1)
    array([[ 180.,   85.],
           [   0.,   85.],
           [-180.,   85.]])
    """
    return destination(np.asarray(center, dtype=float), np.linspace(0, 360, points), np.deg2rad(radius))


def fibonacci_lattice(points: int) -> NDArray[Any]:
    """Places spread almost evenly: a golden-angle spiral (González 2010, Math. Geosci.).

    Parameters
    ----------
    points : int
        At least 1.

    Returns
    -------
    array, shape (points, 2)
        Degrees, longitude first, from north to south.

    Raises
    ------
    ValueError
        For fewer than one point.

    Examples
    --------
    >>> fibonacci_lattice(2).round(1)
    array([[  68.8,   30. ],
           [-153.7,  -30. ]])
    """
    if points < 1:
        raise ValueError(f"points={points}: a lattice needs at least one.")
    i = np.arange(points) + 0.5
    longitude = np.remainder(i * 180 * (3 - math.sqrt(5)) + 180, 360) - 180
    return np.stack([longitude, np.rad2deg(np.arcsin(1 - 2 * i / points))], -1)


def random_points(points: int, seed: int | np.random.Generator = 0) -> NDArray[Any]:
    """Independent places, uniform on the sphere by area.

    Parameters
    ----------
    points : int
    seed : int or numpy.random.Generator, default 0

    Returns
    -------
    array, shape (points, 2)
        Degrees, longitude first.

    Examples
    --------
    >>> random_points(2, seed=0).round(1)
    array([[  49.3,  -27.4],
           [-165.2,  -75.2]])
    """
    rng = np.random.default_rng(seed)
    u = rng.random((points, 2))
    return np.stack([360 * u[:, 0] - 180, np.rad2deg(np.arcsin(2 * u[:, 1] - 1))], -1)


def cap_area(latitude: ArrayLike) -> NDArray[Any]:
    """Share of the sphere's area north of a latitude.

    Parameters
    ----------
    latitude : array_like, any shape
        Degrees.

    Returns
    -------
    array, the same shape

    Examples
    --------
    >>> cap_area([0.0, 30.0, 90.0]).round(3)
    array([0.5 , 0.25, 0.  ])
    """
    return (1 - np.sin(np.deg2rad(np.asarray(latitude, dtype=float)))) / 2
