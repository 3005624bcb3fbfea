"""Grids of places, and fields on them: what every renderer draws and every exporter writes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from s2v import cf, palette, sphere
from s2v.errors import shown
from s2v.version import __version__

if TYPE_CHECKING:
    from xarray import DataArray

GridKind = Literal["equirectangular", "north", "south"]


@dataclass(frozen=True)
class Grid:
    """A rectangle of pixels (rows, columns) with a place at each pixel's centre.

    Parameters
    ----------
    kind : {"equirectangular", "north", "south"}
        ``equirectangular``: cells of equal angle over the whole sphere; row 0 is the northernmost, column 0 begins at
        longitude -180.  ``north`` and ``south``: Lambert azimuthal equal-area maps of a polar cap, square, with
        longitude 0 at the bottom in the north and at the top in the south, as on printed polar maps.
    rows, columns : int
    edge : float, default 0
        Latitude at which a polar map ends, in degrees towards its own pole.

    Examples
    --------
    >>> Grid.equirectangular(degrees=90).lonlat[0]
    array([[-135.,   45.],
           [ -45.,   45.],
           [  45.,   45.],
           [ 135.,   45.]])
    >>> Grid.polar("north", pixels=3, edge=60).lonlat[1, 1]
    array([ 0., 90.])
    """

    kind: GridKind
    rows: int
    columns: int
    edge: float = 0.0

    @classmethod
    def equirectangular(cls, degrees: float = 1.0) -> Grid:
        """The whole sphere in cells of ``degrees``, a float that must divide 180 (default 1); ``ValueError`` if not."""
        rows = round(180 / degrees) if 0 < degrees <= 180 else 0  # NaN is not
        if rows < 1 or abs(rows * degrees - 180) > 1e-9:
            raise ValueError(f"degrees={shown(degrees)} does not divide 180.")
        return cls("equirectangular", rows, 2 * rows)

    @classmethod
    def polar(cls, pole: Literal["north", "south"], pixels: int = 301, edge: float = 50.0) -> Grid:
        """A square map of a polar cap.

        Parameters
        ----------
        pole : {"north", "south"}
        pixels : int, default 301
            Width and height.
        edge : float, default 50
            Latitude in degrees at which the cap ends, positive for both poles.

        Raises
        ------
        ValueError
            For another pole.
        """
        if pole not in ("north", "south"):
            raise ValueError(f"pole={shown(pole)} is not one of north, south.")
        return cls(pole, pixels, pixels, float(edge))

    @property
    def shape(self) -> tuple[int, int]:
        return self.rows, self.columns

    @property
    def extent(self) -> float:
        """Half the width of a polar map, in units of the unit-sphere equal-area projection: 2 sin(colatitude/2)."""
        return 2 * float(np.sin(np.deg2rad(90 - self.edge) / 2))

    @cached_property
    def lonlat(self) -> NDArray[Any]:
        """Places (rows, columns, 2) of the pixel centres; outside a polar map's disc the nearest rim is given."""
        if self.kind == "equirectangular":
            longitude = -180 + (np.arange(self.columns) + 0.5) * 360 / self.columns
            latitude = 90 - (np.arange(self.rows) + 0.5) * 180 / self.rows
            return np.stack(np.meshgrid(longitude, latitude), -1)
        x, y = self._plane()
        radius = np.minimum(np.hypot(x, y), self.extent)
        latitude = 90 - np.rad2deg(2 * np.arcsin(radius / 2))
        if self.kind == "north":
            return np.stack([np.rad2deg(np.arctan2(x, -y)), latitude], -1)
        return np.stack([np.rad2deg(np.arctan2(x, y)), -latitude], -1)

    @cached_property
    def inside(self) -> NDArray[np.bool_]:
        """Which pixels (rows, columns) lie on the map: all of an equirectangular grid, the disc of a polar one."""
        if self.kind == "equirectangular":
            return np.ones(self.shape, dtype=bool)
        x, y = self._plane()
        return np.hypot(x, y) <= self.extent

    @cached_property
    def areas(self) -> NDArray[Any]:
        """Share of the sphere (rows, columns) that each pixel stands for."""
        if self.kind == "equirectangular":
            edges = sphere.cap_area(np.linspace(90, -90, self.rows + 1))
            return np.repeat(np.diff(edges)[:, None] / self.columns, self.columns, axis=1)
        pixel = (2 * self.extent / self.columns) ** 2 / (4 * np.pi)
        return np.where(self.inside, pixel, 0.0)

    @property
    def crs(self) -> str:
        """The coordinate system of a map file, as WKT: EPSG:4326, or the polar projection of a sphere (``s2v.cf``)."""
        return cf.crs_wkt(self.kind)

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """West, south, east and north edge in units of ``crs``: degrees, or metres of a polar map."""
        if self.kind == "equirectangular":
            return -180.0, -90.0, 180.0, 90.0
        edge = cf.RADIUS * self.extent
        return -edge, -edge, edge, edge

    def _plane(self) -> tuple[NDArray[Any], NDArray[Any]]:
        step = 2 * self.extent / self.columns
        x = -self.extent + (np.arange(self.columns) + 0.5) * step
        x, y = np.meshgrid(x, -x)
        return x, y


@dataclass(frozen=True)
class Field:
    """Values on a grid, with all that is needed to draw them.

    Parameters
    ----------
    values : array, shape (rows, columns)
        Floats; NaN is drawn as missing.  A field of classes holds class numbers.
    grid : Grid
    title : str
    units : str, default ""
    limits : tuple of float, default (0, 1)
        Ends of the colour scale.
    colormap : str, default "viridis"
    classes : tuple of str, default ()
        Names of the classes, for a field of classes.
    colors : tuple of str, default ()
        Their colours, #rrggbb.
    about : mapping of str to str, default {}
        What files say beside all that: source, credit, recipe.

    Raises
    ------
    ValueError
        If the values do not fit the grid, or the limits do not rise.

    Examples
    --------
    >>> grid = Grid.equirectangular(degrees=1)
    >>> latitude = Field(grid.lonlat[..., 1], grid, "Latitude", "degrees", limits=(-90, 90))
    >>> latitude.sample([[15.6, 78.2], [180.0, -45.0]]).round(3)
    array([ 78.2, -45. ])
    """

    values: NDArray[Any]
    grid: Grid
    title: str
    units: str = ""
    limits: tuple[float, float] = (0.0, 1.0)
    colormap: str = "viridis"
    classes: tuple[str, ...] = ()
    colors: tuple[str, ...] = ()
    about: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.values.shape != self.grid.shape:
            raise ValueError(f"values have shape {self.values.shape}; the grid has {self.grid.shape}.")
        if not self.limits[0] < self.limits[1]:
            raise ValueError(f"limits={self.limits} must rise from low to high.")

    def with_values(self, values: NDArray[Any], **changes: Any) -> Field:
        """The same field with other ``values`` (rows, columns), and other ``changes`` by name."""
        return replace(self, values=values, **changes)

    @property
    def class_colors(self) -> tuple[str, ...]:
        """The colours (#rrggbb) of the classes: ``colors``, or those of ``s2v.palette``."""
        colors = self.colors or (palette.class_colors(len(self.classes)) if self.classes else ())
        if len(colors) != len(self.classes):
            raise ValueError(f"{len(colors)} colors for {len(self.classes)} classes; give one each, or none.")
        return colors

    @cached_property
    def known(self) -> NDArray[np.bool_]:
        """Which pixels (rows, columns) lie on the map and hold a number; of a field of classes, that of a class."""
        known = self.grid.inside & np.isfinite(self.values)
        if self.classes:
            known &= (self.values >= 0) & (self.values < len(self.classes)) & (self.values == np.rint(self.values))
        return known

    def to_xarray(self) -> DataArray:
        """The field in xarray, with the attributes of the CF conventions: for files, for plots, for arithmetic.

        Returns
        -------
        xarray.DataArray
            Rows and columns as here, the northernmost (or upper) first.  Its dimensions are ``lat`` and ``lon`` in
            degrees; ``y`` and ``x`` in metres for a polar map, beside which stand ``lat`` and ``lon`` of each pixel.
            The coordinate ``spatial_ref`` holds the coordinate system; rioxarray finds it (``.rio.crs``).  Values are
            floats, NaN where nothing is known.  Classes are integers, -1 where nothing is known, with their names in
            ``class_names`` (JSON) and, as CF wants words, in ``flag_meanings``.

        Examples
        --------
        >>> grid = Grid.equirectangular(degrees=90)
        >>> latitude = Field(grid.lonlat[..., 1], grid, "Latitude", "degrees", limits=(-90, 90)).to_xarray()
        >>> latitude.dims, float(latitude.sel(lat=45, lon=-135)), latitude.units
        (('lat', 'lon'), 45.0, 'degrees')
        """
        from xarray import DataArray  # slow to load

        if self.classes:
            kind = cf.class_type(len(self.classes))
            values, meaning = (
                np.where(self.known, self.values, -1).astype(kind),
                cf.flags(self.classes, self.class_colors),
            )
        else:
            values, meaning = np.where(self.known, self.values, np.nan), {"units": cf.clean(self.units) or "1"}
        return DataArray(
            values,
            cf.coordinates(self.grid.kind, self.grid.lonlat, self.grid.inside, self.grid.bounds),
            ("lat", "lon") if self.grid.kind == "equirectangular" else ("y", "x"),
            cf.variable_name(self.title),
            {"long_name": cf.clean(self.title), **meaning, "grid_mapping": cf.GRID_MAPPING, **self.notes()},
        )

    def notes(self) -> dict[str, str]:
        """What a file says of its origin: ``about``, and in ``history`` when it was made and by what."""
        now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        about = {cf.variable_name(name): cf.clean(text) for name, text in self.about.items() if text}
        return {**about, "history": f"{now} made by sphere2vec-lab {__version__}"}

    def sample(self, lonlat: ArrayLike) -> NDArray[Any]:
        """Values at any places of an equirectangular field.

        Bilinear between cell centres, across the dateline and over the poles; the nearest cell for classes.

        Parameters
        ----------
        lonlat : array_like, shape (..., 2)
            Places in degrees, longitude first.

        Returns
        -------
        array, shape (...,)

        Raises
        ------
        ValueError
            For a polar field, or bad places.
        """
        if self.grid.kind != "equirectangular":
            raise ValueError(f"A field on a {self.grid.kind} grid cannot be sampled; use an equirectangular one.")
        lonlat = sphere.check_lonlat(np.asarray(lonlat, dtype=float))
        rows, columns = self.grid.shape
        column = (sphere.wrap_longitude(lonlat[..., 0]) + 180) / 360 * columns - 0.5
        row = (90 - lonlat[..., 1]) / 180 * rows - 0.5
        if self.classes:
            i = np.clip(np.rint(row), 0, rows - 1).astype(int)
            return self.values[i, np.rint(column).astype(int) % columns]
        i, j = np.floor(row).astype(int), np.floor(column).astype(int)
        v, u = row - i, column - j

        def at(i: NDArray[Any], j: NDArray[Any]) -> NDArray[Any]:
            beyond = (i < 0) | (i >= rows)  # over a pole: the same ring, half way round
            j = np.where(beyond, j + columns // 2, j) % columns
            return self.values[np.where(i < 0, -1 - i, np.where(i >= rows, 2 * rows - 1 - i, i)), j]

        top = (1 - u) * at(i, j) + u * at(i, j + 1)
        return (1 - v) * top + v * ((1 - u) * at(i + 1, j) + u * at(i + 1, j + 1))


def symmetric_limits(values: ArrayLike, quantile: float = 0.995) -> tuple[float, float]:
    """Limits (-a, a) for a diverging colour map.

    Parameters
    ----------
    values : array_like
        NaN and infinity are left out.
    quantile : float, default 0.995
        ``a`` is this quantile of the absolute values, and at least 1e-12.

    Returns
    -------
    tuple of float

    Examples
    --------
    >>> symmetric_limits([-3.0, 1.0, 2.0], quantile=1.0)
    (-3.0, 3.0)
    """
    finite = np.asarray(values, dtype=float)
    finite = np.abs(finite[np.isfinite(finite)])
    a = float(np.quantile(finite, quantile)) if finite.size else 1.0
    a = max(a, 1e-12)
    return -a, a
