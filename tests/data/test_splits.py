"""Splits by great-circle distance: what is held out, how far it lies from what is left, and what cannot be split."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from s2v import data, sphere
from s2v.cells import cells_across
from s2v.data import blocks, parts, route
from s2v.data.dataset import DataSet
from s2v.data.rasters import relief
from s2v.models.recipe import Recipe

KM = 1e-6  # kilometres that rounding may take
everywhere = settings(max_examples=25, deadline=None)


def places_of(d: DataSet, part: str) -> np.ndarray:
    return d.lonlat[getattr(d, part)]


def nearest_km(d: DataSet) -> float:
    """The distance between the training places and the held-out places nearest to each other."""
    held_out = np.concatenate([places_of(d, "val"), places_of(d, "test")])
    return float(data.distance_to_nearest(held_out, places_of(d, "train")).min())


# Names ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "read"),
    [("random", "random"), ("blocked", "blocked"), ("buffer:0500.0", "buffer:500"), ("blocks:312.9", "blocks:312.9")],
)
def test_a_split_is_written_in_one_way(written: str, read: str) -> None:
    assert data.check_split(written) == read
    assert Recipe(split=written).split == read
    assert Recipe.from_json(Recipe(split=written).to_json()).split == read


@pytest.mark.parametrize(
    "wrong",
    [
        "buffer",
        "buffer:",
        "buffer:x",
        "buffer:1e3",
        "buffer:-500",
        "buffer:nan",
        "block:500",
        "blocks:KM",
        "",
        500,
        None,
    ],
)
def test_unknown_splits_are_refused_with_the_forms_there_are(wrong: str) -> None:
    for use in (data.check_split, lambda split: Recipe(split=split), lambda split: data.load("geoid", split=split)):
        with pytest.raises(ValueError, match=r"buffer:KM.* 50 to 5,000 kilometres.* 10 to 85 degrees"):
            use(wrong)


@pytest.mark.parametrize("wrong", ["buffer:49", "control:5001", "blocks:20000", "latitude:5", "latitude:90"])
def test_sizes_outside_the_range_are_refused(wrong: str) -> None:
    with pytest.raises(ValueError, match="outside its range: allowed is"):
        data.check_split(wrong)


def test_the_name_from_before_is_that_of_blocks_of_1800_km() -> None:
    old, new = (data.load("geoid", 500, split=split) for split in ("blocked", "blocks:1800"))
    np.testing.assert_array_equal(old.lonlat, new.lonlat)
    polar = data.load("vmf:polar", 50, split="blocked")
    assert polar.cells == 6633  # as before: a block is 313 km across there


@pytest.mark.parametrize(
    ("name", "train", "val", "test"),
    [
        ("relief", [140.306, 6.5619], [91.2647, 4.3752], [36.0362, 27.2015]),
        ("cities", [-6.5192, 55.2049], [-5.72, -15.9372], [130.662, 45.8923]),
        ("vmf:polar", [104.9672, 78.7126], [-174.8633, 76.1647], [-36.2835, 86.1415]),
    ],
)
def test_blocked_keeps_the_places_that_it_had(name: str, train: list, val: list, test: list) -> None:
    d = data.load(name, 1000, 1, "blocked")
    # As in the version before there were other splits.
    np.testing.assert_allclose([d.lonlat[part[0]] for part in (d.train, d.val, d.test)], [train, val, test], atol=1e-4)


# Distances ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("km", data.DISTANCES)
@pytest.mark.parametrize(("name", "points"), [("relief", 3000), ("cities", 3000), ("languages", 10_000)])
def test_no_training_place_is_within_the_distance(name: str, points: int, km: int) -> None:
    d = data.load(name, points, seed=1, split=f"buffer:{km}")
    assert nearest_km(d) >= km - KM
    assert d.test_distances_km.shape == d.test.shape
    assert d.test_distances_km.min() >= km - KM
    assert len(d.train) >= 100


@everywhere
@given(
    km=st.floats(50, 5000),
    seed=st.integers(0, 1000),
    center=st.tuples(st.sampled_from([-180.0, 0.0, 179.5, 77.0]), st.sampled_from([-90.0, 0.0, 85.0, 90.0])),
    concentration=st.sampled_from([0.1, 3.0, 30.0]),
)
def test_own_places_keep_their_distance_at_poles_and_dateline(km, seed, center, concentration) -> None:
    u = np.random.default_rng(seed).random((600, 2))
    places = data.von_mises_fisher.around(center, concentration, u[:, 0], 360 * u[:, 1])
    try:
        d = data.own(places, places[:, 1], split=f"buffer:{km:.1f}")
    except ValueError:
        return  # these places lie too close together
    assert nearest_km(d) >= round(km, 1) - 0.05 - KM


def test_the_median_distance_follows_the_ladder() -> None:
    medians = [np.median(data.load("geoid", split=split).test_distances_km) for split in data.LADDER[:-1]]
    # Beyond the distance itself lies, on average, less than one spacing of 20,000 places (160 km).
    assert [m - km for m, km in zip(medians[1:], data.DISTANCES, strict=True)] == pytest.approx([80] * 6, abs=80)
    assert medians == sorted(medians)


@pytest.mark.parametrize("name", ["relief", "cities"])
def test_held_out_places_are_the_same_at_every_distance_and_seed(name: str) -> None:
    first = data.load(name, 2000, split="buffer:50")
    for split, seed in (("buffer:50", 3), ("buffer:2000", 0), ("control:2000", 1), ("control:50", 0)):
        other = data.load(name, 2000, seed, split)
        for part in ("val", "test"):
            np.testing.assert_array_equal(places_of(first, part), places_of(other, part))
            np.testing.assert_array_equal(first.target[getattr(first, part)], other.target[getattr(other, part)])
    assert not np.array_equal(
        places_of(first, "train")[:50], places_of(data.load(name, 2000, 3, "buffer:50"), "train")[:50]
    )


@pytest.mark.parametrize("name", ["relief", "cities", "checkerboard"])
def test_the_control_drops_as_many_places_as_the_buffer_but_others(name: str) -> None:
    near, far, control = (data.load(name, 3000, split=s) for s in ("buffer:50", "buffer:1000", "control:1000"))
    assert len(control.train) == len(far.train) < len(near.train)
    assert nearest_km(control) < 200
    kept = {tuple(place) for place in places_of(near, "train").tolist()}
    assert {tuple(place) for place in places_of(far, "train").tolist()} < kept  # a larger buffer drops more


def test_dropping_places_changes_no_target() -> None:
    near, far = (data.load("relief", 2000, split=s) for s in ("buffer:50", "buffer:2000"))
    target = dict(zip(map(tuple, places_of(near, "train").tolist()), near.target[near.train], strict=True))
    for place, value in zip(places_of(far, "train").tolist(), far.target[far.train], strict=True):
        assert target[tuple(place)] == value


@pytest.mark.parametrize("split", ["blocks:50", "blocks:700", "buffer:500", "control:500", "latitude:70"])
def test_parts_share_no_place(split: str) -> None:
    for name in ("geoid", "cities"):
        d = data.load(name, 2000, split=split)
        found = [{tuple(place) for place in places_of(d, part).tolist()} for part in ("train", "val", "test")]
        assert not found[0] & found[1] | found[0] & found[2] | found[1] & found[2]
        assert d.split == split


# The route ------------------------------------------------------------------------------------------------------------


def test_the_route_has_both_poles_and_the_dateline() -> None:
    d = data.load("geoid", 100, split="buffer:50")
    test = places_of(d, "test")
    assert min((test[:, 1] > 88).sum(), (test[:, 1] < -88).sum()) > 50
    away_from_the_poles = test[abs(test[:, 1]) < 60]
    assert min((away_from_the_poles[:, 0] > 178).sum(), (away_from_the_poles[:, 0] < -178).sum()) > 20
    along = route.stretch_parts(30)
    assert (along == along[::-1]).all()
    assert ((along == blocks.TEST).sum(), (along == blocks.VALIDATION).sum()) == (20, 10)


def test_the_route_resembles_the_earth() -> None:
    line = relief(sphere.to_lonlat(route._line()[0]))
    earth = relief(sphere.fibonacci_lattice(20_000))
    assert (line > 0).mean() == pytest.approx((earth > 0).mean(), abs=0.1)
    assert line.std() == pytest.approx(earth.std(), rel=0.05)
    far = data.distance_to_nearest(sphere.fibonacci_lattice(2000), sphere.to_lonlat(route._line()[0][::50])) > 5000
    assert far.mean() == pytest.approx(0.25, abs=0.02)  # what a buffer of 5,000 km leaves


def test_places_near_the_route_are_uniform_by_area() -> None:
    rng = np.random.default_rng(0)
    inside = route.part_of(sphere.random_points(1_000_000, rng))
    # The strip is 42,872 km long and 50 km wide.
    share = 42_872 * 50 / (4 * np.pi * sphere.EARTH_RADIUS_KM**2)
    assert (inside != blocks.TRAIN).mean() == pytest.approx(share, abs=5 * np.sqrt(share / 1_000_000))
    drawn = route.random_points(blocks.TEST, 20_000, rng)
    assert (route.part_of(drawn) == blocks.TEST).mean() > 0.999  # a few lie beyond the end of a stretch
    line = sphere.to_lonlat(route._line()[0])
    distance = data.distance_to_nearest(drawn, line)
    assert distance.max() < route.REACH
    assert distance.mean() == pytest.approx(route.REACH / 2, rel=0.02)


# Given places ---------------------------------------------------------------------------------------------------------


@everywhere
@given(axis=st.integers(0, 10**6), concentration=st.sampled_from([0.0, 2.0, 40.0]))
def test_turning_given_places_changes_nothing(axis: int, concentration: float) -> None:
    rng = np.random.default_rng(axis)
    vectors = sphere.to_unit_vectors(sphere.random_points(400, rng)) + concentration * np.array([0.3, -0.2, 0.9])
    vectors[:, 0] *= 1.5  # longer in one direction than in the others
    turn, _ = np.linalg.qr(rng.normal(size=(3, 3)))
    turn[:, 0] *= np.linalg.det(turn)  # no mirror
    before, after = (
        data.own(sphere.to_lonlat(v / np.linalg.norm(v, axis=1, keepdims=True)), np.arange(400.0), split="control:50")
        for v in (vectors, vectors @ turn.T)
    )
    for part in ("val", "test"):
        assert set(before.target[getattr(before, part)]) == set(after.target[getattr(after, part)])


def test_the_line_halves_the_places_where_they_reach_farthest() -> None:
    places = np.stack([np.linspace(-40, 40, 2000), np.random.default_rng(0).uniform(-5, 5, 2000)], -1)
    part = parts.strip(places, 100)
    assert abs(places[part != blocks.TRAIN, 0]).max() < 3
    assert ((part == blocks.TEST).sum(), (part == blocks.VALIDATION).sum()) == (60, 40)


# Blocks and latitudes -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("km", [50, 500, 1800, 5000])
@pytest.mark.parametrize("center", [(10.0, 90.0), (179.0, 60.0), (-180.0, 0.0), (0.0, -90.0)])
def test_blocks_of_any_size_have_equal_areas(km: int, center: tuple[float, float]) -> None:
    count = cells_across(km)
    radius = min(np.pi, 6 * km / sphere.EARTH_RADIUS_KM)  # around a pole or on the dateline, in radians
    height = 1 - np.random.default_rng(0).random(200_000) * (1 - np.cos(radius))
    azimuth = np.random.default_rng(1).uniform(0, 360, 200_000)
    places = sphere.destination(center, azimuth, np.arccos(height))
    found = np.bincount(blocks.block_of(places, count), minlength=count)
    whole = (
        sphere.great_circle(sphere.fibonacci_lattice(count), np.array(center)) < radius - km / sphere.EARTH_RADIUS_KM
    )
    if radius == np.pi:
        whole[:] = True
    areas = found[whole] / 200_000 * (1 - np.cos(radius)) / 2 * count
    assert len(areas) >= 20
    # The cells of a lattice differ by 7 %, more where they are few; the count of places adds 3 % here and there.
    assert areas.min() > 0.88
    assert areas.max() < 1.12


@pytest.mark.parametrize("name", ["geoid", "land_cover", "cities"])
def test_latitudes_are_held_out_at_both_poles(name: str) -> None:
    d = data.load(name, 3000, split="latitude:65")
    assert abs(places_of(d, "train")[:, 1]).max() < 65
    for part in ("val", "test"):
        assert abs(places_of(d, part)[:, 1]).min() >= 65
    if name != "cities":  # none lie at the South Pole
        assert places_of(d, "test")[:, 1].min() < -88


def test_scores_by_latitude_are_of_places_that_are_held_out() -> None:
    at = data.load("geoid", 100, split="latitude:70").by_latitude
    assert at is not None
    assert abs(at.lonlat[:, 1]).min() >= 70
    at = data.load("geoid", 100, split="blocks:500").by_latitude
    assert at is not None
    assert (blocks.part_of(at.lonlat, cells_across(500)) == blocks.TEST).all()
    assert data.load("geoid", 100, split="buffer:500").by_latitude is None  # the test places are all there are


# What cannot be split -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "split", "message"),
    [
        ("vmf:polar", "buffer:5000", r"leaves 0 of 300 training places, 2,500 for validation and 5,000 for test; at"),
        ("languages", "latitude:70", r"leaves 300 training places, 1 for validation and 3 for test.*another latitude"),
        ("vmf:polar", "blocks:5000", r"Hardly any places lie where split='blocks:5000'.*Use split='random'"),
    ],
)
def test_a_split_that_leaves_too_few_places_says_how_many(name: str, split: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        data.load(name, 300, split=split)


@pytest.mark.parametrize("count", [1, 2, 3, 30, 100])
def test_few_places_of_your_own_are_told_what_to_choose(count: int) -> None:
    with pytest.raises(ValueError, match=r"at least 10, 5 and 5 are needed.*or split='random'"):
        data.own(sphere.random_points(count), np.arange(float(count)), split="buffer:500")


@pytest.mark.parametrize("split", ["random", "blocks:500", "buffer:200", "buffer:1000", "control:1000", "latitude:70"])
def test_the_table_of_the_docs_is_that_of_the_code(split: str) -> None:
    text = (Path(__file__).parents[2] / "docs" / "splits.md").read_text(encoding="utf-8")
    (line,) = [line for line in text.splitlines() if line.startswith(f"| `{split}` | ") and line[-3].isdigit()]
    d = data.load("relief", split=split)
    numbers = [len(d.train), len(d.val), len(d.test), *np.quantile(d.test_distances_km, [0.05, 0.5, 0.95])]
    assert line == f"| `{split}` | " + " | ".join(f"{number:,.0f}" for number in numbers) + " |"
