"""Variograms: of a code by latitude and bearing, of data, and the scale of an encoder with which the two agree."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from s2v import predictors, variograms
from s2v.comparison import codes
from s2v.comparison.results import HalfSills, KernelVariogram, Values
from s2v.comparison.sources import DataSource, Source
from s2v.encoders.registry import EncoderConfig
from s2v.kernels import Code

LATITUDES = (-89, -85, -80, -70, -60, -45, -30, -15, 0, 15, 30, 45, 60, 70, 80, 85, 89)  # degrees
FEW = (0, 60, 80)  # of them, for the table of all encoders
LONGITUDES = (-157.5, -67.5, 22.5, 112.5)  # over which the curves of a latitude are averaged
NORTH_SOUTH, EAST_WEST = (0.0, 180.0), (90.0, 270.0)


def code_variogram(source: Source) -> KernelVariogram:
    """The variogram of a code, over the sphere and by latitude and bearing, as shares of its sill."""

    def make() -> tuple[KernelVariogram, int]:
        enc = codes.encoder(source)
        everywhere = variograms.variogram(enc)
        sill, distance = everywhere.sill, everywhere.distance
        along, across = (_by_latitude(enc, LATITUDES, bearing, sill) for bearing in (NORTH_SOUTH, EAST_WEST))
        found = KernelVariogram(
            distance,
            everywhere.relative.mean(0),
            sill,
            variograms.half_sill_of(enc, sill),
            np.array(LATITUDES, dtype=float),
            along,
            across,
            variograms.half_sills(distance, along),
            variograms.half_sills(distance, across),
        )
        return found, along.nbytes + across.nbytes

    return codes.kept(("variogram", source), make)


def half_sills(source: Source) -> HalfSills:
    """The half-sill distances of a code that stand in the table of all encoders."""

    def make() -> tuple[HalfSills, int]:
        enc = codes.encoder(source)
        sill = variograms.sill_of(enc)
        both = _by_latitude(enc, FEW, (*NORTH_SOUTH, *EAST_WEST), sill)
        found = variograms.half_sills(variograms.DISTANCES, both)
        return HalfSills(variograms.half_sill_of(enc, sill), tuple(float(km) for km in found)), 0

    return codes.kept(("half-sills", source), make)


def data_variogram(source: DataSource) -> predictors.Empirical:
    """The empirical variogram of the training places of a data set."""
    return codes.kept(("data variogram", source), lambda: (predictors.empirical_variogram(source.load()), 1 << 12))


def suggested(source: EncoderConfig, half_sill: float, spacing: float) -> EncoderConfig:
    """An encoder with its scale such that the half-sill of its code meets that of data, but no finer than their places.

    Both in kilometres.
    """
    params = variograms.at_half_sill(source.name, dict(source.params), half_sill, spacing)
    return EncoderConfig.of(source.name, **params)


def _by_latitude(enc: Code, latitudes: Sequence[float], bearing: Sequence[float], sill: float) -> Values:
    """The variogram (latitudes, distances) as shares of the sill, the mean over longitudes and bearings."""
    places = np.stack(np.meshgrid(LONGITUDES, latitudes), -1)  # (latitudes, longitudes, 2)
    return variograms.variogram(enc, places, bearing=bearing, sill=sill).relative.mean(1)
