"""Blocks of equal area, and splits that hold out whole ones."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from s2v import data, sphere
from s2v.data import blocks
from s2v.data.parts import deal

LONGITUDES = st.floats(-180, 180) | st.sampled_from([-180.0, -179.999, 0.0, 179.999, 180.0])
LATITUDES = st.floats(-90, 90) | st.sampled_from([-90.0, -89.9999, 89.9999, 90.0])
everywhere = settings(max_examples=100, deadline=None)


def test_blocks_have_equal_areas() -> None:
    places = sphere.fibonacci_lattice(200_000)  # each stands for the same area; 1,000 to a block
    areas = np.bincount(blocks.block_of(places), minlength=blocks.BLOCKS) * blocks.BLOCKS / len(places)
    assert areas.min() > 0.93
    assert areas.max() < 1.07


def test_the_parts_have_their_shares_and_lie_in_both_hemispheres() -> None:
    parts = blocks.part_of(sphere.fibonacci_lattice(blocks.BLOCKS))
    assert [int((parts == part).sum()) for part in (blocks.TRAIN, blocks.VALIDATION, blocks.TEST)] == [140, 20, 40]
    for part in (blocks.TRAIN, blocks.VALIDATION, blocks.TEST):
        latitude = sphere.fibonacci_lattice(blocks.BLOCKS)[parts == part, 1]
        assert latitude.min() < -20 < 20 < latitude.max()


@everywhere
@given(longitude=LONGITUDES, latitude=LATITUDES, turns=st.integers(-2, 2))
def test_a_place_is_in_the_block_whose_centre_is_nearest(longitude: float, latitude: float, turns: int) -> None:
    place = np.array([longitude, latitude])
    distance = sphere.great_circle(sphere.fibonacci_lattice(blocks.BLOCKS), place)
    found = int(blocks.block_of(place))
    assert distance[found] <= distance.min() + 1e-12
    if np.partition(distance, 1)[1] > distance.min() + 1e-9:  # not on an edge, where rounding decides
        assert blocks.block_of([longitude + 360 * turns, latitude]) == found


@given(first=LONGITUDES, second=LONGITUDES, pole=st.sampled_from([-90.0, 90.0]))
@everywhere
def test_each_pole_is_in_one_block(first: float, second: float, pole: float) -> None:
    assert blocks.block_of([first, pole]) == blocks.block_of([second, pole])


@pytest.mark.parametrize("name", ["geoid", "land_ocean", "cities", "languages", "vmf:U4"])
def test_no_block_is_in_two_parts(name: str) -> None:
    d = data.load(name, points=3000, split="blocked")
    found = [set(blocks.block_of(d.lonlat[rows])) for rows in (d.train, d.val, d.test)]
    assert not found[0] & found[1]
    assert not found[0] & found[2]
    assert not found[1] & found[2]


def test_blocks_keep_training_places_away_from_test_places() -> None:
    def typical_gap(split: data.Split) -> float:
        d = data.load("geoid", points=5000, split=split)
        train, test = d.lonlat[d.train], d.lonlat[d.test][:300]
        return float(np.median([sphere.great_circle_km(train, place).min() for place in test]))

    # 5,000 places lie about 160 km from each other's middle; a block is 1,800 km across.
    assert typical_gap("blocked") > 2 * typical_gap("random")


def test_places_within_the_blocks_are_uniform() -> None:
    d = data.load("geoid", points=20000, split="blocked")
    count = np.bincount(blocks.block_of(d.lonlat[d.train]), minlength=blocks.BLOCKS)
    count = count[count > 0]
    assert len(count) == 140
    # Mean 143 with a standard deviation of 12 by chance and 9 by unequal areas.
    assert count.min() > 143 - 6 * 15
    assert count.max() < 143 + 6 * 15


def test_data_in_one_block_cannot_be_cut_and_say_so() -> None:
    with pytest.raises(ValueError, match="split='random'"):
        data.load("vmf:U1,classes=1,concentration=100000,draw=2", points=100, split="blocked")


def test_the_polar_mixture_is_cut_into_smaller_blocks() -> None:
    d = data.load("vmf:polar", points=2000, split="blocked")
    assert (d.lonlat[:, 1] > 60).all()
    assert 0.5 < d.bayes < 0.8


def test_few_places_are_dealt_without_loss_or_overlap() -> None:
    for count in (1, 2, 9, 10, 25):
        parts = deal(sphere.random_points(count), 10**6, 0, "random", (4000, 8000))
        assert sorted(np.concatenate(parts)) == list(range(count))
        assert len(parts[0]) >= 1
