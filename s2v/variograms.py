"""The variogram of a code: how fast the codes of two places grow apart with their distance.

A linear function of a code with independent random weights is a random field whose covariance is the kernel.  Its
variogram, half the mean squared difference of its values at two places (Matheron 1963, Economic Geology 58; Cressie
1993, Statistics for Spatial Data, section 2.3), is half the squared distance of the codes.  Codes c are scaled to unit
length, as for the cosine similarity k, so that::

    gamma(x, y) = |c(x) - c(y)|^2 / 2 = 1 - k(x, y)

Nothing is estimated: it follows from the code itself, at any place, distance and bearing.

The sill is the mean of gamma over all pairs of places on the sphere, the variance of the code.  The half-sill distance
is where gamma, averaged over bearings, first reaches half the sill: what is nearer looks alike, what is farther does
not.  ``s2v.predictors.empirical_variogram`` has the same of data; ``at_half_sill`` makes a code that fits them.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray

from s2v import isotropic, sphere
from s2v.encoders import registry
from s2v.errors import shown
from s2v.kernels import Code, encode

Values = NDArray[Any]

PLACES = 24  # spread over the sphere, where none are given
BEARINGS = (0.0, 45.0, 90.0, 135.0, 180.0, 225.0, 270.0, 315.0)  # degrees from north
SHORTEST = 10.0  # kilometres, of the distances
COUNT = 64  # distances
HALF_CIRCLE = math.pi * sphere.EARTH_RADIUS_KM
DISTANCES = np.geomspace(SHORTEST, HALF_CIRCLE, COUNT)

FINEST, COARSEST = 0.002, 2.0  # radians: between these a radius is looked for
HALVINGS = 9  # of the range of radii: the last one is 1.4 % wide

_LATTICE = 2000  # places from which the sill is computed
_QUICK = 12  # places that are enough to compare radii
_PIECE = 1 << 22  # numbers of codes at a time: 32 MB
_CONSTANT = 1e-12  # a smaller sill is rounding


@dataclass(frozen=True, eq=False)
class CodeVariogram:
    """The variogram of a code around some places.

    Attributes
    ----------
    distance : array (d,)
        Great-circle distances in kilometres, rising.
    bearing : array (b,)
        Degrees from north.
    semivariance : array (..., b, d)
        Of each place with the places at these bearings and distances: 0 to 2.
    sill : float
        Mean over all pairs of places on the sphere; 0 for a constant code.

    Examples
    --------
    >>> import s2v
    >>> found = s2v.variogram(s2v.encoder("xyz"), [15.6, 78.2])
    >>> found.semivariance.shape, round(found.sill, 3), round(float(found.half_sill), -1)  # 60 degrees
    ((8, 64), 1.0, 6670.0)
    """

    distance: Values
    bearing: Values
    semivariance: Values
    sill: float

    @property
    def relative(self) -> Values:
        """Semivariances (..., d) as shares of the sill, the mean over bearings; NaN for a constant code."""
        return _relative(self.semivariance.mean(-2), self.sill)

    @property
    def half_sill(self) -> Values:
        """The half-sill distance (...,) around each place, in kilometres; NaN where half the sill is never reached."""
        return half_sills(self.distance, self.relative)


def variogram(
    enc: Code,
    lonlat: ArrayLike | None = None,
    *,
    distance: ArrayLike | None = None,
    bearing: ArrayLike = BEARINGS,
    sill: float | None = None,
) -> CodeVariogram:
    """The variogram of an encoder's code, or of any embedding, exactly from its kernel: 1 - cosine similarity.

    Parameters
    ----------
    enc : callable
        An encoder or any embedding: tensor (..., 2) of degrees -> tensor (..., dim).
    lonlat : array_like, shape (..., 2), optional
        Places in degrees, longitude first.  By default 24 that are evenly spread over the sphere.
    distance : array_like, shape (d,), optional
        Great-circle distances in kilometres, rising.  By default 64 from 10 km to the antipode, evenly spread in the
        logarithm.
    bearing : array_like, shape (b,), optional
        Degrees from north; eight of them by default.  ``(0, 180)`` is north-south, ``(90, 270)`` east-west.
    sill : float, optional
        Of this code (``sill_of``), where it is known already.

    Returns
    -------
    CodeVariogram

    Raises
    ------
    ValueError
        For invalid places, distances or bearings.

    Examples
    --------
    >>> import s2v
    >>> grid = s2v.encoder("grid", scales=8, min_radius=2.0)
    >>> ns, ew = (s2v.variogram(grid, [15.6, 60.0], bearing=b).half_sill for b in ((0, 180), (90, 270)))
    >>> bool(ns > 2 * ew)  # towards the poles a flat code is squeezed east-west
    True
    """
    places = sphere.fibonacci_lattice(PLACES) if lonlat is None else sphere.check_lonlat(np.asarray(lonlat, float))
    along = DISTANCES if distance is None else np.asarray(distance, dtype=float)
    bearings = np.asarray(bearing, dtype=float)
    if along.ndim != 1 or not len(along) or not (np.diff(along) > 0).all() or along[0] < 0 or along[-1] > HALF_CIRCLE:
        raise ValueError(
            f"distance={shown(distance)} is no list of rising distances from 0 to {HALF_CIRCLE:,.0f} kilometres."
        )
    if bearings.ndim != 1 or not len(bearings) or not np.isfinite(bearings).all():
        raise ValueError(f"bearing={shown(bearing)} is no list of degrees from north, such as (0, 180).")
    flat = places.reshape(-1, 2)
    others = sphere.destination(flat[:, None, None], bearings[None, :, None], along / sphere.EARTH_RADIUS_KM)
    center = _unit_codes(enc, flat)
    found = np.empty(others.shape[:-1])
    places_at_a_time = max(1, _PIECE // (len(bearings) * len(along) * center.shape[-1]))
    for start in range(0, len(flat), places_at_a_time):
        part = slice(start, start + places_at_a_time)
        apart = _unit_codes(enc, others[part]) - center[part, None, None]
        found[part] = apart.square().sum(-1).numpy() / 2
    found = found.reshape(*places.shape[:-1], len(bearings), len(along))
    return CodeVariogram(along, bearings, found, sill_of(enc) if sill is None else sill)


def sill_of(enc: Code) -> float:
    """The sill of a code: the mean of its variogram over all pairs of places on the sphere.

    It is one minus the squared length of the mean of all codes of unit length.

    Parameters
    ----------
    enc : callable
        An encoder or any embedding.

    Returns
    -------
    float
        0 for a code that is the same everywhere, 1 for one whose features have a mean of 0 over the sphere.

    Examples
    --------
    >>> import s2v
    >>> round(sill_of(s2v.encoder("xyz")), 6)
    1.0
    """
    lattice = sphere.fibonacci_lattice(_LATTICE)
    total: Any = 0
    for part in np.array_split(lattice, 8):
        total = total + _unit_codes(enc, part).sum(0)
    return max(0.0, 1 - float((total / len(lattice)).square().sum()))


def half_sills(distance: ArrayLike, relative: ArrayLike) -> Values:
    """The distance at which variograms first reach half their sill, by linear interpolation.

    Parameters
    ----------
    distance : array_like, shape (d,)
    relative : array_like, shape (..., d)
        Semivariances as shares of the sill.

    Returns
    -------
    array, shape (...,)
        NaN where half the sill is never reached, or the sill is unknown; 0 where it is from the first distance on.

    Examples
    --------
    >>> half_sills([0, 100, 200], [[0, 0.25, 0.75], [0, 0.1, 0.2]])
    array([150.,  nan])
    """
    rows = np.asarray(relative, dtype=float)
    found = [isotropic.half_width(distance, 1 - row) for row in rows.reshape(-1, rows.shape[-1])]
    return np.array(found).reshape(rows.shape[:-1])


def at_half_sill(encoder: str, params: Mapping[str, Any], half_sill: float, spacing: float = 0.0) -> dict[str, Any]:
    """All parameters of an encoder, its scale such that its half-sill distance comes nearest to that of data.

    A code finer than the places lie apart has details that no two of them share, so the radius is no smaller than
    that, nor than the spacing of the encoder's own parts, such as anchors.

    Parameters
    ----------
    encoder : str
        Name of an encoder with a scale: ``s2v.ENCODERS[name].scale``.
    params : mapping
        Its other parameters; those left out have their defaults.
    half_sill : float
        Kilometres.
    spacing : float, default 0
        Kilometres: how far the places are apart, the smallest radius that is taken.  ``Empirical`` has both of data.

    Returns
    -------
    dict

    Raises
    ------
    ValueError
        For an encoder without a scale, or a ``half_sill`` that is not above 0.

    Examples
    --------
    >>> import s2v
    >>> relief = s2v.predictors.empirical_variogram(s2v.data.load("relief", points=2000))
    >>> at_half_sill("spherical_harmonics", {}, relief.half_sill, relief.spacing)
    {'degree': 8}
    """
    spec = registry.spec(encoder)
    if not spec.has_scale(params):
        raise ValueError(f"encoder {encoder!r} has no scale to choose with these parameters.")
    if not half_sill > 0:
        raise ValueError(f"half_sill={shown(half_sill)} is no distance in kilometres above 0.")
    low, high = math.log(FINEST), math.log(COARSEST)
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        reached = half_sill_of(spec.build(**spec.at_radius(math.exp(middle), params)))
        if reached < half_sill:
            low = middle
        else:  # or never
            high = middle
    assert spec.scale is not None
    least = max(spacing / sphere.EARTH_RADIUS_KM, spec.scale.least(spec.in_numbers(params)))
    return spec.at_radius(max(math.exp((low + high) / 2), least), params)


def half_sill_of(enc: Code, sill: float | None = None) -> float:
    """The half-sill distance of a code in kilometres, the mean over places and bearings.

    Parameters
    ----------
    enc : callable
        An encoder or any embedding.
    sill : float, optional
        Of this code (``sill_of``), where it is known already.

    Returns
    -------
    float
        NaN for a code that never reaches half its sill.

    Examples
    --------
    >>> import s2v
    >>> round(half_sill_of(s2v.encoder("xyz")), -1)  # 60 degrees
    6670.0
    """
    found = variogram(enc, sphere.fibonacci_lattice(_QUICK), bearing=BEARINGS[::2], sill=sill)
    return float(half_sills(found.distance, found.relative.mean(0)))


def _relative(semivariance: Values, sill: float) -> Values:
    return semivariance / sill if sill > _CONSTANT else np.full_like(semivariance, math.nan)


def _unit_codes(enc: Code, lonlat: Values) -> torch.Tensor:
    with torch.no_grad():
        code = encode(enc, lonlat).double().cpu()
    return torch.nn.functional.normalize(code, dim=-1, eps=1e-30)
