"""How alike places are to an encoder: maps, curves and widths of its similarity to one place."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from s2v import kernels, sphere
from s2v.comparison import codes
from s2v.comparison.great_circle import walk_path
from s2v.comparison.results import Lobe, Profile, Walk
from s2v.comparison.sources import Source
from s2v.fields import Grid

Values = NDArray[Any]

_PROBES = 12  # places over which the dependence on direction is measured


def similarity_map(
    setting: Source, probe: Sequence[float], degrees: float = 2.0, measure: str = "cosine"
) -> tuple[Grid, Values]:
    """Similarity (rows, columns) float32 of every cell of an equirectangular grid to ``probe``, and that grid.

    Codes too wide for the memory are evaluated on a coarser grid, unless they are products or waves.
    """
    if not codes.product(setting, degrees) and (waves := codes.waves(setting, degrees)):
        grid = Grid.equirectangular(degrees)
        places = grid.lonlat.reshape(-1, 2)
        norms, length = waves.norms(places).reshape(grid.shape), waves.norms(np.asarray([probe]))
        return grid, _measured(waves.dot_on(probe, grid), norms, length, measure).numpy()
    grid, values = _maps(setting, [probe], degrees, measure)
    return grid, values[0]


def is_quick(setting: Source, degrees: float) -> bool:
    """Whether a map of that grid takes some milliseconds, because the code is made of products."""
    return codes.product(setting, degrees) is not None


def walk(setting: Source, probe: Sequence[float], frames: int = 24, degrees: float = 2.0) -> Walk:
    """Similarity maps to each of the ``frames`` places of ``truth.walk_path``."""
    path = walk_path(probe, frames)
    return Walk(path, *_maps(setting, path, degrees, "cosine"))


def similarity_profile(setting: Source, probe: Sequence[float], directions: int = 36, step: float = 1.0) -> Profile:
    """Cosine similarity against distance from 0 to 180 degrees, with its spread over ``directions``."""
    distance = np.arange(0, 180 + step / 2, step)
    azimuth = np.arange(directions) * 360 / directions
    places = sphere.destination(np.asarray(probe, dtype=float), azimuth[None, :], np.deg2rad(distance)[:, None])
    values = codes.cosine(codes.encoder(setting), probe, places)
    return Profile(distance, values.mean(1), values.min(1), values.max(1))


def main_lobe(setting: Source, probe: Sequence[float], points: int = 1501) -> Lobe:
    """Width of the main lobe along the great circles that leave ``probe`` east-west and north-south.

    At a pole, where there is no east, they are those of its longitude and across it.
    """
    # Dense where the lobe may be narrow: quadratic from nothing to half the circumference.
    distance = np.linspace(0, 1, points) ** 2 * math.pi
    azimuth = np.array([90.0, 270.0, 0.0, 180.0])
    places = sphere.destination(np.asarray(probe, dtype=float), azimuth[:, None], distance[None, :])
    values = codes.cosine(codes.encoder(setting), probe, places)  # (4, points)
    half = [_first_below(distance, row, 0.5) for row in values]
    return Lobe((half[0] + half[1]) * sphere.EARTH_RADIUS_KM, (half[2] + half[3]) * sphere.EARTH_RADIUS_KM)


def direction_dependence(setting: Source) -> float:
    """How much the cosine similarity depends on direction rather than on distance alone, in its own unit.

    The root mean square, over places spread on the sphere and distances from 0 to 180 degrees, of the standard
    deviation over directions.  0 for xyz and spherical harmonics.
    """
    distance, azimuth = np.deg2rad(np.arange(0, 180.5, 5)), np.arange(16) * 22.5
    enc = codes.encoder(setting)
    variances = []
    for probe in sphere.fibonacci_lattice(_PROBES):
        places = sphere.destination(probe, azimuth[None, :], distance[:, None])
        variances.append(codes.cosine(enc, probe, places).var(1).mean())
    return float(np.sqrt(np.mean(variances)))


def _maps(setting: Source, probes: Any, degrees: float, measure: str) -> tuple[Grid, Values]:
    """Similarity (probes, rows, columns) to each of ``probes`` (n, 2)."""
    degrees = codes.grid_for(setting, degrees)
    grid = Grid.equirectangular(degrees)
    centers = codes.code(codes.encoder(setting), probes).float()  # (probes, dim)
    lengths = torch.linalg.vector_norm(centers, dim=-1)[:, None, None]
    if found := codes.product(setting, degrees):
        values, norms = found.dot(centers), found.norms()  # (probes, rows, columns), (rows, columns)
    else:
        dots, flat = codes.grid_dots(setting, degrees, centers)
        values, norms = dots.reshape(-1, *grid.shape), flat.reshape(grid.shape)
    return grid, _measured(values, norms, lengths, measure).numpy()


def _measured(dots: Tensor, norms: Tensor, lengths: Tensor, measure: str) -> Tensor:
    """A measure from dot products and the lengths of both codes; they broadcast.  Takes ``dots`` for its result."""
    if measure == "dot":
        return dots
    if measure == "cosine":
        return dots.div_((norms * lengths).clamp_min(1e-30))
    if measure == "distance":
        # From dot products: the codes' own differences would need as much memory again.
        return (norms.square() + lengths.square() - 2 * dots).clamp_min(0).sqrt()
    raise ValueError(f"measure={measure!r} is not one of {', '.join(kernels.MEASURES)}.")


def _first_below(distance: Values, values: Values, level: float) -> float:
    """Where ``values`` first falls below ``level``, interpolated; NaN if never."""
    below = np.flatnonzero(values < level)
    if not len(below) or below[0] == 0:
        return math.nan
    i = int(below[0])
    share = (values[i - 1] - level) / (values[i - 1] - values[i])
    return float(distance[i - 1] + share * (distance[i] - distance[i - 1]))
