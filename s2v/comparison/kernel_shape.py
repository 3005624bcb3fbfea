"""The similarity of all places to one place: maps, curves and the width of the main lobe."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from s2v import isotropic, kernels, sphere
from s2v.comparison import codes
from s2v.comparison.closed_forms import closed_form, closed_form_of
from s2v.comparison.great_circle import walk_path
from s2v.comparison.products import product
from s2v.comparison.results import Lobe, Profile, SimilarityMap, Walk
from s2v.comparison.sources import Source
from s2v.errors import shown
from s2v.fields import Grid

Values = NDArray[Any]

MAX_GRID_CODES = 20 << 20  # numbers in one grid's codes: a fifth of a second; longer codes get a coarser grid

_DIRECTIONS = 36  # over which the half-width is averaged
_WHOLE = 0.9  # mean similarity right beside a place where the code is whole
_PROBES = 12  # places over which the dependence on direction is measured
_BATCH = 1 << 14


def similarity_map(source: Source, probe: Sequence[float], degrees: float, measure: str = "cosine") -> SimilarityMap:
    """Similarity of every cell of an equirectangular grid with cells of ``degrees`` to ``probe``.

    Codes too long for the memory get a coarser grid, unless they are products or have a closed form.
    """
    if not product(source, degrees) and (form := closed_form(source, degrees)):
        grid = Grid.equirectangular(degrees)
        places = grid.lonlat.reshape(-1, 2)
        norms, length = form.norms(places).reshape(grid.shape), form.norms(np.asarray([probe]))
        return SimilarityMap(grid, _measured(form.dot_on(probe, grid), norms, length, measure).numpy())
    grid, values = _maps(source, [probe], degrees, measure)
    return SimilarityMap(grid, values[0])


def is_quick(source: Source, degrees: float) -> bool:
    """Whether a map of that grid takes only milliseconds, because the code is made of products."""
    return product(source, degrees) is not None


def walk(source: Source, probe: Sequence[float], frames: int, degrees: float) -> Walk:
    """Similarity maps to each of the ``frames`` places of ``great_circle.walk_path``."""
    path = walk_path(probe, frames)
    half_widths = np.array([half_width(source, place) for place in path])
    return Walk(path, *_maps(source, path, degrees, "cosine"), half_widths)


def similarity_profile(source: Source, probe: Sequence[float], directions: int = 36, step: float = 1.0) -> Profile:
    """Cosine similarity against distance from 0 to 180 degrees, with its spread over ``directions``."""
    distance = np.arange(0, 180 + step / 2, step)
    azimuth = np.arange(directions) * 360 / directions
    places = sphere.destination(np.asarray(probe, dtype=float), azimuth[None, :], np.deg2rad(distance)[:, None])
    values = _cosine(codes.encoder(source), probe, places)
    return Profile(distance, values.mean(1), values.min(1), values.max(1))


def main_lobe(source: Source, probe: Sequence[float], points: int = 1501) -> Lobe:
    """Width of the main lobe along the great circles that leave ``probe`` east-west and north-south.

    At a pole, where there is no east, they are those along its longitude and across it.
    """
    # Dense where the lobe may be narrow: quadratic from zero to half the circumference.
    distance = np.linspace(0, 1, points) ** 2 * math.pi
    azimuth = np.array([90.0, 270.0, 0.0, 180.0])
    places = sphere.destination(np.asarray(probe, dtype=float), azimuth[:, None], distance[None, :])
    values = _cosine(codes.encoder(source), probe, places)  # (4, points)
    half = [_first_below(distance, row, 0.5) for row in values]
    east_west, north_south = (half[0] + half[1]), (half[2] + half[3])
    return Lobe(east_west * sphere.EARTH_RADIUS_KM, north_south * sphere.EARTH_RADIUS_KM, half_width(source, probe))


def half_width(source: Source, probe: Sequence[float], points: int = 301) -> float:
    """Kilometres at which the similarity to ``probe``, averaged over directions, falls to one half (see ``Lobe``)."""
    distance = np.linspace(0, 1, points) ** 2 * math.pi
    azimuth = np.arange(_DIRECTIONS) * 360 / _DIRECTIONS
    places = sphere.destination(np.asarray(probe, dtype=float), azimuth[None, :], distance[1:, None])
    values = _cosine(codes.encoder(source), probe, places)
    # Where the code is torn, only some directions begin with its own value; a quarter of a kilometre away tells.
    along = values.mean(1) if values[0].mean() > _WHOLE else values.max(1)
    return isotropic.half_width(distance, np.concatenate([[1.0], along])) * sphere.EARTH_RADIUS_KM


def direction_dependence(source: Source) -> float:
    """How much the cosine similarity depends on direction rather than on distance alone, in units of the cosine.

    The root mean square, over places spread on the sphere and distances from 0 to 180 degrees, of the standard
    deviation over directions.  0 for xyz and spherical harmonics.
    """
    distance, azimuth = np.deg2rad(np.arange(0, 180.5, 5)), np.arange(16) * 22.5
    enc = codes.encoder(source)
    variances = []
    for probe in sphere.fibonacci_lattice(_PROBES):
        places = sphere.destination(probe, azimuth[None, :], distance[:, None])
        variances.append(_cosine(enc, probe, places).var(1).mean())
    return float(np.sqrt(np.mean(variances)))


def _maps(source: Source, probes: Any, degrees: float, measure: str) -> tuple[Grid, Values]:
    """Similarity (probes, rows, columns) to each of ``probes`` (n, 2), on a coarser grid for long codes."""
    centers = codes.code(codes.encoder(source), probes).float()  # (probes, dim)
    lengths = torch.linalg.vector_norm(centers, dim=-1)[:, None, None]
    if found := product(source, degrees):
        grid = Grid.equirectangular(degrees)
        values, norms = found.dot(centers), found.norms()  # (probes, rows, columns), (rows, columns)
    else:
        degrees = codes.coarsened(degrees, codes.encoder(source).dim, MAX_GRID_CODES)
        grid = Grid.equirectangular(degrees)
        dots, flat = codes.grid_dots(source, degrees, centers)
        values, norms = dots.reshape(-1, *grid.shape), flat.reshape(grid.shape)
    return grid, _measured(values, norms, lengths, measure).numpy()


def _measured(dots: Tensor, norms: Tensor, lengths: Tensor, measure: str) -> Tensor:
    """A measure from dot products and the lengths of both codes, which broadcast.  Overwrites ``dots``."""
    if measure == "dot":
        return dots
    if measure == "cosine":
        return dots.div_((norms * lengths).clamp_min(1e-30))
    if measure == "distance":
        # From dot products: differences of codes would need as much memory again.
        return (norms.square() + lengths.square() - 2 * dots).clamp_min(0).sqrt()
    raise ValueError(f"measure={shown(measure)} is not one of {', '.join(kernels.MEASURES)}.")


def _cosine(enc: Any, probe: Any, places: Values) -> Values:
    """Cosine similarity (...,) of places (..., 2) to one place, float64, in batches."""
    flat = places.reshape(-1, 2)
    if form := closed_form_of(enc):
        dots, norms = form.dot(probe, flat, torch.float64), form.norms(flat, torch.float64)
        values = (dots / norms / form.norms(np.asarray([probe]), torch.float64)).numpy()
    else:
        pieces = (flat[i : i + _BATCH] for i in range(0, len(flat), _BATCH))
        values = np.concatenate([kernels.similarity(enc, probe, piece) for piece in pieces])
    return values.reshape(places.shape[:-1])


def _first_below(distance: Values, values: Values, level: float) -> float:
    """The distance at which ``values`` first falls below ``level``, interpolated; NaN if never."""
    below = np.flatnonzero(values < level)
    if not len(below) or below[0] == 0:
        return math.nan
    i = int(below[0])
    share = (values[i - 1] - level) / (values[i - 1] - values[i])
    return float(distance[i - 1] + share * (distance[i] - distance[i - 1]))
