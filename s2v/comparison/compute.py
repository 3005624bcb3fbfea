"""The maps, curves and tables of the Similarity and Distortion pages, for one encoder setting at a time.

Needs torch; the pages have these functions run in another process (``s2v.engine.Desk``).  Codes on the usual grids
are kept there, since they do not depend on the probe.
"""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from s2v import distortion, kernels, sphere
from s2v.comparison.results import Character, Ellipse, Image, Lobe, Profile, StretchProfile
from s2v.encoders.registry import Setting
from s2v.fields import Grid

Values = NDArray[Any]

_KEPT = 512 << 20  # bytes of codes kept in memory
_WIDEST = 96 << 20  # numbers in one grid's codes; wider codes are evaluated on a coarser grid
_BATCH = 1 << 14

# Latitude and number of ellipses on it: about evenly spread, with rows next to both poles.
_NORTHERN_ROWS = ((20.0, 12), (40.0, 9), (60.0, 6), (75.0, 4), (85.0, 2))
_ELLIPSE_ROWS = ((0.0, 12), *_NORTHERN_ROWS, *((-latitude, count) for latitude, count in _NORTHERN_ROWS))


def similarity_map(
    setting: Setting, probe: Sequence[float], degrees: float = 2.0, measure: str = "cosine"
) -> tuple[Grid, Values]:
    """Similarity (rows, columns) float32 of every cell of an equirectangular grid to ``probe``, and that grid.

    Codes too wide for the memory are evaluated on a grid two times coarser, or four times.
    """
    enc = _encoder(setting)
    while degrees < 2 and (180 / degrees) * (360 / degrees) * enc.dim > _WIDEST:
        degrees *= 2
    grid = Grid.equirectangular(degrees)
    codes, norms = _grid_codes(setting, degrees)
    center = _code(enc, [probe]).float()[0]
    if measure == "cosine":
        values = (codes @ center) / (norms * torch.linalg.vector_norm(center)).clamp_min(1e-30)
    elif measure == "dot":
        values = codes @ center
    elif measure == "distance":
        # From dot products: the codes' own differences would need as much memory again.
        values = (norms.square() + center.square().sum() - 2 * (codes @ center)).clamp_min(0).sqrt()
    else:
        raise ValueError(f"measure={measure!r} is not one of {', '.join(kernels.MEASURES)}.")
    return grid, values.reshape(grid.shape).numpy()


def great_circle_map(probe: Sequence[float], degrees: float = 2.0) -> tuple[Grid, Values]:
    """Cosine of the great-circle angle to ``probe`` on a grid: the kernel that the sphere itself has."""
    grid = Grid.equirectangular(degrees)
    return grid, kernels.great_circle_kernel(probe, grid.lonlat).astype(np.float32)


def walk(
    setting: Setting, probe: Sequence[float], frames: int = 24, degrees: float = 2.0
) -> tuple[Values, list[Values]]:
    """Probes (frames, 2) from ``probe`` along its meridian to the nearer pole, and the similarity map at each."""
    longitude, latitude = float(probe[0]), float(probe[1])
    pole = -90.0 if latitude < 0 else 90.0
    path = np.stack([np.full(frames, longitude), np.linspace(latitude, pole, frames)], -1)
    return path, [similarity_map(setting, place, degrees)[1] for place in path]


def similarity_profile(setting: Setting, probe: Sequence[float], directions: int = 72, step: float = 1.0) -> Profile:
    """Cosine similarity against distance from 0 to 180 degrees, with its spread over ``directions``."""
    distance = np.arange(0, 180 + step / 2, step)
    azimuth = np.arange(directions) * 360 / directions
    places = sphere.destination(np.asarray(probe, dtype=float), azimuth[None, :], np.deg2rad(distance)[:, None])
    values = _cosine(_encoder(setting), probe, places)
    return Profile(distance, values.mean(1), values.min(1), values.max(1))


def main_lobe(setting: Setting, probe: Sequence[float], points: int = 4001) -> Lobe:
    """Width of the main lobe along the great circles that leave ``probe`` east-west and north-south."""
    # Dense where the lobe may be narrow: quadratic from nothing to half the circumference.
    distance = np.linspace(0, 1, points) ** 2 * math.pi
    azimuth = np.array([90.0, 270.0, 0.0, 180.0])
    places = sphere.destination(np.asarray(probe, dtype=float), azimuth[:, None], distance[None, :])
    values = _cosine(_encoder(setting), probe, places)  # (4, points)
    half = [_first_below(distance, row, 0.5) for row in values]
    return Lobe((half[0] + half[1]) * sphere.EARTH_RADIUS_KM, (half[2] + half[3]) * sphere.EARTH_RADIUS_KM)


def character(setting: Setting) -> Character:
    """Rank agreement with great-circle distance, and the three tears."""
    key = ("character", setting)
    found = _kept.get(key)
    if found is None:
        enc = _encoder(setting)
        found = Character(
            enc.dim,
            distortion.fidelity(enc),
            distortion.fidelity(enc, above=70),
            distortion.dateline_tear(enc),
            distortion.pole_tear(enc, "north"),
            distortion.pole_tear(enc, "south"),
        )
        _keep(key, found, 0)
    return found  # type: ignore[no-any-return]


def stretch_profile(setting: Setting, step: float = 1.0, longitudes: int = 12) -> StretchProfile:
    """Stretch by latitude from 89.5 S to 89.5 N, ``step`` degrees apart, averaged over ``longitudes``."""
    latitude = np.arange(-89.5, 89.5 + step / 2, step)
    longitude = -180 + (np.arange(longitudes) + 0.5) * 360 / longitudes
    places = np.stack(np.meshgrid(longitude, latitude), -1)  # (latitudes, longitudes, 2)
    enc = _encoder(setting)
    ellipse = distortion.tissot(enc, places)
    east_west = distortion.stretch(enc, places)
    means = (values.mean(1) for values in (ellipse.major, ellipse.minor, ellipse.area, ellipse.anisotropy, east_west))
    return StretchProfile(latitude, *means)


def ellipses(setting: Setting, size: float = 4.0, longest: float = 40.0, points: int = 49) -> list[Ellipse]:
    """Tissot's ellipses at places spread over the sphere, rows closing in on both poles.

    A circle of the code's own scale has a radius of ``size`` degrees.  What the code stretches is drawn long:
    the half axes are ``size`` times the stretch factors, cut at ``longest`` degrees.
    """
    places = [
        (float(longitude), latitude)
        for latitude, count in _ELLIPSE_ROWS
        for longitude in 15 + np.arange(count) * 360 / count - 180
    ]
    tissot = distortion.tissot(_encoder(setting), np.array(places))
    turn = np.linspace(0, 2 * math.pi, points)
    drawn = []
    for place, major, minor, azimuth in zip(places, tissot.major, tissot.minor, tissot.azimuth, strict=True):
        along, across = min(size * major, longest) * np.cos(turn), min(size * minor, longest) * np.sin(turn)
        direction = azimuth + np.rad2deg(np.arctan2(across, along))
        outline = sphere.destination(place, direction, np.deg2rad(np.hypot(along, across)))
        drawn.append(Ellipse(place, outline, float(major), float(minor)))
    return drawn


def principal_image(setting: Setting, step: float = 15.0, fine: float = 1.0) -> Image:
    """The graticule through the encoder, on the first three principal components of the code over the sphere."""
    enc = _encoder(setting)
    codes = _code(enc, sphere.fibonacci_lattice(4000))
    mean = codes.mean(0)
    _, singular, axes = torch.linalg.svd(codes - mean, full_matrices=False)
    axes = axes[:3]
    latitudes, longitudes = np.arange(-90 + step, 90, step), np.arange(-180, 180, step)
    along_lon, along_lat = np.arange(-180, 180 + fine / 2, fine), np.arange(-90, 90 + fine / 2, fine)

    def project(places: Values) -> Values:
        shape = places.shape[:-1]
        points = (_code(enc, places.reshape(-1, 2)) - mean) @ axes.T
        padded = torch.nn.functional.pad(points, (0, 3 - points.shape[1]))  # a code of two numbers has two components
        return padded.reshape(*shape, 3).numpy()

    parallels = np.stack(np.broadcast_arrays(along_lon[None, :], latitudes[:, None]), -1)
    meridians = np.stack(np.broadcast_arrays(longitudes[:, None], along_lat[None, :]), -1)
    share = singular.square() / singular.square().sum().clamp_min(1e-300)
    first = tuple(float(s) for s in torch.nn.functional.pad(share, (0, 3))[:3])
    return Image(project(parallels), project(meridians), latitudes, longitudes, first)  # type: ignore[arg-type]


_kept: OrderedDict[Any, Any] = OrderedDict()
_sizes: dict[Any, int] = {}


def _keep(key: Any, value: Any, size: int) -> None:
    """Remember, and forget what was used longest ago once there is too much."""
    _kept[key], _sizes[key] = value, size
    while sum(_sizes.values()) > _KEPT or len(_kept) > 500:
        oldest, _ = _kept.popitem(last=False)
        del _sizes[oldest]


def _encoder(setting: Setting) -> Any:
    found = _kept.get(setting)
    if found is None:
        found = setting.build()
        _keep(setting, found, 0)
    return found


def _grid_codes(setting: Setting, degrees: float) -> tuple[Tensor, Tensor]:
    """Codes (cells, dim) of a whole grid in float32, and their norms (cells,)."""
    key = ("codes", setting, degrees)
    if key in _kept:
        _kept.move_to_end(key)
        return _kept[key]  # type: ignore[no-any-return]
    codes = _code(_encoder(setting), Grid.equirectangular(degrees).lonlat.reshape(-1, 2), torch.float32)
    result = codes, torch.linalg.vector_norm(codes, dim=-1)
    size = codes.numel() * 4
    if size <= _KEPT:
        _keep(key, result, size)
    return result


def _code(enc: Any, lonlat: Any, dtype: torch.dtype = torch.float64) -> Tensor:
    with torch.no_grad():
        return enc(torch.as_tensor(np.asarray(lonlat, dtype=float)).to(dtype))  # type: ignore[no-any-return]


def _cosine(enc: Any, probe: Sequence[float], places: Values) -> Values:
    flat = places.reshape(-1, 2)
    values = np.concatenate([kernels.similarity(enc, probe, flat[i : i + _BATCH]) for i in range(0, len(flat), _BATCH)])
    return values.reshape(places.shape[:-1])


def _first_below(distance: Values, values: Values, level: float) -> float:
    """Where ``values`` first falls below ``level``, interpolated; NaN if never."""
    below = np.flatnonzero(values < level)
    if not len(below) or below[0] == 0:
        return math.nan
    i = int(below[0])
    share = (values[i - 1] - level) / (values[i - 1] - values[i])
    return float(distance[i - 1] + share * (distance[i] - distance[i - 1]))
