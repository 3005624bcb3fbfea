"""The von Mises-Fisher distribution on the sphere, and mixtures of it, whose best possible prediction is known.

The distribution around a centre m with concentration k has the density k / (4 pi sinh k) exp(k m.x); two thirds of its
places lie within about sqrt(2 / k) radians.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from s2v import sphere
from s2v.data.streams import stream

NODES = 1024  # for each class: the Bayes accuracy is then right to about 0.0005
MIN_DENSITY = 1e-3  # of places spread evenly: where there are fewer, the map of the truth is empty

Numbers = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Mixture:
    """A mixture of von Mises-Fisher distributions, one a class, all equally frequent.

    Attributes
    ----------
    centers : array (classes, 2)
        Degrees, longitude first.
    concentrations : array (classes,)
        Positive; the larger, the tighter a class.

    Examples
    --------
    >>> two = Mixture(np.array([[0.0, 90.0], [0.0, -90.0]]), np.array([2.0, 2.0]))
    >>> two.posterior([0.0, 0.0])
    array([0.5, 0.5])
    >>> round(two.bayes_accuracy(), 2)
    0.88
    """

    centers: Numbers
    concentrations: Numbers

    def __post_init__(self) -> None:
        sphere.check_lonlat(self.centers)
        if len(self.centers) != len(self.concentrations) or not len(self.centers):
            raise ValueError(
                f"There are {len(self.centers)} centres and {len(self.concentrations)} concentrations; they must match."
            )
        if not ((self.concentrations > 0) & (self.concentrations < math.inf)).all():
            raise ValueError("The concentrations must be positive and finite.")

    def log_densities(self, lonlat: ArrayLike) -> Numbers:
        """Logarithm of the density of each class, per steradian: (..., classes) at places ``lonlat`` (..., 2)."""
        k = self.concentrations
        cosine = sphere.to_unit_vectors(np.asarray(lonlat, dtype=float)) @ sphere.to_unit_vectors(self.centers).T
        # k / (4 pi sinh k) exp(k c), without numbers too large for a float.
        logs: Numbers = np.log(k / (-2 * np.pi * np.expm1(-2 * k))) + k * (cosine - 1)
        return logs

    def density(self, lonlat: ArrayLike) -> Numbers:
        """Density of all classes together, per steradian: (...,) at places ``lonlat`` (..., 2)."""
        density: Numbers = np.exp(self.log_densities(lonlat)).mean(-1)
        return density

    def posterior(self, lonlat: ArrayLike) -> Numbers:
        """Probability of each class, the answer of the best possible model: (..., classes) at places (..., 2)."""
        logs = self.log_densities(lonlat)
        odds = np.exp(logs - logs.max(-1, keepdims=True))
        probabilities: Numbers = odds / odds.sum(-1, keepdims=True)
        return probabilities

    def observe(self, lonlat: ArrayLike, rng: np.random.Generator) -> NDArray[np.int64]:
        """A class number (...,) drawn from the posterior at each place (..., 2)."""
        cumulated = self.posterior(lonlat).cumsum(-1)
        drawn = rng.random(cumulated.shape[:-1])[..., None]
        classes: NDArray[np.int64] = (cumulated[..., :-1] < drawn).sum(-1)
        return classes

    def most_probable(self, lonlat: ArrayLike) -> Numbers:
        """The number of the most probable class (...,) at places (..., 2); NaN where they are below ``MIN_DENSITY``."""
        logs = self.log_densities(lonlat)
        few = np.exp(logs).mean(-1) < MIN_DENSITY / (4 * np.pi)
        return np.where(few, np.nan, logs.argmax(-1))

    def sample(self, points: int, rng: np.random.Generator) -> Numbers:
        """Random places with their classes, which take turns, so that all are equally frequent.

        More points from the same random state begin with the same rows.

        Parameters
        ----------
        points : int
        rng : numpy.random.Generator

        Returns
        -------
        array (points, 3)
            Longitude, latitude and class number.
        """
        classes = np.arange(points) % len(self.centers)
        u = rng.random((points, 2))
        places = around(self.centers[classes], self.concentrations[classes], u[:, 0], 360 * u[:, 1])
        return np.concatenate([places, classes[:, None]], axis=1)

    def bayes_accuracy(self, nodes: int = NODES, where: Callable[[Numbers], NDArray[np.bool_]] | None = None) -> float:
        """The accuracy of the best possible model in the long run: the mean of the largest posterior over all places.

        Integrated over the sphere without random numbers.

        Parameters
        ----------
        nodes : int, default 1024
            Places of each class, which stand for equal shares of it.
        where : callable, optional
            ``where(lonlat)``: which places (n, 2) count, to restrict the integral to a part of the sphere.

        Returns
        -------
        float
            NaN if that part is empty.
        """
        i = np.arange(nodes)
        share, azimuth = (i + 0.5) / nodes, 360 * np.remainder(i * (math.sqrt(5) - 1) / 2, 1)
        total = count = 0.0
        for center, concentration in zip(self.centers, self.concentrations, strict=True):
            places = around(center, concentration, share, azimuth)
            if where is not None:
                places = places[where(places)]
            total += float(self.posterior(places).max(-1).sum())
            count += len(places)
        return total / count if count else math.nan


def around(center: ArrayLike, concentration: ArrayLike, share: ArrayLike, azimuth: ArrayLike) -> Numbers:
    """Places (..., 2) around a centre, in the direction ``azimuth``, so that ``share`` of the distribution lies nearer.

    With a uniform ``share`` in [0, 1) and ``azimuth`` in [0, 360) the places follow the von Mises-Fisher distribution:
    the inverse of its distribution function in w, the cosine of the distance, is
    1 - w = -ln(1 - share (1 - e^-2k)) / k.  Accurate for any k, since 1 - w is never computed as a difference.
    """
    k = np.asarray(concentration, dtype=float)
    drop = -np.log1p(np.asarray(share, dtype=float) * np.expm1(-2 * k)) / k  # 1 - w
    drop = np.clip(drop, 0.0, 2.0)
    distance = np.arctan2(np.sqrt(drop * (2 - drop)), 1 - drop)
    places: Numbers = sphere.destination(center, azimuth, distance)
    return places


def mixture(
    classes: int = 50,
    largest_concentration: float = 64.0,
    strata: int | None = None,
    seed: int = 0,
    *,
    smallest_concentration: float = 1.0,
    north_of: float = -90.0,
) -> Mixture:
    """A random mixture, made as those of the data sets "vmf:...", at any size and concentration.

    Concentrations are uniform between the smallest and the largest, and centres uniform by area.

    Parameters
    ----------
    classes : int, default 50
    largest_concentration : float, default 64
    strata : int, optional
        Cut the latitudes into as many bands of equal height in degrees; class i has its centre in band
        floor(i * strata / classes), uniform by area there.  Many are then near the poles, where bands are small.
    seed : int, default 0
    smallest_concentration : float, default 1
    north_of : float, default -90
        Centres lie north of this latitude, in degrees.

    Returns
    -------
    Mixture

    Raises
    ------
    ValueError
        For fewer than one class or stratum, concentrations that are not positive, finite and rising, or no latitude.

    Examples
    --------
    >>> found = mixture(classes=3, largest_concentration=50, seed=1, north_of=70)
    >>> bool((found.centers[:, 1] > 70).all()), len(found.concentrations)
    (True, 3)
    """
    if classes < 1 or (strata is not None and strata < 1):
        raise ValueError(f"classes={classes}, strata={strata}: both must be at least 1.")
    if not 0 < smallest_concentration <= largest_concentration < math.inf:
        raise ValueError(
            f"smallest_concentration={smallest_concentration}, largest_concentration={largest_concentration}: "
            "they must be positive, finite and rise."
        )
    if not -90 <= north_of < 90:
        raise ValueError(f"north_of={north_of} is not a latitude from -90 to below 90.")
    u = stream("mixture", seed).random((classes, 3))
    band = np.arange(classes) * (strata or 1) // classes
    edges = np.sin(np.deg2rad(np.linspace(north_of, 90, (strata or 1) + 1)))
    latitude = np.rad2deg(np.arcsin(edges[band] + u[:, 1] * (edges[band + 1] - edges[band])))
    concentrations = smallest_concentration + u[:, 2] * (largest_concentration - smallest_concentration)
    return Mixture(np.stack([360 * u[:, 0] - 180, latitude], -1), concentrations)
