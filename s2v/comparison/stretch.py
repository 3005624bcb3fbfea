"""What an encoder does to lengths, angles and areas on the sphere, and the sphere as its code sees it."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from s2v import distortion, sphere
from s2v.comparison import codes
from s2v.comparison.kernel_shape import direction_dependence
from s2v.comparison.results import Character, Ellipse, Image, Overview, StretchMap, StretchProfile
from s2v.comparison.sources import Source
from s2v.encoders.base import Encoder
from s2v.fields import Grid

Values = NDArray[Any]

LATITUDES = (60.0, 80.0, 89.0)  # degrees, of the overview

_PLACES = 1 << 21  # numbers in a block of codes that are differentiated at a time
_MAX_DERIVED = 1 << 21  # numbers in one grid's codes that are differentiated
_LATTICE = 4000  # places from which principal components are found
_WIDE_LATTICE = 1 << 20  # numbers in their codes
_WIDE = 1024  # features from which on the lines of the graticule have half as many points

# Latitude and number of ellipses on it: about evenly spread, with rows next to both poles.
_NORTHERN_ROWS = ((20.0, 12), (40.0, 9), (60.0, 6), (75.0, 4), (85.0, 2))
_ELLIPSE_ROWS = ((0.0, 12), *_NORTHERN_ROWS, *((-latitude, count) for latitude, count in _NORTHERN_ROWS))


def features(setting: Source) -> int:
    """Length of the code; ``ValueError`` says why a setting cannot be compared here."""
    return int(codes.encoder(setting).dim)


def character(setting: Source) -> Character:
    """Rank agreement with great-circle distance, and the three tears."""

    def make() -> tuple[Character, int]:
        enc = codes.encoder(setting)
        unit = distortion.spread(enc)
        found = Character(
            enc.dim,
            distortion.fidelity(enc),
            distortion.fidelity(enc, above=70),
            distortion.dateline_tear(enc, unit=unit),
            distortion.pole_tear(enc, "north", unit=unit),
            distortion.pole_tear(enc, "south", unit=unit),
        )
        return found, 0

    return codes.kept(("character", setting), make)


def overview(setting: Source) -> Overview:
    """One line of the table of all encoders: stretch at three latitudes, area, dependence on direction, character."""

    def make() -> tuple[Overview, int]:
        longitude = -180 + (np.arange(12) + 0.5) * 30
        places = np.stack(np.meshgrid(longitude, LATITUDES), -1)
        ellipse = distortion.tissot(codes.encoder(setting), places)
        ratio, area = ellipse.anisotropy.mean(1), ellipse.area.mean(1)
        found = Overview(
            (float(ratio[0]), float(ratio[1]), float(ratio[2])),
            float(area[1]),
            direction_dependence(setting),
            character(setting),
        )
        return found, 0

    return codes.kept(("overview", setting), make)


def stretch_profile(setting: Source, step: float = 1.0, longitudes: int = 12) -> StretchProfile:
    """Stretch by latitude from 89 S to 89 N, ``step`` degrees apart, averaged over ``longitudes``."""
    latitude = np.arange(-89, 89 + step / 2, step)
    longitude = -180 + (np.arange(longitudes) + 0.5) * 360 / longitudes
    places = np.stack(np.meshgrid(longitude, latitude), -1)  # (latitudes, longitudes, 2)
    metric = _metric(setting, places)
    ellipse = distortion.tissot_of(metric, _unit(setting))
    with np.errstate(invalid="ignore", divide="ignore"):
        east_west = np.sqrt(metric[..., 0, 0] / metric[..., 1, 1])
    means = (values.mean(1) for values in (ellipse.major, ellipse.minor, ellipse.area, ellipse.anisotropy, east_west))
    return StretchProfile(latitude, *means)


def stretch_map(setting: Source, degrees: float = 2.0) -> StretchMap:
    """Anisotropy and area factor on a whole grid of cells of ``degrees``, coarser for codes too wide for it."""

    def make() -> tuple[StretchMap, int]:
        # A derivative takes about ten times as long as a code: wide codes get a coarser grid much sooner, and those of
        # a network, whose layers are between, sooner still.
        width, enc = degrees, codes.encoder(setting)
        most = _MAX_DERIVED if isinstance(enc, Encoder) else _MAX_DERIVED // 4
        if product := codes.product(setting, width):
            metric = _product_metric(enc, product, Grid.equirectangular(width))
            return _stretch_map(setting, Grid.equirectangular(width), metric)
        while (180 / width) * (360 / width) * enc.dim > most and width < codes.COARSER[-1]:
            width = next(coarser for coarser in codes.COARSER if coarser > width)
        grid = Grid.equirectangular(width)
        return _stretch_map(setting, grid, _metric(setting, grid.lonlat))

    return codes.kept(("stretch map", setting, degrees), make)


def ellipses(setting: Source, size: float = 3.0, longest: float = 25.0, points: int = 49) -> list[Ellipse]:
    """Tissot's ellipses at places spread over the sphere, rows closing in on both poles.

    A circle of the code's own scale has a radius of ``size`` degrees.  What the code stretches is drawn long:
    the half axes are ``size`` times the stretch factors, cut at ``longest`` degrees.
    """
    places = [
        (float(longitude), latitude)
        for latitude, count in _ELLIPSE_ROWS
        for longitude in 15 + np.arange(count) * 360 / count - 180
    ]
    tissot = distortion.tissot(codes.encoder(setting), np.array(places))
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


def principal_image(setting: Source, step: float = 15.0, fine: float = 1.0) -> Image:
    """The graticule through the encoder, on the first three principal components of the code over the sphere."""
    enc = codes.encoder(setting)
    found = codes.code(enc, sphere.fibonacci_lattice(min(_LATTICE, max(500, _WIDE_LATTICE // enc.dim))))
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


def _principal(centered: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Variances, the largest first, and the first three directions (3, dim) of codes (n, dim) around their mean.

    The smaller square matrix takes half of the time of a decomposition of the codes, and pictures do not need the
    digits that squaring loses.
    """
    if len(centered) < centered.shape[1]:
        variance, vectors = torch.linalg.eigh(centered @ centered.T)
        variance = variance.flip(0).clamp_min(0)
        return variance, vectors.T.flip(0)[:3] @ centered / variance[:3, None].sqrt().clamp_min(1e-150)
    variance, axes = torch.linalg.eigh(centered.T @ centered)
    return variance.flip(0).clamp_min(0), axes.T.flip(0)[:3]


def _stretch_map(setting: Source, grid: Grid, metric: Values) -> tuple[StretchMap, int]:
    ellipse = distortion.tissot_of(metric, _unit(setting))
    found = StretchMap(grid, ellipse.anisotropy.astype(np.float32), ellipse.area.astype(np.float32))
    return found, 2 * found.area.nbytes


def _product_metric(enc: Any, product: codes.Product, grid: Grid) -> Values:
    """The metric tensor (rows, columns, 2, 2) of a code of products: derivatives along some rows and columns only.

    For f = a(lat) b(lon) the derivatives are a' b and a b', so each entry is one product of small matrices.
    """
    feature = torch.arange(enc.dim)
    rows, row = torch.unique(product.rows, return_inverse=True)
    columns, column = torch.unique(product.columns, return_inverse=True)
    along_rows, along_columns = grid.lonlat[rows.numpy()], grid.lonlat[:, columns.numpy()]
    b = codes.code(enc, along_rows)[row, :, feature]  # (dim, columns)
    a = codes.code(enc, along_columns)[:, column, feature] / product.pivot  # (rows, dim)
    by_longitude = distortion.derivative(enc, along_rows, (1.0, 0.0))[row.numpy(), :, feature.numpy()]
    by_latitude = distortion.derivative(enc, along_columns, (0.0, 1.0))[:, column.numpy(), feature.numpy()]
    da, db = by_latitude / product.pivot.numpy(), by_longitude
    shrink = np.cos(np.deg2rad(grid.lonlat[:, :1, 1]))
    metric = np.empty((*grid.shape, 2, 2))
    metric[..., 0, 0] = (a.numpy() ** 2 @ db**2) / shrink**2
    metric[..., 0, 1] = metric[..., 1, 0] = ((a.numpy() * da) @ (b.numpy() * db)) / shrink
    metric[..., 1, 1] = da**2 @ b.numpy() ** 2
    return metric


def _metric(setting: Source, places: Values) -> Values:
    """The metric tensor (..., 2, 2) at places (..., 2), in blocks that fit the memory."""
    enc = codes.encoder(setting)
    flat = places.reshape(-1, 2)
    block = max(64, _PLACES // enc.dim)
    pieces = [distortion.metric_tensor(enc, flat[i : i + block]) for i in range(0, len(flat), block)]
    return np.concatenate(pieces).reshape(*places.shape[:-1], 2, 2)


def _unit(setting: Source) -> float:
    return codes.kept(("scale", setting), lambda: (distortion.scale(codes.encoder(setting)), 0))
