"""Places for scores by latitude: where they lie, and what is observed there."""

from __future__ import annotations

import numpy as np
import pytest

from s2v import data, sphere
from s2v.data.blocks import TEST, part_of
from s2v.evaluation import BANDS, latitude_places

EVERYWHERE = ["geoid", "relief", "relief:bands", "land_cover", "land_ocean", "checkerboard", "vmf:U1", "vmf:S2.3"]


def count_by_band(latitude: np.ndarray) -> list[int]:
    return [int(((latitude > min(band)) & (latitude <= max(band))).sum()) for band in BANDS]


def test_every_band_has_as_many_places_spread_evenly() -> None:
    lonlat, weights = latitude_places(500)
    assert count_by_band(lonlat[:, 1]) == [500] * len(BANDS)
    assert weights.sum() == pytest.approx(1)
    assert (abs(lonlat) <= [180, 90]).all()
    # Evenly by area: the mean of the unit vectors over all places, each with its area, is the centre of the sphere.
    assert abs(weights @ sphere.to_unit_vectors(lonlat)).max() < 2e-3
    assert np.median(np.sin(np.deg2rad(lonlat[:500, 1]))) == pytest.approx((1 + np.sin(np.deg2rad(85))) / 2, abs=1e-5)


@pytest.mark.parametrize("name", EVERYWHERE)
def test_sets_that_are_known_everywhere_have_enough_in_each_band(name: str) -> None:
    dataset = data.load(name, 1)
    at = dataset.by_latitude
    assert at is not None
    assert min(count_by_band(at.lonlat[:, 1])) >= 2000
    assert at.target.dtype == dataset.target.dtype
    assert not np.isnan(dataset.truth_at(at.lonlat).astype(float)).any()
    again = data.load(name, 500, seed=3).by_latitude
    assert again is not None
    np.testing.assert_array_equal(again.target, at.target)


@pytest.mark.parametrize("name", ["cities", "cities:population", "languages"])
def test_sets_that_are_known_at_their_places_have_none(name: str) -> None:
    assert data.load(name, 1).by_latitude is None


def test_blocked_splits_keep_to_the_blocks_held_out() -> None:
    at = data.load("geoid", 1, split="blocked").by_latitude
    assert at is not None
    assert (part_of(at.lonlat) == TEST).all()
    assert len(at.lonlat) > 10_000


def test_labels_of_a_mixture_follow_its_posterior() -> None:
    dataset = data.load("vmf:U1", 1)
    at = dataset.by_latitude
    assert at is not None
    assert dataset.bayes_predict is not None
    posterior = dataset.bayes_predict(at.lonlat)
    expected, observed = posterior.sum(0), np.bincount(at.target, minlength=len(dataset.classes))
    deviation = np.sqrt((posterior * (1 - posterior)).sum(0))
    assert (abs(observed - expected) < 5 * deviation + 1).all()


def test_a_polar_mixture_has_places_in_the_north_alone() -> None:
    at = data.load("vmf:polar", 1).by_latitude
    assert at is not None
    assert (at.lonlat[:, 1] > 50).all()
    assert count_by_band(at.lonlat[:, 1])[0] == 2000
