"""Stretch, tears and rank agreement of a code, and the graticule through the encoder."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from s2v import distortion, sphere
from s2v.comparison import codes
from s2v.comparison.kernel_shape import direction_dependence
from s2v.comparison.products import Product, product
from s2v.comparison.results import Character, Ellipse, Image, Overview, StretchMap, StretchProfile
from s2v.comparison.sources import Source
from s2v.encoders.base import Encoder
from s2v.fields import Grid

Values = NDArray[Any]

LATITUDES = (60.0, 80.0, 89.0)  # degrees, of the overview

_BLOCK = 1 << 21  # numbers in the codes that are differentiated at a time
_MAX_DERIVED = 1 << 21  # numbers in one grid's codes that are differentiated
_LATTICE = 4000  # places from which principal components are found
_MAX_LATTICE_CODES = 1 << 20  # numbers in their codes
_WIDE = 1024  # features; longer codes get half as many points on the lines of the graticule

# Latitude and number of ellipses on it: about evenly spread, with rows next to both poles.
_NORTHERN_ROWS = ((20.0, 12), (40.0, 9), (60.0, 6), (75.0, 4), (85.0, 2))
_ELLIPSE_ROWS = ((0.0, 12), *_NORTHERN_ROWS, *((-latitude, count) for latitude, count in _NORTHERN_ROWS))


def features(source: Source) -> int:
    """Number of features; ``ValueError`` says why a source cannot be compared."""
    enc = codes.encoder(source)
    codes.code(enc, [[0.0, 0.0]])  # an installed package's encoder may be built and yet fail
    return int(enc.dim)


def character(source: Source) -> Character:
    """Rank agreement with great-circle distance, and tears."""

    def make() -> tuple[Character, int]:
        enc = codes.encoder(source)
        unit = distortion.spread(enc)
        found = Character(
            enc.dim,
            distortion.fidelity(enc),
            distortion.fidelity(enc, above=70),
            distortion.dateline_tear(enc, unit=unit),
            distortion.pole_tear(enc, "north", unit=unit),
            distortion.pole_tear(enc, "south", unit=unit),
            _poles_alike(enc),
        )
        return found, 0

    return codes.kept(("character", source), make)


def overview(source: Source) -> Overview:
    """A row of the table of all encoders: stretch at three latitudes, area, dependence on direction, character."""

    def make() -> tuple[Overview, int]:
        longitude = -180 + (np.arange(12) + 0.5) * 30
        places = np.stack(np.meshgrid(longitude, LATITUDES), -1)
        ellipse = distortion.tissot(codes.encoder(source), places)
        ratio, area = ellipse.anisotropy.mean(1), ellipse.area.mean(1)
        found = Overview(
            (float(ratio[0]), float(ratio[1]), float(ratio[2])),
            float(area[1]),
            direction_dependence(source),
            character(source),
        )
        return found, 0

    return codes.kept(("overview", source), make)


def stretch_profile(source: Source, step: float = 1.0, longitudes: int = 12) -> StretchProfile:
    """Stretch by latitude from 89 S to 89 N, ``step`` degrees apart, averaged over ``longitudes``."""
    latitude = np.arange(-89, 89 + step / 2, step)
    longitude = -180 + (np.arange(longitudes) + 0.5) * 360 / longitudes
    places = np.stack(np.meshgrid(longitude, latitude), -1)  # (latitudes, longitudes, 2)
    metric = _metric(source, places)
    ellipse = distortion.tissot_of(metric, _unit(source))
    with np.errstate(invalid="ignore", divide="ignore"):
        east_west = np.sqrt(metric[..., 0, 0] / metric[..., 1, 1])
    means = (values.mean(1) for values in (ellipse.major, ellipse.minor, ellipse.area, ellipse.anisotropy, east_west))
    return StretchProfile(latitude, *means)


def stretch_map(source: Source, degrees: float = 2.0) -> StretchMap:
    """Anisotropy and area factor on a grid with cells of ``degrees``, wider ones for long codes."""

    def make() -> tuple[StretchMap, int]:
        enc = codes.encoder(source)
        if found := product(source, degrees):
            grid = Grid.equirectangular(degrees)
            return _stretch_map(source, grid, _product_metric(enc, found, grid))
        # A derivative takes about ten times as long as a code, and longer through the layers of a network.
        limit = _MAX_DERIVED if isinstance(enc, Encoder) else _MAX_DERIVED // 4
        grid = Grid.equirectangular(codes.coarsened(degrees, enc.dim, limit))
        return _stretch_map(source, grid, _metric(source, grid.lonlat))

    return codes.kept(("stretch map", source, degrees), make)


def ellipses(source: Source, size: float = 3.0, longest: float = 25.0, points: int = 49) -> list[Ellipse]:
    """Tissot's ellipses at places spread over the sphere, rows closing in on both poles.

    The half axes are ``size`` degrees times the stretch factors, cut at ``longest`` degrees.
    """
    places = [
        (float(longitude), latitude)
        for latitude, count in _ELLIPSE_ROWS
        for longitude in 15 + np.arange(count) * 360 / count - 180
    ]
    tissot = distortion.tissot(codes.encoder(source), np.array(places))
    turn = np.linspace(0, 2 * math.pi, points)
    drawn = []
    for place, major, minor, azimuth in zip(places, tissot.major, tissot.minor, tissot.azimuth, strict=True):
        if not math.isfinite(minor):  # a constant code has no ellipses
            continue
        along, across = min(size * major, longest) * np.cos(turn), min(size * minor, longest) * np.sin(turn)
        direction = azimuth + np.rad2deg(np.arctan2(across, along))
        outline = sphere.destination(place, direction, np.deg2rad(np.hypot(along, across)))
        drawn.append(Ellipse(place, outline, float(major), float(minor)))
    return drawn


def principal_image(source: Source, step: float = 15.0, fine: float = 1.0) -> Image:
    """The graticule on the first three principal components of the code over the sphere."""
    enc = codes.encoder(source)
    found = codes.code(enc, sphere.fibonacci_lattice(min(_LATTICE, max(500, _MAX_LATTICE_CODES // enc.dim))))
    mean = found.mean(0)
    variance, axes = _principal(found - mean)
    if enc.dim > _WIDE:
        fine *= 2
    latitudes, longitudes = np.arange(-90 + step, 90, step), np.arange(-180, 180, step)
    along_lon, along_lat = np.arange(-180, 180 + fine / 2, fine), np.arange(-90, 90 + fine / 2, fine)

    def project(places: Values) -> Values:
        shape = places.shape[:-1]
        points = (codes.code(enc, places.reshape(-1, 2), torch.float32) - mean.float()) @ axes.T.float()
        padded = torch.nn.functional.pad(points, (0, 3 - points.shape[1]))  # a code of two numbers has two components
        return padded.reshape(*shape, 3).numpy()

    parallels = np.stack(np.broadcast_arrays(along_lon[None, :], latitudes[:, None]), -1)
    meridians = np.stack(np.broadcast_arrays(longitudes[:, None], along_lat[None, :]), -1)
    ends = np.stack(np.broadcast_arrays(along_lon[None, :], np.array([[90.0], [-90.0]])), -1)
    sides = np.stack(np.broadcast_arrays(np.array([[-180.0], [180.0]]), along_lat[None, :]), -1)
    share = variance / variance.sum().clamp_min(1e-300)
    first = tuple(float(s) for s in torch.nn.functional.pad(share, (0, 3))[:3])
    return Image(
        project(parallels),
        project(meridians),
        project(ends),
        project(sides),
        latitudes,
        longitudes,
        first,  # type: ignore[arg-type]
    )


def _poles_alike(enc: Any) -> float:
    """Cosine similarity of the North Pole to the South Pole, the largest over longitudes."""
    longitudes = np.arange(0, 360, 30) - 180
    north, south = (codes.code(enc, [[longitude, latitude] for longitude in longitudes]) for latitude in (90, -90))
    return float(torch.nn.functional.cosine_similarity(north, south, dim=-1, eps=1e-30).max())


def _principal(centered: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Variances in falling order, and the first three directions (3, dim) of codes (n, dim) less their mean.

    The smaller of the two square matrices takes half the time of a decomposition of the codes, and pictures do not
    need the digits that squaring loses.
    """
    if len(centered) < centered.shape[1]:
        variance, vectors = torch.linalg.eigh(centered @ centered.T)
        variance = variance.flip(0).clamp_min(0)
        return variance, vectors.T.flip(0)[:3] @ centered / variance[:3, None].sqrt().clamp_min(1e-150)
    variance, axes = torch.linalg.eigh(centered.T @ centered)
    return variance.flip(0).clamp_min(0), axes.T.flip(0)[:3]


def _stretch_map(source: Source, grid: Grid, metric: Values) -> tuple[StretchMap, int]:
    ellipse = distortion.tissot_of(metric, _unit(source))
    found = StretchMap(grid, ellipse.anisotropy.astype(np.float32), ellipse.area.astype(np.float32))
    return found, 2 * found.area.nbytes


def _product_metric(enc: Any, found: Product, grid: Grid) -> Values:
    """The metric tensor (rows, columns, 2, 2) of a code of products, from derivatives along some rows and columns.

    For f = a(lat) b(lon) the derivatives are a' b and a b', so each entry is one product of small matrices.
    """
    feature = torch.arange(enc.dim)
    rows, row = torch.unique(found.rows, return_inverse=True)
    columns, column = torch.unique(found.columns, return_inverse=True)
    along_rows, along_columns = grid.lonlat[rows.numpy()], grid.lonlat[:, columns.numpy()]
    b = codes.code(enc, along_rows)[row, :, feature]  # (dim, columns)
    a = codes.code(enc, along_columns)[:, column, feature] / found.pivot  # (rows, dim)
    by_longitude = distortion.derivative(enc, along_rows, (1.0, 0.0))[row.numpy(), :, feature.numpy()]
    by_latitude = distortion.derivative(enc, along_columns, (0.0, 1.0))[:, column.numpy(), feature.numpy()]
    da, db = by_latitude / found.pivot.numpy(), by_longitude
    shrink = np.cos(np.deg2rad(grid.lonlat[:, :1, 1]))
    metric = np.empty((*grid.shape, 2, 2))
    metric[..., 0, 0] = (a.numpy() ** 2 @ db**2) / shrink**2
    metric[..., 0, 1] = metric[..., 1, 0] = ((a.numpy() * da) @ (b.numpy() * db)) / shrink
    metric[..., 1, 1] = da**2 @ b.numpy() ** 2
    return metric


def _metric(source: Source, places: Values) -> Values:
    """The metric tensor (..., 2, 2) at places (..., 2), in blocks that fit in memory."""
    enc = codes.encoder(source)
    flat = places.reshape(-1, 2)
    block = max(64, _BLOCK // enc.dim)
    pieces = [distortion.metric_tensor(enc, flat[i : i + block]) for i in range(0, len(flat), block)]
    return np.concatenate(pieces).reshape(*places.shape[:-1], 2, 2)


def _unit(source: Source) -> float:
    return codes.kept(("scale", source), lambda: (distortion.scale(codes.encoder(source)), 0))
