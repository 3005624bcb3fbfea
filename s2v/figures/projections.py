"""Projections of printed maps: what the plane of each shows, and where a pixel of it lies on the sphere."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from typing import Any

import cartopy.crs as ccrs
import numpy as np
from numpy.typing import NDArray

from s2v import sphere
from s2v.coastlines import Detail, coastlines
from s2v.figures.layouts import POLAR, Projection
from s2v.figures.map_parts import EARTH, EARTH_RADIUS_METRES, LONLAT

MAX_STRETCH = 10.0  # of an extent at a high latitude, east to west
CLOSE = 1000.0  # metres within which a pixel on the map projects back to itself


@dataclass(frozen=True, eq=False)  # compared by identity, so that its lines can be cached
class Plane:
    """The plane of a projection that is not polar, in metres.

    ``box`` is its left, right, bottom and top; ``outline`` (points, 2) the edge of the map; ``middle`` the longitude in
    the middle.  A line that goes ``jump`` metres east or west at once has left the map at one edge and come back at the
    other.
    """

    projection: Projection
    crs: ccrs.Projection
    box: tuple[float, float, float, float]
    outline: NDArray[Any]
    middle: float
    jump: float

    @property
    def height(self) -> float:
        """Height of the map for a width of 1."""
        left, right, bottom, top = self.box
        return (top - bottom) / (right - left)

    def places(self, columns: int, first: int, end: int) -> tuple[NDArray[Any], NDArray[np.bool_]]:
        """The places (n, 2) of the pixels of some rows that lie on the map, and which those are (end - first, columns).

        The map is ``columns`` wide and ``rows(columns)`` high; row 0 is the uppermost.
        """
        left, right, bottom, top = self.box
        x = left + (np.arange(columns) + 0.5) * (right - left) / columns
        y = top - (np.arange(first, end) + 0.5) * (top - bottom) / self.rows(columns)
        x, y = np.meshgrid(x, y)
        places = LONLAT.transform_points(self.crs, x, y)[..., :2]
        # Outside the map the inverse is not finite, or its longitude has wrapped, and then it does not project back.
        inside = np.isfinite(places).all(-1)
        back = self.crs.transform_points(
            LONLAT, np.where(inside, places[..., 0], 0), np.where(inside, places[..., 1], 0)
        )
        inside &= np.hypot(back[..., 0] - x, back[..., 1] - y) < CLOSE
        return places[inside], inside

    def rows(self, columns: int) -> int:
        """Pixels from top to bottom of a map that is ``columns`` wide."""
        return max(1, round(columns * self.height))

    def project(self, lonlat: NDArray[Any]) -> NDArray[Any]:
        """Points (n, 2) in the plane; NaN for places that the map does not show."""
        # Just inside the edge: exactly on it a projection may put a point on the other side of the map.
        east = np.clip(sphere.wrap_longitude(lonlat[:, 0] - self.middle), -179.999999, 179.999999)
        points = self.crs.transform_points(LONLAT, east + self.middle, lonlat[:, 1])[:, :2]
        if self.projection.name == "orthographic":
            centre = sphere.to_unit_vectors(np.array([self.middle, self.projection.lat]))
            points[sphere.to_unit_vectors(lonlat) @ centre < 0] = np.nan
        points[~np.isfinite(points).all(-1)] = np.nan
        return points

    def lines(self, lonlat: list[NDArray[Any]]) -> list[NDArray[Any]]:
        """Lines of places as lines in the plane, cut where they leave the map or jump from one edge to the other."""
        parts = []
        for line in lonlat:
            points = self.project(line)
            jumps = ~(np.abs(np.diff(points[:, 0])) < self.jump)  # true where either end is NaN
            parts += [part for part in np.split(points, np.flatnonzero(jumps) + 1) if len(part) > 1]
        return parts


@lru_cache(maxsize=16)
def plane(projection: Projection) -> Plane:
    """The plane of a projection that is not polar; ``ValueError`` for a polar one."""
    if projection.name in POLAR:
        raise ValueError(f"A {projection.title} map is drawn by s2v.figures.map_parts.")
    if projection.name == "extent":
        return _equirectangular(projection)
    middle, reach = projection.lon, EARTH_RADIUS_METRES
    if projection.name == "plate_carree":
        return _equirectangular(replace(projection, extent=(-180.0, -90.0, 180.0, 90.0)), middle)
    if projection.name == "orthographic":
        crs = ccrs.Orthographic(central_longitude=middle, central_latitude=projection.lat, globe=EARTH)
        angle = np.linspace(0, 2 * np.pi, 361)
        outline = reach * np.stack([np.cos(angle), np.sin(angle)], -1)
        return Plane(projection, crs, (-reach, reach, -reach, reach), outline, middle, 2 * reach)
    make = ccrs.EqualEarth if projection.name == "equal_earth" else ccrs.Robinson
    crs = make(central_longitude=middle, globe=EARTH)
    box = (*crs.x_limits, *crs.y_limits)
    return Plane(projection, crs, box, np.asarray(crs.boundary.coords)[:, :2], middle, box[1])


@cache
def coast(shown_plane: Plane, detail: Detail) -> list[NDArray[Any]]:
    """Coastlines in a plane."""
    return shown_plane.lines(list(coastlines(detail)))


def graticule(shown_plane: Plane) -> list[NDArray[Any]]:
    """Meridians and parallels in a plane: every 30 degrees, of a part of the Earth in steps that suit it."""
    projection = shown_plane.projection
    up, around = np.linspace(-90, 90, 91), np.linspace(-180, 180, 361)
    if projection.name == "extent":
        west, south, _, north = projection.extent
        up, around = np.linspace(south, north, 91), np.linspace(west, west + projection.width, 181)
    meridians, parallels = graticule_steps(projection)
    lines = [np.stack([np.full_like(up, m), up], -1) for m in meridians]
    lines += [np.stack([around, np.full_like(around, p)], -1) for p in parallels]
    return shown_plane.lines(lines)


def graticule_steps(projection: Projection) -> tuple[NDArray[Any], NDArray[Any]]:
    """The longitudes and the latitudes at which ``graticule`` has lines."""
    step = 30.0
    if projection.name != "extent":
        return np.arange(-180, 180, step), np.arange(-60, 90, step)
    west, south, _, north = projection.extent
    step = next(
        (s for s in (0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 15.0) if max(projection.width, north - south) / s <= 8), step
    )
    return _between(west, west + projection.width, step), _between(south, north, step)


def _between(low: float, high: float, step: float) -> NDArray[Any]:
    return np.arange(math.ceil(low / step), math.floor(high / step) + 1) * step


def _equirectangular(projection: Projection, middle: float | None = None) -> Plane:
    """The plane of an extent, true to scale along its middle parallel; around ``middle`` if that is given."""
    west, south, _, north = projection.extent
    if middle is None:
        middle = float(sphere.wrap_longitude(np.asarray(west + projection.width / 2)))
    across = max(math.cos(math.radians((south + north) / 2)), 1 / MAX_STRETCH)
    parallel = math.degrees(math.acos(across))
    radius = EARTH_RADIUS_METRES
    crs = ccrs.Projection({"proj": "eqc", "lon_0": middle, "lat_ts": parallel, "a": radius, "b": radius})
    reach = math.radians(projection.width / 2) * radius * across
    left, right, bottom, top = -reach, reach, math.radians(south) * radius, math.radians(north) * radius
    outline = np.array([(left, bottom), (right, bottom), (right, top), (left, top), (left, bottom)])
    return Plane(projection, crs, (left, right, bottom, top), outline, middle, math.pi * radius * across)
